/** Events that oauth announces. No event carries a token or a secret. */
import { type EventKind, Type, Uuid } from '@pleiad/platform/contract'
import { BrokenReason, EndUserId, EnvironmentName, ProviderKey } from './contract-schemas.ts'

const projectId = '01938a5e-7c00-7000-8000-0000000000b1'
const connectionId = '01938a5e-7c00-7000-8000-0000000000c1'
const anna = '01938a5e-7c00-7000-8000-000000000001'

const provider = { projectId: Uuid, environment: EnvironmentName, provider: ProviderKey }
const connection = { connectionId: Uuid, ...provider, endUserId: EndUserId }
const By = Type.String({ format: 'uuid', description: 'The member who did it' })
const example = { connectionId, projectId, environment: 'production', provider: 'google', endUserId: anna }

export const oauthEvents = {
  'oauth.provider.configured': {
    version: 1,
    description: 'A member has configured a provider or changed its configuration.',
    data: Type.Object({
      ...provider,
      catalogue: Type.String({ description: 'Name in the catalogue' }),
      name: Type.String({ description: 'Name for people' }),
      enabled: Type.Boolean({ description: 'Whether flows may begin' }),
      change: Type.Enum(['created', 'updated'], { description: 'What happened' }),
      changed: Type.Array(Type.String(), { description: 'Names of the fields that changed' }),
      by: By,
    }),
    key: 'projectId',
    example: {
      projectId,
      environment: 'production',
      provider: 'google',
      catalogue: 'google',
      name: 'Google',
      enabled: true,
      change: 'created',
      changed: [],
      by: anna,
    },
  },
  'oauth.provider.removed': {
    version: 1,
    description: 'A member has removed a provider; its connections were revoked.',
    data: Type.Object({ ...provider, name: Type.String({ description: 'Name for people' }), by: By }),
    key: 'projectId',
    example: { projectId, environment: 'production', provider: 'google', name: 'Google', by: anna },
  },
  'oauth.signin.failed': {
    version: 1,
    description:
      'A sign-in through a provider came to nothing before it was known who the person is. Says why, and not who.',
    data: Type.Object({
      ...provider,
      reason: Type.String({
        description: 'Code of the problem, such as timeout; denied: the person refused',
      }),
      returnPath: Type.String({ description: 'Path of this installation that the browser went back to' }),
    }),
    key: 'projectId',
    example: {
      projectId,
      environment: 'production',
      provider: 'google',
      reason: 'timeout',
      returnPath: '/oidc/shop/sign-in/V1StGXR8_Z5jdHi6B-myT',
    },
  },
  'oauth.connection.created': {
    version: 1,
    description: 'An end user has connected an account of a provider, or connected it again.',
    data: Type.Object({
      ...connection,
      purpose: Type.Enum(['signIn', 'link', 'connect'], { description: 'How it came about' }),
      again: Type.Boolean({ description: 'The connection was there already and has new tokens' }),
    }),
    key: 'connectionId',
    example: { ...example, purpose: 'connect', again: false },
  },
  'oauth.connection.refreshed': {
    version: 1,
    description: 'The provider gave a new token.',
    data: Type.Object({
      ...connection,
      expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'End of the new token' })),
    }),
    key: 'connectionId',
    example: { ...example, expiresAt: '2026-01-31T13:00:00.000Z' },
  },
  'oauth.connection.broken': {
    version: 1,
    description: 'The tokens are over and cannot be refreshed: the person must connect again.',
    data: Type.Object({ ...connection, reason: BrokenReason }),
    key: 'connectionId',
    example: { ...example, reason: 'refused' },
  },
  'oauth.connection.revoked': {
    version: 1,
    description: 'The connection was ended here and its tokens are erased.',
    data: Type.Object({
      ...connection,
      cause: Type.Enum(['program', 'member', 'endUser', 'providerRemoved'], {
        description: 'Who or what ended it',
      }),
    }),
    key: 'connectionId',
    example: { ...example, cause: 'member' },
  },
} as const satisfies Record<string, EventKind>
