/** Apps: OAuth clients, by kind; and what oidc-provider has to know of one. */
import { logoutTrouble, redirectTrouble } from './redirects.ts'

export type AppKind = 'web' | 'browser' | 'native' | 'device' | 'machine'

export interface AppSettings {
  readonly redirectUris: readonly string[]
  readonly postLogoutRedirectUris: readonly string[]
  readonly backchannelLogoutUri: string | null
  readonly scopes: readonly string[]
  readonly consent: 'skip' | 'ask'
  readonly requirePar: boolean
  readonly requireDpop: boolean
  readonly tokenExchange: boolean
  readonly accessTokenSeconds: number
  readonly refreshTokenDays: number
}

export interface App {
  readonly appId: string
  readonly issuerId: string
  readonly name: string
  readonly kind: AppKind
  readonly settings: AppSettings
  readonly secretHash: Buffer | null
  readonly secretHint: string | null
  readonly previousHash: Buffer | null
  readonly previousUntil: Date | null
  readonly version: number
  readonly createdAt: Date
  readonly changedAt: Date
}

export const DEVICE_CODE = 'urn:ietf:params:oauth:grant-type:device_code'
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'

export const defaultAppSettings: AppSettings = {
  redirectUris: [],
  postLogoutRedirectUris: [],
  backchannelLogoutUri: null,
  scopes: [],
  consent: 'skip',
  requirePar: false,
  requireDpop: false,
  tokenExchange: false,
  accessTokenSeconds: 3600,
  refreshTokenDays: 30,
}

/**
 * Whether people are asked where nobody said so. A native app proves nothing of itself: any app of the phone can send its
 * requests and take a scheme of its own (RFC 8252, section 8.6; RFC 9700, section 2.1), so people are asked, unless the
 * system itself leads every answer to the app: an https address that the app has claimed.
 */
export function defaultConsent(kind: AppKind, redirectUris: readonly string[] = []): 'skip' | 'ask' {
  if (kind !== 'native') return 'skip'
  const claimed = redirectUris.length > 0 && redirectUris.every((uri) => uri.startsWith('https://'))
  return claimed ? 'skip' : 'ask'
}

const grants: Record<AppKind, readonly string[]> = {
  web: ['authorization_code', 'refresh_token', 'client_credentials'],
  browser: ['authorization_code', 'refresh_token'],
  native: ['authorization_code', 'refresh_token', DEVICE_CODE],
  device: [DEVICE_CODE, 'refresh_token'],
  machine: ['client_credentials'],
}

export function keepsSecret(kind: AppKind): boolean {
  return kind === 'web' || kind === 'machine'
}

export function grantTypesOf(kind: AppKind, settings: AppSettings): string[] {
  return [...grants[kind], ...(settings.tokenExchange && keepsSecret(kind) ? [TOKEN_EXCHANGE] : [])]
}

/** What is wrong with an app's addresses, or `undefined`. */
export function addressTrouble(
  kind: AppKind,
  settings: AppSettings,
): { uri: string; reason: string } | undefined {
  for (const uri of [...settings.redirectUris, ...settings.postLogoutRedirectUris]) {
    const reason = redirectTrouble(uri, kind)
    if (reason) return { uri, reason }
  }
  const uri = settings.backchannelLogoutUri
  const reason = uri === null ? undefined : logoutTrouble(uri)
  return uri !== null && reason ? { uri, reason } : undefined
}

/** Which settings do not go together, or `undefined`. */
export function settingsTrouble(kind: AppKind, settings: AppSettings): string | undefined {
  const redirects = grants[kind].includes('authorization_code')
  if (!redirects && settings.redirectUris.length > 0) return `a ${kind} app is never sent back to an address`
  if (settings.tokenExchange && !keepsSecret(kind)) return 'token exchange needs a secret'
  if (settings.backchannelLogoutUri && kind !== 'web') return 'only a web app has a server that could be told'
  return undefined
}

/** The client as oidc-provider reads it. Secrets never get there: it is told a stand-in, and they are compared by hash. */
export function clientMetadata(app: App, issuerScopes: readonly string[]): Record<string, unknown> {
  const { kind, settings } = app
  const redirects = grants[kind].includes('authorization_code')
  return {
    client_id: app.appId,
    client_name: app.name,
    // `native` takes any port of this computer (RFC 8252, section 7.3) and schemes of its own.
    application_type: kind === 'web' || kind === 'browser' ? 'web' : 'native',
    grant_types: grantTypesOf(kind, settings),
    response_types: redirects ? ['code'] : [],
    redirect_uris: redirects ? settings.redirectUris : [],
    post_logout_redirect_uris: settings.postLogoutRedirectUris,
    token_endpoint_auth_method: keepsSecret(kind) ? 'client_secret_basic' : 'none',
    ...(keepsSecret(kind) ? { client_secret: STAND_IN } : {}),
    scope: issuerScopes.join(' '),
    require_pushed_authorization_requests: settings.requirePar,
    dpop_bound_access_tokens: settings.requireDpop,
    ...(settings.backchannelLogoutUri
      ? { backchannel_logout_uri: settings.backchannelLogoutUri, backchannel_logout_session_required: true }
      : {}),
    [KIND]: kind,
    [CONSENT]: settings.consent,
    [SCOPES]: settings.scopes,
    [ACCESS_SECONDS]: settings.accessTokenSeconds,
    [REFRESH_DAYS]: settings.refreshTokenDays,
  }
}

/** Longer than any secret we make would need; no secret hashes to it. */
const STAND_IN = 'the hash is what counts'.padEnd(64, '.')

/** Fields of our own in a client. */
export const KIND = 'pleiad_kind'
export const CONSENT = 'pleiad_consent'
export const SCOPES = 'pleiad_scopes'
export const ACCESS_SECONDS = 'pleiad_access_seconds'
export const REFRESH_DAYS = 'pleiad_refresh_days'

/** A field of our own in a client of oidc-provider. */
export const clientField = (client: unknown, name: string): unknown =>
  (client as Record<string, unknown>)[name]
