import i18next from 'i18next'

/** A service's name and purpose in the reader's language where they are translated, else as the contract says them. */
export function serviceWords(service: { readonly name: string; readonly summary: string }): {
  name: string
  summary: string
} {
  const said = (part: 'name' | 'summary') => {
    const key = `service.${service.name}.${part}`
    return i18next.exists(key) ? i18next.t(key as 'service.auth.name') : service[part]
  }
  return { name: said('name'), summary: said('summary') }
}
