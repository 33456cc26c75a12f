import { expect, test } from 'vitest'
import type { Operation } from '../contract/contract.ts'
import { Refusal } from '../contract/problem.ts'
import type { Store } from '../store/store.ts'
import type { AnyCall } from './call.ts'
import { type ReadOutcome, routeWithStandbys } from './reading.ts'

const read: Operation = { method: 'GET', path: '', summary: 'x', access: 'user', maxStalenessMs: 5_000 }
const change: Operation = { method: 'POST', path: '', summary: 'x', access: 'user' }

/** A route over a primary and a standby that are mere words; `says` is what the standby's source is. */
function make(
  operation: Operation,
  work: (sql: string) => Promise<unknown>,
  says: 'changed' | 'late' | 'standby' | 'none' = 'standby',
) {
  const outcomes: ReadOutcome[] = []
  const failures: unknown[] = []
  const changed: string[] = []
  const asked: unknown[] = []
  const reader = {
    changed: (caller: string) => void changed.push(caller),
    source: (...question: unknown[]) => {
      asked.push(question)
      return says === 'standby'
        ? { sql: 'standby', failed: (error: unknown) => void failures.push(error) }
        : says
    },
  }
  const store = { sql: 'primary', ...(says === 'none' ? {} : { reader }) } as unknown as Store
  const route = routeWithStandbys(
    (call) => work(call.sql as unknown as string),
    operation,
    store,
    (outcome) => outcomes.push(outcome),
  )
  const run = (id: string | null = 'ada') =>
    route({ sql: 'primary', caller: id === null ? undefined : { id } } as unknown as AnyCall)
  return { run, outcomes, failures, changed, asked }
}

const echo = async (sql: string) => sql

test('a read that may be old goes to the standby that the reader gives for its age and caller', async () => {
  const { run, outcomes, asked } = make(read, echo)
  expect(await run()).toBe('standby')
  expect(await run(null)).toBe('standby')
  expect(asked).toEqual([
    [5_000, 'ada'],
    [5_000, undefined],
  ])
  expect(outcomes).toEqual(['standby', 'standby'])
})

test('without one it goes to the primary, and why is counted', async () => {
  for (const why of ['changed', 'late'] as const) {
    const { run, outcomes } = make(read, echo, why)
    expect(await run()).toBe('primary')
    expect(outcomes).toEqual([why])
  }
  const unmarked = make({ method: 'GET', path: '', summary: 'x', access: 'user' }, echo)
  expect(await unmarked.run()).toBe('primary')
  expect(unmarked.asked).toEqual([])
})

test('what fails on the standby is done again on the primary, once, whatever it was', async () => {
  const gone = Object.assign(new Error('gone'), { code: '57P01' })
  const { run, outcomes, failures } = make(read, async (sql) =>
    sql === 'standby' ? Promise.reject(gone) : sql,
  )
  expect(await run()).toBe('primary')
  expect(outcomes).toEqual(['failed'])
  expect(failures).toEqual([gone])

  const broken = new Error('a defect')
  const tried: string[] = []
  const never = make(read, async (sql) => {
    tried.push(sql)
    throw broken
  })
  await expect(never.run()).rejects.toBe(broken)
  expect(tried).toEqual(['standby', 'primary'])
})

test('a refusal is an answer', async () => {
  const refusal = new Refusal('notFound')
  const tried: string[] = []
  const { run, outcomes, failures } = make(read, async (sql) => {
    tried.push(sql)
    throw refusal
  })
  await expect(run()).rejects.toBe(refusal)
  expect({ tried, outcomes, failures }).toEqual({ tried: ['standby'], outcomes: ['standby'], failures: [] })
})

test('whoever changes something is noted when it is done, also when it failed; nobody is not', async () => {
  const noted = make(change, async (sql) => {
    expect(noted.changed).toEqual([])
    return sql
  })
  expect(await noted.run()).toBe('primary')
  expect(noted.changed).toEqual(['ada'])
  expect(noted.asked).toEqual([])
  const failed = make(change, () => Promise.reject(new Error('half')))
  await expect(failed.run()).rejects.toThrow('half')
  expect(failed.changed).toEqual(['ada'])
  const nobody = make(change, echo)
  await nobody.run(null)
  expect(nobody.changed).toEqual([])
})

test('where there are no standbys the route is the handler itself', () => {
  const handler = async () => {}
  for (const operation of [read, change])
    expect(routeWithStandbys(handler, operation, { sql: 'primary' } as unknown as Store, () => {})).toBe(
      handler,
    )
})
