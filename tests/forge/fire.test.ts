/**
 * Choreography under fire, small: 40 orders while processes are killed with -9 and handlers fail at random. The whole is
 * `node bench/forge.ts`. What counts at the end is shown to be able to fail: one thing after the other is spoilt and named.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../../platform/testing/postgres.ts'
import type { Sql } from './fire/checks.ts'
import { burn, type Outcome } from './fire/fire.ts'
import { fates } from './fire/orders.ts'
import { type Ended, tallyOf } from './fire/tally.ts'

const ORDERS = 2 * fates.length
const LONGEST_MS = 900_000
/** Fewer than in the whole: a start takes seconds of a core. The shop is there twice all the same. */
const parts = [
  'auth,users,projects,operations,notifications,webhooks,partners',
  'shop,crm',
  'shop,crm,operators',
  'editor,files,mes',
  'mes-worker',
]

/** What is wrong after a spoiler went over the data; afterwards nothing of it is left. */
async function wrongAfter(ended: Ended, spoil: string): Promise<string[]> {
  let wrong: readonly string[] = []
  const undo = new Error('undo')
  await ended.sql
    .begin(async (tx) => {
      const { count } = await tx.unsafe(spoil)
      if (count === 0) throw new Error(`Nothing was spoilt by: ${spoil}`)
      wrong = (await tallyOf({ ...ended, sql: tx as unknown as Sql })).wrong
      throw undo
    })
    .catch((error) => {
      if (error !== undo) throw error
    })
  return [...wrong]
}

const some = (state: string) =>
  `(select order_id from shop.orders where state = '${state}' order by order_id limit 1)`

/** What is spoilt, and what must be said then. */
const spoilt: readonly (readonly [what: string, spoil: string, said: RegExp])[] = [
  [
    'an order that goes on',
    `update shop.orders set state = 'shipped' where order_id = ${some('delivered')}`,
    / is shipped$/,
  ],
  [
    'an order that skipped a step',
    `delete from shop.timeline where state = 'packed' and order_id = ${some('delivered')}`,
    / went from qualityCheck to shipped/,
  ],
  [
    'an order that crm sees elsewhere',
    `update crm.orders set state = 'shipped' where order_id = ${some('delivered')}`,
    /, and shipped for crm/,
  ],
  [
    'an order announced twice',
    `insert into shop.outbox_log select * from shop.outbox_log where type = 'order.created' limit 1`,
    /^events: .* order.created 1 too many/,
  ],
  [
    'a part made twice',
    `insert into operators.works select (jsonb_populate_record(w, jsonb_build_object('work_id', gen_random_uuid()))).*
     from operators.works w where remake_of is null limit 1`,
    / were made twice/,
  ],
  [
    'a customer told twice',
    `insert into notifications.notifications
     select (jsonb_populate_record(n, jsonb_build_object('notification_id', gen_random_uuid()))).*
     from notifications.notifications n where kind = 'order-progress' limit 1`,
    /^notifications: .* 1 too many/,
  ],
  [
    'a mail that was not sent',
    `delete from notifications.mails where mail_id = (select mail_id from notifications.mails where kind = 'order-progress' limit 1)`,
    / mails for \d+ steps/,
  ],
  [
    'a cent too much',
    `update shop.payments set amount = amount + 1 where order_id = ${some('delivered')}`,
    / was paid and stays, it should be /,
  ],
  [
    'money that was not given back',
    `update shop.payments set state = 'paid' where order_id = ${some('returned')}`,
    /^events of payments: order.refunded .* 1 too many/,
  ],
  [
    'a line that costs more than was calculated',
    `update shop.order_lines set total = total + 1
     where line_id = (select line_id from shop.order_lines where kind = 'made' order by line_id limit 1)`,
    / does not cost what was calculated/,
  ],
  ['an item that is not there', 'update shop.items set stock = stock - 1', / are left and \d+ sold/],
  [
    'a file that is kept for ever',
    `update files.files set delete_after = null, expires_at = null where id = (select id from files.files limit 1)`,
    / stays for ever/,
  ],
  [
    'a file that an order still keeps',
    `insert into files.keepers select id, 'shop:order:x', now() from files.files limit 1`,
    / is kept by shop:order:x/,
  ],
  [
    'a price that was given twice',
    `insert into mes.outbox_log select * from mes.outbox_log where type = 'order.price.calculated' limit 1`,
    /^the price .* has 2 answers/,
  ],
  [
    'an event that was given up',
    `update shop.inbox set state = 'dead', error = 'given up' where id = (select id from shop.inbox limit 1)`,
    /^shop has a dead letter: .*given up/,
  ],
]

describe.runIf(process.env['TEST_NATS_URL'])('orders under fire', () => {
  let database: TestDatabase
  let outcome: Outcome
  const said = new Map<string, string[]>()
  let orphan: string[] = []
  let lost: string[] = []
  beforeAll(async () => {
    database = await testDatabase()
    outcome = await burn({
      ...{ databaseUrl: database.adminUrl, orders: ORDERS, lanes: 8, restMs: 4_000, failing: 0.03, parts },
      inspect: async (ended) => {
        for (const [what, spoil] of spoilt) said.set(what, await wrongAfter(ended, spoil))
        const objects = join(ended.objects, 'objects')
        expect(existsSync(objects)).toBe(true)
        const stray = join(objects, 'files+00000000-0000-7000-8000-000000000000')
        writeFileSync(stray, 'orphan')
        orphan = [...(await tallyOf(ended)).wrong]
        rmSync(stray)
        const entries = readdirSync(objects, { recursive: true, withFileTypes: true })
        const one = entries.find((entry) => entry.isFile())!
        rmSync(join(one.parentPath, one.name))
        lost = [...(await tallyOf(ended)).wrong]
      },
    })
  }, LONGEST_MS)
  afterAll(() => database?.drop())

  test(`${ORDERS} of every fate come to a legal end, with each effect once, money that adds up, and no file left over`, () => {
    expect(outcome.wrong).toEqual([])
    expect(outcome.orders).toBe(ORDERS)
    expect(Object.values(outcome.kills).reduce((sum, kills) => sum + kills, 0)).toBeGreaterThan(0)
    expect(outcome.failures).toBeGreaterThan(0)
    expect(outcome.paid - outcome.refunded).toBe(outcome.kept)
    expect(outcome.kept).toBeGreaterThan(0)
  })

  test.each(spoilt)('the tally names %s', (what, _spoil, words) => {
    expect(said.get(what)).toContainEqual(expect.stringMatching(words))
  })

  test('the tally names a file that nobody knows, and one that is not there', () => {
    expect(orphan).toEqual([expect.stringMatching(/nobody knows it/)])
    expect(lost).toEqual([expect.stringMatching(/has no object/)])
  })
})
