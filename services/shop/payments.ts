/** Ways to pay: what each of them can do, and how the webhook of Stripe is trusted. */
import { createHmac, timingSafeEqual } from 'node:crypto'

/** What is to be paid. */
export interface Due {
  /** The payment's own id: whatever is sent again under it happens once. */
  readonly paymentId: string
  readonly orderId: string
  readonly number: string
  readonly amount: number
  readonly currency: string
  readonly email: string
  readonly language: 'en' | 'ru'
}

export interface Begun {
  readonly sessionRef?: string
  /** The provider's page to go to. */
  readonly redirectUrl?: string
}

/** What a provider's webhook says. */
export interface Notice {
  /** The provider's id of the event: it has its effect once. */
  readonly eventId: string
  readonly kind: 'paid' | 'failed' | 'refunded' | 'refundFailed'
  readonly paymentId: string
  readonly chargeRef?: string | undefined
  readonly amount?: number | undefined
  readonly currency?: string | undefined
}

export interface PaymentProvider {
  readonly method: 'invoice' | 'stripe'
  /** Whether the provider says by itself that it was paid; otherwise the staff does. */
  readonly automatic: boolean
  /** Rejects with `PaymentError` when the provider does not take it. */
  readonly begin: (due: Due) => Promise<Begun>
  /** Undefined: nothing that matters here. Rejects with `PaymentError` when it is not the provider who speaks. */
  readonly handleWebhook?: (
    body: Buffer,
    headers: Readonly<Record<string, string | string[] | undefined>>,
    now: Date,
  ) => Notice | undefined
  /** Whether the money is back already, or the provider will say so. */
  readonly refund: (payment: {
    readonly paymentId: string
    readonly chargeRef?: string | undefined
    readonly amount: number
    /** When it was decided: a refund that failed can be asked for again. */
    readonly updatedAt: Date
  }) => Promise<'refunded' | 'pending'>
}

export class PaymentError extends Error {
  /** Whether trying again may help. */
  readonly temporary: boolean

  constructor(message: string, temporary: boolean) {
    super(message)
    this.name = 'PaymentError'
    this.temporary = temporary
  }
}

const TOLERANCE_SECONDS = 300

/**
 * Whether Stripe signed these bytes, not more than five minutes ago: HMAC-SHA-256 of `<t>.<body>`, compared in constant
 * time with each `v1` (https://docs.stripe.com/webhooks#verify-manually).
 */
export function isSignedByStripe(body: Buffer, header: string, secret: string, now: Date): boolean {
  const parts = header.split(',').map((part) => part.split('=', 2) as [string, string | undefined])
  const timestamp = parts.find(([name]) => name.trim() === 't')?.[1] ?? ''
  if (!/^\d{1,12}$/.test(timestamp)) return false
  if (Math.abs(now.getTime() / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false
  const expected = createHmac('sha256', secret).update(`${timestamp}.`).update(body).digest()
  let matches = false
  for (const [name, value] of parts) {
    if (name.trim() !== 'v1') continue
    const given = Buffer.from(value ?? '', 'hex')
    if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true
  }
  return matches
}

interface StripeObject {
  readonly id?: string
  readonly payment_status?: string
  readonly payment_intent?: string | null
  readonly amount_total?: number
  readonly currency?: string
  readonly status?: string
  readonly metadata?: { readonly paymentId?: string }
}

/** What an event of Stripe's means here (https://docs.stripe.com/api/events/types). */
export function readStripeEvent(text: string): Notice | undefined {
  const event = JSON.parse(text) as { id?: string; type?: string; data?: { object?: StripeObject } }
  const object = event.data?.object
  const paymentId = object?.metadata?.paymentId
  if (!event.id || !object || !paymentId || !/^[0-9a-f-]{36}$/.test(paymentId)) return undefined
  const notice = (kind: Notice['kind']): Notice => ({
    eventId: event.id!,
    kind,
    paymentId,
    chargeRef: object.payment_intent ?? undefined,
    amount: object.amount_total,
    currency: object.currency?.toUpperCase(),
  })
  switch (event.type) {
    case 'checkout.session.completed':
    case 'checkout.session.async_payment_succeeded':
      return object.payment_status === 'paid' ? notice('paid') : undefined
    case 'checkout.session.expired':
    case 'checkout.session.async_payment_failed':
      return notice('failed')
    case 'refund.updated':
    case 'charge.refund.updated':
      return object.status === 'succeeded' ? notice('refunded') : undefined
    case 'refund.failed':
      return notice('refundFailed')
    default:
      return undefined
  }
}
