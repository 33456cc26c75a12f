/** An installation whose roles are older than `permissions.changed` is updated: who holds what is known at once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import auth from '@pleiad/auth'
import { auth as authContract } from '@pleiad/auth/contract'
import notifications from '@pleiad/notifications'
import { notifications as notificationsContract } from '@pleiad/notifications/contract'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, emit } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { shop as shopContract } from '@pleiad/shop/contract'
import users from '@pleiad/users'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { connect } from '../platform/store/connect.ts'
import { type TestDatabase, testDatabase } from '../platform/testing/postgres.ts'

/** Only announces what the shop would. */
const shop = defineService({
  contract: defineContract({
    name: 'shop',
    version: '1.0.0',
    summary: 'Announces, in tests.',
    operations: {},
    events: shopContract.events!,
  }),
  url: new URL('./shop/service.ts', import.meta.url).href,
  routes: () => ({}),
})

let database: TestDatabase
let folder: string
let platform: TestPlatform
const begin = async () => {
  platform = await startTestPlatform({
    services: [auth, users, notifications, shop],
    env: { DATABASE_URL: database.adminUrl, PLEIAD_DATA: folder, AUTH_SIGN_UP: 'immediate' },
  })
  await platform.settled()
}
beforeEach(async () => {
  database = await testDatabase()
  folder = mkdtempSync(join(tmpdir(), 'pleiad-holders-'))
  await begin()
})
afterEach(async () => {
  await platform?.stop()
  await database.drop()
  rmSync(folder, { recursive: true, force: true })
})

const runningOf = (name: string) =>
  platform.host.running.find(({ service }) => service.contract.name === name)!

async function enter(name: string): Promise<string> {
  const answer = await platform.client(authContract).register({
    body: {
      ...{ email: `${name}@example.com`, username: name, displayName: name },
      password: 'a rather long phrase 7',
    },
  })
  return (answer as { userId: string }).userId
}

/** The database as a version left it that did not say what roles allow. */
async function putBack(roles: Readonly<Record<string, readonly string[]>>): Promise<void> {
  const sql = connect(database.adminUrl, { max: 1, connection: { search_path: 'auth' } })
  await sql`insert into roles (name, description, permissions) values ('clerk', 'Confirms orders', ${['orders:confirm']})`
  for (const [userId, names] of Object.entries(roles))
    for (const role of names)
      await sql`insert into account_roles (account_id, role) values (${userId}, ${role})`
  await sql`alter table setup rename column holders_told to administrators_told`
  await sql`update setup set administrators_told = true`
  await sql`delete from migrations where part = 'service' and file = '0006-holders.sql'`
  await sql.end()
}

const told = () =>
  runningOf('auth').tools.sql<{ type: string; key: string }[]>`
    select type, key from outbox_log where type in ('permissions.changed', 'administrator.named') order by sequence`

const orderComes = async () => {
  await runningOf('shop').tools.transact(async (tx) =>
    emit(tx, shopContract, 'order.created', shopContract.events!['order.created'].example as never),
  )
  await platform.settled()
}
const orderNews = async (userId: string) => {
  const { items } = await platform
    .client(notificationsContract, { id: userId })
    .listNotifications({ query: { limit: 100 } })
  return items.filter(({ kind }) => kind === 'office-order').length
}

test('an administrator and a clerk from before hear of the first order, and are told of once', async () => {
  const [boss, clerk, customer] = [await enter('boss'), await enter('clerk'), await enter('customer')]
  await platform.settled()
  await platform.stop()
  await putBack({ [boss]: ['admin'], [clerk]: ['clerk'] })
  await begin()
  await orderComes()
  expect([await orderNews(boss), await orderNews(clerk), await orderNews(customer)]).toEqual([1, 1, 0])
  const once = [
    { type: 'administrator.named', key: boss },
    { type: 'permissions.changed', key: clerk },
  ]
  expect(await told()).toEqual(once)

  // Neither another start nor hearing it again changes anything.
  await platform.stop()
  await begin()
  expect(await told()).toEqual(once)
  const { service, tools, own } = runningOf('auth')
  await tools.transact((tx) => service.jobs!['tellHolders']!.run({ ...tools, tx } as never, own))
  await platform.settled()
  expect(await told()).toEqual([...once, ...once])
  await orderComes()
  expect([await orderNews(boss), await orderNews(clerk), await orderNews(customer)]).toEqual([2, 2, 0])
}, 120_000)
