import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterEach, expect, test, vi } from 'vitest'
import { testDatabase } from '../testing/postgres.ts'
import { type Replicated, startReplicated } from '../testing/standby.ts'
import { connect } from './connect.ts'
import { type Standbys, troubleWith, watchStandbys } from './standbys.ts'

const stops: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop()
})

let lines: string[] = []
const say = (line: string) => void lines.push(line)

async function replicated(count = 1): Promise<Replicated> {
  lines = []
  const made = await startReplicated(count)
  stops.push(made.stop)
  return made
}

async function watch(primaryUrl: string, urls: readonly string[]): Promise<Standbys> {
  const standbys = await watchStandbys({ primaryUrl, urls, log: { info: say, warn: say } })
  stops.push(standbys.close)
  return standbys
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const sql = connect(url, { max: 1, onnotice: () => {} })
  return (await sql.unsafe(text).finally(() => sql.end())) as never
}

const isFresh = (standbys: Standbys) => () => standbys.pick(5_000) !== undefined

test('its age is measured: idle it is fresh, also at the start of a segment; paused it gets older, whatever it says itself', async () => {
  const {
    primaryUrl,
    standbys: [server],
  } = await replicated()
  // What is asked takes no rights.
  await query(primaryUrl, "create role plain login password 'plain'")
  const as = (url: string) => url.replace(/\/\/[^@]*@/, '//plain:plain@')
  await expect
    .poll(() => query(server!.url, "select 1 from pg_roles where rolname = 'plain'"))
    .toHaveLength(1)
  const standbys = await watch(as(primaryUrl), [as(server!.url)])
  await expect.poll(isFresh(standbys)).toBe(true)
  // A read that failed there leaves it out until it has answered; one that only had to give way does not.
  standbys.all[0]!.failed({ code: '40001', message: 'gave way' }, false)
  expect(standbys.all[0]!.ageMs()).toBeLessThan(60_000)
  standbys.all[0]!.failed({ code: '57P01', message: 'going' }, true)
  expect(standbys.all[0]!.ageMs()).toBe(Number.POSITIVE_INFINITY)
  expect(lines.slice(-2)).toEqual([
    expect.stringMatching(/^A read failed on the standby .* \(40001 gave way\)$/),
    expect.stringMatching(/^A read failed on the standby .* \(57P01 going\)$/),
  ])
  await expect.poll(isFresh(standbys)).toBe(true)
  // Nothing may ever follow what is written now: the segment ends here.
  await query(primaryUrl, 'create table words (word text)')
  await query(primaryUrl, 'select pg_switch_wal()')
  const after = performance.now()
  await expect.poll(() => performance.now() - standbys.all[0]!.ageMs()).toBeGreaterThan(after)

  await server!.pause()
  await query(primaryUrl, "insert into words values ('new')")
  await expect.poll(() => standbys.all[0]!.ageMs()).toBeGreaterThan(5_000)
  expect(standbys.pick(5_000)).toBeUndefined()
  expect(standbys.pick(60_000)).toBe(standbys.all[0])
  expect(await query(server!.url, 'select word from words')).toEqual([])
  await server!.resume()
  await expect.poll(isFresh(standbys)).toBe(true)
  expect(await query(server!.url, 'select word from words')).toEqual([{ word: 'new' }])
}, 60_000)

test('commits that do not wait for the disk count when they are made, not when they are written out', async () => {
  const {
    primaryUrl,
    standbys: [server],
  } = await replicated()
  await query(primaryUrl, 'create table words (word text)')
  // The writer sleeps: what is committed is in memory alone, and no standby has it.
  await query(primaryUrl, "alter system set wal_writer_delay = '3s'")
  await query(primaryUrl, 'select pg_reload_conf()')
  const standbys = await watch(primaryUrl, [server!.url])
  const has = () => performance.now() - standbys.all[0]!.ageMs()
  const before = performance.now()
  await expect.poll(has).toBeGreaterThan(before)
  await query(primaryUrl, "set synchronous_commit = off; insert into words values ('soon')")
  const after = performance.now()
  await expect.poll(has, { interval: 20 }).toBeGreaterThan(after)
  expect(await query(server!.url, 'select word from words')).toEqual([{ word: 'soon' }])
}, 60_000)

