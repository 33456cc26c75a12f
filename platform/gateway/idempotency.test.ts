import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { fingerprintOf } from './idempotency.ts'
import { startToy, type Toy } from './toy.ts'

const LEASE_MS = 1_500
let toy: Toy
beforeAll(async () => {
  toy = await startToy({ idempotencyLeaseMs: LEASE_MS })
})
afterEach(() => {
  for (const open of gates.splice(0)) open()
  toy.hooks.during = toy.hooks.after = async () => {}
})
afterAll(() => toy.stop())

let count = 0
const fresh = () => `key-${++count}`
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function make(key: string, body: unknown = { name: `thing ${key}`, count: 1 }, sub = 'ada') {
  const answer = await fetch(`${toy.url}/api/v1/toy/things`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: {
      'content-type': 'application/json',
      'idempotency-key': key,
      authorization: `Bearer ${toy.token({ sub })}`,
    },
  })
  return {
    status: answer.status,
    replayed: answer.headers.get('idempotency-replayed'),
    type: answer.headers.get('content-type'),
    retryAfter: answer.headers.get('retry-after'),
    body: (await answer.json()) as Record<string, unknown>,
  }
}

const gates: (() => void)[] = []

/** A promise and what settles it; settled after the test at the latest, so that a failure does not hang. */
function gate() {
  let open: () => void = () => {}
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  gates.push(open)
  return { opened, open }
}

const named = async (key: string) =>
  (await toy.store.sql<{ n: number }[]>`select count(*) as n from things where name = ${`thing ${key}`}`)[0]!
    .n
/** What a crash leaves: the process is gone, the rows stay. */
const forgetAnswer = (key: string) =>
  toy.store.sql`update idempotency_keys set status = null, body = null where key = ${key}`
const holdUntil = (key: string, seconds: number) =>
  toy.store
    .sql`update idempotency_keys set held_until = now() + make_interval(secs => ${seconds}) where key = ${key}`

test('the kept answer is sealed: the database alone does not tell it, and it opens in no other row', async () => {
  const key = fresh()
  const first = await make(key)
  const rows = await toy.store.sql<{ body: string }[]>`select body from idempotency_keys where key = ${key}`
  expect(Buffer.from(rows[0]!.body, 'base64').toString('latin1')).not.toContain(String(first.body['name']))
  const other = fresh()
  const body = { name: 'mine', count: 1 }
  await make(other, body)
  await toy.store.sql`update idempotency_keys set body = ${rows[0]!.body} where key = ${other}`
  expect(await make(other, body)).toMatchObject({ status: 409, body: { code: 'conflict' } })
})

test('the first answer is replayed, and the effect happens once', async () => {
  const key = fresh()
  const first = await make(key)
  const again = await make(key)
  expect([first.status, first.replayed]).toEqual([201, null])
  expect([again.status, again.replayed, again.body]).toEqual([201, 'true', first.body])
  expect(await make(key, { count: 1, name: `thing ${key}` })).toMatchObject({ status: 201, replayed: 'true' })
  expect(await named(key)).toBe(1)
})

test('other parameters with the same key are an error', async () => {
  const key = fresh()
  await make(key)
  expect(await make(key, { name: 'other', count: 2 })).toMatchObject({
    status: 422,
    body: { code: 'idempotencyMismatch' },
  })
})

test('a key belongs to one person', async () => {
  const key = fresh()
  await make(key)
  const other = await make(key, { name: `mine ${key}`, count: 1 }, 'bob')
  expect([other.status, other.replayed]).toEqual([201, null])
})

test('refusals are answers too', async () => {
  const key = fresh()
  await make(fresh(), { name: `taken ${key}`, count: 1 })
  const first = await make(key, { name: `taken ${key}`, count: 1 })
  expect(first).toMatchObject({ status: 409, body: { code: 'conflict' } })
  await toy.store.sql`delete from things where name = ${`taken ${key}`}`
  const again = await make(key, { name: `taken ${key}`, count: 1 })
  expect(again).toMatchObject({
    status: 409,
    replayed: 'true',
    type: 'application/problem+json; charset=utf-8',
    body: first.body,
  })
})

test('what never got to the handler does not use up the key', async () => {
  const key = fresh()
  expect((await make(key, { name: 1 })).status).toBe(400)
  expect((await make(key)).status).toBe(201)
})

test('after trouble on our side the request may be tried again', async () => {
  const key = fresh()
  toy.hooks.during = async () => {
    throw new Error('trouble')
  }
  expect((await make(key)).status).toBe(500)
  toy.hooks.during = async () => {}
  expect(await make(key)).toMatchObject({ status: 201, replayed: null })
  expect(await named(key)).toBe(1)
})

test('bad keys are refused', async () => {
  for (const key of ['x'.repeat(201), 'a b'])
    expect(await make(key, { name: 'keyed', count: 1 })).toMatchObject({
      status: 400,
      body: { code: 'malformedRequest' },
    })
})

