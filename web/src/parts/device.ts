/** “Firefox on Linux” from a user agent; the page's own words when it is nothing known. */
export function deviceOf(userAgent: string, unknown: string): { name: string; phone: boolean } {
  const browser = /Edg\//.test(userAgent)
    ? 'Edge'
    : /OPR\//.test(userAgent)
      ? 'Opera'
      : /YaBrowser\//.test(userAgent)
        ? 'Yandex'
        : /Firefox\//.test(userAgent)
          ? 'Firefox'
          : /Chrom(e|ium)\//.test(userAgent)
            ? 'Chrome'
            : /Safari\//.test(userAgent)
              ? 'Safari'
              : /^curl\//.test(userAgent)
                ? 'curl'
                : undefined
  const system = /iPhone|iPad/.test(userAgent)
    ? 'iOS'
    : /Android/.test(userAgent)
      ? 'Android'
      : /Mac OS X/.test(userAgent)
        ? 'macOS'
        : /Windows/.test(userAgent)
          ? 'Windows'
          : /Linux|X11/.test(userAgent)
            ? 'Linux'
            : undefined
  const name = [browser, system].filter(Boolean).join(' · ')
  return { name: name || unknown, phone: system === 'iOS' || system === 'Android' }
}
