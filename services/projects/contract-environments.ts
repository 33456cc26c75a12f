/** Operations on environments and on the keys of programs, which belong to one environment each. */
import { type Operation, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import { acme, projectParams, resting } from './contract-projects.ts'
import {
  Environment,
  EnvironmentName,
  EnvironmentSettings,
  KeyWithSecret,
  ProjectId,
  ProjectKey,
  Scope,
} from './contract-schemas.ts'

const environmentParams = Type.Object({ projectId: ProjectId, environment: EnvironmentName })
const keyParams = Type.Object({ projectId: ProjectId, keyId: Uuid })
const inProduction = 'In production it takes an admin.'
const key = '01938a5e-7c00-7000-8000-0000000000c1'

export const environmentOperations = {
  listEnvironments: {
    method: 'GET',
    path: '/:projectId/environments',
    summary: 'The environments of a project, production first',
    access: { project: 'viewer' },
    params: projectParams,
    returns: Type.Object({ items: Type.Array(Environment) }),
    example: { params: { projectId: acme } },
  },
  addEnvironment: {
    method: 'POST',
    path: '/:projectId/environments',
    summary: 'Add an environment',
    access: { project: 'admin' },
    params: projectParams,
    body: Type.Object({ environment: EnvironmentName }, { additionalProperties: false }),
    status: 201,
    returns: Environment,
    etag: 'version',
    errors: ['environmentExists', 'quotaReached', ...resting],
    example: { params: { projectId: acme }, body: { environment: 'staging' } },
  },
  getEnvironment: {
    method: 'GET',
    path: '/:projectId/environments/:environment',
    summary: 'An environment with its settings',
    description: 'A program sees the environment it belongs to.',
    access: { project: 'viewer', scope: 'project:read' },
    params: environmentParams,
    returns: Environment,
    etag: 'version',
    errors: ['environmentUnknown'],
    example: { params: { projectId: acme, environment: 'production' } },
  },
  updateEnvironment: {
    method: 'PUT',
    path: '/:projectId/environments/:environment/settings',
    summary: 'Replace the settings of an environment',
    description: inProduction,
    access: { project: 'developer' },
    ifMatch: true,
    params: environmentParams,
    body: EnvironmentSettings,
    returns: Environment,
    etag: 'version',
    errors: ['environmentUnknown', 'environmentNotRight', ...resting],
    example: {
      params: { projectId: acme, environment: 'production' },
      body: { allowedOrigins: ['https://app.acme.example'] },
    },
  },
  removeEnvironment: {
    method: 'DELETE',
    path: '/:projectId/environments/:environment',
    summary: 'Remove an environment with all that is in it',
    description:
      'Its keys stop working at once; every service erases its part. Production cannot be removed.',
    access: { project: 'admin' },
    params: environmentParams,
    errors: ['environmentUnknown', 'environmentRequired', ...resting],
    example: { params: { projectId: acme, environment: 'staging' } },
  },
  listKeys: {
    method: 'GET',
    path: '/:projectId/keys',
    summary: 'The keys of a project, newest first, without their secrets',
    access: { project: 'developer' },
    params: projectParams,
    query: Type.Object({ ...pageQuery, environment: Type.Optional(EnvironmentName) }),
    returns: pageOf(ProjectKey),
    example: { params: { projectId: acme }, query: { environment: 'production' } },
  },
  createKey: {
    method: 'POST',
    path: '/:projectId/keys',
    summary: 'Create a key for a program',
    description: `The secret is shown this once; only its hash is kept. ${inProduction}`,
    access: { project: 'developer' },
    params: projectParams,
    body: Type.Object(
      {
        environment: EnvironmentName,
        name: Type.String({ minLength: 1, maxLength: 60, description: 'What it is for' }),
        scopes: Type.Array(Scope, {
          minItems: 1,
          maxItems: 50,
          uniqueItems: true,
          description: 'What its bearer may do',
        }),
        expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it ends by itself' })),
      },
      { additionalProperties: false },
    ),
    status: 201,
    returns: KeyWithSecret,
    errors: [
      'environmentUnknown',
      'keyScopeUnknown',
      'keyExpiryNotRight',
      'projectNotRight',
      'quotaReached',
      ...resting,
    ],
    example: {
      params: { projectId: acme },
      body: { environment: 'production', name: 'Backend', scopes: ['project:read'] },
    },
  },
  rotateKey: {
    method: 'POST',
    path: '/:projectId/keys/:keyId/rotate',
    summary: 'Give a key a new secret',
    description: `The secret until now works on for the overlap, so that programs can change over without a break. Secrets before it stop at once. ${inProduction}`,
    access: { project: 'developer' },
    params: keyParams,
    body: Type.Object(
      {
        overlapSeconds: Type.Integer({
          minimum: 0,
          maximum: 604_800,
          default: 3600,
          description: 'How long the secret until now still works; at most a week',
        }),
      },
      { additionalProperties: false },
    ),
    returns: KeyWithSecret,
    errors: resting,
    example: { params: { projectId: acme, keyId: key }, body: { overlapSeconds: 3600 } },
  },
  revokeKey: {
    method: 'DELETE',
    path: '/:projectId/keys/:keyId',
    summary: 'Revoke a key',
    description: `It is refused everywhere within a second. ${inProduction}`,
    access: { project: 'developer' },
    params: keyParams,
    errors: resting,
    example: { params: { projectId: acme, keyId: key } },
  },
} as const satisfies Record<string, Operation>
