/** Why a request to the outside failed: a stable reason for code, words for a person. */

/** Every reason, with what it means. */
export const outboundReasons = {
  badUrl: 'This is no address that can be asked: it must be http or https, without a user name.',
  badRequest: 'The request cannot be sent: its method, headers or body are not possible in HTTP.',
  blockedAddress:
    'The address is not on the public internet. An administrator can allow a private network with OUTBOUND_ALLOW.',
  dnsFailed: 'The name could not be resolved.',
  connectFailed: 'Nothing answers there, or the connection broke before the answer was complete.',
  tlsExpired: 'The certificate has expired.',
  tlsInvalid: 'The certificate is not trusted, is for another name, or this is no TLS.',
  notHttp: 'What came back is not HTTP.',
  badAnswer: 'The answer is damaged, or packed in a way that is not understood.',
  timeout: 'The answer took too long.',
  tooLarge: 'The answer is too large.',
  tooManyRedirects: 'There are too many redirects.',
  badRedirect: 'It redirects to where the request must not follow.',
} as const

export type OutboundReason = keyof typeof outboundReasons

/**
 * Thrown by `fetchOutside`. `message` may be shown to people: neither it nor anything else here tells more of the
 * request than host and port, because path, query, headers and body may be secret.
 */
export class OutboundError extends Error {
  readonly reason: OutboundReason
  /** Host and port that were asked; empty when the address could not be read. */
  readonly host: string
  constructor(reason: OutboundReason, host = '') {
    super(host === '' ? outboundReasons[reason] : `${host}: ${outboundReasons[reason]}`)
    this.name = 'OutboundError'
    this.reason = reason
    this.host = host
  }
}

/** https://nodejs.org/api/tls.html#x509-certificate-error-codes, without the one for expiry. */
const certificate =
  /^(UNABLE_TO_|CERT_|CRL_|ERROR_IN_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_|HOSTNAME_MISMATCH|PATH_LENGTH|CA_MD|EE_KEY|CA_KEY|ERR_TLS_|ERR_SSL_|EPROTO)/

/** The reason behind an error of undici, TLS or the network. */
export function reasonOf(error: unknown): OutboundReason {
  const { code, name, errors } = error as { code?: unknown; name?: unknown; errors?: readonly unknown[] }
  // Several addresses were tried; the first failure is as good as any.
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0])
  const text = String(code ?? '')
  if (name === 'TimeoutError' || /^(UND_ERR_(CONNECT|HEADERS|BODY)_TIMEOUT|ETIMEDOUT)$/.test(text))
    return 'timeout'
  if (text === 'CERT_HAS_EXPIRED') return 'tlsExpired'
  if (certificate.test(text)) return 'tlsInvalid'
  if (/^(UND_ERR_HEADERS_OVERFLOW|HPE_HEADER_OVERFLOW)$/.test(text)) return 'tooLarge'
  if (name === 'HTTPParserError') return 'notHttp'
  if (/^(Z_|ERR_ZLIB|ERR__ERROR|ERR_BROTLI|ERR_PADDING)/.test(text)) return 'badAnswer'
  if (/^(UND_ERR_INVALID_ARG|UND_ERR_NOT_SUPPORTED|UND_ERR_REQ_CONTENT_LENGTH_MISMATCH)$/.test(text))
    return 'badRequest'
  return 'connectFailed'
}
