/** What providers, their configurations and connections look like from outside. */
import { type Static, Timestamp, type TSchema, Type, Uuid } from '@pleiad/platform/contract'

/** A request body: unknown fields are refused, so that a misspelt field is never silently ignored. */
export function bodyOf<const P extends Record<string, TSchema>>(properties: P, more: object = {}) {
  return Type.Object(properties, { additionalProperties: false, ...more })
}

export const ProviderKey = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,29}$',
  description: 'Key of a provider in its environment, such as google or corporate',
})
export const EnvironmentName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,29}$',
  description: 'Name of the environment, such as production',
})
/** Path parameters of everything that belongs to an environment. */
export const place = { projectId: Uuid, environment: EnvironmentName }

export const Icon = Type.Object(
  {
    path: Type.String({ description: 'Path data of a 24 by 24 drawing' }),
    color: Type.String({ description: 'Colour of the brand, #rrggbb' }),
  },
  { description: 'The provider’s sign' },
)

const Field = Type.Object({
  key: Type.String({ description: 'Name of the setting' }),
  label: Type.String({ description: 'What the provider calls it' }),
  kind: Type.Enum(['text', 'url', 'choice', 'multiline'], { description: 'How to ask for it' }),
  required: Type.Boolean({ description: 'Whether it must be filled' }),
  hint: Type.Optional(Type.String({ description: 'Where to find it' })),
  choices: Type.Optional(Type.Array(Type.String(), { description: 'Possible values of a choice' })),
  default: Type.Optional(Type.String({ description: 'Used when it is left out' })),
})

/** A provider of the catalogue: what can be configured. */
export const CatalogueEntry = Type.Object({
  catalogue: Type.String({ description: 'Name in the catalogue' }),
  name: Type.String({ description: 'Name for people' }),
  kind: Type.Enum(['openid', 'oauth2', 'signed'], {
    description: 'OpenID Connect, OAuth 2 alone, or data signed by the provider without tokens',
  }),
  generic: Type.Boolean({
    description: 'May be configured several times, each with a key and name of its own',
  }),
  icon: Icon,
  documentation: Type.String({ description: 'Where the provider tells how to register an app' }),
  clientIdLabel: Type.String({ description: 'What the provider calls the client id' }),
  secretLabel: Type.String({ description: 'What the provider calls the secret' }),
  secretKind: Type.Enum(['text', 'multiline'], { description: 'How to ask for the secret' }),
  secretRequired: Type.Boolean({ description: 'Whether there must be a secret' }),
  fields: Type.Array(Field, { description: 'Further settings it needs' }),
  scopes: Type.Array(Type.String(), { description: 'Scopes that are asked for when none are configured' }),
  refresh: Type.Enum(['never', 'kept', 'rotated', 'sometimes'], {
    description:
      'Refresh tokens: never given, kept over refreshes, replaced by each refresh, or given only under conditions',
  }),
  pkce: Type.Boolean({ description: 'Whether the provider takes PKCE' }),
  revocation: Type.Boolean({ description: 'Whether tokens can be revoked at the provider' }),
  notes: Type.Array(Type.String(), { description: 'What is peculiar about it' }),
})
export type CatalogueEntry = Static<typeof CatalogueEntry>

export const Scopes = Type.Array(
  Type.String({ minLength: 1, maxLength: 200, pattern: '^[\\x21\\x23-\\x5B\\x5D-\\x7E]+$' }),
  { maxItems: 60, uniqueItems: true, description: 'Scopes to ask for; none: those of the catalogue' },
)
export const ReturnUrls = Type.Array(Type.String({ minLength: 1, maxLength: 500 }), {
  maxItems: 50,
  uniqueItems: true,
  description:
    'Addresses of the app to which a browser may return from a connect session; compared character by character',
})
const texts = (description: string) =>
  Type.Record(Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_.-]{0,59}$' }), Type.String({ maxLength: 2000 }), {
    maxProperties: 20,
    description,
  })
/** What may be written of a configuration, beside the secret. */
export const configurable = {
  name: Type.String({ minLength: 1, maxLength: 60, description: 'Name on the sign-in page' }),
  clientId: Type.String({ minLength: 1, maxLength: 500, description: 'Client id that the provider gave' }),
  settings: texts('Further settings, as the catalogue’s `fields` say'),
  scopes: Scopes,
  parameters: texts('Extra parameters of the authorization request, such as prompt or hd'),
  returnUrls: ReturnUrls,
  signIn: Type.Boolean({ description: 'Offered on the sign-in page; otherwise only for connect sessions' }),
  enabled: Type.Boolean({ description: 'Off: no new flows; connections stay and are refreshed' }),
}
export const Secret = Type.String({
  minLength: 1,
  maxLength: 10_000,
  description: 'Client secret, private key or bot token; kept encrypted and never shown again',
})

