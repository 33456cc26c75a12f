import fc from 'fast-check'
import { uuidv7 } from 'uuidv7'
import { describe, expect, test } from 'vitest'
import { type OrderState, orderStates } from './contract-states.ts'
import { isExpected, type PricedLine, settleDraft, sumOf } from './money.ts'
import {
  type Actor,
  allows,
  decide,
  hasEnded,
  outcomeOf,
  rules,
  type Signal,
  type Standing,
  signals,
  type Traits,
} from './orders.ts'

const shipped: Traits = { made: true, pickup: false }
const actors: readonly Actor[] = ['customer', 'partner', 'staff', 'system', 'crm', 'operators']
interface Sent {
  readonly signal: Signal
  readonly actor: Actor
  readonly stamp?: string
}

/** What the service does with decisions: early signals wait, and are looked at again after every move. */
function run(start: Standing, sent: readonly Sent[]) {
  let standing = start
  let waiting: Sent[] = []
  const path: OrderState[] = [start.state]
  const refused: Sent[] = []
  const take = (each: Sent): boolean => {
    const decision = decide(standing, each.signal, each.actor, each.stamp)
    if (decision.kind === 'wait') waiting.push(each)
    if (decision.kind === 'refuse') refused.push(each)
    if (decision.kind !== 'move') return false
    standing = { ...standing, state: decision.to, stamp: decision.stamp }
    path.push(decision.to)
    return true
  }
  for (const each of sent) {
    let moved = take(each)
    while (moved && waiting.length > 0) {
      const now = waiting.sort((a, b) => (a.stamp! < b.stamp! ? -1 : 1))
      waiting = []
      moved = false
      for (const early of now) moved = take(early) || moved
    }
  }
  return { standing, path, waiting, refused }
}

const arbitraryTraits = fc.record({ made: fc.boolean(), pickup: fc.boolean() })
const arbitrarySent: fc.Arbitrary<Sent> = fc.oneof(
  fc.record({
    signal: fc.constantFrom(...signals),
    actor: fc.constantFrom<Actor>('customer', 'partner', 'staff', 'system'),
  }),
  fc.record({
    signal: fc.constantFrom(...signals),
    actor: fc.constantFrom<Actor>('crm', 'operators'),
    stamp: fc.integer({ min: 0, max: 20 }).map((n) => `0${n.toString(36)}`),
  }),
)

describe('any sequence of commands and of late, early, repeated and reordered events', () => {
  test('takes only transitions of the table, by those who may, and leaves ends only by a return', () => {
    fc.assert(
      fc.property(arbitraryTraits, fc.array(arbitrarySent, { maxLength: 60 }), (traits, sent) => {
        const { path, waiting } = run({ state: 'draft', traits }, sent)
        for (const [index, to] of path.entries()) {
          if (index === 0) continue
          const from = path[index - 1]!
          expect(rules.some((rule) => rule.from === from && rule.to === to)).toBe(true)
          if (hasEnded(from)) expect([from, to]).toEqual(['delivered', 'returned'])
          if (to === 'packed' && traits.made) expect(path.slice(0, index)).toContain('qualityCheck')
          if (to === 'delivered' && !traits.pickup) expect(path.slice(0, index)).toContain('shipped')
          // Nothing is made that the office has not confirmed, and nothing confirmed that was not ordered.
          if (to === 'inProduction') expect(path.slice(0, index)).toContain('confirmed')
          if (to === 'confirmed') expect(path.slice(0, index)).toContain('created')
        }
        if (['cancelled', 'rejected', 'returned'].includes(path.at(-1)!)) expect(waiting).toEqual([])
      }),
      { numRuns: 2000 },
    )
  })

  test('ends where the events lead in their own order, in whichever order they come', () => {
    const history = fc.record({
      loops: fc.integer({ min: 0, max: 3 }),
      starts: fc.integer({ min: 1, max: 3 }),
      until: fc.constantFrom('checked', 'packed', 'shipped', 'delivered', 'returned'),
    })
    const property = fc.property(history, fc.infiniteStream(fc.nat()), ({ loops, starts, until }, random) => {
      const list: [Signal, Actor][] = [['confirm', 'crm']]
      for (let n = 0; n < starts; n++) list.push(['startProduction', 'operators'])
      for (let n = 0; n < loops; n++)
        list.push(['finishProduction', 'operators'], ['failQuality', 'operators'])
      list.push(['finishProduction', 'operators'], ['passQuality', 'operators'])
      const rest: [string, Signal][] = [
        ['packed', 'pack'],
        ['shipped', 'ship'],
        ['delivered', 'deliver'],
        ['returned', 'return'],
      ]
      const last = rest.findIndex(([name]) => name === until)
      for (const [, signal] of rest.slice(0, last + 1)) list.push([signal, 'operators'])
      const sent = list.map(([signal, actor], n) => ({
        signal,
        actor,
        stamp: String.fromCharCode(97 + n),
      }))
      const inOrder = run({ state: 'created', traits: shipped }, sent)
      const keys = sent.map(() => random.next().value as number)
      const shuffled = sent
        .map((each, n) => ({ each, key: keys[n]! }))
        .sort((a, b) => a.key - b.key)
        .map(({ each }) => each)
      const any = run({ state: 'created', traits: shipped }, shuffled)
      expect(any.standing.state).toBe(inOrder.standing.state)
      expect(any.waiting).toEqual([])
      expect(inOrder.refused).toEqual([])
    })
    fc.assert(property, { numRuns: 2000 })
  })

  test('a cancelled order stays cancelled, whatever the office and production announce afterwards', () => {
    const events = fc.array(arbitrarySent.filter(({ stamp }) => stamp !== undefined))
    fc.assert(
      fc.property(events, (sent) => {
        const { standing, waiting, refused } = run({ state: 'cancelled', traits: shipped }, sent)
        expect(standing.state).toBe('cancelled')
        expect(waiting).toEqual([])
        expect(refused).toHaveLength(sent.length)
      }),
    )
  })
})

