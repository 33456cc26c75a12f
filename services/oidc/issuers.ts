/** Issuers: how they are called, and the sign-in settings of an environment. */

export interface Api {
  readonly audience: string
  readonly name: string
  readonly scopes: readonly { readonly name: string; readonly description: string }[]
}

export interface Settings {
  readonly password: boolean
  readonly passkey: boolean
  readonly signUp: 'open' | 'closed'
  readonly verifyEmail: boolean
  readonly sessionHours: number
  readonly apis: readonly Api[]
}

/** Where an environment's people come from and go to; projects owns these settings. */
export interface Places {
  /** Origins whose pages may call the issuer, beside those of the apps' redirect addresses. */
  readonly allowedOrigins: readonly string[]
  /** Where somebody goes who opens the issuer's own address. */
  readonly defaultRedirectUri?: string
  /** Where somebody goes on to after signing out, when the app names no address. */
  readonly defaultLogoutUri?: string
}

export interface Issuer {
  readonly issuerId: string
  readonly projectId: string
  readonly environment: string
  readonly slug: string
  readonly handle: string
  readonly name: string
  readonly accent: string | null
  readonly logoUrl: string | null
  readonly homeUrl: string | null
  readonly supportEmail: string | null
  readonly archived: boolean
  readonly settings: Settings
  readonly places: Places
  readonly version: number
}

export const defaultSettings: Settings = {
  password: true,
  passkey: true,
  signUp: 'open',
  verifyEmail: true,
  sessionHours: 14 * 24,
  apis: [],
}

/** `shop` for production, `shop.staging` for any other environment. */
export function handleOf(slug: string, environment: string): string {
  return environment === 'production' ? slug : `${slug}.${environment}`
}

export function issuerUrl(publicUrl: string, handle: string): string {
  return `${publicUrl}/oidc/${handle}`
}

/** Why the project's own APIs cannot be as wished, or `undefined`. */
export function apiTrouble(
  apis: readonly Api[],
  publicUrl: string,
  installationScopes: ReadonlyMap<string, unknown>,
): string | undefined {
  const audiences = apis.map(({ audience }) => audience.replace(/\/$/, ''))
  if (audiences.some((audience) => audience === publicUrl || audience.startsWith(`${publicUrl}/`)))
    return 'the audience is the installation’s own'
  if (audiences.some((audience) => !URL.canParse(audience))) return 'an audience is not an address'
  if (new Set(audiences).size !== audiences.length) return 'an audience is given twice'
  const scopes = apis.flatMap((api) => api.scopes.map(({ name }) => name))
  if (new Set(scopes).size !== scopes.length) return 'a scope is given twice'
  // A consent to the project's own words must not turn into power at the installation's API.
  const taken = scopes.find((name) => identityScopes.includes(name) || installationScopes.has(name))
  return taken && `the scope ${taken} means something else`
}

/** Scopes of OpenID Connect itself. */
export const identityScopes: readonly string[] = ['openid', 'profile', 'email', 'offline_access']

/** What mails and pages show of a project. */
export function brandOf(issuer: Issuer) {
  return {
    name: issuer.name,
    environment: issuer.environment,
    ...(issuer.accent ? { accent: issuer.accent } : {}),
    ...(issuer.logoUrl ? { logoUrl: issuer.logoUrl } : {}),
    ...(issuer.homeUrl ? { homeUrl: issuer.homeUrl } : {}),
    ...(issuer.supportEmail ? { supportEmail: issuer.supportEmail } : {}),
  }
}