test('those that are fresh take turns; one that is killed, silent or promoted is left out until it is right again', async () => {
  const { primaryUrl, standbys: servers } = await replicated(2)
  const [one, two] = servers
  const standbys = await watch(primaryUrl, [one!.url, two!.url])
  const picked = () => new Set([1, 2, 3, 4].map(() => standbys.pick(5_000)?.url))
  await expect.poll(picked).toEqual(new Set([one!.url, two!.url]))

  const lost = vi.fn()
  standbys.all[0]!.onLost(lost)
  // It is the end of its connection that tells: a server that is back before the next question may have lost something.
  const watcher = "application_name = 'pleiad-standbys'"
  await query(one!.url, `select pg_terminate_backend(pid) from pg_stat_activity where ${watcher}`)
  await expect.poll(() => lost.mock.calls.length).toBe(1)
  expect(lines.join('\n')).not.toContain('does not answer')
  await expect.poll(picked).toEqual(new Set([one!.url, two!.url]))
  await one!.kill()
  await expect.poll(picked).toEqual(new Set([two!.url]))
  await expect.poll(() => lines.join('\n')).toMatch(/is not read from: it does not answer \(EN|EC/)
  await one!.start()
  await expect.poll(picked).toEqual(new Set([one!.url, two!.url]))

  lost.mockClear()
  one!.freeze()
  await expect.poll(picked).toEqual(new Set([two!.url]))
  await expect.poll(() => lost.mock.calls.length).toBeGreaterThan(0)
  expect(lines.at(-1)).toMatch(/does not answer \(ETIMEDOUT\)/)
  one!.thaw()
  await expect.poll(picked).toEqual(new Set([one!.url, two!.url]))

  await two!.promote()
  await expect.poll(() => lines.at(-1)).toMatch(/is no standby: it takes changes of its own/)
  expect(picked()).toEqual(new Set([one!.url]))
  // Its positions run on like those of the primary, but are not the same.
  const other = await watchStandbys({ primaryUrl: two!.url, urls: [one!.url], log: { info: say, warn: say } })
  stops.push(other.close)
  expect(lines.at(-1)).toMatch(/is on timeline 1, the primary on 2: one was promoted/)
  expect(other.pick(60_000)).toBeUndefined()
  const { username, password, hostname } = new URL(two!.url)
  const source = `host=${decodeURIComponent(hostname)} port=5432 user=${username} password=${password}`
  await query(one!.url, `alter system set primary_conninfo = '${source}'`)
  await query(one!.url, 'select pg_reload_conf()')
  await expect.poll(() => other.pick(5_000)?.url).toBe(one!.url)
}, 90_000)

test('what is no standby of the primary is refused at start, together; what is away is not', async () => {
  const {
    primaryUrl,
    standbys: [server],
  } = await replicated()
  const stranger = await testDatabase()
  stops.push(stranger.drop)
  const refused = (urls: string[], primary = primaryUrl) =>
    watchStandbys({ primaryUrl: primary, urls, log: { info: say, warn: say } }).then(
      () => 'started',
      (error: Error) => error.message,
    )
  expect(await refused([stranger.adminUrl, server!.url])).toMatch(
    /^DATABASE_READ_URLS cannot be used: \S+ is no standby: it takes changes of its own\.$/,
  )
  expect(await refused([server!.url], stranger.adminUrl)).toMatch(/is a standby of another PostgreSQL/)
  const wrong = server!.url.replace(/:[^:@]*@/, ':hunter2@')
  const unknown = server!.url.replace(/[^/]*$/, 'nowhere')
  const both = await refused([wrong, unknown])
  expect(both).toMatch(
    /refuses the connection \(password .*; \S+ refuses the connection \(database "nowhere"/,
  )
  expect(both).not.toContain('hunter2')

  const away = server!.url.replace('standby1', 'standby9')
  const standbys = await watch(primaryUrl, [away])
  expect(standbys.pick(60_000)).toBeUndefined()
  expect(lines.at(-1)).toMatch(/is not read from: it does not answer \(ENOENT\)/)
  // Without the primary nobody knows what the standby is of, or how old.
  const blind = await watch(primaryUrl.replace('%2Fpostgres/', '%2Fnowhere/'), [server!.url])
  expect(lines.at(-1)).toMatch(/cannot be compared: the primary does not answer/)
  expect(blind.pick(60_000)).toBeUndefined()
}, 60_000)

test('a server that takes connections and says nothing holds up the start for two seconds, and the end not at all', async () => {
  lines = []
  const sockets: Socket[] = []
  const server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  const primary = await testDatabase()
  const standbys = await watchStandbys({
    primaryUrl: primary.adminUrl,
    urls: [`postgres://a:b@127.0.0.1:${port}/pleiad`],
    log: { info: say, warn: say },
  })
  expect(lines).toEqual([expect.stringMatching(/does not answer \((ETIMEDOUT|CONNECT_TIMEOUT)\)/)])
  await new Promise((resolve) => server.once('connection', resolve))
  await standbys.close()
  // The connections that were given up close now, which is no news.
  const lost = vi.fn()
  standbys.all[0]!.onLost(lost)
  for (const socket of sockets) socket.destroy()
  await new Promise((resolve) => server.close(resolve))
  await primary.drop()
  expect(lost).not.toHaveBeenCalled()
  expect(lines.filter((line) => !/_?TIMED?_?OUT\)/.test(line))).toEqual([])
}, 30_000)

test('each trouble has its words, and only what a setting can mend stops a start', () => {
  const right = { recovering: true, cluster: '7', timeline: 1 }
  const origin = { cluster: '7', timeline: 1 }
  expect(troubleWith(right, origin)).toBeUndefined()
  expect(troubleWith({ ...right, recovering: false }, origin)?.wrong).toBe(true)
  expect(troubleWith({ ...right, cluster: '8' }, origin)?.wrong).toBe(true)
  expect(troubleWith({ ...right, timeline: 2 }, origin)?.wrong).toBe(false)
  expect(troubleWith(right, undefined)?.wrong).toBe(false)
})
