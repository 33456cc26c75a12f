/** Events that oidc announces. None holds a secret in clear. */
import { type EventKind, Type, Uuid } from '@pleiad/platform/contract'
import { AppId, EnvironmentName, exampleIds, Locale } from './contract-schemas.ts'

const { projectId, environment, endUserId, appId } = exampleIds
const person = { projectId: Uuid, environment: EnvironmentName, endUserId: Uuid }
const personExample = { projectId, environment, endUserId }
const app = { projectId: Uuid, environment: EnvironmentName, appId: AppId }
const appExample = { projectId, environment, appId, by: '01938a5e-7c00-7000-8000-000000000001' }
const By = Type.Optional(
  Type.String({ description: 'The member or program that did it; absent: the person themselves' }),
)
const Method = Type.String({ description: 'password, passkey, signUp or the key of a provider' })

export const EndUserMailKind = Type.Enum(
  ['confirmEmail', 'resetPassword', 'setPassword', 'alreadyRegistered', 'passwordChanged'],
  {
    description:
      'confirmEmail, resetPassword: a code of eight digits to type in; setPassword: a link; alreadyRegistered: somebody tried to sign up with this address, which has an account; passwordChanged: for information',
  },
)

export const oidcEvents = {
  'enduser.created': {
    version: 1,
    description: 'A person has an account in an environment of a project.',
    key: 'endUserId',
    data: Type.Object({
      ...person,
      email: Type.Optional(Type.String()),
      emailVerified: Type.Boolean(),
      name: Type.String(),
      method: Type.String({ description: 'signUp, import, or the key of a provider' }),
      by: By,
    }),
    example: {
      ...personExample,
      email: 'ada@example.com',
      emailVerified: true,
      name: 'Ada Lovelace',
      method: 'signUp',
    },
  },
  'enduser.blocked': {
    version: 1,
    description: 'An end user was shut out; their sessions and tokens have ended.',
    key: 'endUserId',
    data: Type.Object({ ...person, by: By }),
    example: personExample,
  },
  'enduser.unblocked': {
    version: 1,
    description: 'A blocked end user may sign in again.',
    key: 'endUserId',
    data: Type.Object({ ...person, by: By }),
    example: personExample,
  },
  'enduser.deleted': {
    version: 1,
    description: 'An end user is erased; every service erases what it holds of them.',
    key: 'endUserId',
    data: Type.Object({ ...person, by: By }),
    example: personExample,
  },
  'enduser.signedin': {
    version: 1,
    description: 'An end user signed in to an app.',
    key: 'endUserId',
    data: Type.Object({ ...person, appId: Type.String(), method: Method }),
    example: { ...personExample, appId, method: 'password' },
  },
  'enduser.signin.failed': {
    version: 1,
    description: 'A sign-in to a project failed. Says why, and not who tried.',
    key: 'projectId',
    data: Type.Object({
      projectId: Uuid,
      environment: EnvironmentName,
      appId: Type.String(),
      method: Method,
      reason: Type.String({
        description:
          'wrongCredentials, blocked, tooManyAttempts, codeRefused, signUpClosed, providerFailed, ticketRefused, cancelled, consentDenied',
      }),
    }),
    example: { projectId, environment, appId, method: 'password', reason: 'wrongCredentials' },
  },
  'enduser.mail.requested': {
    version: 1,
    description:
      'A mail to an end user, in the name of the project. `sealed` is for notifications alone: `tools.openSealed` gives JSON with `code` (confirmEmail, resetPassword) or `url` (setPassword, alreadyRegistered).',
    key: 'endUserId',
    data: Type.Object({
      ...person,
      email: Type.String({ description: 'Where to' }),
      name: Type.String({ description: 'Whom to; may be empty' }),
      locale: Locale,
      kind: EndUserMailKind,
      project: Type.Object({
        name: Type.String({ description: 'In whose name' }),
        accent: Type.Optional(Type.String({ description: 'Colour, as #rrggbb' })),
        homeUrl: Type.Optional(Type.String()),
        supportEmail: Type.Optional(Type.String()),
      }),
      expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'When code or link ends' })),
      sealed: Type.Optional(Type.String({ description: 'Sealed JSON; absent where there is no secret' })),
    }),
    example: {
      ...personExample,
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      locale: 'en',
      kind: 'confirmEmail',
      project: { name: 'Shop', accent: '#1c7ed6' },
      expiresAt: '2026-11-21T10:15:00.000Z',
      sealed: 'AAECAwQ',
    },
  },
  'oidc.app.created': {
    version: 1,
    description: 'A project has a new app.',
    key: 'appId',
    data: Type.Object({ ...app, name: Type.String(), kind: Type.String(), by: By }),
    example: { ...appExample, name: 'Shop', kind: 'web' },
  },
  'oidc.app.changed': {
    version: 1,
    description: 'An app was changed, or has a new secret.',
    key: 'appId',
    data: Type.Object({
      ...app,
      name: Type.String(),
      fields: Type.Array(Type.String(), { description: 'What changed; clientSecret for a new secret' }),
      by: By,
    }),
    example: { ...appExample, name: 'Shop', fields: ['redirectUris'] },
  },
  'oidc.app.removed': {
    version: 1,
    description: 'An app is gone, with its tokens.',
    key: 'appId',
    data: Type.Object({ ...app, name: Type.String(), by: By }),
    example: { ...appExample, name: 'Shop' },
  },
  'oidc.settings.changed': {
    version: 1,
    description: 'The sign-in settings of an environment were changed.',
    key: 'projectId',
    data: Type.Object({
      projectId: Uuid,
      environment: EnvironmentName,
      fields: Type.Array(Type.String(), { description: 'What changed' }),
      by: By,
    }),
    example: { projectId, environment, fields: ['passkey'] },
  },
  'oidc.keys.rotated': {
    version: 1,
    description: 'Other keys sign the tokens of an issuer from now on.',
    key: 'projectId',
    data: Type.Object({
      projectId: Uuid,
      environment: EnvironmentName,
      kids: Type.Array(Type.String(), { description: 'Ids of the keys in force' }),
      compromised: Type.Boolean({ description: 'What the old keys signed is refused' }),
      by: By,
    }),
    example: { projectId, environment, kids: ['kX3pP0v2b8m1Qw9r5tYz'], compromised: false },
  },
} as const satisfies Record<string, EventKind>
