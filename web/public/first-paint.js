// Sets the colour scheme and the language before the first paint, so that nothing flashes. A file of its own, because
// the content security policy allows no inline script.
;(() => {
  const read = (key) => {
    try {
      return localStorage.getItem(key)
    } catch {
      return null
    }
  }
  const chosen = read('pleiad.scheme')
  const dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
  const language = read('pleiad.language') ?? navigator.language
  document.documentElement.lang = language.startsWith('ru') ? 'ru' : 'en'
})()
