/** A server that behaves like Stripe's API, as far as the shop uses it: idempotency keys, failures, signed webhooks. */
import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export const SECRET_KEY = 'sk_test_shop'
export const WEBHOOK_SECRET = 'whsec_test_shop'

type Trouble = 'error' | 'tooMany' | 'lostAnswer' | 'declined'

export interface StripeStub {
  readonly url: string
  /** What goes wrong with the next requests, one each. */
  readonly troubles: Trouble[]
  /** Every request as it came, repetitions included. */
  readonly requests: { path: string; key: string; form: Record<string, string> }[]
  /** What was really made: under one key once. */
  readonly sessions: Map<string, Record<string, string>>
  readonly refunds: Map<string, Record<string, string>>
  /** How the next refunds stand at once. */
  refundStatus: 'succeeded' | 'pending'
  readonly stop: () => void
}

export async function startStripe(): Promise<StripeStub> {
  const answers = new Map<string, { params: string; body: string }>()
  const stub = {
    troubles: [] as Trouble[],
    requests: [] as StripeStub['requests'],
    sessions: new Map<string, Record<string, string>>(),
    refunds: new Map<string, Record<string, string>>(),
    refundStatus: 'succeeded' as StripeStub['refundStatus'],
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const params = Buffer.concat(chunks).toString()
    const form = Object.fromEntries(new URLSearchParams(params))
    const key = String(request.headers['idempotency-key'])
    const path = request.url!
    stub.requests.push({ path, key, form })
    const answer = (status: number, body: object) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.headers.authorization !== `Bearer ${SECRET_KEY}`)
      return answer(401, { error: { message: 'Invalid API Key provided' } })
    const trouble = stub.troubles.shift()
    if (trouble === 'error') return answer(500, { error: { message: 'Sorry' } })
    if (trouble === 'tooMany') return answer(429, { error: { message: 'Slow down' } })
    if (trouble === 'declined') return answer(400, { error: { message: 'Amount must be at least 0.50 eur' } })
    const known = answers.get(key)
    if (known && known.params !== params)
      return answer(400, {
        error: { type: 'idempotency_error', message: 'Keys can only be used with the same parameters' },
      })
    const body = known?.body ?? JSON.stringify(make(path, form))
    answers.set(key, { params, body })
    if (trouble === 'lostAnswer') return request.socket.destroy()
    response.writeHead(200, { 'content-type': 'application/json' }).end(body)
  })
  function make(path: string, form: Record<string, string>) {
    if (path === '/v1/checkout/sessions') {
      const id = `cs_${stub.sessions.size + 1}`
      stub.sessions.set(id, form)
      return {
        id,
        object: 'checkout.session',
        url: `https://checkout.stripe.example/${id}`,
        payment_status: 'unpaid',
      }
    }
    const id = `re_${stub.refunds.size + 1}`
    stub.refunds.set(id, form)
    return { id, object: 'refund', status: stub.refundStatus }
  }
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const { port } = server.address() as AddressInfo
  return Object.assign(stub, { url: `http://127.0.0.1:${port}`, stop: () => void server.close() })
}

/** The header that Stripe would send with these bytes. */
export function signature(body: string, at: Date, secret = WEBHOOK_SECRET): string {
  const timestamp = Math.floor(at.getTime() / 1000)
  return `t=${timestamp},v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')},v0=00`
}

/** `checkout.session.completed` and its like, for a payment. */
export function stripeEvent(
  type: string,
  paymentId: string,
  more: object = {},
  id = `evt_${Math.random()}`,
): string {
  return JSON.stringify({
    id,
    type,
    data: {
      object: {
        id: 'cs_1',
        payment_status: 'paid',
        payment_intent: `pi_${paymentId.slice(-6)}`,
        amount_total: 900,
        currency: 'eur',
        metadata: { paymentId },
        ...more,
      },
    },
  })
}
