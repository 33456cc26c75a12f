/**
 * The order machine: pure, one table. The shop is the authority of an order's state; what neighbours announce is a
 * signal like any other. Signals of neighbours come in any order, since several services send them and each kind is
 * handled by itself: one that is early waits until the order has come so far, one that is late changes nothing.
 */
import type { OrderState, Outcome } from './contract-states.ts'

export const signals = [
  'quote',
  'refusePrice',
  'place',
  'confirm',
  'reject',
  'startProduction',
  'finishProduction',
  'passQuality',
  'failQuality',
  'pack',
  'ship',
  'deliver',
  'return',
  'cancel',
  'expire',
] as const
export type Signal = (typeof signals)[number]

/** Who sends a signal: crm and operators are services, in whose name a person of the staff acts. */
export type Actor = 'customer' | 'partner' | 'staff' | 'system' | 'crm' | 'operators'

/** What a rule may ask of the order itself. */
export interface Traits {
  /** It has lines that are made: then it is not packed before they are. */
  readonly made: boolean
  /** It is fetched at the workshop: it need not be shipped before it is handed over. */
  readonly pickup: boolean
}

interface Rule {
  readonly from: OrderState
  readonly signal: Signal
  readonly to: OrderState
  readonly by: readonly Actor[]
  readonly when?: (traits: Traits) => boolean
}

const buyer = ['customer', 'partner', 'staff'] as const
const production = ['operators'] as const
/** Sandboxes have neither office nor production: the system plays them. */
const office = ['crm', 'system'] as const
const workshop = ['operators', 'system'] as const
const carrier = ['operators', 'staff', 'system'] as const

/** Every transition there is, with who may cause it. */
export const rules: readonly Rule[] = [
  { from: 'draft', signal: 'quote', to: 'quoted', by: ['system'] },
  { from: 'draft', signal: 'refusePrice', to: 'rejected', by: ['system'] },
  { from: 'draft', signal: 'cancel', to: 'cancelled', by: buyer },
  { from: 'draft', signal: 'expire', to: 'cancelled', by: ['system'] },
  { from: 'quoted', signal: 'place', to: 'created', by: ['customer', 'partner', 'system'] },
  { from: 'quoted', signal: 'cancel', to: 'cancelled', by: buyer },
  { from: 'quoted', signal: 'expire', to: 'cancelled', by: ['system'] },
  { from: 'created', signal: 'confirm', to: 'confirmed', by: office },
  { from: 'created', signal: 'reject', to: 'rejected', by: office },
  { from: 'created', signal: 'cancel', to: 'cancelled', by: [...buyer, 'system'] },
  { from: 'confirmed', signal: 'startProduction', to: 'inProduction', by: workshop },
  { from: 'confirmed', signal: 'pack', to: 'packed', by: workshop, when: ({ made }) => !made },
  { from: 'confirmed', signal: 'cancel', to: 'cancelled', by: [...buyer, 'system'] },
  { from: 'inProduction', signal: 'finishProduction', to: 'qualityCheck', by: workshop },
  { from: 'inProduction', signal: 'cancel', to: 'cancelled', by: ['staff'] },
  { from: 'qualityCheck', signal: 'passQuality', to: 'qualityCheck', by: production },
  { from: 'qualityCheck', signal: 'failQuality', to: 'inProduction', by: production },
  { from: 'qualityCheck', signal: 'pack', to: 'packed', by: workshop },
  { from: 'qualityCheck', signal: 'cancel', to: 'cancelled', by: ['staff'] },
  { from: 'packed', signal: 'ship', to: 'shipped', by: workshop },
  { from: 'packed', signal: 'deliver', to: 'delivered', by: carrier, when: ({ pickup }) => pickup },
  { from: 'packed', signal: 'cancel', to: 'cancelled', by: ['staff'] },
  { from: 'shipped', signal: 'deliver', to: 'delivered', by: carrier },
  { from: 'shipped', signal: 'return', to: 'returned', by: ['operators', 'staff'] },
  { from: 'delivered', signal: 'return', to: 'returned', by: ['operators', 'staff'] },
]

