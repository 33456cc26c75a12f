/** SQL of prices of parts. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { StoredPrice } from './records.ts'
import { objectOf, type Row } from './rows.ts'

export type { StoredPrice } from './records.ts'

const priceOf = (row: Row) => objectOf<StoredPrice>(row)

/** The last price of a part, asked for or known. Locked against a change until the transaction ends. */
export async function lastPrice(
  tx: Tx,
  part: Pick<StoredPrice, 'ownerId' | 'modelId' | 'version' | 'optionsKey'>,
): Promise<StoredPrice | undefined> {
  const [row] = await tx<Row[]>`
    select * from prices where model_id = ${part.modelId} and version = ${part.version}
      and options_key = ${part.optionsKey} and owner_id = ${part.ownerId}
    order by request_id desc limit 1 for share`
  return row && priceOf(row)
}

export async function findPrices(sql: Sql, ids: readonly string[]): Promise<Map<string, StoredPrice>> {
  if (ids.length === 0) return new Map()
  const rows = await sql<Row[]>`select * from prices where request_id = any(${ids as string[]}::uuid[])`
  return new Map(rows.map(priceOf).map((price) => [price.requestId, price]))
}

/** A price that is asked for; those that came unasked are answered already. */
export async function insertPrice(tx: Tx, price: StoredPrice): Promise<void> {
  await tx`
    insert into prices (request_id, owner_id, model_id, version, options_key, options, state, asked_at)
    values (${price.requestId}, ${price.ownerId}, ${price.modelId}, ${price.version}, ${price.optionsKey},
      ${tx.json(price.options)}, ${price.state}, ${price.askedAt})
    on conflict (request_id) do nothing`
}

export type Answer = Partial<
  Pick<
    StoredPrice,
    | 'currency'
    | 'unitPrice'
    | 'total'
    | 'breakdown'
    | 'work'
    | 'bookVersion'
    | 'validUntil'
    | 'byHand'
    | 'problem'
  >
> & { readonly state: 'calculated' | 'delayed' | 'refused' }

/** Undefined when it has been answered already: a delay may be followed by an answer, nothing else by anything. */
export async function answerPrice(
  tx: Tx,
  requestId: string,
  answer: Answer,
  now: Date,
): Promise<StoredPrice | undefined> {
  const json = (value: unknown) => (value === undefined ? null : tx.json(value as never))
  const open = answer.state === 'delayed' ? ['asked'] : ['asked', 'delayed']
  const [row] = await tx<Row[]>`
    update prices set state = ${answer.state}, currency = ${answer.currency ?? null},
      unit_price = ${answer.unitPrice ?? null}, total = ${answer.total ?? null},
      breakdown = ${json(answer.breakdown)}, work = ${json(answer.work)},
      book_version = ${answer.bookVersion ?? null}, valid_until = ${answer.validUntil ?? null},
      by_hand = ${answer.byHand ?? false}, problem = ${json(answer.problem)}, answered_at = ${now}
    where request_id = ${requestId} and state = any(${open}) returning *`
  return row && priceOf(row)
}

/** Forgets prices that neither a cart nor a draft refers to any more. */
export async function purgePrices(tx: Tx, before: Date, limit: number): Promise<void> {
  await tx`
    delete from prices where request_id in (
      select request_id from prices p where asked_at < ${before}
        and not exists (select from cart_lines l where l.request_id = p.request_id)
        and not exists (select from order_lines l where l.request_id = p.request_id
          and l.price_state in ('asked', 'delayed'))
      order by asked_at limit ${limit})`
}
