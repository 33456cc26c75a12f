/**
 * A service moves to a database of its own with `npm run move-database`, as docs/runbooks/update.md says it: its data,
 * what it has not sent and what it has not handled go along. Until then, and when the setting is forgotten afterwards,
 * nothing starts: no installation begins with an empty service beside its data.
 */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { auth } from '@pleiad/auth/contract'
import crmService from '@pleiad/crm'
import { crm } from '@pleiad/crm/contract'
import { createClient } from '@pleiad/platform/client'
import { defineContract, type EventData } from '@pleiad/platform/contract'
import { defineService, emit, on, type Service } from '@pleiad/platform/service'
import { projects } from '@pleiad/projects/contract'
import { shop } from '@pleiad/shop/contract'
import { uuidv7 } from 'uuidv7'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { discoverServices } from '../platform/service/discover.ts'
import { type Host, startHost } from '../platform/service/host.ts'
import { moveDatabase } from '../platform/service/move.ts'
import { connect } from '../platform/store/connect.ts'
import { type TestDatabase, testDatabase } from '../platform/testing/postgres.ts'
import { ask, contentOf, managed } from './database-parts.ts'

const program = fileURLToPath(new URL('../tools/move-database.ts', import.meta.url))
const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
const ends: (() => unknown)[] = []
let common: TestDatabase
let own: TestDatabase
let settings: Record<string, string>

beforeEach(async () => {
  common = await testDatabase()
  own = await testDatabase()
  ends.push(common.drop, own.drop)
  settings = {
    DATABASE_URL: common.adminUrl,
    PLEIAD_SECRET: randomBytes(32).toString('base64url'),
    PLEIAD_DATA: temporary(),
  }
})
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-move-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

async function start(services: readonly Service[], env: Record<string, string> = {}): Promise<Host> {
  const host = await startHost({
    services,
    env: {
      ...settings,
      ...{ PORT: '0', HOST: '127.0.0.1', LOG_LEVEL: 'silent', DATABASE_POOL: '3' },
      ...{ PUBLIC_URL: 'http://localhost:8080', AUTH_SIGN_UP: 'immediate', STATEMENT_TIMEOUT_MS: '1000' },
      PLEIAD_DATA: temporary(),
      ...env,
    },
  })
  ends.push(() => host.stop())
  return host
}

/** The command, as an operator gives it. */
const command = (env: Record<string, string>) =>
  promisify(execFile)(process.execPath, [program, 'crm'], {
    env: { PATH: process.env['PATH'], ...settings, ...env },
  }).then(
    ({ stdout }) => stdout,
    (error: { stderr: string }) => Promise.reject(new Error(error.stderr)),
  )

const { example } = shop.events['order.created']
function order(number: string): EventData<typeof shop, 'order.created'> {
  const customer = { userId: uuidv7(), name: number, email: `${number}@example.com`, language: 'en' as const }
  return {
    ...(example as unknown as EventData<typeof shop, 'order.created'>),
    orderId: uuidv7(),
    number,
    customer,
  }
}

/** Plays the shop: announces orders, and hears what the office says. */
function shopThatHears(heard: string[]): Service {
  return defineService({
    contract: defineContract({
      ...{ name: 'shop', version: '1.0.0', summary: 'Announces, in tests.' },
      operations: {},
      events: shop.events,
    }),
    url: new URL('./no-migrations/service.ts', import.meta.url).href,
    routes: () => ({}),
    handlers: {
      hear: on(crm, 'order.confirmed', async ({ event }) => {
        heard.push(event.data.note!)
      }),
    },
  })
}

const toolsOf = (host: Host, name: string) =>
  host.running.find(({ service }) => service.contract.name === name)!.tools
const place = (host: Host, number: string, at?: Date) =>
  toolsOf(host, 'shop').transact(async (tx) =>
    emit(tx, shop, 'order.created', order(number), at ? { at } : {}),
  )
const confirm = (host: Host, note: string, at?: Date) =>
  toolsOf(host, 'crm').transact(async (tx) =>
    emit(tx, crm, 'order.confirmed', { orderId: uuidv7(), by: uuidv7(), note }, at ? { at } : {}),
  )
