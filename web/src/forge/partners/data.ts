/** What the pages of the partners' API ask for, and the words of its scopes. */
import type { partners } from '@pleiad/partners/contract'
import { hasRole, type ProjectRole } from '@pleiad/platform/contract'
import { queryOptions } from '@tanstack/react-query'
import type { Project } from '../../atlas/project.ts'
import { forge } from '../api.ts'

export type Usage = Awaited<ReturnType<typeof forge.partners.getUsage>>
export type LogEntry = Awaited<ReturnType<typeof forge.partners.listLogs>>['items'][number]
export type ProjectPlan = Awaited<ReturnType<typeof forge.partners.listPlans>>['items'][number]

export interface Place {
  readonly projectId: string
  readonly environment: string
}

export const partnersKey = ['forge', 'partners'] as const
export const managePlans = 'partners:manage'

/** What a program of a partner needs. */
export const scopes = [
  'quotes:write',
  'orders:write',
  'orders:read',
] as const satisfies readonly (keyof typeof partners.scopes)[]

/** What a program can call, as the log has it. */
export const operations = [
  'createModel',
  'getModel',
  'requestQuote',
  'placeOrder',
  'listOrders',
  'getOrder',
  'cancelOrder',
] as const satisfies readonly (keyof typeof partners.operations)[]

export const usageQuery = (place: Place) =>
  queryOptions({
    queryKey: [...partnersKey, 'usage', place],
    queryFn: ({ signal }) => forge.partners.getUsage({ params: place, signal }),
    refetchInterval: 15_000,
  })

/** Whether somebody of the project may do what takes `needed`. */
export function mayIn(project: Project, needed: ProjectRole): boolean {
  return project.state === 'active' && project.role !== undefined && hasRole(project.role, needed)
}

export const rehearses = (environment: string) => environment !== 'production'
