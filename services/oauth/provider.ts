/** What the catalogue says about a provider: data, and a small function for each thing that it does in its own way. */

export interface Icon {
  readonly path: string
  readonly color: string
}

/** A setting beyond client id, secret and scopes. */
export interface Field {
  readonly key: string
  readonly label: string
  readonly kind: 'text' | 'url' | 'choice' | 'multiline'
  readonly required: boolean
  readonly hint?: string
  readonly choices?: readonly string[]
  readonly default?: string
  readonly pattern?: RegExp
}

export interface Endpoints {
  readonly authorization: string
  readonly token: string
  readonly userinfo?: string | undefined
  readonly revocation?: string | undefined
  readonly jwks?: string | undefined
}

export type Settings = Readonly<Record<string, string>>

/** A configured client at a provider, with its secret in clear: it lives only as long as a request. */
export interface Client {
  readonly clientId: string
  readonly secret: string | undefined
  readonly settings: Settings
  readonly parameters: Settings
}

export type Json = Readonly<Record<string, unknown>>

/** Tokens as this service keeps them, whatever the provider called them. */
export interface Tokens {
  readonly accessToken: string
  readonly tokenType: string
  readonly refreshToken?: string | undefined
  /** Seconds; absent when the provider names no end. */
  readonly expiresIn?: number | undefined
  /** When they were asked for: their time runs from then, however long the answer and the database took. */
  readonly askedAt?: Date | undefined
  readonly scopes?: readonly string[] | undefined
  readonly idToken?: string | undefined
  /** What every later request has to repeat, such as VK's device id. */
  readonly extra?: Settings | undefined
}

/** Who the person is at the provider. */
export interface Identity {
  readonly subject: string
  readonly email?: string | undefined
  readonly emailVerified: boolean
  readonly name?: string | undefined
  readonly picture?: string | undefined
}

/** A request to the provider that answers with JSON; rejects with a `ProviderTrouble`. */
export type Ask = (
  url: string,
  request?: {
    readonly method?: 'GET' | 'POST' | 'DELETE'
    readonly headers?: Settings
    readonly form?: Settings
    readonly json?: unknown
  },
) => Promise<unknown>

/** The parameters with which the browser came back. */
export type CallbackParameters = Readonly<Record<string, string>>

export type Purpose = 'signIn' | 'link' | 'connect'

export interface Provider {
  /** Name in the catalogue; of a generic one not the key of its configurations. */
  readonly catalogue: string
  readonly name: string
  readonly kind: 'openid' | 'oauth2' | 'signed'
  readonly generic?: true
  readonly icon: Icon
  readonly documentation: string
  readonly clientIdLabel?: string
  readonly secretLabel?: string
  readonly secretKind?: 'multiline'
  readonly secretOptional?: true
  readonly fields?: readonly Field[]
  readonly notes: readonly string[]

  readonly scopes: readonly string[]
  readonly scopeSeparator?: ','
  /** Name of the authorization parameter that carries the scopes, where it is not `scope`. */
  readonly scopeParameter?: string
  /** The issuer, where endpoints and keys come from its discovery document. */
  readonly issuer?: (settings: Settings) => string
  /** Fixed endpoints; of an OpenID provider they come before what discovery says. */
  readonly endpoints?: (settings: Settings) => Partial<Endpoints>
  readonly clientAuth:
    | 'basic'
    | 'post'
    | 'none'
    | ((settings: Settings) => 'basic' | 'post' | 'none' | 'discovered')
  readonly pkce: boolean | ((settings: Settings) => boolean)
  /** kept: the refresh token stays; rotated: each refresh replaces it; sometimes: some installations give one and may replace it. */
  readonly refresh: 'never' | 'kept' | 'rotated' | 'sometimes'
  /** Fixed parameters of the authorization request. */
  readonly parameters?: (purpose: Purpose) => Settings
  /** The provider puts no `nonce` into its ID tokens. */
  readonly withoutNonce?: true

