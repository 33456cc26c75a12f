/** Console operations on end users: people who sign in to a project’s apps. */
import { type Operation, pageOf, pageQuery, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import {
  bodyOf,
  Consent,
  Email,
  EndUserSession,
  environmentPath,
  exampleIds,
  Identity,
  inEnvironment,
  Locale,
  Passkey,
  PersonName,
} from './contract-schemas.ts'

export const EndUser = Type.Object({
  endUserId: Uuid,
  email: Type.Optional(Type.String({ description: 'Address, if there is one' })),
  emailVerified: Type.Boolean({ description: 'The person proved that they read mail to this address' }),
  name: Type.String({ description: 'Name as it is shown; may be empty' }),
  state: Type.Enum(['active', 'blocked'], { description: 'Blocked: cannot sign in, tokens do not work' }),
  blockedReason: Type.Optional(Type.String({ description: 'For the console only' })),
  hasPassword: Type.Boolean({ description: 'Can sign in with a password' }),
  createdAt: Timestamp,
  lastSignInAt: Type.Optional(Timestamp),
})

export const EndUserDetails = Type.Object({
  ...EndUser.properties,
  passkeys: Type.Array(Passkey, { description: 'Passkeys the person registered' }),
  identities: Type.Array(Identity, { description: 'Accounts at providers the person signs in with' }),
})

const params = Type.Object({ ...inEnvironment, endUserId: Uuid })
const { projectId, environment, endUserId } = exampleIds
const example = { params: { projectId, environment, endUserId } }
const base = `${environmentPath}/end-users`

export const endUserOperations = {
  listEndUsers: {
    method: 'GET',
    path: base,
    summary: 'End users, newest first',
    description: 'Search matches the beginning of the address or of a word of the name.',
    access: { project: 'viewer', scope: 'endusers:read' },
    params: Type.Object(inEnvironment),
    query: Type.Object({
      ...pageQuery,
      search: Type.Optional(
        Type.String({ minLength: 1, maxLength: 80, description: 'Beginning of an address or name' }),
      ),
      state: Type.Optional(Type.Enum(['active', 'blocked'], { description: 'Only these' })),
    }),
    returns: pageOf(EndUser),
    errors: ['environmentUnknown', 'cursorInvalid'],
    example: { params: { projectId, environment }, query: { search: 'ada' } },
  },
  createEndUser: {
    method: 'POST',
    path: base,
    summary: 'Create or import an end user',
    description:
      'Without a password hash the person sets a password by a mailed link, when `invite` is given, or signs in by a provider. Hashes of Argon2 and bcrypt are taken over and renewed at the first sign-in.',
    access: { project: 'developer', production: 'admin', scope: 'endusers:write' },
    params: Type.Object(inEnvironment),
    body: bodyOf({
      email: Email,
      name: Type.Optional(PersonName),
      emailVerified: Type.Optional(
        Type.Boolean({ default: false, description: 'The address was proved before the import' }),
      ),
      passwordHash: Type.Optional(
        Type.String({ maxLength: 300, description: 'Encoded hash, of Argon2 or bcrypt' }),
      ),
      invite: Type.Optional(
        Type.Boolean({ default: false, description: 'Mail a link with which to set a password' }),
      ),
      locale: Type.Optional(Locale),
    }),
    status: 201,
    returns: EndUser,
    errors: ['environmentUnknown', 'endUserExists', 'passwordHashUnknown'],
    idempotent: true,
    example: {
      params: { projectId, environment },
      body: { email: 'ada@example.com', name: 'Ada Lovelace', invite: true },
    },
  },
  getEndUser: {
    method: 'GET',
    path: `${base}/:endUserId`,
    summary: 'One end user, with passkeys and providers',
    access: { project: 'viewer', scope: 'endusers:read' },
    params,
    returns: EndUserDetails,
    errors: ['environmentUnknown'],
    example,
  },
  blockEndUser: {
    method: 'POST',
    path: `${base}/:endUserId/block`,
    summary: 'Shut an end user out; sessions and tokens end at once',
    access: { project: 'developer', production: 'admin', scope: 'endusers:write' },
    params,
    body: bodyOf({
      reason: Type.Optional(Type.String({ maxLength: 500, description: 'Seen in the console only' })),
    }),
    returns: EndUser,
    errors: ['environmentUnknown'],
    example: { ...example, body: { reason: 'Reported by the owner as stolen' } },
  },
  unblockEndUser: {
    method: 'POST',
    path: `${base}/:endUserId/unblock`,
    summary: 'Let a blocked end user in again',
    access: { project: 'developer', production: 'admin', scope: 'endusers:write' },
    params,
    returns: EndUser,
    errors: ['environmentUnknown'],
    example,
  },
  deleteEndUser: {
    method: 'DELETE',
    path: `${base}/:endUserId`,
    summary: 'Erase an end user for good',
    access: { project: 'developer', production: 'admin', scope: 'endusers:write' },
    params,
    errors: ['environmentUnknown'],
    example,
  },
  sendPasswordMail: {
    method: 'POST',
    path: `${base}/:endUserId/password-mail`,
    summary: 'Mail an end user a link with which to set a password',
    access: { project: 'developer', production: 'admin', scope: 'endusers:write' },
    params,
    body: bodyOf({ locale: Type.Optional(Locale) }),
    status: 202,
    errors: ['environmentUnknown', 'endUserHasNoEmail'],
    rate: 'auth',
    example: { ...example, body: { locale: 'en' } },
  },
  listEndUserSessions: {
    method: 'GET',
    path: `${base}/:endUserId/sessions`,
    summary: 'Where an end user is signed in',
    access: { project: 'viewer', scope: 'endusers:read' },
    params,
    returns: Type.Object({ items: Type.Array(EndUserSession) }),
    errors: ['environmentUnknown'],
    example,
  },
  revokeEndUserSession: {
    method: 'DELETE',
    path: `${base}/:endUserId/sessions/:sessionId`,
    summary: 'End a session of an end user, with its tokens',
    access: { project: 'developer', production: 'admin', scope: 'endusers:write' },
    params: Type.Object({
      ...inEnvironment,
      endUserId: Uuid,
      sessionId: Type.String({ maxLength: 100, description: 'From listEndUserSessions' }),
    }),
    errors: ['environmentUnknown'],
    example: { params: { ...example.params, sessionId: 'V1StGXR8_Z5jdHi6B-myT' } },
  },
  listEndUserConsents: {
    method: 'GET',
    path: `${base}/:endUserId/consents`,
    summary: 'What an end user lets apps do',
    access: { project: 'viewer', scope: 'endusers:read' },
    params,
    returns: Type.Object({ items: Type.Array(Consent) }),
    errors: ['environmentUnknown'],
    example,
  },
  revokeEndUserConsent: {
    method: 'DELETE',
    path: `${base}/:endUserId/consents/:consentId`,
    summary: 'Take back what an end user lets an app do, with its tokens',
    access: { project: 'developer', production: 'admin', scope: 'endusers:write' },
    params: Type.Object({
      ...inEnvironment,
      endUserId: Uuid,
      consentId: Type.String({ maxLength: 100, description: 'From listEndUserConsents' }),
    }),
    errors: ['environmentUnknown'],
    example: { params: { ...example.params, consentId: 'V1StGXR8_Z5jdHi6B-myT' } },
  },
} as const satisfies Record<string, Operation>
