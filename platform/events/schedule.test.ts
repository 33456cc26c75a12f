import { expect, test } from 'vitest'
import type { Job } from '../service/service.ts'
import { createBed } from './bed.ts'
import { on, source, until } from './harness.ts'
import { createMemoryDriver } from './memory.ts'
import { nextTime } from './schedule.ts'

const { run, make, effects, settle } = createBed()

const write = (schedule: string, failures = 0): Job => ({
  description: 'Writes an effect.',
  schedule,
  run: async ({ tx }) => {
    if (failures-- > 0) throw new Error('fails')
    await tx`insert into effects (n) values (1)`
  },
})

test('cron expressions are read in UTC', () => {
  expect(nextTime('30 4 * * *', new Date('2026-03-29T00:59:00Z'))).toEqual(new Date('2026-03-29T04:30:00Z'))
  expect(nextTime('*/2 * * * * *', new Date('2026-01-01T00:00:00.500Z'))).toEqual(
    new Date('2026-01-01T00:00:02Z'),
  )
  expect(nextTime('0 0 31 2 *', new Date('2026-01-01T00:00:00Z'))).toBeUndefined()
})

test('a due job runs once in the whole installation, with the retries of an event, and never meets the bus', async () => {
  const memory = createMemoryDriver()
  const carried: string[] = []
  const driver = {
    ...memory,
    publish: async (events: Parameters<typeof memory.publish>[0]) => {
      carried.push(...events.map((event) => event.type))
      await memory.publish(events)
    },
  }
  const jobs = { tidy: write('0 3 1 1 *', 1) }
  const [one, two] = [make({ name: 'source', jobs, driver }), make({ name: 'source', jobs, driver })]
  await one.events.start()
  // Three years of downtime: missed three times, run once.
  await one.store.sql`update schedules set next_at = now() - interval '3 years'`
  await one.events.stop()
  const [three] = await run({ name: 'source', jobs, driver })
  await two.events.start()
  await until(async () => expect(await effects(three!)).toEqual([1]))
  await settle(two, three!)
  expect(await effects(three!)).toEqual([1])
  expect(carried).toEqual([])
  const [row] = await two.store.sql<{ later: boolean; consumer: string; attempts: number }[]>`
    select next_at > now() as later, consumer, attempts from schedules, inbox`
  expect(row).toEqual({ later: true, consumer: 'source.jobs.tidy', attempts: 1 })
})

test('a job that falls due while the process runs needs no poll', async () => {
  const [a] = await run({
    name: 'source',
    jobs: { tick: write('* * * * * *') },
    settings: { pollMs: 60_000 },
  })
  await until(async () => expect((await effects(a!)).length).toBeGreaterThanOrEqual(2))
})

test('a changed expression counts from now, an unchanged one keeps its time', async () => {
  const first = make({ name: 'source', jobs: { a: write('0 3 1 1 *'), b: write('0 3 1 1 *') } })
  await first.events.start()
  await first.events.stop()
  await first.store.sql`update schedules set next_at = '2999-01-01'`
  const second = make({ name: 'source', jobs: { a: write('0 3 1 1 *'), b: write('0 4 1 1 *') } })
  await second.events.start()
  const rows = await second.store.sql<{ next_at: Date }[]>`select next_at from schedules order by job`
  expect(rows[0]!.next_at.getUTCFullYear()).toBe(2999)
  expect(rows[1]!.next_at.getUTCHours()).toBe(4)
})

test('a job that can never fall due is refused at the start', async () => {
  const a = make({ name: 'source', jobs: { never: write('0 0 31 2 *') } })
  await expect(a.events.start()).rejects.toThrow('never falls due')
})

test('a job and an event handler of one service do not mix', async () => {
  const handler = on(
    source,
    'thing.happened',
    async ({ tx }) => void (await tx`insert into effects (n) values (2)`),
  )
  const [a] = await run({ name: 'source', jobs: { tidy: write('0 3 1 1 *') }, handlers: { handler } })
  await a!.store.sql`update schedules set next_at = now()`
  await until(async () => {
    // The scheduler sleeps until the time it read; a restart reads again.
    const [row] = await a!.store.sql<{ count: number }[]>`select count(*) from inbox`
    if (row!.count === 0) {
      const again = make({ name: 'source', jobs: { tidy: write('0 3 1 1 *') } })
      await again.events.start()
    }
    expect(await effects(a!)).toEqual([1])
  })
})
