/** Which addresses an app may be sent back to. What is refused here are the tricks of RFC 9700, section 4.1. */

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]'])

/**
 * Why an address cannot be used, or `undefined`. Addresses are compared character by character later; so one that a
 * browser would write in another way (upper case in the host, dots in the path, a default port) is refused at once
 * instead of never matching.
 */
export function redirectTrouble(uri: string, kind: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  if (/[\s\u0000-\u001f\u007f\\]/.test(uri)) return 'contains a space, a control character or a backslash'
  if (uri.includes('#')) return 'has a fragment'
  if (uri.includes('*')) return 'has a wildcard'
  if (!URL.canParse(uri)) return 'is not an absolute address'
  const url = new URL(uri)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return customScheme(uri, url, kind)
  if (/^https?:\/\/[^/?]*@/i.test(uri)) return 'has a user name'
  if (/%2f|%5c|%2e/i.test(uri.split('?')[0]!)) return 'has an encoded slash or dot'
  if (url.hostname.endsWith('.')) return 'has a dot after the host'
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname))
    return 'is not https; http is for this computer alone'
  if (url.href !== uri && url.href !== `${uri}/`) return `is not written as browsers write it: ${url.href}`
  return undefined
}

function customScheme(uri: string, url: URL, kind: string): string | undefined {
  if (kind !== 'native') return 'is not https'
  // RFC 8252, section 7.1: a scheme named after a domain, so that two apps do not claim the same.
  if (!/^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/.test(url.protocol))
    return 'needs a scheme with a dot, such as com.example.app'
  return /^[^:]+:\/{0,2}[^/@]*@/.test(uri) ? 'has a user name' : undefined
}

/** Why back-channel logout cannot go there, or `undefined`. Whether the address is a private one is checked when it is used. */
export function logoutTrouble(uri: string): string | undefined {
  if (!URL.canParse(uri)) return 'is not an absolute address'
  const url = new URL(uri)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && LOOPBACK.has(url.hostname)))
    return 'is not https'
  if (url.username || url.password) return 'has a user name'
  return url.hash || uri.includes('#') ? 'has a fragment' : undefined
}
