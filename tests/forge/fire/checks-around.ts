/** What lies around the orders at the end: what people were told, prices, files. */
import { existsSync, readdirSync, utimesSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { type Count, compare, type OrderRow, one, type Sql } from './checks.ts'
import type { World } from './world.ts'

const told: Readonly<Record<string, string>> = {
  ...{ created: 'order-progress', confirmed: 'order-progress', inProduction: 'order-progress' },
  ...{ qualityCheck: 'order-progress', packed: 'order-progress', shipped: 'order-progress' },
  ...{ delivered: 'order-progress', rejected: 'order-trouble', cancelled: 'order-trouble' },
  returned: 'order-trouble',
}

/** What people and programs were told. */
export async function checkWords(sql: Sql, rows: readonly OrderRow[], { outside }: World) {
  const steps = rows.flatMap(({ id, channel, path }) =>
    path.flatMap((state) => (channel === 'shop' && told[state] ? [`${id} ${told[state]} ${state}`] : [])),
  )
  const have = await sql<{ what: string }[]>`
    select (data ->> 'orderId') || ' ' || kind || ' ' || (data ->> 'state') as what
    from notifications.notifications where kind in ('order-progress', 'order-trouble')`
  const mails = await one(
    sql<
      Count[]
    >`select count(*)::int as n from notifications.mails where kind in ('order-progress', 'order-trouble')`,
  )
  const payments = await sql<{ what: string }[]>`
    select (data ->> 'orderId') || ' ' || (data ->> 'what') as what
    from notifications.notifications where kind = 'order-payment'`
  const moved = await sql<{ what: string }[]>`
    select p.order_id || ' ' || w as what from shop.payments p join shop.orders o using (order_id),
      unnest(case p.state when 'refunded' then array['paid', 'refunded'] else array['paid'] end) w
    where o.channel = 'shop'`
  const whats = (found: readonly { what: string }[]) => found.map(({ what }) => what)
  const wrong = [
    ...compare('notifications', whats(have), steps),
    ...compare('notifications of payments', whats(payments), whats(moved)),
  ]
  if (mails !== steps.length) wrong.push(`${mails} mails for ${steps.length} steps`)

  const { heard } = outside.listener
  const once = new Map(heard.map((each) => [each.id, each]))
  const hooks = [...once.values()].map(({ data }) => `${data['orderId']} ${data['state']}`)
  const due = rows.flatMap(({ id, channel, path }) =>
    channel === 'partner' ? path.slice(1).map((state) => `${id} ${state}`) : [],
  )
  wrong.push(...compare('webhooks', hooks, due))
  const deliveries = await sql<{ state: string; n: number }[]>`
    select state, count(*)::int as n from webhooks.deliveries group by state`
  for (const { state, n } of deliveries)
    if (state !== 'delivered') wrong.push(`${n} deliveries of webhooks are ${state}`)
  return {
    wrong,
    notifications: have.length + payments.length,
    mails,
    webhooks: once.size,
    again: heard.length - once.size,
  }
}

/** Every request for a price has one answer. */
export async function checkPrices(sql: Sql) {
  const answers = await sql<{ what: string; n: number }[]>`
    select p.request_id || ' ' || p.state as what, (
      select count(*)::int from mes.outbox_log l
      where l.type = 'order.price.calculated' and l.key = p.request_id::text) as n
    from shop.prices p`
  const odd = answers.filter(({ what, n }) => n !== 1 || !what.endsWith(' calculated'))
  return { prices: answers.length, wrong: odd.map(({ what, n }) => `the price ${what} has ${n} answers`) }
}

/** Ids of the files whose objects lie below a folder; while an object grows, its name says more. */
function objectsIn(folder: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name.replace(/^files\+/, '').split('.')[0]!)
}

const MEND_MS = 60_000

/**
 * What the night does: files looks for objects of which it has no row, which those leave that are killed between the two,
 * once they are old. Here they are made old, and files is asked to look now.
 */
export async function mendStore(sql: Sql, folder: string): Promise<void> {
  const rows = await sql<{ id: string }[]>`select id from files.files`
  const known = new Set(rows.map(({ id }) => id))
  const unknown = () =>
    readdirSync(`${folder}/objects`, { recursive: true, withFileTypes: true }).filter(
      (entry) => entry.isFile() && !known.has(entry.name.replace(/^files\+/, '').split('.')[0]!),
    )
  if (unknown().length === 0) return
  const yesterday = new Date(Date.now() - 86_400_000)
  for (const { parentPath, name } of unknown()) utimesSync(`${parentPath}/${name}`, yesterday, yesterday)
  await sql`
    insert into files.outbox (id, type, version, key, data, lane)
    values (gen_random_uuid(), 'job.files.mendStore', 1, 'mendStore', '{}', 'normal')`
  const end = Date.now() + MEND_MS
  while (unknown().length > 0 && Date.now() < end) await pause(250)
}

/** All orders have ended: nobody keeps a file, each has a last day, and the store has those and no others. */
export async function checkFiles(sql: Sql, folder: string) {
  const rows = await sql<{ id: string; state: string; dated: boolean; keepers: string[] }[]>`
    select id, state, coalesce(delete_after, expires_at) is not null as dated,
      array(select keeper from files.keepers k where k.file_id = id) as keepers
    from files.files`
  const wrong = rows.flatMap(({ id, dated, keepers }) => [
    ...(dated ? [] : [`the file ${id} stays for ever`]),
    ...keepers.map((keeper) => `the file ${id} is kept by ${keeper}`),
  ])
  // What a killed process was sending is known too, and goes when its time is over.
  const known = new Map(rows.map(({ id, state }) => [id, state]))
  for (const part of ['objects', 'growing'])
    for (const id of objectsIn(`${folder}/${part}`))
      if (!known.has(id)) wrong.push(`${id} lies in the store (${part}), and nobody knows it`)
  const there = new Set(objectsIn(`${folder}/objects`))
  for (const [id, state] of known)
    if (state === 'ready' && !there.has(id)) wrong.push(`the file ${id} has no object`)
  return { files: rows.length, wrong }
}
