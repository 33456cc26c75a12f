/** Payment by card through Stripe Checkout (https://docs.stripe.com/api/checkout/sessions). Off until both keys are set. */
import { OutboundError } from '@pleiad/platform/outbound'
import type { Tools } from '@pleiad/platform/service'
import {
  type Due,
  isSignedByStripe,
  PaymentError,
  type PaymentProvider,
  readStripeEvent,
} from './payments.ts'
import type { ShopConfig } from './settings.ts'

const TIMEOUT_MS = 10_000
const ATTEMPTS = 3
const API_VERSION = '2025-03-31.basil'

export function createStripe(tools: Tools<ShopConfig>): PaymentProvider | undefined {
  const { config, fetchOutside, publicUrl } = tools
  const { STRIPE_SECRET_KEY: key, STRIPE_WEBHOOK_SECRET: webhookSecret } = config
  if (!key || !webhookSecret) return undefined

  /** Sends a form; what may have been taken is sent again under the same key, so that it happens once. */
  async function send(path: string, form: Record<string, string>, idempotencyKey: string) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await sendOnce(path, form, idempotencyKey)
      } catch (error) {
        if (!(error instanceof PaymentError) || !error.temporary || attempt === ATTEMPTS) throw error
        await new Promise((resolve) => setTimeout(resolve, 200 * attempt * (1 + Math.random())))
      }
    }
  }

  async function sendOnce(path: string, form: Record<string, string>, idempotencyKey: string) {
    const answer = await fetchOutside(`${config.STRIPE_API_URL}${path}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/x-www-form-urlencoded',
        'idempotency-key': idempotencyKey,
        'stripe-version': API_VERSION,
      },
      body: new URLSearchParams(form).toString(),
      timeoutMs: TIMEOUT_MS,
      redirects: 0,
    }).catch((error: unknown) => {
      if (error instanceof OutboundError) throw new PaymentError(error.message, true)
      throw error
    })
    // 409: the same request is still being worked on there.
    const temporary = answer.status >= 500 || answer.status === 429 || answer.status === 409
    if (answer.status !== 200) {
      const said = read(answer.text)['error'] as { message?: string } | undefined
      throw new PaymentError(
        `Stripe answered ${answer.status}: ${said?.message ?? 'no reason given'}`,
        temporary,
      )
    }
    return read(answer.text)
  }

  function read(text: string): Record<string, unknown> {
    try {
      return JSON.parse(text) as Record<string, unknown>
    } catch {
      throw new PaymentError('Stripe answered something else than JSON', true)
    }
  }

  return {
    method: 'stripe',
    automatic: true,
    async begin(due: Due) {
      const page = `${publicUrl}/forge/orders/${due.orderId}`
      const session = await send(
        '/v1/checkout/sessions',
        {
          mode: 'payment',
          client_reference_id: due.orderId,
          'metadata[paymentId]': due.paymentId,
          'payment_intent_data[metadata][paymentId]': due.paymentId,
          'line_items[0][quantity]': '1',
          'line_items[0][price_data][currency]': due.currency.toLowerCase(),
          'line_items[0][price_data][unit_amount]': String(due.amount),
          'line_items[0][price_data][product_data][name]': due.number,
          success_url: `${page}?paid=1`,
          cancel_url: page,
          locale: due.language,
          ...(due.email === '' ? {} : { customer_email: due.email }),
        },
        due.paymentId,
      )
      const { id, url } = session
      if (typeof id !== 'string' || typeof url !== 'string')
        throw new PaymentError('Stripe’s answer has no page to go to', false)
      return { sessionRef: id, redirectUrl: url }
    },
    handleWebhook(body, headers, now) {
      const signature = headers['stripe-signature']
      if (typeof signature !== 'string' || !isSignedByStripe(body, signature, webhookSecret, now))
        throw new PaymentError('The signature is not right, or older than five minutes', false)
      try {
        return readStripeEvent(body.toString())
      } catch {
        throw new PaymentError('The body is not an event', false)
      }
    },
    async refund({ paymentId, chargeRef, amount, updatedAt }) {
      if (!chargeRef) throw new PaymentError('Stripe has not said which payment it was', false)
      const refund = await send(
        '/v1/refunds',
        { payment_intent: chargeRef, amount: String(amount), 'metadata[paymentId]': paymentId },
        `${paymentId}-refund-${updatedAt.getTime()}`,
      )
      if (refund['status'] === 'failed' || refund['status'] === 'canceled')
        throw new PaymentError('Stripe did not take the refund', false)
      return refund['status'] === 'succeeded' ? 'refunded' : 'pending'
    },
  }
}
