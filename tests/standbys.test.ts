/** Reads from real streaming standbys: which go there, how old they are at most, and what happens when one fails. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { createClient } from '@pleiad/platform/client'
import { defineContract, type Operation, pathOf, Type } from '@pleiad/platform/contract'
import { discoverServices } from '@pleiad/platform/discover'
import { defineRoutes, defineService } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { projects } from '@pleiad/projects/contract'
import { shop } from '@pleiad/shop/contract'
import { uuidv7 } from 'uuidv7'
import { afterEach, expect, test } from 'vitest'
import { startHost } from '../platform/service/host.ts'
import { connect } from '../platform/store/connect.ts'
import { testDatabase } from '../platform/testing/postgres.ts'
import { type Replicated, startReplicated } from '../platform/testing/standby.ts'

const AGE_MS = 3_000
const Seen = Type.Object({ standby: Type.Boolean(), words: Type.Array(Type.String()) })
const words = defineContract({
  name: 'words',
  version: '1.0.0',
  summary: 'Words, and where they were read.',
  operations: {
    readWords: {
      method: 'GET',
      path: '/words',
      summary: 'Read',
      access: 'public',
      maxStalenessMs: AGE_MS,
      query: Type.Object({ how: Type.Optional(Type.String()) }),
      returns: Seen,
    },
    readWordsNow: { method: 'GET', path: '/words/now', summary: 'Read', access: 'public', returns: Seen },
    addWord: {
      method: 'POST',
      path: '/words',
      summary: 'Add',
      access: 'user',
      body: Type.Object({ word: Type.String() }),
    },
  },
})

const service = defineService({
  contract: words,
  url: import.meta.url,
  start: async ({ transact }) => {
    await transact((tx) => tx`create table if not exists words (word text)`)
  },
  routes: defineRoutes(words, () => ({
    readWords: async ({ sql, query: { how } }) => {
      // Only the standby is slow: on the primary it is done again at once.
      if (how === 'slow') await sql`select case when pg_is_in_recovery() then pg_sleep(0.05)::text end`
      if (how === 'stuck')
        await sql`select case when pg_is_in_recovery() then pg_sleep(60)::text end from words limit 1`
      if (how === 'writing') await sql`insert into words values ('written by a read')`
      const [place] = await sql<{ standby: boolean }[]>`select pg_is_in_recovery() as standby`
      const found = await sql<{ word: string }[]>`select word from words order by word`
      return { standby: place!.standby, words: found.map(({ word }) => word) }
    },
    readWordsNow: async ({ sql }) => {
      const [place] = await sql<{ standby: boolean }[]>`select pg_is_in_recovery() as standby`
      return { standby: place!.standby, words: [] }
    },
    addWord: async ({ transact, body }) => {
      await transact((tx) => tx`insert into words values (${body.word})`)
    },
  })),
})

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

async function start(count = 1, services = [service]): Promise<Replicated & { platform: TestPlatform }> {
  const replicated = await startReplicated(count)
  stops.push(replicated.stop)
  const platform = await startTestPlatform({
    services,
    env: {
      DATABASE_URL: replicated.primaryUrl,
      DATABASE_READ_URLS: replicated.standbys.map(({ url }) => url).join(),
      AUTH_SIGN_UP: 'immediate',
      LOG_LEVEL: 'silent',
    },
  })
  stops.push(platform.stop)
  return { ...replicated, platform }
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = connect(url, { max: 1, onnotice: () => {} })
  return (await sql.unsafe(text).finally(() => sql.end())) as never
}

/** How often a read of the service had the outcome. */
async function count(platform: TestPlatform, outcome: string, of = 'words'): Promise<number> {
  const text = await (await fetch(`${platform.url}/metrics`)).text()
  const line = `pleiad_standby_reads_total{service="${of}",outcome="${outcome}"} `
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(line))
      ?.slice(line.length) ?? 0,
  )
}

