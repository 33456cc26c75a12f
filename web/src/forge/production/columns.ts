/** How the board is arranged: pure, so that the wall and the phone show the same. */
import type { Machine, OrderSummary, WholeBoard, Work } from './data.ts'

export const columns = [
  { name: 'free', groups: ['free'] },
  { name: 'making', groups: ['started', 'paused', 'claimed'] },
  { name: 'check', groups: ['qualityCheck'] },
  { name: 'dispatch', groups: ['passed', 'packed', 'shipped'] },
] as const
export type ColumnName = (typeof columns)[number]['name']
export type Group = (typeof columns)[number]['groups'][number]

export type Card =
  | { readonly kind: 'work'; readonly id: string; readonly dueAt: string; readonly work: Work }
  | { readonly kind: 'order'; readonly id: string; readonly dueAt: string; readonly order: OrderSummary }

const workCard = (work: Work): Card => ({ kind: 'work', id: work.workId, dueAt: work.dueAt, work })
const orderCard = (order: OrderSummary): Card => ({
  kind: 'order',
  id: order.orderId,
  dueAt: order.dueAt,
  order,
})

/**
 * The cards of each group, the most urgent first; one's own work stands before that of others.
 * @param only leaves out the work of everybody but this operator and what is free.
 */
export function cardsOf(
  board: WholeBoard,
  me: string | undefined,
  only: boolean,
): Readonly<Record<Group, readonly Card[]>> {
  const works = (list: readonly Work[]) => {
    const mine = list.filter(({ operatorId }) => operatorId === me && me !== undefined)
    const others = list.filter((work) => !mine.includes(work))
    return [...mine, ...(only ? [] : others)].map(workCard)
  }
  return {
    free: board.free.map(workCard),
    claimed: works(board.claimed),
    started: works(board.started),
    paused: works(board.paused),
    qualityCheck: board.qualityCheck.map(orderCard),
    passed: board.passed.map(orderCard),
    packed: board.packed.map(orderCard),
    shipped: board.shipped.map(orderCard),
  }
}

/** Whether a machine can make a work now, or why not; undefined: it is not of this kind at all. */
export function fitOf(
  work: Pick<Work, 'workId' | 'technique' | 'material'>,
  machine: Machine,
): 'fits' | 'down' | 'material' | 'busy' | undefined {
  if (machine.technique !== work.technique || machine.state === 'retired') return undefined
  if (machine.state === 'down') return 'down'
  if (work.material && machine.materials.length > 0 && !machine.materials.includes(work.material))
    return 'material'
  return machine.work && machine.work.workId !== work.workId ? 'busy' : 'fits'
}

/** Lines of an order with how many pieces each has, without those that were made again. */
export function linesOf(items: readonly Work[]): { lineId: string; name: string; quantity: number }[] {
  const lines = new Map<string, { lineId: string; name: string; quantity: number }>()
  for (const { lineId, name, quantity } of items) {
    const known = lines.get(lineId)
    lines.set(lineId, { lineId, name, quantity: Math.max(quantity, known?.quantity ?? 0) })
  }
  return [...lines.values()]
}