describe('races', () => {
  test('of two requests one does it, the other is told to come back', async () => {
    const key = fresh()
    const { opened, open } = gate()
    toy.hooks.during = () => opened
    const first = make(key)
    await pause(100)
    const second = await make(key)
    expect(second).toMatchObject({ status: 409, retryAfter: '1', body: { code: 'idempotencyInFlight' } })
    open()
    expect((await first).status).toBe(201)
    expect(await make(key)).toMatchObject({ status: 201, replayed: 'true' })
    expect(await named(key)).toBe(1)
  })

  test('of twenty at once exactly one has an effect', async () => {
    const key = fresh()
    const answers = await Promise.all(Array.from({ length: 20 }, () => make(key)))
    expect(answers.every(({ status }) => status === 201 || status === 409)).toBe(true)
    expect(answers.filter(({ status, replayed }) => status === 201 && replayed === null)).toHaveLength(1)
    expect(await named(key)).toBe(1)
  })

  test('a request that works for longer than its lease keeps its key', async () => {
    const key = fresh()
    const { opened, open } = gate()
    toy.hooks.during = () => opened
    const first = make(key)
    const renewed = async () => {
      const [row] = await toy.store.sql<{ ms: number }[]>`
        select extract(epoch from held_until - created_at)::float8 * 1000 as ms from idempotency_keys
        where key = ${key} and created_at < now() - make_interval(secs => ${LEASE_MS / 1000})`
      return (row?.ms ?? 0) > LEASE_MS + 1
    }
    while (!(await renewed())) await pause(50)
    expect(await make(key)).toMatchObject({ status: 409, body: { code: 'idempotencyInFlight' } })
    open()
    expect(await first).toMatchObject({ status: 201, replayed: null })
    expect(await named(key)).toBe(1)
  })

  test('a request that outlived its lease cannot commit beside the one that took over', async () => {
    const key = fresh()
    const { opened, open } = gate()
    const { opened: begun, open: begin } = gate()
    let runs = 0
    toy.hooks.during = () => {
      if (++runs > 1) return Promise.resolve()
      begin()
      return opened
    }
    // The name is taken while both are under way, so the first inserts another one.
    const first = make(key)
    await begun
    await holdUntil(key, -1)
    // The slow transaction holds the unique name: let it go on while the second waits for it.
    const second = make(key)
    await pause(100)
    open()
    const statuses = [(await first).status, (await second).status].sort()
    expect(statuses).toEqual([201, 409])
    expect(await named(key)).toBe(1)
  })
})

describe('crashes', () => {
  test('before the commit: the key can be used again after its lease, not before', async () => {
    const key = fresh()
    await make(key)
    await toy.store.sql`delete from things where name = ${`thing ${key}`}`
    await forgetAnswer(key)
    await holdUntil(key, 60)
    expect((await make(key)).status).toBe(409)
    await holdUntil(key, -1)
    expect(await make(key)).toMatchObject({ status: 201, replayed: null })
    expect(await named(key)).toBe(1)
  })

  test('between commit and answer: the answer is there already', async () => {
    const key = fresh()
    const { opened, open } = gate()
    const { opened: committed, open: commit } = gate()
    toy.hooks.after = async () => {
      commit()
      await opened
    }
    const first = make(key)
    await committed
    // As another process would see it now, for ever, had this one died.
    const second = await make(key)
    expect(second).toMatchObject({ status: 201, replayed: 'true', body: { name: `thing ${key}` } })
    open()
    expect((await first).body).toEqual(second.body)
    expect(await named(key)).toBe(1)
  })

  test('after the commit, by an error: the effect is not repeated', async () => {
    const key = fresh()
    toy.hooks.after = async () => {
      throw new Error('died after the commit')
    }
    expect((await make(key)).status).toBe(500)
    toy.hooks.after = async () => {}
    expect(await make(key)).toMatchObject({ status: 201, replayed: 'true' })
    expect(await named(key)).toBe(1)
  })

  test('after the commit, with an answer that cannot be told: it says so', async () => {
    const key = fresh()
    await make(key)
    await toy.store.sql`update idempotency_keys set status = 0, body = null where key = ${key}`
    expect(await make(key)).toMatchObject({
      status: 409,
      body: { code: 'conflict', detail: expect.stringMatching(/carried out/) },
    })
  })
})

test('after 24 hours a key is new again', async () => {
  const key = fresh()
  await make(key)
  await toy.store.sql`update idempotency_keys set created_at = now() - interval '25 hours' where key = ${key}`
  expect(await make(key, { name: `later ${key}`, count: 1 })).toMatchObject({ status: 201, replayed: null })
})

test('the fingerprint depends on method, address and body, not on the order of keys', () => {
  const print = (method: string, url: string, body: unknown) =>
    fingerprintOf({ method, url, body }).toString('hex')
  const base = print('POST', '/a', { a: 1, b: [{ c: 2, d: 3 }] })
  expect(print('POST', '/a', { b: [{ d: 3, c: 2 }], a: 1 })).toBe(base)
  for (const other of [
    print('PUT', '/a', { a: 1, b: [{ c: 2, d: 3 }] }),
    print('POST', '/b', { a: 1, b: [{ c: 2, d: 3 }] }),
    print('POST', '/a', { a: 1 }),
    print('POST', '/a', undefined),
  ])
    expect(other).not.toBe(base)
})