  /** Makes the client secret of a request (Apple). */
  readonly clientSecret?: (client: Client, now: Date) => Promise<string>
  /** Replaces the authorization request altogether (Telegram). */
  readonly authorizationUrl?: (client: Client, redirectUri: string, state: string) => string
  /** Asks whether the secret is right, where there is no token endpoint to tell (Telegram). Rejects when it is not. */
  readonly probe?: (client: Client, ask: Ask) => Promise<void>
  /** Verifies data that the provider signed, instead of a code (Telegram). */
  readonly readSigned?: (parameters: CallbackParameters, client: Client, now: Date) => Identity
  /** What the token request of a code or of a refresh needs besides. */
  readonly tokenParameters?: (known: Settings) => Settings
  /** What of the callback has to be remembered with the tokens. */
  readonly remember?: (parameters: CallbackParameters) => Settings
  /** Brings a token answer into the shape of RFC 6749. */
  readonly readTokenAnswer?: (answer: Json) => Json
  /** A request that has to follow before the tokens are of use (Facebook). */
  readonly afterTokens?: (tokens: Tokens, client: Client, ask: Ask) => Promise<Tokens>
  /** Scopes that the person left ticked, where only the callback tells. */
  readonly grantedScopes?: (parameters: CallbackParameters) => readonly string[] | undefined
  /** The answer of the userinfo endpoint, where a bearer request does not get it. */
  readonly fetchProfile?: (tokens: Tokens, client: Client, ask: Ask, endpoint: string) => Promise<Json>
  /** Who the person is, from ID token claims or the userinfo answer. Throws `Error` with words when something is missing. */
  readonly identity?: (profile: Json, client: Client, parameters: CallbackParameters) => Identity
  /** Whether an ID token's issuer is right, where it is not simply the one of discovery (Microsoft). */
  readonly issuerFits?: (issuer: string, claims: Json, settings: Settings) => boolean
  /** Whether an answer to a refresh means that the refresh token is over, where it is not `invalid_grant`. */
  readonly refusedForGood?: (status: number, answer: Json) => boolean
  /** Ends tokens at the provider, where it is not RFC 7009. */
  readonly revoke?: (tokens: Tokens, client: Client, ask: Ask, endpoints: Partial<Endpoints>) => Promise<void>
}

/** Text at a path such as `user.profile.email`, numbers as text; undefined when there is none. */
export function textAt(json: unknown, path: string): string | undefined {
  let value: unknown = json
  for (const part of path.split('.'))
    value = typeof value === 'object' && value !== null ? (value as Json)[part] : undefined
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A flag that some providers send as text. */
export function isTrue(value: unknown): boolean {
  return value === true || value === 'true' || value === 1 || value === '1'
}

/** The subject, which no identity can do without. */
export function subjectAt(json: unknown, path: string): string {
  const subject = textAt(json, path)
  if (subject === undefined || subject.length > 255) throw new Error(`The provider’s answer has no ${path}.`)
  return subject
}

/** The standard claims of OpenID Connect. */
export function openIdIdentity(claims: Json): Identity {
  const parts = [textAt(claims, 'given_name'), textAt(claims, 'family_name')].filter(Boolean).join(' ')
  return {
    subject: subjectAt(claims, 'sub'),
    email: textAt(claims, 'email'),
    emailVerified: isTrue(claims['email_verified']),
    name: textAt(claims, 'name') ?? (parts === '' ? textAt(claims, 'preferred_username') : parts),
    picture: textAt(claims, 'picture'),
  }
}

/** Whether the provider uses PKCE with these settings. */
export function usesPkce(provider: Provider, settings: Settings): boolean {
  return typeof provider.pkce === 'function' ? provider.pkce(settings) : provider.pkce
}

/** Settings with the defaults of the fields that were left out. */
export function withDefaults(provider: Provider, settings: Settings): Settings {
  const defaults = (provider.fields ?? []).flatMap((field) =>
    field.default === undefined ? [] : [[field.key, field.default] as const],
  )
  return { ...Object.fromEntries(defaults), ...settings }
}
