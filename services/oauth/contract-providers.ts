/** Operations of the console: the catalogue, configurations, their test and their health. */
import { type Operation, Type } from '@pleiad/platform/contract'
import {
  bodyOf,
  CatalogueEntry,
  Check,
  Configuration,
  configurable,
  ProviderHealth,
  ProviderKey,
  place,
  Secret,
} from './contract-schemas.ts'

const project = '01938a5e-7c00-7000-8000-0000000000b1'
const params = { projectId: project, environment: 'production' }
const root = '/projects/:projectId/environments/:environment'
const one = Type.Object({ ...place, provider: ProviderKey })
const { name, clientId, ...rest } = configurable
const optional = Object.fromEntries(
  Object.entries(rest).map(([key, schema]) => [key, Type.Optional(schema)]),
) as { [K in keyof typeof rest]: ReturnType<typeof Type.Optional<(typeof rest)[K]>> }

export const providerOperations = {
  listCatalogue: {
    method: 'GET',
    path: '/catalogue',
    summary: 'Providers that can be configured',
    access: 'user',
    returns: Type.Object({ items: Type.Array(CatalogueEntry) }),
  },
  listProviders: {
    method: 'GET',
    path: `${root}/providers`,
    summary: 'Providers of an environment',
    access: { project: 'viewer' },
    params: Type.Object(place),
    returns: Type.Object({ items: Type.Array(Configuration) }),
    example: { params },
  },
  getRedirectUri: {
    method: 'GET',
    path: `${root}/redirect-uris/:provider`,
    summary: 'The redirect URI to register at a provider',
    description: 'It is known before the provider is configured and stays the same as long as the key does.',
    access: { project: 'viewer' },
    params: one,
    returns: Type.Object({ redirectUri: Type.String({ description: 'Register it exactly so' }) }),
    example: { params: { ...params, provider: 'google' } },
  },
  getProvider: {
    method: 'GET',
    path: `${root}/providers/:provider`,
    summary: 'A provider’s configuration',
    access: { project: 'viewer' },
    params: one,
    returns: Configuration,
    etag: 'version',
    example: { params: { ...params, provider: 'google' } },
  },
  configureProvider: {
    method: 'POST',
    path: `${root}/providers`,
    summary: 'Configure a provider',
    description:
      'A provider of the catalogue has its own name as key; a generic one (oidc, oauth2) is given a key here. Takes effect at once.',
    access: { project: 'developer', production: 'admin' },
    params: Type.Object(place),
    body: bodyOf({
      catalogue: Type.String({ minLength: 1, maxLength: 30, description: 'Name in the catalogue' }),
      provider: Type.Optional(ProviderKey),
      name: Type.Optional(name),
      clientId,
      secret: Type.Optional(Secret),
      ...optional,
    }),
    status: 201,
    returns: Configuration,
    etag: 'version',
    errors: ['providerUnknown', 'providerConfigured', 'configurationNotRight'],
    example: {
      params,
      body: { catalogue: 'github', clientId: 'Iv1.8a61f9b3a7aba766', secret: 'its-secret' },
    },
  },
  updateProvider: {
    method: 'PATCH',
    path: `${root}/providers/:provider`,
    summary: 'Change a provider’s configuration',
    description:
      'Fields left out stay as they are; `settings` and `parameters` are replaced whole. Another address of the provider takes the secret again, so that it is never sent to where it was not meant to go. Takes effect at once, on every process.',
    access: { project: 'developer', production: 'admin' },
    ifMatch: true,
    params: one,
    body: bodyOf(
      {
        name: Type.Optional(name),
        clientId: Type.Optional(clientId),
        secret: Type.Optional(Secret),
        ...optional,
      },
      { minProperties: 1 },
    ),
    returns: Configuration,
    etag: 'version',
    errors: ['configurationNotRight'],
    example: { params: { ...params, provider: 'google' }, body: { enabled: false } },
  },
  removeProvider: {
    method: 'DELETE',
    path: `${root}/providers/:provider`,
    summary: 'Remove a provider and end its connections',
    description:
      'Tokens are revoked at the provider where it offers that, and erased here. This cannot be undone.',
    access: { project: 'developer', production: 'admin' },
    params: one,
    example: { params: { ...params, provider: 'google' } },
  },
  testProvider: {
    method: 'POST',
    path: `${root}/providers/:provider/test`,
    summary: 'Test a provider’s configuration',
    description:
      'Asks the provider for its metadata and keys and tries the client id and secret as far as that goes without a person. Says in words what is wrong.',
    access: { project: 'developer' },
    rate: 'heavy',
    params: one,
    returns: Type.Object({
      ok: Type.Boolean({ description: 'Nothing failed' }),
      checks: Type.Array(Check),
    }),
    example: { params: { ...params, provider: 'google' } },
  },
  listHealth: {
    method: 'GET',
    path: `${root}/health`,
    summary: 'How the providers of an environment are doing',
    access: { project: 'viewer' },
    params: Type.Object(place),
    returns: Type.Object({ items: Type.Array(ProviderHealth) }),
    example: { params },
  },
} as const satisfies Record<string, Operation>
