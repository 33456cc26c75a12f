/** The outbox and inbox against the simplest model: whatever fails in between, each event has its effect once. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createBed } from './bed.ts'
import { happen, on, source, until } from './harness.ts'
import { createMemoryDriver } from './memory.ts'

const { make, effects } = createBed()

const step = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('emit' as const),
      count: fc.integer({ min: 1, max: 6 }),
      key: fc.constantFrom('a', 'b', 'c'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('rollBack' as const), count: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('loseBus' as const), times: fc.integer({ min: 1, max: 2 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('deliverTwice' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('failHandler' as const), times: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 15 }) }),
  },
)

test('any mixture of emits, rollbacks, lost buses, duplicates, failing handlers and restarts', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 3, maxLength: 14 }),
      fc.boolean(),
      async (steps, ordered) => {
        const memory = createMemoryDriver()
        let lost = 0
        let twice = false
        let failing = 0
        const driver = {
          ...memory,
          publish: async (events: Parameters<typeof memory.publish>[0]) => {
            if (lost > 0) {
              lost--
              throw new Error('the bus is away')
            }
            await memory.publish(events)
            if (twice) await memory.publish([...events].reverse())
            twice = false
          },
        }
        const handler = on(
          source,
          'thing.happened',
          async ({ tx, event }) => {
            await tx`insert into effects (n, note) values (${event.data.n}, ${event.key})`
            if (failing > 0) {
              failing--
              throw new Error('fails')
            }
          },
          { maxAttempts: 1_000, ...(ordered ? { ordered: true } : {}) },
        )
        const start = async () => {
          const peer = make({
            name: 'source',
            driver,
            handlers: { handler },
            settings: { batchSize: 4, relayBatchSize: 3, pollMs: 20 },
          })
          await peer.events.start()
          return peer
        }
        let peer = await start()
        await peer.store.sql`truncate effects, outbox, inbox`
        const expected: { n: number; key: string }[] = []
        let n = 0
        for (const each of steps) {
          if (each.do === 'emit')
            await peer.store.transact(async (tx) => {
              for (let count = 0; count < each.count; count++) {
                expected.push({ n, key: each.key })
                happen(tx, each.key, n++)
              }
            })
          else if (each.do === 'rollBack')
            await peer.store
              .transact(async (tx) => {
                for (let count = 0; count < each.count; count++) happen(tx, 'a', -1)
                throw new Error('rolled back')
              })
              .catch(() => {})
          else if (each.do === 'loseBus') lost = each.times
          else if (each.do === 'deliverTwice') twice = true
          else if (each.do === 'failHandler') failing += each.times
          else if (each.do === 'wait') await new Promise((resolve) => setTimeout(resolve, each.ms))
          else {
            await peer.events.stop()
            await peer.store.close()
            peer = await start()
          }
        }
        await until(
          async () =>
            expect((await effects(peer)).sort((a, b) => a - b)).toEqual(expected.map((each) => each.n)),
          30_000,
        )
        if (ordered) {
          const rows = await peer.store.sql<
            { n: number; note: string }[]
          >`select n, note from effects order by i`
          for (const key of ['a', 'b', 'c']) {
            const numbers = rows.filter((row) => row.note === key).map((row) => row.n)
            expect(numbers).toEqual(expected.filter((each) => each.key === key).map((each) => each.n))
          }
        }
        expect(await peer.store.sql`select from inbox where state <> 'done'`).toHaveLength(0)
        // The last effect may be there before the relay has forgotten its event.
        await until(async () => expect(await peer.store.sql`select from outbox`).toHaveLength(0))
        await peer.events.stop()
        await peer.store.close()
      },
    ),
    // A failure is told at once: to shrink it would take that long again and again.
    { numRuns: 25, endOnFailure: true },
  )
}, 120_000)
