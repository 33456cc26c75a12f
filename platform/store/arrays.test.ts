import { type AddressInfo, createConnection, createServer } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { testDatabase } from '../testing/postgres.ts'
import { connect } from './connect.ts'

let database: Awaited<ReturnType<typeof testDatabase>>
let sql: ReturnType<typeof connect>
beforeAll(async () => {
  database = await testDatabase()
  sql = connect(database.adminUrl, { max: 2 })
})
afterAll(async () => {
  await sql?.end()
  await database?.drop()
})

const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\0') && value.isWellFormed())

describe('arrays go to PostgreSQL and come back', () => {
  test('texts, whatever they hold', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.option(text)), async (values) => {
        const [row] =
          await sql`select ${values as string[]}::text[] as back, cardinality(${values as string[]}::text[]) as n`
        expect(row).toEqual({ back: values, n: values.length })
      }),
      { numRuns: 60, examples: [[['null', 'NULL', '', '{}', '"', '\\', ',', ' a ', 'ж', null]]] },
    )
  })

  test('numbers, truth values, times, bytes, ids and JSON', async () => {
    const at = new Date('2026-01-02T03:04:05.678Z')
    const id = '01938a5e-7c00-7000-8000-000000000001'
    const [row] = await sql`select
      ${[1, -2]}::int[] as ints, ${[1.5, 2]}::float8[] as floats, ${[7]}::bigint[] as bigs, ${['1.10']}::numeric[] as exact,
      ${[at.toISOString()]}::timestamptz[] as times, array[${Buffer.from('a"\\')}::bytea] as bytes, ${[id]}::uuid[] as ids,
      array[true, null, false] as truths, array['{"a": ["b\\"c"]}'::jsonb] as json, '{}'::text[] as none`
    expect(row).toEqual({
      ints: [1, -2],
      floats: [1.5, 2],
      bigs: [7],
      exact: ['1.10'],
      times: [at],
      bytes: [Buffer.from('a"\\')],
      ids: [id],
      truths: [true, null, false],
      json: [{ a: ['b"c'] }],
      none: [],
    })
  })

  test('in conditions, without a cast', async () => {
    await sql`create table things (id uuid primary key, tags text[] not null)`
    const ids = [crypto.randomUUID(), crypto.randomUUID()]
    for (const id of ids) await sql`insert into things values (${id}, ${['a', 'b,c']})`
    expect(await sql`select tags from things where id = any(${ids})`).toEqual([
      { tags: ['a', 'b,c'] },
      { tags: ['a', 'b,c'] },
    ])
    expect(await sql`select 1 as one from things where tags @> ${['b,c']}`).toHaveLength(2)
  })
})

/** Stands before PostgreSQL and cuts each connection when it asks its first question. */
async function startCutter(url: string): Promise<{ url: string; close: () => void }> {
  const target = new URL(url)
  const host = decodeURIComponent(target.hostname)
  const port = Number(target.port || 5432)
  const server = createServer((client) => {
    const upstream = createConnection(
      host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
    )
    let ready = false
    upstream.on('data', (data) => {
      // ReadyForQuery ends what the server sends at the start: 'Z', length 5, state.
      if (data.subarray(-6).equals(Buffer.from([0x5a, 0, 0, 0, 5, 0x49]))) ready = true
      client.write(data)
    })
    client.on('data', (data) => {
      if (ready) client.destroy()
      else upstream.write(data)
    })
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('close', () => other.destroy()).on('error', () => {})
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const cut = new URL(url)
  cut.hostname = '127.0.0.1'
  cut.port = String((server.address() as AddressInfo).port)
  return { url: cut.href, close: () => server.close() }
}

test('a connection that breaks at its first question fails that question, and nothing else', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => void unhandled.push(error)
  const cutter = await startCutter(database.adminUrl)
  const cut = connect(cutter.url, { max: 1 })
  process.on('unhandledRejection', note)
  try {
    await expect(cut`select 1`).rejects.toThrow(/CONNECTION_(CLOSED|DESTROYED|ENDED)|ECONNRESET/)
    await new Promise((done) => setTimeout(done, 20))
    expect(unhandled).toEqual([])
  } finally {
    process.off('unhandledRejection', note)
    await cut.end({ timeout: 1 })
    cutter.close()
  }
})