/** A provider as a project has configured it for one environment. */
export const Configuration = Type.Object({
  projectId: Uuid,
  environment: EnvironmentName,
  provider: ProviderKey,
  catalogue: Type.String({ description: 'Name in the catalogue' }),
  icon: Icon,
  ...configurable,
  secretSet: Type.Boolean({ description: 'A secret is kept' }),
  secretChangedAt: Type.Optional(Timestamp),
  redirectUri: Type.String({ description: 'Redirect URI to register at the provider, exactly so' }),
  version: Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' }),
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export type Configuration = Static<typeof Configuration>

/** One step of a connection test. */
export const Check = Type.Object({
  check: Type.Enum(['settings', 'discovery', 'keys', 'authorization', 'token'], {
    description: 'What was tried',
  }),
  state: Type.Enum(['passed', 'failed', 'unknown'], {
    description: 'How it went; unknown: the provider’s answer does not tell',
  }),
  code: Type.Optional(Type.String({ description: 'Problem code, for translation' })),
  words: Type.String({ description: 'What was found and what to do' }),
})
export type Check = Static<typeof Check>

export const EndUserId = Type.String({
  minLength: 1,
  maxLength: 200,
  pattern: '^[\\x21-\\x7E]+$',
  description: 'The end user: an id of the project’s issuer, or the app’s own id of a person',
})
export const ConnectionState = Type.Enum(['active', 'broken', 'revoked'], {
  description: 'active: tokens are fresh; broken: the person must connect again; revoked: it was ended here',
})
export const BrokenReason = Type.Enum(['refused', 'expired', 'interrupted', 'moved'], {
  description:
    'refused: the provider refused the refresh token, or the token where there is none; expired: the token is over and there is no refresh token; interrupted: a process died while it refreshed and the provider does not take the old refresh token again; moved: the provider was given another address, to which tokens of the old one are not sent',
})

/** An end user’s account at a provider. Tokens are not part of it. */
export const Connection = Type.Object({
  connectionId: Uuid,
  provider: ProviderKey,
  endUserId: EndUserId,
  subject: Type.String({ description: 'The person’s id at the provider' }),
  email: Type.Optional(Type.String({ description: 'Their address there' })),
  name: Type.Optional(Type.String({ description: 'Their name there' })),
  picture: Type.Optional(Type.String({ description: 'Address of their picture' })),
  scopes: Type.Array(Type.String(), { description: 'What the person has granted' }),
  state: ConnectionState,
  brokenReason: Type.Optional(BrokenReason),
  refreshable: Type.Boolean({ description: 'The provider gave a refresh token' }),
  expiresAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'End of the present token; absent: it has none' }),
  ),
  failures: Type.Integer({ minimum: 0, description: 'Failed refreshes since the last that succeeded' }),
  nextAttemptAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'Not refreshed before: the provider has failed' }),
  ),
  createdAt: Timestamp,
  refreshedAt: Type.Optional(Timestamp),
  usedAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'When a token was last asked for, to the minute' }),
  ),
})
export type Connection = Static<typeof Connection>

export const Token = Type.Object({
  connectionId: Uuid,
  provider: ProviderKey,
  accessToken: Type.String({ description: 'The provider’s access token' }),
  tokenType: Type.String({ description: 'How to send it, usually Bearer' }),
  scopes: Type.Array(Type.String(), { description: 'What it may do' }),
  expiresAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'Valid until; absent: the provider named no end' }),
  ),
})
export type Token = Static<typeof Token>

export const ProviderHealth = Type.Object({
  provider: ProviderKey,
  name: Type.String({ description: 'Name for people' }),
  state: Type.Enum(['healthy', 'failing', 'idle'], {
    description: 'As the last request went; idle: none in the last day',
  }),
  succeeded: Type.Integer({ description: 'Requests that succeeded in the last 24 hours' }),
  failed: Type.Integer({ description: 'Requests that failed in the last 24 hours' }),
  meanMs: Type.Optional(Type.Integer({ description: 'Mean time of an answer in the last 24 hours' })),
  slowestMs: Type.Optional(Type.Integer({ description: 'Slowest answer in the last 24 hours' })),
  lastSuccessAt: Type.Optional(Timestamp),
  lastFailureAt: Type.Optional(Timestamp),
  lastFailureCode: Type.Optional(Type.String({ description: 'Problem code of the last failure' })),
  lastFailureWords: Type.Optional(Type.String({ description: 'What went wrong and what to do' })),
  connections: Type.Object({
    active: Type.Integer({ description: 'Connections that work' }),
    broken: Type.Integer({ description: 'Connections that need a reconnect' }),
  }),
})
export type ProviderHealth = Static<typeof ProviderHealth>
