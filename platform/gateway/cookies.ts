/** Reads the Cookie header (RFC 6265, section 4.2). Malformed pairs are skipped; of equal names the first counts. */

/** Cookie that carries the access token of a browser session. */
export const ACCESS_COOKIE = 'pleiad_access'

/** One cookie, without parsing the others. */
export function cookieOf(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined
  for (let start = 0; start < header.length; ) {
    let end = header.indexOf(';', start)
    if (end === -1) end = header.length
    while (header.charCodeAt(start) === 32) start++
    if (header.startsWith(name, start) && header.charCodeAt(start + name.length) === 61)
      return unquote(header.slice(start + name.length + 1, end))
    start = end + 1
  }
  return undefined
}

/** All cookies, on an object without prototype. */
export function cookiesOf(header: string | undefined): Readonly<Record<string, string>> {
  const cookies: Record<string, string> = Object.create(null)
  for (const pair of header?.split(';') ?? []) {
    const at = pair.indexOf('=')
    if (at < 1) continue
    const name = pair.slice(0, at).trim()
    cookies[name] ??= unquote(pair.slice(at + 1))
  }
  return cookies
}

function unquote(text: string): string {
  const value = text.trim()
  return value.length > 1 && value.startsWith('"') && value.endsWith('"') ? value.slice(1, -1) : value
}
