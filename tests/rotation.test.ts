/** `npm run rotate-keys` on whole installations: with a database of their own, and with the built-in one. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, type Service, type Tools } from '@pleiad/platform/service'
import { afterEach, expect, test } from 'vitest'
import { type Host, startHost } from '../platform/service/host.ts'
import { StartError } from '../platform/service/refuse.ts'
import { rotateInstallation } from '../platform/service/rotation.ts'
import { keyIdOf } from '../platform/store/vault.ts'
import { testDatabase } from '../platform/testing/postgres.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

/** A service that keeps one secret in each row. */
function keeper(folder: string, name = 'keeper'): Service {
  mkdirSync(join(folder, name, 'migrations'), { recursive: true })
  writeFileSync(
    join(folder, name, 'migrations/0001-secrets.sql'),
    'create table secrets (id text primary key, value bytea not null);',
  )
  const contract = defineContract({ name, version: '1.0.0', summary: 'Keeps secrets.', operations: {} })
  return defineService({
    contract,
    url: pathToFileURL(join(folder, name, 'service.ts')).href,
    sealed: [{ table: 'secrets', id: 'id', column: 'value', belongsTo: (id) => `secret ${id}` }],
    routes: () => ({}),
  })
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-rotation-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }

async function start(
  services: Service[],
  env: Record<string, string>,
): Promise<{ host: Host; tools: Tools }> {
  const host = await startHost({ services, env: { PORT: '0', LOG_LEVEL: 'error', ...env } })
  ends.push(() => host.stop())
  return { host, tools: host.running[0]!.tools }
}

const put = (tools: Tools, id: string, text: string) =>
  tools.transact(async (tx) => {
    await tx`insert into secrets (id, value) values (${id}, ${await tools.vault.seal(text, `secret ${id}`)})`
  })

async function get(tools: Tools, id: string): Promise<{ text: string; key: number }> {
  const [row] = await tools.sql<{ value: Buffer }[]>`select value from secrets where id = ${id}`
  return { text: (await tools.vault.open(row!.value, `secret ${id}`)).toString(), key: keyIdOf(row!.value) }
}

test('the built-in database: beside the server that runs on it, and when that is stopped', async () => {
  const data = temporary()
  const services = [keeper(temporary())]
  const env = { PLEIAD_DATA: data }
  const rotate = () => rotateInstallation({ services, env, log: quiet, progress: () => {}, settleMs: 0 })

  const { host, tools } = await start(services, env)
  await put(tools, 'one', 'the first')
  expect(await rotate()).toEqual([{ service: 'keeper', rotation: { key: 2, rewrapped: 1, damaged: [] } }])
  expect(await get(tools, 'one')).toEqual({ text: 'the first', key: 2 })
  await host.stop()

  expect(await rotate()).toEqual([{ service: 'keeper', rotation: { key: 3, rewrapped: 1, damaged: [] } }])
  const again = await start(services, env)
  expect(await get(again.tools, 'one')).toEqual({ text: 'the first', key: 3 })
}, 60_000)

test('a database of its own: only with its secret, and a service that never ran there is left out', async () => {
  const database = await testDatabase()
  ends.push(() => database.drop())
  const folder = temporary()
  const services = [keeper(folder)]
  const env = { PLEIAD_DATA: temporary(), DATABASE_URL: database.adminUrl }
  const { tools } = await start(services, env)
  await put(tools, 'one', 'the first')
  const rotate = (more: Record<string, string>) =>
    rotateInstallation({
      services: [...services, keeper(folder, 'newcomer')],
      env: { ...env, ...more },
      log: quiet,
      progress: () => {},
      settleMs: 0,
    })
  await expect(rotate({ PLEIAD_SECRET: 'x'.repeat(40) })).rejects.toThrow(
    /keeper cannot be opened: PLEIAD_SECRET/,
  )
  await expect(rotate({ PLEIAD_DATA: temporary() })).rejects.toThrow(
    /secret\.key is missing: set PLEIAD_SECRET/,
  )
  await expect(rotate({ DATABASE_URL: '' })).rejects.toThrow(/has another database, or is starting/)
  await expect(rotate({ DATABASE_URL: 'postgres://a:b@127.0.0.1:1/x' })).rejects.toThrow(StartError)
  expect(await rotate({})).toEqual([
    { service: 'keeper', rotation: { key: 2, rewrapped: 1, damaged: [] } },
    { service: 'newcomer', rotation: undefined },
  ])
  expect(await get(tools, 'one')).toEqual({ text: 'the first', key: 2 })
})

test('the command says in one line what is wrong, and makes nothing', async () => {
  const data = join(temporary(), 'nothing')
  const program = fileURLToPath(new URL('../tools/rotate-keys.ts', import.meta.url))
  const run = promisify(execFile)(process.execPath, [program], {
    env: { PATH: process.env['PATH'], PLEIAD_DATA: data },
  })
  await expect(run).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringMatching(
      /^\S+nothing\/secret\.key is missing: set PLEIAD_SECRET or PLEIAD_DATA[^\n]*\n$/,
    ),
  })
})
