import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { users } from '@pleiad/users/contract'
import { expect, test } from 'vitest'
import { discoverServices, refuseUnheardEvents } from '../platform/service/discover.ts'
import { startHost } from '../platform/service/host.ts'
import { openDataFolder } from '../platform/service/secrets.ts'
import { testDatabase } from '../platform/testing/postgres.ts'
import { startTestPlatform } from '../platform/testing/testing.ts'

const folder = fileURLToPath(new URL('../services/', import.meta.url))

test('services are found by folder, all or by name, and an unknown name is answered with the known ones', async () => {
  const all = await discoverServices(folder, 'all')
  expect(all.map(({ contract }) => contract.name)).toEqual(
    expect.arrayContaining(['auth', 'notifications', 'users']),
  )
  expect((await discoverServices(folder, 'users, auth')).map(({ contract }) => contract.name)).toEqual([
    'auth',
    'users',
  ])
  const most = await discoverServices(folder, 'all,-auth')
  expect(most.map(({ contract }) => contract.name)).toEqual(
    all.map(({ contract }) => contract.name).filter((name) => name !== 'auth'),
  )
  await expect(discoverServices(folder, 'all,-nobody')).rejects.toThrow(/nobody/)
  await expect(discoverServices(folder, 'users,nobody')).rejects.toThrow(/nobody.*there are .*auth/)
})

test('services without those that handle their events are refused in one line, unless a broker carries them', async () => {
  const program = fileURLToPath(new URL('../server/main.ts', import.meta.url))
  const start = (env: Record<string, string>) =>
    promisify(execFile)(process.execPath, [program], { env: { ...process.env, PORT: '0', ...env } }).then(
      () => '',
      (error: { code: number; stderr: string }) => `${error.code} ${error.stderr}`,
    )
  // The one line is all: nothing was started, not even the data folder made.
  const data = join(tmpdir(), `pleiad-host-${process.pid}`)
  expect(await start({ SERVICES: 'auth,users', PLEIAD_DATA: data })).toMatch(
    /^1 SERVICES leaves out [^\n]*notifications[^\n]* handles \S+ of (auth|users), [^\n]*BUS_URL[^\n]*\n$/,
  )
  expect(existsSync(data)).toBe(false)
  const database = await testDatabase()
  const divided = {
    SERVICES: 'auth,users',
    PLEIAD_DATA: data,
    BUS_URL: 'nats://127.0.0.1:1',
    DATABASE_URL: database.adminUrl,
    PLEIAD_SECRET: 'x'.repeat(43),
  }
  // With a broker the others run elsewhere, and there has to be a way to them.
  expect(await start(divided)).toMatch(
    /^1 SERVICES leaves out [^\n]*notifications[^\n]*INTERNAL_PORT[^\n]*\n$/,
  )
  expect(existsSync(data)).toBe(false)
  // Then it goes on, here as far as finding that this broker does not answer: that is one line, too.
  expect(await start({ ...divided, INTERNAL_PORT: '0' })).toMatch(
    /^1 BUS_URL: the broker at 127.0.0.1:1 cannot be used: [^\n]*\n$/,
  )
  await database.drop()
  rmSync(data, { recursive: true })
  // Nobody handles what operations emits.
  await refuseUnheardEvents(folder, await discoverServices(folder, 'operations'))
  await refuseUnheardEvents(folder, await discoverServices(folder, 'all'))
}, 120_000)

test('a service whose internal call nobody here answers is refused in one line, and what was started is stopped', async () => {
  const database = await testDatabase()
  const data = mkdtempSync(join(tmpdir(), 'pleiad-host-'))
  const services = await discoverServices(folder, 'auth')
  await expect(
    startHost({
      services,
      env: {
        PORT: '0',
        DATABASE_URL: database.adminUrl,
        PLEIAD_DATA: data,
        LOG_LEVEL: 'silent',
      },
    }),
  ).rejects.toThrow(/^auth calls pleiad\.users\.v1\.Profiles.*SERVICES/)
  // Nothing holds the database or the data folder any more.
  await database.drop()
  openDataFolder(data).close()
  rmSync(data, { recursive: true })
})

test('a running host answers health, readiness and metrics, and says no more after it stopped', async () => {
  const platform = await startTestPlatform({ services: await discoverServices(folder, 'users,auth') })
  const health = await (await fetch(`${platform.url}/health`)).json()
  expect(health).toMatchObject({ state: 'up', services: { auth: { state: 'up' }, users: { state: 'up' } } })
  expect((await fetch(`${platform.url}/health/live`)).status).toBe(200)
  expect((await fetch(`${platform.url}/health/ready`)).status).toBe(200)
  const metrics = await (await fetch(`${platform.url}/metrics`)).text()
  expect(metrics).toContain('pleiad_outbox_pending{service="users"} 0')
  expect(metrics).toContain('pleiad_db_pool_connections{service="users",state="waiting"} 0')
  await platform.settled()
  await platform.stop()
  await expect(fetch(`${platform.url}/health/live`)).rejects.toThrow()
})

test('callers of the tests are believed, and only by the platform that made them', async () => {
  const services = await discoverServices(folder, 'users,auth')
  const [one, other] = await Promise.all([startTestPlatform({ services }), startTestPlatform({ services })])
  await expect(one.client(users).getMe()).rejects.toMatchObject({ status: 401, code: 'unauthenticated' })
  await expect(one.client(users, {}).getMe()).rejects.toMatchObject({ status: 404 })
  await expect(one.client(users, other.tokenFor()).getMe()).rejects.toMatchObject({ status: 401 })
  await Promise.all([one.stop(), other.stop()])
})
