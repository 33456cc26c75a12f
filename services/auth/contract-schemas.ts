/** Fields that several operations of auth share. */
import { Timestamp, type TSchema, Type, Uuid } from '@pleiad/platform/contract'

/** A request body: unknown fields are refused, so that a misspelt field is never silently ignored. */
export function bodyOf<const P extends Record<string, TSchema>>(properties: P) {
  return Type.Object(properties, { additionalProperties: false })
}

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
export const Locale = Type.Union([Type.Literal('en'), Type.Literal('ru')], {
  description: 'Language of mails: English or Russian',
})
export const Username = Type.String({
  minLength: 1,
  maxLength: 60,
  description: 'Public name; users decides what is allowed and stores it in lower case',
})
export const LinkToken = Type.String({
  minLength: 20,
  maxLength: 200,
  description: 'The token from the link in the mail',
})
export const Transport = Type.Optional(
  Type.Union([Type.Literal('cookie'), Type.Literal('bearer')], {
    default: 'bearer',
    description:
      'cookie: tokens travel in HttpOnly cookies (browsers); bearer: tokens are in the answer (programs)',
  }),
)
export const SetupCode = Type.String({
  minLength: 10,
  maxLength: 100,
  description: 'The one-time code that the server prints while it has no administrator',
})
export const RoleName = Type.String({ pattern: '^[a-z][a-z0-9-]{1,39}$', description: 'Name of a role' })
export const PermissionName = Type.String({
  pattern: '^[a-z][a-z0-9-]*:[a-z][a-z0-9-]*$',
  description: 'Name of a permission, such as orders:confirm',
})

/** What a browser's WebAuthn call takes or gives, in the JSON forms of WebAuthn Level 3 (section 5.1, `…JSON`). */
export const PublicKeyJson = Type.Record(Type.String(), Type.Unknown(), {
  description: 'JSON form of WebAuthn Level 3: pass it to or take it from the browser library unchanged',
})
export const FlowId = Type.String({
  minLength: 20,
  maxLength: 100,
  description: 'Names the challenge; it can be answered once and expires after 5 minutes',
})

export const SignedIn = Type.Object({
  status: Type.Literal('signedIn'),
  userId: Uuid,
  sid: Type.String({ format: 'uuid', description: 'The session' }),
  expiresAt: Type.String({ format: 'date-time', description: 'When the access token expires' }),
  accessToken: Type.Optional(Type.String({ description: 'JWT; absent with the cookie transport' })),
  refreshToken: Type.Optional(
    Type.String({ description: 'Opaque, for one refresh; absent with the cookie transport' }),
  ),
})

export const SecondFactorMethod = Type.Union([
  Type.Literal('totp'),
  Type.Literal('recoveryCode'),
  Type.Literal('passkey'),
])

export const SecondFactorRequired = Type.Object({
  status: Type.Literal('secondFactorRequired'),
  challenge: Type.String({ description: 'Send it with the second factor; it takes 5 attempts' }),
  expiresAt: Timestamp,
  methods: Type.Array(SecondFactorMethod, { description: 'What this account can answer with' }),
})

/** A proof of the second factor. */
export const FactorProof = Type.Union([
  bodyOf({
    method: Type.Literal('totp'),
    code: Type.String({ pattern: '^[0-9]{6}$', description: 'The six digits that the authenticator shows' }),
  }),
  bodyOf({
    method: Type.Literal('recoveryCode'),
    code: Type.String({ minLength: 8, maxLength: 40, description: 'One of the recovery codes; it is spent' }),
  }),
  bodyOf({ method: Type.Literal('passkey'), flowId: FlowId, response: PublicKeyJson }),
])

/** A fresh proof that the person at the keyboard is the owner. */
export const FreshProof = Type.Union([
  bodyOf({ method: Type.Literal('password'), password: Password }),
  bodyOf({
    method: Type.Literal('totp'),
    code: Type.String({ pattern: '^[0-9]{6}$', description: 'The six digits that the authenticator shows' }),
  }),
  bodyOf({ method: Type.Literal('passkey'), flowId: FlowId, response: PublicKeyJson }),
])

export const Session = Type.Object({
  sid: Uuid,
  current: Type.Boolean({ description: 'Whether this request came from it' }),
  ip: Type.String({ description: 'Address of its last refresh' }),
  userAgent: Type.String(),
  method: Type.String({ description: 'How it signed in: password, passkey, totp, recoveryCode, setup' }),
  createdAt: Timestamp,
  lastSeenAt: Timestamp,
  expiresAt: Timestamp,
})

export const Passkey = Type.Object({
  id: Uuid,
  name: Type.String(),
  backedUp: Type.Boolean({ description: 'Whether the passkey is synced to other devices of its owner' }),
  createdAt: Timestamp,
  lastUsedAt: Type.Optional(Timestamp),
})

export const AccessToken = Type.Object({
  id: Uuid,
  name: Type.String(),
  hint: Type.String({ description: 'First characters of the secret, to recognise it' }),
  scopes: Type.Array(Type.String()),
  createdAt: Timestamp,
  expiresAt: Type.Optional(Timestamp),
  lastUsedAt: Type.Optional(Timestamp),
})

export const Role = Type.Object({
  name: RoleName,
  description: Type.String(),
  permissions: Type.Array(Type.String()),
  builtIn: Type.Boolean({ description: 'member and admin: they cannot be changed or deleted' }),
  holders: Type.Integer({ description: 'How many accounts have it by assignment' }),
})

export const Account = Type.Object({
  userId: Uuid,
  email: Type.String(),
  emailVerified: Type.Boolean(),
  secondFactor: Type.Boolean(),
  passkeys: Type.Integer(),
  roles: Type.Array(Type.String()),
  state: Type.Union([Type.Literal('active'), Type.Literal('locked')]),
  lockReason: Type.Optional(Type.String()),
  createdAt: Timestamp,
  lastSignInAt: Type.Optional(Timestamp),
})

export const AuditEntry = Type.Object({
  id: Type.String({ description: 'Grows with time' }),
  at: Timestamp,
  event: Type.String({ description: 'What happened, such as signIn.succeeded' }),
  actorId: Type.Optional(Type.String({ description: 'Who did it; absent when nobody was signed in' })),
  subjectId: Type.Optional(Type.String({ description: 'Whose account it concerns' })),
  ip: Type.Optional(Type.String()),
  userAgent: Type.Optional(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown()),
})

export const Me = Type.Object({
  userId: Uuid,
  email: Type.String(),
  emailVerified: Type.Boolean(),
  pendingEmail: Type.Optional(Type.String({ description: 'The address that waits to be confirmed' })),
  locale: Locale,
  hasPassword: Type.Boolean(),
  totp: Type.Boolean({ description: 'Whether a second factor is asked for at sign-in' }),
  passkeys: Type.Integer(),
  recoveryCodesLeft: Type.Integer(),
  roles: Type.Array(Type.String()),
  permissions: Type.Array(Type.String()),
  session: Type.Object({
    sid: Uuid,
    kind: Type.Union([Type.Literal('session'), Type.Literal('token')]),
    provedUntil: Type.Optional(
      Type.String({ format: 'date-time', description: 'Until when sensitive changes need no new proof' }),
    ),
  }),
  createdAt: Timestamp,
})
