/** Upstream providers of a project: their configuration, sign-in and connect flows, and the vault of their tokens. */
import { defineContract } from '@pleiad/platform/contract'
import { connectionOperations } from './contract-connections.ts'
import { oauthErrors } from './contract-errors.ts'
import { oauthEvents } from './contract-events.ts'
import { providerOperations } from './contract-providers.ts'

export { type ProblemCode, problems } from './contract-problems.ts'
export type {
  CatalogueEntry,
  Check,
  Configuration,
  Connection,
  ProviderHealth,
  Token,
} from './contract-schemas.ts'

export const oauth = defineContract({
  name: 'oauth',
  version: '2.0.0',
  summary:
    'OAuth providers per project and environment: configuration, sign-in and connect flows, a vault that keeps provider tokens fresh.',
  operations: { ...providerOperations, ...connectionOperations },
  events: oauthEvents,
  errors: oauthErrors,
  scopes: {
    'connections:read': 'See the connections of end users to providers, without tokens',
    'connections:write': 'Open connect sessions and end connections',
    'vault:read': 'Get the providers’ access tokens of end users',
  },
})
