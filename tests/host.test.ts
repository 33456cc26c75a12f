import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { users } from '@pleiad/users/contract'
import { expect, test } from 'vitest'
import { discoverServices } from '../platform/service/discover.ts'
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
  await expect(discoverServices(folder, 'users,nobody')).rejects.toThrow(/nobody.*there are .*auth/)
})

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
