/** Which addresses a browser may be sent back to. Comparison is of characters; what could be read in two ways is refused. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/
/** Private-use schemes of native apps are domains backwards (RFC 8252, section 7.1). */
const PRIVATE_SCHEME = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:$/

/** Why an address may not be registered as a return address; undefined when it may. */
export function returnUrlTrouble(text: string): string | undefined {
  if (!/^[\x21-\x7e]+$/.test(text))
    return 'must consist of visible ASCII characters; write a name in its xn-- form'
  if (text.includes('*')) return 'must not have a wildcard; list each address'
  if (text.includes('#')) return 'must not have a fragment'
  if (text.includes('\\')) return 'must not have a backslash'
  if (/%(2f|5c|2e|00|0a|0d)/i.test(text)) return 'must not have encoded slashes, dots or control characters'
  if (!URL.canParse(text)) return 'must be a whole address such as https://app.example.org/connected'
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/?]*@/i.test(text))
    return 'must not have a user name'
  if (!/^[a-z][a-z0-9+.-]*:/.test(text)) return 'must have its scheme in lower case'
  if (PRIVATE_SCHEME.test(url.protocol)) return undefined
  if (url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) return 'must be https, or http to localhost'
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be https, or http to localhost'
  if (url.hostname.endsWith('.')) return 'must not have a dot after the host name'
  if (url.href !== text) return `must be written as it is sent: ${url.href}`
  return undefined
}

/** The registered address that is meant; undefined when none is equal to it in every character. */
export function allowedReturnUrl(wanted: string, registered: readonly string[]): string | undefined {
  return registered.find((address) => address === wanted && returnUrlTrouble(address) === undefined)
}

/** Whether `path` can only mean a path of this installation. */
export function isReturnPath(path: string, publicUrl: string): boolean {
  if (path.length > 2000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(path) || /[\\#]/.test(path)) return false
  const url = new URL(path, publicUrl)
  return url.origin === new URL(publicUrl).origin && `${url.pathname}${url.search}` === path
}

/** `address` with more query parameters; those of the same name are replaced. */
export function withQuery(address: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const relative = address.startsWith('/')
  const url = new URL(address, 'http://here.invalid')
  for (const [name, value] of Object.entries(parameters))
    if (value !== undefined) url.searchParams.set(name, value)
  return relative ? `${url.pathname}${url.search}` : url.href
}