test('what may be old is read from the standby, never older than it may be; all else, and what one has changed, from the primary', async () => {
  const { platform, standbys } = await start()
  const [ada, eve, nobody] = [
    platform.client(words, { id: uuidv7() }),
    platform.client(words, { id: uuidv7() }),
    platform.client(words),
  ]
  await expect.poll(async () => (await nobody.readWords()).standby).toBe(true)
  expect(await eve.readWords()).toEqual({ standby: true, words: [] })
  expect((await eve.readWordsNow()).standby).toBe(false)

  await standbys[0]!.pause()
  // What is still fresh enough when the word is there shows that the standby has not got it.
  await expect.poll(async () => (await eve.readWords()).standby).toBe(true)
  await ada.addWord({ body: { word: 'new' } })
  const added = performance.now()
  expect(await ada.readWords()).toEqual({ standby: false, words: ['new'] })
  expect(await count(platform, 'changed')).toBe(1)
  let old = 0
  for (;;) {
    const asked = performance.now()
    const seen = await eve.readWords()
    expect((await ada.readWords()).words).toEqual(['new'])
    if (!seen.standby) {
      expect(seen.words).toEqual(['new'])
      break
    }
    expect(seen.words).toEqual([])
    // It was committed before `added`, so this answer would be too old later.
    expect(asked - added).toBeLessThan(AGE_MS)
    old++
  }
  expect(old).toBeGreaterThan(0)
  expect(await count(platform, 'late')).toBeGreaterThan(0)

  await standbys[0]!.resume()
  // After the age it is also hers again.
  await expect.poll(() => ada.readWords()).toEqual({ standby: true, words: ['new'] })
  const text = await (await fetch(`${platform.url}/metrics`)).text()
  expect(text).toMatch(/^pleiad_standby_age_seconds\{standby=".+"\} [\d.]+$/m)
}, 60_000)

test('a standby that is killed under load, or falls silent, costs no request, and is used again', async () => {
  const { platform, standbys } = await start()
  const [server] = standbys
  const client = platform.client(words)
  const onStandby = async () => (await client.readWords({ query: { how: 'slow' } })).standby
  await expect.poll(onStandby).toBe(true)

  for (const [away, back] of [
    [server!.kill, server!.start],
    [async () => server!.freeze(), async () => server!.thaw()],
  ] as const) {
    const failed = await count(platform, 'failed')
    let going = true
    let byPrimary = 0
    // Any request that fails rejects here.
    const load = Promise.all(
      Array.from({ length: 8 }, async () => {
        while (going) if (!(await onStandby())) byPrimary++
      }),
    )
    await expect.poll(() => count(platform, 'standby')).toBeGreaterThan(20)
    byPrimary = 0
    await away()
    await expect.poll(() => byPrimary, { timeout: 20_000 }).toBeGreaterThan(50)
    expect((await fetch(`${platform.url}/health/ready`)).status).toBe(200)
    going = false
    await load
    // Some were on their way when it went.
    expect(await count(platform, 'failed')).toBeGreaterThan(failed)
    await back()
    await expect.poll(onStandby).toBe(true)
  }
}, 90_000)

test('a read that has to give way to what is replayed, and one that writes, are answered by the primary', async () => {
  const { platform, primaryUrl, standbys } = await start()
  const client = platform.client(words, { id: uuidv7() })
  await query(primaryUrl, "insert into words.words values ('gone'), ('here')")
  await expect
    .poll(() => platform.client(words).readWords())
    .toEqual({ standby: true, words: ['gone', 'here'] })
  const failed = await count(platform, 'failed')
  const stuck = client.readWords({ query: { how: 'stuck' } })
  const running =
    "select 1 from pg_stat_activity where query like '%pg_sleep(60)%' and pid <> pg_backend_pid()"
  await expect.poll(() => query(standbys[0]!.url, running)).toHaveLength(1)
  await query(primaryUrl, "delete from words.words where word = 'gone'")
  await query(primaryUrl, 'vacuum words.words')
  expect(await stuck).toEqual({ standby: false, words: ['here'] })
  expect(await count(platform, 'failed')).toBe(failed + 1)
  // It was the query's trouble, not the standby's.
  expect((await client.readWords()).standby).toBe(true)

  const written = await client.readWords({ query: { how: 'writing' } })
  expect(written).toEqual({ standby: false, words: ['here', 'written by a read'] })
}, 60_000)

