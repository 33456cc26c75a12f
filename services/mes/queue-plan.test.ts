/** The queue with 10,000 jobs in it: places are counted in an index, estimates and claims stay what they were. */
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Bed, options, startBed } from './testing-bed.ts'

let bed: Bed
const last = uuidv7()
beforeAll(async () => {
  bed = await startBed()
  const { sql } = bed.running().tools
  await sql`
    insert into jobs (request_id, lane, source, owner_id, model_id, version, file_id, options, state, turn, created_at,
      queued_at)
    select gen_random_uuid(), case when n % 5 = 0 then 'priority' else 'regular' end, 'shop', gen_random_uuid(),
      gen_random_uuid(), 1, gen_random_uuid(), ${sql.json(options as never)}, 'queued', n / 10, now(), now()
    from generate_series(1, 12500) as n`
  await sql`
    insert into jobs (request_id, lane, source, owner_id, model_id, version, file_id, options, state, turn, created_at,
      queued_at)
    values (${last}, 'regular', 'shop', ${bed.owner}, ${uuidv7()}, 1, ${uuidv7()}, ${sql.json(options as never)},
      'queued', 5000, now(), now())`
  await sql`vacuum analyze jobs`
})
afterAll(() => bed.stop())

async function planOf(query: string): Promise<string> {
  const rows = await bed.running().tools.sql.unsafe(`explain (analyze, costs off, timing off) ${query}`)
  return rows.map((row) => Object.values(row)[0]).join('\n')
}

test('a place is counted in the index alone, and no further than a thousand', async () => {
  const plan = await planOf(`
    select count(*)::int as count from (
      select 1 from jobs where state = 'queued' and lane = 'regular' and (turn, request_id) < (5000, '${last}')
      order by turn, request_id limit 1001) as counted`)
  expect(plan).toMatch(/Index Only Scan using jobs_queued on jobs \(actual rows=1001/)
  const job = await bed.as(bed.owner).getPriceJob({ params: { requestId: last } })
  expect(job).toMatchObject({ ahead: 1000, aheadIsMore: true })
})

test('heads of the lanes and what is due come from indexes, with as many rows as are wanted', async () => {
  const heads = await planOf(`
    select request_id, turn from jobs where state = 'queued' and lane = 'priority'
    order by turn, request_id limit 4 for update skip locked`)
  expect(heads).toMatch(/Scan using jobs_queued on jobs \(actual rows=4/)
  const due = await planOf(`
    select * from jobs where state in ('working', 'resting') and due_at <= now()
    order by due_at limit 50 for update skip locked`)
  expect(due).toMatch(/Index Scan using jobs_due/)
})

test('the queue is counted no further than ten thousand', async () => {
  const { lanes } = await bed.manager().getQueue()
  expect(lanes.map(({ lane, queued }) => [lane, queued])).toEqual([
    ['priority', 2500],
    ['regular', 10_000],
  ])
})

test('claims take the first of each lane', async () => {
  expect(await bed.claim(10)).toHaveLength(10)
})
