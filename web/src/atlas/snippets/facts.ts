/** What the programs of the quick start are filled with, and how its values are written down. */

export interface SnippetFacts {
  readonly issuer: string
  readonly appId: string
  /** Absent for apps that cannot keep a secret. */
  readonly secret: string | undefined
  readonly redirectUri: string
}

export type Program = (facts: SnippetFacts) => string

/** A text in quotes as all of these languages read them; `<` is spelt out, so that no text ends a page's script. */
export const quote = (text: string) => JSON.stringify(text).replaceAll('<', '\\u003c')
/** For a shell: nothing inside single quotes means anything. */
export const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
/** Before a command. The secret itself is not known any more when the program is shown. */
export const withSecret = (secret: string | undefined) => (secret ? 'CLIENT_SECRET=... ' : '')

export const pathOf = (address: string) => URL.parse(address)?.pathname ?? '/callback'
export const portOf = (address: string) => URL.parse(address)?.port || '3000'
/** For Vite, which listens at localhost unless told otherwise. */
export const hostOf = (address: string) => {
  const host = URL.parse(address)?.hostname ?? 'localhost'
  return host === 'localhost' ? '' : ` --host ${host}`
}
export const homeOf = (address: string) => URL.parse('/', address)?.href ?? address
export const loginOf = (address: string) => URL.parse('/login', address)?.href ?? address
