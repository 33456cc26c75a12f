/** Parked events of an order are seen and tried again from its page, in whichever process they lie. Needs `nats-server`. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../../platform/store/connect.ts'
import { type TestDatabase, testDatabase } from '../../platform/testing/postgres.ts'
import { type Fire, startFire } from './fire/processes.ts'
import { handsAt, placing, until } from './hands.ts'

const folder = mkdtempSync(join(tmpdir(), 'pleiad-letters-'))
let database: TestDatabase
let fire: Fire
beforeAll(async () => {
  database = await testDatabase()
  fire = await startFire({
    ...{ databaseUrl: database.adminUrl, folder, failing: 0 },
    parts: ['auth,users,projects,shop,editor,files,mes', 'crm,operators,notifications'],
  })
}, 120_000)
afterAll(async () => {
  await fire?.end()
  await database?.drop()
  rmSync(folder, { recursive: true, force: true })
})

test.runIf(process.env['TEST_NATS_URL'])(
  'what crm could not handle in its own process is shown and retried through the shop’s',
  async () => {
    const permissions = ['shop:manage', 'orders:manage', 'orders:confirm', 'prices:manage']
    const token = fire.tokenFor(uuidv7(), permissions)
    const hands = handsAt({ url: () => fire.doors[0]!, token: () => token })
    const item = { sku: 'HOOK', names: { en: 'Hook', ru: 'Крючок' }, about: { en: '', ru: '' } }
    await until(
      () =>
        hands.shop.createItem({
          body: { ...item, price: 450, currency: 'EUR', stock: 9, pictures: [], active: true },
        }),
      'the shop takes items',
    )
    await until(() => hands.shop.addLine({ body: { kind: 'ready', sku: 'HOOK', quantity: 1 } }), 'a cart')
    const { cartId } = await hands.shop.getCart()
    const { orderId } = await hands.shop.checkout({ body: { cartId, ...placing } })
    const params = { orderId }
    await until(() => hands.crm.getOrder({ params }), 'the office sees the order')
    expect(await hands.shop.listDeadLetters({ params })).toEqual({ items: [] })

    const sql = connect(database.adminUrl, { max: 1, onnotice: () => {} })
    try {
      const parked = await sql`
      update crm.inbox set state = 'dead', error = 'crm was ill', finished_at = now(),
        expires_at = now() + interval '1 day'
      where key = ${orderId} and type = 'order.created' returning id`
      expect(parked).toHaveLength(1)
      const { items } = await hands.shop.listDeadLetters({ params })
      expect(items).toMatchObject([{ service: 'crm', type: 'order.created', error: 'crm was ill' }])
      expect(await hands.shop.retryDeadLetters({ params, body: {} })).toEqual({ count: 1 })
      await until(
        async () => (await hands.shop.listDeadLetters({ params })).items.length === 0,
        'it was tried again',
      )
    } finally {
      await sql.end()
    }
  },
  120_000,
)
