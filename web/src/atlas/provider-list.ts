/** What the pages of providers and connections ask of oauth. */
import { queryOptions } from '@tanstack/react-query'
import { atlas } from './api.ts'

export interface Place {
  readonly projectId: string
  readonly environment: string
}
export type { CatalogueEntry, Check, Configuration, Connection, ProviderHealth } from '@pleiad/oauth/contract'

export const catalogueQuery = queryOptions({
  queryKey: ['oauth', 'catalogue'],
  queryFn: ({ signal }) => atlas.oauth.listCatalogue({ signal }),
  staleTime: Number.POSITIVE_INFINITY,
})

export const providersQuery = (place: Place) =>
  queryOptions({
    queryKey: ['oauth', 'providers', place],
    queryFn: ({ signal }) => atlas.oauth.listProviders({ params: place, signal }),
  })

/** Asked again now and then: it changes without anybody doing something here. */
export const healthQuery = (place: Place) =>
  queryOptions({
    queryKey: ['oauth', 'health', place],
    queryFn: ({ signal }) => atlas.oauth.listHealth({ params: place, signal }),
    refetchInterval: 15_000,
  })

/** What the server takes as the key of a provider. */
export const keyPattern = /^[a-z][a-z0-9-]{0,29}$/
