import type { atlas } from './api.ts'

/** An endpoint as the console lists it. */
export type Endpoint = Awaited<ReturnType<typeof atlas.webhooks.listEndpoints>>['items'][number]
export const endpointsKey = (projectId: string, environment: string) =>
  ['webhooks', 'endpoints', projectId, environment] as const