/** Signals that lead back and forth: of these an older one never undoes a newer one. */
const stamped: ReadonlySet<Signal> = new Set(['finishProduction', 'failQuality'])

export interface Standing {
  readonly state: OrderState
  readonly traits: Traits
  /** Id of the last event that led back or forth; ids are UUIDv7, so the later is the larger. */
  readonly stamp?: string | undefined
}

export type Decision =
  /** `stamp` is the standing's new one. */
  | { readonly kind: 'move'; readonly to: OrderState; readonly stamp?: string | undefined }
  /** True already, such as the start of a second line: nothing to do. */
  | { readonly kind: 'same' }
  /** Something that comes first is still on its way. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'refuse'; readonly reason: string }

const refuse = (reason: string): Decision => ({ kind: 'refuse', reason })

/** States that can still be reached from `state`, itself included. */
function reachable(state: OrderState, traits: Traits): ReadonlySet<OrderState> {
  const found = new Set<OrderState>([state])
  for (const known of found)
    for (const rule of rules) if (rule.from === known && (rule.when?.(traits) ?? true)) found.add(rule.to)
  return found
}

/**
 * What a signal does to an order. `stamp` is the id of the event that carries it; absent for commands, which never wait.
 */
export function decide(standing: Standing, signal: Signal, actor: Actor, stamp?: string): Decision {
  const { state, traits } = standing
  const rule = rules.find(
    (each) => each.from === state && each.signal === signal && (each.when?.(traits) ?? true),
  )
  if (stamp !== undefined && stamped.has(signal) && standing.stamp !== undefined && stamp <= standing.stamp)
    return refuse('A later event of production has been taken into account already.')
  if (rule) {
    if (!rule.by.includes(actor)) return refuse(`At this state it is not for the ${actor} to do this.`)
    return { kind: 'move', to: rule.to, stamp: stamped.has(signal) && stamp ? stamp : standing.stamp }
  }
  if (signal === 'startProduction' && (state === 'inProduction' || state === 'qualityCheck'))
    return { kind: 'same' }
  const mayWait = stamp !== undefined && state !== 'draft' && state !== 'quoted'
  if (mayWait) {
    const ahead = reachable(state, traits)
    const later = rules.some(
      (each) =>
        each.signal === signal &&
        each.by.includes(actor) &&
        (each.when?.(traits) ?? true) &&
        ahead.has(each.from),
    )
    if (later) return { kind: 'wait' }
  }
  return refuse(`The order is ${wordsOf[state]}.`)
}

/** Whether somebody could do this now. */
export function allows(standing: Standing, signal: Signal, actor: Actor): boolean {
  return decide(standing, signal, actor).kind === 'move'
}

/** Nothing leads on from here but, of delivered orders, a return. */
export function hasEnded(state: OrderState): boolean {
  return state === 'rejected' || state === 'cancelled' || state === 'delivered' || state === 'returned'
}

/** How an order ended, for the time its files are kept; undefined while it goes on. */
export function outcomeOf(state: OrderState, wasPlaced: boolean, signal: Signal): Outcome | undefined {
  if (state === 'cancelled' && signal === 'expire' && !wasPlaced) return 'abandoned'
  if (state === 'rejected' || state === 'cancelled' || state === 'delivered' || state === 'returned')
    return state
  return undefined
}

/** Money goes back by itself when an order ends without being made. */
export function givesMoneyBack(state: OrderState): boolean {
  return state === 'cancelled' || state === 'rejected'
}

const wordsOf: Readonly<Record<OrderState, string>> = {
  draft: 'still being priced',
  quoted: 'a quote that was not ordered',
  created: 'waiting for the office',
  confirmed: 'confirmed already',
  rejected: 'rejected',
  inProduction: 'in production',
  qualityCheck: 'in the quality check',
  packed: 'packed',
  shipped: 'shipped',
  delivered: 'delivered',
  cancelled: 'cancelled',
  returned: 'returned',
}
