/** SQL of the orders that models are in. They are heard of in any order, and what is known of them in the end is the same. */
import type { Tx } from '@pleiad/platform/store'

/** Notes models of an order, or until when it needs them once it is over; holds the order until the transaction ends. */
export async function noteOrder(
  tx: Tx,
  orderId: string,
  { modelIds = [], deleteAfter }: { readonly modelIds?: readonly string[]; readonly deleteAfter?: Date },
): Promise<void> {
  await tx`
    insert into orders (order_id, delete_after) values (${orderId}, ${deleteAfter ?? null})
    on conflict (order_id) do update set delete_after = coalesce(excluded.delete_after, orders.delete_after)`
  if (modelIds.length > 0)
    await tx`
      insert into ordered_models (model_id, order_id) select unnest(${modelIds as string[]}::uuid[]), ${orderId}
      on conflict do nothing`
}

/**
 * Until when the models of an order are needed by any order; undefined: by one that is open. Holds the models, so that
 * what another order says of them comes before or after.
 */
export async function neededUntil(tx: Tx, orderId: string): Promise<Map<string, Date | undefined>> {
  await tx`
    select 1 from models where model_id in (select model_id from ordered_models where order_id = ${orderId})
    order by model_id for update`
  const rows = await tx<{ model_id: string; open: boolean; last: Date | null }[]>`
    select m.model_id, bool_or(o.delete_after is null) as open, max(o.delete_after) as last
    from ordered_models m join orders o using (order_id)
    where m.model_id in (select model_id from ordered_models where order_id = ${orderId})
    group by m.model_id`
  return new Map(rows.map(({ model_id, open, last }) => [model_id, open ? undefined : last!]))
}

/** Forgets orders that have needed nothing since that day: whatever else there is to hear of them has come. */
export async function forgetOrders(tx: Tx, before: Date): Promise<void> {
  await tx`delete from orders where delete_after < ${before}`
}
