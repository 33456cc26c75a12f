/** What the pages of production ask for, and how it stays fresh. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useIsLive, useStaleBy } from '../../live.ts'
import { useMay } from '../../me.ts'
import { forge } from '../api.ts'

export type Board = Omit<Awaited<ReturnType<typeof forge.operators.getBoard>>, 'at'>
export type Work = Board['free'][number]
export type OrderSummary = Board['packed'][number]
export type Order = Awaited<ReturnType<typeof forge.operators.getOrder>>
export type Machine = Awaited<ReturnType<typeof forge.operators.listMachines>>['items'][number]
export type Operator = Awaited<ReturnType<typeof forge.operators.setOperator>>
export type Planned = Awaited<ReturnType<typeof forge.operators.getSchedule>>['items'][number]
export type Material = Awaited<ReturnType<typeof forge.operators.listMaterials>>['items'][number]
export type Shift = Awaited<ReturnType<typeof forge.operators.listShifts>>['items'][number]
export type Technique = Work['technique']
export const techniques = ['fdm', 'sla', 'sls', 'pick'] as const satisfies readonly Technique[]

export const productionKey = ['forge', 'production'] as const
/** Without the live connection pages look by themselves. */
const UNTOLD_MS = 1000
/** Should an event be lost, what it told still comes. */
const TOLD_MS = 60_000

/** Me as an operator. */
export const meQuery = queryOptions({
  queryKey: [...productionKey, 'me'],
  queryFn: ({ signal }) => forge.operators.getMe({ signal }),
})

/** How often to look at what the topic tells of. */
export function useLooks(): number {
  return useIsLive() ? TOLD_MS : UNTOLD_MS
}

/** Loads what is shown of production anew when something on the board changes. */
export function useProductionLive(): void {
  useStaleBy('production', [productionKey])
}

export interface WholeBoard extends Board {
  readonly shipped: readonly OrderSummary[]
}

/** The board with what is on its way, which waits to be marked as delivered. */
export const boardQuery = queryOptions({
  queryKey: [...productionKey, 'board'],
  queryFn: async ({ signal }): Promise<WholeBoard> => {
    const [{ at: _, ...board }, { items: shipped }] = await Promise.all([
      forge.operators.getBoard({ signal }),
      forge.operators.listOrders({ query: { stage: 'shipped', limit: 100 }, signal }),
    ])
    return { ...board, shipped }
  },
  // The wall goes on asking whatever the browser thinks of the network.
  networkMode: 'always',
})

export const machinesQuery = queryOptions({
  queryKey: [...productionKey, 'machines'],
  queryFn: async ({ signal }) => (await forge.operators.listMachines({ signal })).items,
})

export const scheduleQuery = queryOptions({
  queryKey: [...productionKey, 'schedule'],
  queryFn: async ({ signal }) => (await forge.operators.getSchedule({ signal })).items,
})

export const materialsQuery = queryOptions({
  queryKey: [...productionKey, 'materials'],
  queryFn: async ({ signal }) => (await forge.operators.listMaterials({ signal })).items,
})

export const orderQuery = (orderId: string) =>
  queryOptions({
    queryKey: [...productionKey, 'order', orderId],
    queryFn: ({ signal }) => forge.operators.getOrder({ params: { orderId }, signal }),
  })

/** All operators, by name; a workshop has some dozens. */
export const operatorsQuery = queryOptions({
  queryKey: [...productionKey, 'operators'],
  queryFn: async ({ signal }): Promise<Operator[]> => {
    const found: Operator[] = []
    let cursor: string | undefined
    do {
      const page = await forge.operators.listOperators({
        query: { limit: 100, ...(cursor ? { cursor } : {}) },
        signal,
      })
      found.push(...page.items)
      cursor = page.next
    } while (cursor)
    return found
  },
})

/** Who looks at the board, and what they may do there. */
export interface Viewer {
  readonly operator: Operator | undefined
  /** Moves the work of everybody. */
  readonly assigns: boolean
}

export function useViewer(): Viewer {
  const may = useMay()
  const operator = useQuery(meQuery).data?.operator
  return { operator, assigns: may('production:assign') }
}
