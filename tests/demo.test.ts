/** `npm run demo -- <link>` on a fresh installation: what each of its people then sees, and a second run. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { discoverServices } from '../platform/service/discover.ts'
import { type Host, startHost } from '../platform/service/host.ts'
import { type TestDatabase, testDatabase } from '../platform/testing/postgres.ts'
import { PASSWORD, type Person, sendTo, signIn } from '../tools/demo/people.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'pleiad-demo-'))
let database: TestDatabase
let host: Host
let link: string

/** Runs the command as a person would, and resolves with what it said. */
async function demo(
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['tools/demo.ts', ...args], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, said }
}

beforeAll(async () => {
  database = await testDatabase()
  host = await startHost({
    services: await discoverServices(join(root, 'services'), 'all'),
    env: {
      ...{ PORT: '0', HOST: '127.0.0.1', PUBLIC_URL: 'http://localhost:8080' },
      ...{ PLEIAD_DATA: folder, DATABASE_URL: database.adminUrl, DATABASE_POOL: '4' },
      ...{ MES_WORKER_THREADS: '1', EDITOR_WORKERS: '1', LOG_LEVEL: 'fatal' },
    },
  })
  const said = (await host.greeting()).join('\n').match(/\/setup\?code=\S+/)?.[0]
  link = `${host.url}${said}`
}, 180_000)
afterAll(async () => {
  await host?.stop()
  await database?.drop()
  rmSync(folder, { recursive: true, force: true })
})

describe('npm run demo', () => {
  let administrator: string
  const signedIn = new Map<string, Promise<Person>>()
  function as(email: string): Promise<Person> {
    const known = signedIn.get(email) ?? signIn(sendTo(host.url), email, PASSWORD)
    signedIn.set(email, known)
    return known
  }

  test('without a link, and with one that is none, says what to do and does nothing', async () => {
    for (const args of [[], ['nonsense'], [host.url], [`${host.url}/setup?code=wrong`]]) {
      const { code, said } = await demo(args)
      expect(code).toBe(1)
      expect(said).toMatch(/npm run demo -- |does not sign an administrator in/)
      expect(said).not.toContain('    at ')
    }
  }, 120_000)

  test('fills a fresh installation and says how to sign in', async () => {
    const { code, said } = await demo([link])
    expect(said).toContain(`Sign in with the password “${PASSWORD}”`)
    expect(code).toBe(0)
    // Each of those it names can sign in.
    const named = [...said.matchAll(/[\w.+-]+@[\w.-]+\w/g)].map(([email]) => email)
    expect(named.length).toBeGreaterThan(5)
    administrator = named[0]!
    for (const email of named) expect((await as(email)).email).toBe(email)
    await host.settled()
  }, 600_000)

  test('the office then sees an order in every state, and one whose price waits for a person', async () => {
    const { shop, crm, mes } = await as(administrator)
    const { items } = await shop.manageOrders({ query: { limit: 100 } })
    const states = ['draft', 'quoted', 'created', 'confirmed', 'rejected', 'inProduction', 'qualityCheck']
    expect(new Set(items.map(({ state }) => state))).toEqual(
      new Set([...states, 'packed', 'shipped', 'delivered', 'cancelled', 'returned']),
    )
    expect((await crm.countOrders()).waiting).toBeGreaterThan(0)
    expect((await mes.listHumanJobs({ query: {} })).items.length).toBeGreaterThan(0)
    expect((await crm.listCustomers({ query: {} })).items.length).toBeGreaterThanOrEqual(4)
    for (const item of items.filter(({ state }) => state !== 'draft')) expect(item.total).toBeGreaterThan(0)
  })

  test('the shop offers ready-made items and materials; a customer has models and orders', async () => {
    const { shop } = await as(administrator)
    const catalogue = await shop.getCatalogue()
    expect(catalogue.materials.length).toBeGreaterThan(2)
    expect((await shop.listItems({ query: {} })).items.map(({ sku }) => sku)).toContain('DEMO-BOX')
    const { items } = await (await as(administrator)).crm.listCustomers({
      query: { search: 'Demo Customer 1' },
    })
    const customer = await as(items[0]!.email)
    expect((await customer.editor.listModels({ query: {} })).items.length).toBeGreaterThan(0)
    const orders = (await customer.shop.listOrders({ query: {} })).items
    expect(orders.map(({ state }) => state)).toEqual(expect.arrayContaining(['created', 'delivered']))
  })

  test('the board shows work at every stage, and the machines what they make', async () => {
    const { operators } = await as(administrator)
    const board = await operators.getBoard()
    for (const column of ['free', 'started', 'qualityCheck', 'packed'] as const)
      expect(board[column].length, column).toBeGreaterThan(0)
    const machines = (await operators.listMachines()).items
    expect(machines.filter(({ work }) => work).length).toBeGreaterThan(0)
    expect(machines.map(({ state }) => state)).toContain('down')
  })

  test('a second run refuses clearly and adds nothing, whether by the link or by the administrator', async () => {
    const { shop } = await as(administrator)
    const before = (await shop.manageOrders({ query: { limit: 100 } })).items.length
    const used = await demo([link])
    expect(used.code).toBe(1)
    const again = await demo([host.url, administrator], { DEMO_PASSWORD: PASSWORD })
    expect(again.code).toBe(1)
    expect(again.said).toContain('There is a demo in this installation already')
    expect((await shop.manageOrders({ query: { limit: 100 } })).items).toHaveLength(before)
  }, 120_000)
})