describe('who may do what when', () => {
  const at = (state: OrderState) => ({ state, traits: shipped })

  test('the customer cancels until production begins, staff until it is shipped', () => {
    const may = (actor: Actor) => orderStates.filter((state) => allows(at(state), 'cancel', actor))
    expect(may('customer')).toEqual(['draft', 'quoted', 'created', 'confirmed'])
    expect(may('partner')).toEqual(may('customer'))
    expect(may('staff')).toEqual([...may('customer'), 'inProduction', 'qualityCheck', 'packed'])
    expect(may('operators')).toEqual([])
  })

  test('only the office confirms, only production makes', () => {
    for (const actor of actors) {
      expect(allows(at('created'), 'confirm', actor)).toBe(actor === 'crm' || actor === 'system')
      expect(allows(at('confirmed'), 'startProduction', actor)).toBe(
        actor === 'operators' || actor === 'system',
      )
    }
  })

  test('what is only taken from the shelf is packed once it is confirmed; what is fetched need not be shipped', () => {
    expect(
      decide({ state: 'confirmed', traits: { made: false, pickup: true } }, 'pack', 'operators', 'a'),
    ).toMatchObject({ kind: 'move', to: 'packed' })
    expect(decide(at('confirmed'), 'pack', 'operators', 'a')).toEqual({ kind: 'wait' })
    const packed = { state: 'packed', traits: { made: true, pickup: true } } as const
    expect(decide(packed, 'deliver', 'operators', 'a')).toMatchObject({ kind: 'move', to: 'delivered' })
    expect(decide(packed, 'ship', 'operators', 'a')).toMatchObject({ kind: 'move', to: 'shipped' })
    expect(decide(at('packed'), 'deliver', 'operators', 'a')).toEqual({ kind: 'wait' })
  })

  test('events on what was never ordered are refused, never remembered', () => {
    for (const state of ['draft', 'quoted'] as const)
      expect(decide(at(state), 'confirm', 'crm', uuidv7())).toMatchObject({ kind: 'refuse' })
  })

  test('outcomeOf tells what was abandoned from what was cancelled', () => {
    expect(outcomeOf('cancelled', false, 'expire')).toBe('abandoned')
    expect(outcomeOf('cancelled', false, 'cancel')).toBe('cancelled')
    expect(outcomeOf('inProduction', true, 'startProduction')).toBeUndefined()
  })
})

describe('money', () => {
  const now = new Date('2026-11-21T10:00:00Z')
  const line = (total: number, more: Partial<PricedLine> = {}): PricedLine => ({
    priceState: 'calculated',
    total,
    currency: 'EUR',
    ...more,
  })

  test('a draft is quoted when all is priced: the sum of its lines, until the first price ends', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(10_000_000), { minLength: 1, maxLength: 50 }), (totals) => {
        const lines = totals.map((total, n) =>
          line(total, { validUntil: new Date(now.getTime() + (n + 1) * 1000) }),
        )
        const settled = settleDraft(lines, 'EUR', now, 60_000)
        expect(settled).toMatchObject({
          kind: 'quote',
          linesTotal: totals.reduce((a, b) => a + b, 0),
          validUntil: new Date(now.getTime() + 1000),
        })
        expect(settleDraft([...lines, line(1, { priceState: 'asked' })], 'EUR', now, 1).kind).toBe('wait')
        expect(settleDraft([...lines, line(1, { priceState: 'refused' })], 'EUR', now, 1).kind).toBe('refuse')
        expect(settleDraft([...lines, line(1, { currency: 'USD' })], 'EUR', now, 1).kind).toBe('refuse')
        expect(sumOf([...lines, { total: undefined }])).toBeUndefined()
      }),
    )
  })

  test('a price goes on by itself exactly within what was shown', () => {
    const shown = { low: 100, high: 120 }
    const within = (total: number) => isExpected(line(total, { estimate: shown }))
    expect([99, 100, 120, 121].map(within)).toEqual([false, true, true, false])
    expect(isExpected(line(100))).toBe(false)
    const one = line(100, { estimate: shown })
    expect(settleDraft([one, one], 'EUR', now, 1)).toMatchObject({ expected: true })
    expect(settleDraft([one, line(99, { estimate: shown })], 'EUR', now, 1)).toMatchObject({
      expected: false,
    })
  })
})
