/** SQL of payments. */
import type { Sql, Tx } from '@pleiad/platform/store'
import { objectOf, type Row } from './rows.ts'

export interface StoredPayment {
  readonly paymentId: string
  readonly orderId: string
  readonly provider: 'invoice' | 'stripe'
  readonly sessionRef?: string
  readonly chargeRef?: string
  readonly redirectUrl?: string
  readonly amount: number
  readonly currency: string
  readonly state: 'pending' | 'paid' | 'failed' | 'refunding' | 'refunded'
  readonly createdAt: Date
  readonly updatedAt: Date
}
const paymentOf = (row: Row) => objectOf<StoredPayment>(row)

export async function insertPayment(
  tx: Tx,
  payment: Omit<StoredPayment, 'sessionRef' | 'chargeRef' | 'redirectUrl' | 'updatedAt'>,
): Promise<void> {
  await tx`
    insert into payments (payment_id, order_id, provider, amount, currency, state, created_at, updated_at)
    values (${payment.paymentId}, ${payment.orderId}, ${payment.provider}, ${payment.amount}, ${payment.currency},
      ${payment.state}, ${payment.createdAt}, ${payment.createdAt})`
}

export async function listPayments(sql: Sql, orderId: string): Promise<StoredPayment[]> {
  const rows = await sql<Row[]>`select * from payments where order_id = ${orderId} order by payment_id`
  return rows.map(paymentOf)
}

export async function findPayment(sql: Sql, paymentId: string): Promise<StoredPayment | undefined> {
  const [row] = await sql<Row[]>`select * from payments where payment_id = ${paymentId}`
  return row && paymentOf(row)
}

export async function saveBegun(
  tx: Tx,
  paymentId: string,
  begun: { sessionRef?: string; redirectUrl?: string },
  now: Date,
): Promise<void> {
  await tx`
    update payments set session_ref = ${begun.sessionRef ?? null}, redirect_url = ${begun.redirectUrl ?? null},
      updated_at = ${now} where payment_id = ${paymentId}`
}

export async function savePaymentState(
  tx: Tx,
  paymentId: string,
  state: StoredPayment['state'],
  now: Date,
  chargeRef?: string,
): Promise<void> {
  await tx`
    update payments set state = ${state}, updated_at = ${now}, charge_ref = coalesce(${chargeRef ?? null}, charge_ref)
    where payment_id = ${paymentId}`
}

/** What was paid for an order is to go back. */
export async function refundPaid(tx: Tx, orderId: string, now: Date): Promise<void> {
  await tx`
    update payments set state = 'refunding', updated_at = ${now} where order_id = ${orderId} and state = 'paid'`
}

/** False when the provider's event has had its effect already. */
export async function takeEvent(tx: Tx, provider: string, eventId: string, now: Date): Promise<boolean> {
  const { count } = await tx`
    insert into payment_events (provider, event_id, at) values (${provider}, ${eventId}, ${now}) on conflict do nothing`
  return count > 0
}

export async function purgeEvents(tx: Tx, before: Date): Promise<void> {
  await tx`delete from payment_events where at < ${before}`
}