const numbers = async (database: TestDatabase) =>
  (await ask(database, 'select number from crm.orders order by number')).map(({ number }) => number)

test('crm moves with its data and with events on their way; each arrives once, and new ones do', async () => {
  settings = { ...settings, DATABASE_URL: await managed(common) }
  const moved = { DATABASE_URLS: `crm=${await managed(own)}` }
  const heard: string[] = []
  const services = [crmService, shopThatHears(heard)]
  const before = await start(services)
  await place(before, 'F-1')
  await confirm(before, 'before')
  await before.settled()
  expect([await numbers(common), heard]).toEqual([['F-1'], ['before']])
  // On their way when it stops: one to crm in the shop's outbox, one of crm's in its own, one that crm could not handle.
  const soon = new Date(Date.now() + 10_000)
  await place(before, 'F-2', soon)
  await confirm(before, 'on its way', soon)
  const blocker = connect(common.adminUrl, { max: 1 })
  const held = blocker.begin(async (sql) => {
    await sql`lock table crm.orders in access exclusive mode`
    await place(before, 'F-3')
    await expect
      .poll(() => ask(common, `select from crm.inbox where state = 'pending' and attempts > 0`), {
        interval: 50,
      })
      .toHaveLength(1)
    await before.stop()
  })
  await held
  await blocker.end()
  const content = await contentOf(common, 'crm')
  expect(content).toMatchObject({ outbox: [{}], orders: [{}], inbox: [{}, {}] })

  for (const refused of await Promise.allSettled([start(services, moved), start(services, moved)]))
    expect(refused).toMatchObject({
      reason: {
        name: 'StartError',
        message: expect.stringMatching(
          /^The data of crm is in the common database .*npm run move-database crm .*alter schema crm rename to crm_old'\.$/,
        ),
      },
    })
  expect(await ask(own, `select from pg_namespace where nspname = 'crm'`)).toEqual([])

  expect(await command(moved)).toMatch(/^(Migrated [^\n]*\n)+crm: moved, \d+ rows of \d+ tables\./)
  expect(await contentOf(own, 'crm')).toEqual(content)
  expect(await contentOf(common, 'crm_moved')).toEqual(content)
  await expect(command(moved)).rejects.toThrow('There is no crm in the common database: nothing to move.')

  await expect(start(services)).rejects.toThrow(
    /^crm was moved to a database of its own: name it in DATABASE_URLS/,
  )
  const other = await testDatabase()
  ends.push(other.drop)
  await expect(start(services, { DATABASE_URLS: `crm=${other.adminUrl}` })).rejects.toThrow(
    /^crm was moved out of the common database, but the one that DATABASE_URLS names has nothing of it/,
  )

  const after = await start(services, moved)
  await place(after, 'F-4')
  await confirm(after, 'after')
  await expect.poll(() => numbers(own)).toEqual(['F-1', 'F-2', 'F-3', 'F-4'])
  await expect.poll(() => heard.toSorted()).toEqual(['after', 'before', 'on its way'])
  await after.settled()
  expect(heard).toHaveLength(3)
  expect(await ask(own, `select state, count(*)::int as n from crm.inbox group by 1`)).toEqual([
    { state: 'done', n: 4 },
  ])
  expect(await contentOf(common, 'crm_moved')).toEqual(content)
}, 120_000)

