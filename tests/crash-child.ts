/**
 * The program that the crash test kills: emits `thing.happened` beside a business row, handles it, and emits on to a
 * second service. Arguments: database url, how many to emit, first number. It ends by itself when all is done.
 */
import { createPeer, happen, on, source } from '../platform/events/harness.ts'
import { createMemoryDriver } from '../platform/events/memory.ts'

const [url, count, first] = process.argv.slice(2)
const driver = createMemoryDriver()
// `PLEIAD_FAULT=emit.open` and `emit.committed` lie in this program, all other points in platform/events.
const [fault, passes] = (process.env.PLEIAD_FAULT ?? '').split(':')
let left = Number(passes)
const die = (point: string) => {
  if (point === fault && --left === 0) process.kill(process.pid, 'SIGKILL')
}

const settings = { pollMs: 50, batchSize: 3, relayBatchSize: 4 }
const emitter = createPeer({ url: url!, name: 'source', driver, settings })
const handler = createPeer({
  url: url!,
  name: 'sink',
  driver,
  settings,
  handlers: {
    record: on(source, 'thing.happened', async ({ tx, event }) => {
      await tx`insert into effects (n) values (${event.data.n})`
      // Some fail the first time, so that the kills also meet batches that are undone and retries.
      if (event.data.n % 7 === 0 && event.attempt === 1) throw new Error('fails the first time')
    }),
    inOrder: on(
      source,
      'thing.happened',
      async ({ tx, event }) =>
        void (await tx`insert into ordered (n, key) values (${event.data.n}, ${event.key})`),
      { ordered: true },
    ),
  },
})

for (const peer of [emitter, handler]) await peer.events.subscribe()
for (const peer of [emitter, handler]) await peer.events.start()
for (let n = Number(first); n < Number(first) + Number(count); n++) {
  await emitter.store.transact(async (tx) => {
    await tx`insert into things (n) values (${n})`
    happen(tx, `key-${n % 3}`, n)
    die('emit.open')
  })
  die('emit.committed')
}
// Nothing is left when neither has a pending row, due or not.
for (;;) {
  const [row] = await emitter.store.sql<{ left: number }[]>`
    select (select count(*) from source.outbox) + (select count(*) from sink.inbox where state = 'pending') as left`
  if (row!.left === 0) break
  await new Promise((resolve) => setTimeout(resolve, 5))
}
for (const peer of [emitter, handler]) await peer.events.stop()
for (const peer of [emitter, handler]) await peer.store.close()