test('a standby that is away hinders no start; one that is none stops it with clear words', async () => {
  const { primaryUrl, standbys, platform } = await start(2)
  const [one, two] = standbys
  const client = platform.client(words)
  await expect.poll(async () => (await client.readWords()).standby).toBe(true)
  await two!.promote()
  await expect
    .poll(() => query(two!.url, 'select pg_is_in_recovery() as standby'))
    .toEqual([{ standby: false }])
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-standbys-'))
  stops.push(async () => rmSync(folder, { recursive: true }))
  const env = {
    DATABASE_URL: primaryUrl,
    LOG_LEVEL: 'silent',
    PLEIAD_DATA: folder,
    PORT: '0',
    HOST: '127.0.0.1',
  }
  const both = { ...env, DATABASE_READ_URLS: `${one!.url},${two!.url}` }
  await expect(startHost({ services: [service], env: both })).rejects.toThrow(
    /^DATABASE_READ_URLS cannot be used: \S+standby2 is no standby: it takes changes of its own\.$/,
  )
  await one!.kill()
  const host = await startHost({ services: [service], env: { ...env, DATABASE_READ_URLS: one!.url } })
  stops.push(host.stop)
  const alone = createClient(words, { baseUrl: host.url })
  expect((await alone.readWords()).standby).toBe(false)
  await one!.start()
  await expect.poll(async () => (await alone.readWords()).standby).toBe(true)
}, 90_000)

test('a service with a PostgreSQL of its own reads from the standbys of that one alone', async () => {
  const replicated = await startReplicated()
  stops.push(replicated.stop)
  const common = await testDatabase()
  const own = { DATABASE_URL: common.adminUrl, DATABASE_URLS: `words=${replicated.primaryUrl}` }
  const platform = await startTestPlatform({
    services: [service],
    env: { ...own, DATABASE_READ_URLS: `words=${replicated.standbys[0]!.url}`, LOG_LEVEL: 'silent' },
  })
  stops.push(common.drop, platform.stop)
  await expect.poll(async () => (await platform.client(words).readWords()).standby).toBe(true)
}, 60_000)

const all = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')
const marked = all.flatMap(({ contract }) =>
  Object.entries(contract.operations)
    .filter(([, { maxStalenessMs }]: [string, Operation]) => maxStalenessMs !== undefined)
    .map(([name, operation]: [string, Operation]) => ({ contract, name, operation })),
)

test('every operation of the services that may be old can be answered by a standby; the staff see what they change', async () => {
  const { platform, standbys } = await start(1, [...all])
  const joined = await platform.client(auth).register({
    body: {
      email: 'a@example.org',
      password: 'a rather long phrase 7',
      username: 'anna',
      displayName: 'Anna',
    },
  })
  if (joined.status !== 'signedIn' || !joined.accessToken) throw new Error('not signed in')
  const { projectId } = await platform
    .client(projects, joined.accessToken)
    .createProject({ body: { name: 'One', slug: 'one-of-anna' } })
  await platform.settled()
  const reader = {
    id: uuidv7(),
    permissions: all.flatMap(({ contract }) => Object.keys(contract.permissions ?? {})),
  }
  platform.setRole(projectId, reader.id, 'owner')
  const headers = { authorization: `Bearer ${platform.tokenFor(reader)}` }
  expect(marked.length).toBeGreaterThan(10)
  for (const { contract, name, operation } of marked) {
    const { params = {}, query: asked = {} } = (operation.example ?? {}) as Record<
      string,
      Record<string, string>
    >
    const given: Record<string, string> = {
      environment: 'production',
      username: 'anna',
      ...params,
      projectId,
    }
    const path = pathOf(contract, operation).replace(/:(\w+)/g, (_, param: string) => given[param]!)
    const before = await count(platform, 'standby', contract.name)
    await expect
      .poll(
        async () => {
          const answer = await fetch(`${platform.url}${path}?${new URLSearchParams(asked)}`, { headers })
          expect([200, 404], `${name}: ${await answer.text()}`).toContain(answer.status)
          return count(platform, 'standby', contract.name)
        },
        { message: `${contract.name}.${name}` },
      )
      .toBe(before + 1)
    // Nothing in it writes.
    expect(await count(platform, 'failed', contract.name), name).toBe(0)
  }

  const staff = platform.client(shop, { permissions: ['shop:manage'] })
  const body = shop.operations.createItem.example.body
  await standbys[0]!.pause()
  await staff.createItem({ body: { ...body, active: true, pictures: [] } })
  const skus = async (client: typeof staff) => (await client.listItems()).items.map(({ sku }) => sku)
  expect(await skus(staff)).toEqual([body.sku])
  expect(await skus(platform.client(shop))).toEqual([])
  await standbys[0]!.resume()
  await expect.poll(() => skus(platform.client(shop))).toEqual([body.sku])
}, 120_000)