test('every service moves: keys, guarded tables and computed columns too; people are who they were', async () => {
  const services = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')
  const before = await start(services, { STATEMENT_TIMEOUT_MS: '15000' })
  const person = { email: 'ada@example.com', password: 'a rather long phrase 7' }
  const at = (host: Host, token?: string) => ({
    baseUrl: host.url,
    headers: (): Record<string, string> => (token ? { authorization: `Bearer ${token}` } : {}),
  })
  const joined = await createClient(auth, at(before)).register({
    body: { ...person, username: 'ada', displayName: 'Ada' },
  })
  if (joined.status !== 'signedIn') throw new Error('not signed in')
  const { projectId } = await createClient(projects, at(before, joined.accessToken)).createProject({
    body: { name: 'One', slug: 'one-of-ada' },
  })
  await before.settled()
  await before.stop()

  const names = services.map(({ contract }) => contract.name)
  const moved = { DATABASE_URLS: names.map((name) => `${name}=${own.adminUrl}`).join(',') }
  for (const name of names) {
    const schema = name.replaceAll('-', '_')
    const content = await contentOf(common, schema)
    await moveDatabase(name, { services, env: { ...settings, ...moved }, log: quiet })
    expect(await contentOf(own, schema), name).toEqual(content)
  }
  const after = await start(services, { ...moved, STATEMENT_TIMEOUT_MS: '15000' })
  const again = await createClient(auth, at(after)).login({ body: person })
  if (again.status !== 'signedIn') throw new Error('not signed in')
  const project = await createClient(projects, at(after, again.accessToken)).getProject({
    params: { projectId },
  })
  expect(project.name).toBe('One')
  await expect(ask(own, `truncate auth.audit_log`)).rejects.toThrow()
}, 180_000)

test('what is in use, broken off, or cannot be told is refused; a move that was broken off is repeated', async () => {
  const services = [crmService, shopThatHears([])]
  const moved = { DATABASE_URLS: `crm=${own.adminUrl}` }
  const move = () => moveDatabase('crm', { services, env: { ...settings, ...moved }, log: quiet })
  await expect(move()).rejects.toThrow('There is no crm in the common database')
  const host = await start(services)
  await place(host, 'F-1')
  await host.settled()
  await expect(move()).rejects.toThrow('crm is in use: stop all processes first. Nothing was moved.')
  await host.stop()

  // A table that nobody's migrations make ends it halfway.
  await ask(common, 'create table crm.foreign_to_it (n int)')
  await ask(
    common,
    `alter table crm.foreign_to_it owner to ${new URL(common.adminUrl).pathname.slice(1)}_crm`,
  )
  await expect(move()).rejects.toThrow('foreign_to_it')
  await expect(start(services, moved)).rejects.toThrow(
    /^Moving crm to its own database was broken off\. Stop all/,
  )
  expect(await numbers(common)).toEqual(['F-1'])
  await ask(common, 'drop table crm.foreign_to_it')
  await expect(
    moveDatabase('crm', {
      services,
      env: { ...settings, ...moved, PLEIAD_SECRET: 'x'.repeat(40) },
      log: quiet,
    }),
  ).rejects.toThrow(/^crm cannot be opened: PLEIAD_SECRET/)
  expect((await move()).rows).toBeGreaterThan(0)
  expect(await numbers(own)).toEqual(['F-1'])

  // Ended after the old schema was renamed, and before the new one was told that it is complete.
  await ask(own, `comment on schema crm is 'pleiad: receives what is moved here'`)
  await expect(start(services, moved)).rejects.toThrow(/was broken off/)
  expect(await move()).toEqual({ tables: 0, rows: 0 })
  const after = await start(services, moved)
  await after.stop()

  // Back in the common database, beside data that is newer.
  await ask(common, 'alter schema crm_moved rename to crm')
  await expect(move()).rejects.toThrow('The other database already has data of crm. Nothing was moved.')

  const unreachable = { DATABASE_URL: 'postgres://pleiad:hunter2@127.0.0.1:1/pleiad' }
  const empty = await testDatabase()
  ends.push(empty.drop)
  const all = ['crm', 'shop'].map((name) => `${name}=${empty.adminUrl}`).join(',')
  await expect(start(services, { ...unreachable, DATABASE_URLS: all })).rejects.toThrow(
    /^The own database of (crm|shop) \(DATABASE_URLS\) has nothing of it, and whether the common one .* cannot be told: (?!.*hunter2).*127\.0\.0\.1:1/,
  )
  await expect(
    move().catch(() => moveDatabase('moon', { services, env: settings, log: quiet })),
  ).rejects.toThrow('There is no service moon; there are crm, shop.')
  await expect(moveDatabase('crm', { services, env: settings, log: quiet })).rejects.toThrow(
    'DATABASE_URLS names no database of its own for crm.',
  )
}, 120_000)
