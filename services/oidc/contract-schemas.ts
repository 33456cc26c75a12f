/** Fields that several operations of oidc share. */
import { Timestamp, type TSchema, Type, Uuid } from '@pleiad/platform/contract'

/** A request body: unknown fields are refused, so that a misspelt field is never silently ignored. */
export function bodyOf<const P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

export const EnvironmentName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,29}$',
  description: 'Environment of the project, such as production',
})
export const Handle = Type.String({
  pattern: '^[a-z][a-z0-9-]{2,39}([.][a-z][a-z0-9-]{0,29})?$',
  description: 'Issuer: the project’s slug, followed by a dot and the environment unless it is production',
})
export const AppId = Type.String({
  pattern: '^app_[A-Za-z0-9_-]{16,40}$',
  description: 'The app’s client_id',
})

/** Every console operation stands below a project and an environment. */
export const inEnvironment = { projectId: Uuid, environment: EnvironmentName }
export const environmentPath = '/projects/:projectId/environments/:environment'

export const exampleIds = {
  projectId: '01938a5e-7c00-7000-8000-0000000000a1',
  environment: 'production',
  appId: 'app_Q2r8sT0vXyZ1a3B5',
  endUserId: '01938a5e-7c00-7000-8000-0000000000e1',
  id: '01938a5e-7c00-7000-8000-0000000000f1',
  handle: 'shop',
  uid: 'V1StGXR8_Z5jdHi6B-myT',
} as const

export const Email = Type.String({
  format: 'email',
  minLength: 3,
  maxLength: 254,
  description: 'E-mail address; upper and lower case are the same',
})
export const Password = Type.String({
  minLength: 1,
  maxLength: 200,
  description: 'Password in clear; at least 10 characters when it is new',
})
export const PersonName = Type.String({ maxLength: 200, description: 'Name as it is shown' })
export const Locale = Type.Union([Type.Literal('en'), Type.Literal('ru')], {
  description: 'Language of mails: English or Russian',
})
export const MailCode = Type.String({
  pattern: '^[0-9]{8}$',
  description: 'The code from the mail; it works five times at most, for 15 minutes',
})
export const PublicKeyJson = Type.Record(Type.String(), Type.Unknown(), {
  description: 'JSON form of WebAuthn Level 3: pass it to or take it from the browser library unchanged',
})
export const FlowId = Type.String({
  minLength: 20,
  maxLength: 100,
  description: 'Names the challenge; it can be answered once and expires after 5 minutes',
})
export const ProviderKey = Type.String({
  pattern: '^[a-z0-9][a-z0-9-]{0,39}$',
  description: 'Provider, as configured for the environment',
})
export const ScopeName = Type.String({
  pattern: '^[a-z][a-z0-9_.-]{0,39}(:[a-z0-9_.-]{1,40})?$',
  description: 'Name of a scope, such as orders:read',
})

export const Passkey = Type.Object({
  id: Uuid,
  name: Type.String({ description: 'Name given by its owner' }),
  createdAt: Timestamp,
  lastUsedAt: Type.Optional(Timestamp),
})

export const Identity = Type.Object({
  id: Uuid,
  provider: ProviderKey,
  email: Type.Optional(Type.String({ description: 'Address at the provider' })),
  name: Type.Optional(Type.String({ description: 'Name at the provider' })),
  linkedAt: Timestamp,
})

export const EndUserSession = Type.Object({
  id: Type.String({ description: 'Names the session; it is no secret' }),
  current: Type.Boolean({ description: 'The session that asks' }),
  ip: Type.String({ description: 'Address it was opened from' }),
  userAgent: Type.String({ description: 'Browser it was opened with' }),
  methods: Type.Array(Type.String(), { description: 'How the person signed in, such as pwd' }),
  apps: Type.Array(Type.String(), { description: 'Ids of the apps it is signed in to' }),
  appNames: Type.Array(Type.String(), {
    description: 'Names of these apps, in the same order; the id again where an app is gone',
  }),
  createdAt: Timestamp,
  lastSeenAt: Timestamp,
  expiresAt: Timestamp,
})

export const Consent = Type.Object({
  id: Type.String({ description: 'Names the consent' }),
  appId: AppId,
  appName: Type.String({ description: 'Name of the app' }),
  scopes: Type.Array(Type.String(), { description: 'What the app may do' }),
  grantedAt: Timestamp,
  expiresAt: Timestamp,
})
