/** What the office may say to an order, and what the shop's answers mean. */
import type { Decision, OrderState } from './contract-schemas.ts'

export interface Decided {
  readonly state: OrderState
  readonly decision: Decision
}

const CALLED_OFF: ReadonlySet<string> = new Set(['rejected', 'cancelled', 'returned'])
const ENDED: ReadonlySet<string> = new Set([...CALLED_OFF, 'delivered'])

/** States that count for nothing in what a customer has spent. */
export const calledOff: readonly string[] = [...CALLED_OFF]
/** States after which nothing more happens to an order. */
export const ended: readonly string[] = [...ENDED]

/** Why an order cannot be confirmed or rejected now, in words; undefined when it can. */
export function waitingTrouble({ state, decision }: Decided): string | undefined {
  if (state === 'cancelled') return 'The order was cancelled.'
  if (decision !== 'waiting') return `The order was ${decision} already.`
  if (state !== 'created') return `The order is past that: ${state}.`
  return undefined
}

/** Orders before they are placed, and rehearsals of partners, are no business of the office. */
export function concernsOffice(change: {
  readonly state: string
  readonly previous: string
  readonly test?: boolean
}): boolean {
  const before = (state: string) => state === 'draft' || state === 'quoted'
  return !change.test && !before(change.state) && !(before(change.previous) && change.state !== 'created')
}

/** How many messages a person may write into one thread within `MESSAGE_WINDOW_MS`. */
export const MESSAGES_AT_ONCE = 30
export const MESSAGE_WINDOW_MS = 600_000
