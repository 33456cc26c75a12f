import { inflateSync } from 'node:zlib'
import { crm } from '@pleiad/crm/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { taxOf, writeMoney } from './invoices.ts'
import { isSignedByStripe } from './payments.ts'
import { drawInvoice } from './service-invoice.ts'
import type { ShopConfig } from './settings.ts'
import type { StoredLine, StoredOrder } from './store-orders.ts'
import { type Bed, order, produce, startBed } from './testing-bed.ts'
import {
  SECRET_KEY,
  type StripeStub,
  signature,
  startStripe,
  stripeEvent,
  WEBHOOK_SECRET,
} from './testing-stripe.ts'

let bed: Bed
let stripe: StripeStub
beforeAll(async () => {
  stripe = await startStripe()
  bed = await startBed({
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_URL: stripe.url,
    OUTBOUND_ALLOW: '127.0.0.1/32',
    SHOP_SELLER_NAME: 'ООО «Мастерская»',
    SHOP_SELLER_BANK: 'DE89 3704 0044 0532 0130 00',
    SHOP_TAX_PERCENT: '19',
  })
  await bed.publish(1)
})
afterAll(async () => {
  await bed?.platform.stop()
  stripe?.stop()
})
beforeEach(() => {
  stripe.troubles.length = 0
  stripe.requests.length = 0
  stripe.refundStatus = 'succeeded'
})

const deliver = (body: string, header = signature(body, bed.tools.now())) =>
  fetch(`${bed.platform.url}/shop/stripe/webhook`, {
    method: 'POST',
    headers: { 'stripe-signature': header, 'content-type': 'application/json' },
    body,
  })
const paymentOf = async (orderId: string) => {
  const rows = await bed.tools.sql<{ payment_id: string; state: string }[]>`
    select payment_id, state from payments where order_id = ${orderId} order by payment_id`
  return { all: rows, id: rows.at(-1)!.payment_id }
}
const paymentState = async (orderId: string) =>
  (await bed.staff.client.getOrder({ params: { orderId } })).payment.state

/** An order at Stripe's page. */
async function atStripe() {
  const made = await order(bed, bed.person(), { payment: 'stripe' })
  const begun = await made.person.client.beginPayment({ params: { orderId: made.orderId }, body: {} })
  return { ...made, begun, paymentId: (await paymentOf(made.orderId)).id }
}

describe('paying by card', () => {
  test('beginPayment sends the customer to the provider; asked again it is the same page', async () => {
    const { begun, orderId, person, number, paymentId } = await atStripe()
    expect(begun.redirectUrl).toMatch(/^https:\/\/checkout\.stripe\.example\/cs_/)
    const again = await person.client.beginPayment({ params: { orderId }, body: {} })
    expect(again.redirectUrl).toBe(begun.redirectUrl)
    expect(stripe.requests).toHaveLength(1)
    expect(stripe.requests[0]).toMatchObject({
      path: '/v1/checkout/sessions',
      key: paymentId,
      form: {
        'line_items[0][price_data][unit_amount]': '900',
        'line_items[0][price_data][currency]': 'eur',
        'line_items[0][price_data][product_data][name]': number,
        'metadata[paymentId]': paymentId,
      },
    })
  })

  test('what goes wrong on the way is sent again under the same key: one session', async () => {
    const { orderId, person } = await order(bed, bed.person(), { payment: 'stripe' })
    const before = stripe.sessions.size
    stripe.troubles.push('error', 'lostAnswer')
    const { redirectUrl } = await person.client.beginPayment({ params: { orderId }, body: {} })
    expect(redirectUrl).toBeTruthy()
    expect(stripe.requests).toHaveLength(3)
    expect(new Set(stripe.requests.map(({ key }) => key)).size).toBe(1)
    expect(stripe.sessions.size).toBe(before + 1)
  })

  test('what the provider refuses is told in its words, and can be tried again', async () => {
    const { orderId, person } = await order(bed, bed.person(), { payment: 'stripe' })
    const params = { orderId }
    stripe.troubles.push('declined')
    await expect(person.client.beginPayment({ params, body: {} })).rejects.toMatchObject({
      code: 'paymentProviderFailed',
      problem: { detail: expect.stringContaining('at least 0.50') },
    })
    expect((await person.client.beginPayment({ params, body: {} })).redirectUrl).toBeTruthy()
  })

  test('a webhook pays the order once, however often it comes', async () => {
    const { orderId, paymentId } = await atStripe()
    const body = stripeEvent('checkout.session.completed', paymentId)
    const header = signature(body, bed.tools.now())
    const statuses = await Promise.all(Array.from({ length: 10 }, () => deliver(body, header)))
    expect(statuses.map(({ status }) => status)).toEqual(Array(10).fill(200))
    expect(await paymentState(orderId)).toBe('paid')
    expect((await bed.eventsOf(orderId, 'order.paid')).map(({ data }) => data)).toMatchObject([
      { orderId, amount: 900, currency: 'EUR', method: 'stripe' },
    ])
    // Another event about the same payment does nothing either.
    expect((await deliver(stripeEvent('checkout.session.completed', paymentId))).status).toBe(200)
    expect(await bed.eventsOf(orderId, 'order.paid')).toHaveLength(1)
  })

  test('a forged, altered, old or oversized webhook is refused and does nothing', async () => {
    const { orderId, paymentId } = await atStripe()
    const body = stripeEvent('checkout.session.completed', paymentId)
    const old = new Date(bed.tools.now().getTime() - 301_000)
    for (const header of [
      signature(body, bed.tools.now(), 'whsec_other'),
      signature(body, old),
      'nonsense',
      't=1,v1=',
    ])
      expect((await deliver(body, header)).status).toBe(400)
    expect((await deliver(`${body} `, signature(body, bed.tools.now()))).status).toBe(400)
    expect((await deliver('x'.repeat(300_000))).status).toBe(413)
    expect((await deliver('not json')).status).toBe(400)
    expect((await fetch(`${bed.platform.url}/shop/stripe/webhook`)).status).toBe(405)
    expect((await fetch(`${bed.platform.url}/shop/stripe/other`, { method: 'POST' })).status).toBe(404)
    expect(await paymentState(orderId)).toBe('pending')
    const other = stripeEvent('checkout.session.completed', paymentId, { amount_total: 1 })
    expect((await deliver(other)).status).toBe(200)
    expect(await paymentState(orderId)).toBe('pending')
    expect((await deliver(stripeEvent('customer.created', paymentId))).status).toBe(200)
    expect((await deliver(stripeEvent('checkout.session.completed', uuidv7()))).status).toBe(200)
  })

  test('a session that expires leaves the order open to be paid again', async () => {
    const { orderId, paymentId, person } = await atStripe()
    await deliver(stripeEvent('checkout.session.expired', paymentId))
    expect(await paymentState(orderId)).toBe('open')
    await person.client.beginPayment({ params: { orderId }, body: {} })
    expect((await paymentOf(orderId)).all).toHaveLength(2)
  })

  test('cancelling a paid order gives the money back; what the provider answers with a 500 is sent again', async () => {
    const { orderId, paymentId, person } = await atStripe()
    await deliver(stripeEvent('checkout.session.completed', paymentId))
    const before = stripe.refunds.size
    stripe.troubles.push('error', 'lostAnswer')
    await person.client.cancelOrder({ params: { orderId }, body: {} })
    await bed.settled()
    expect(await paymentState(orderId)).toBe('refunded')
    expect(stripe.refunds.size).toBe(before + 1)
    expect([...stripe.refunds.values()].at(-1)).toMatchObject({
      payment_intent: `pi_${paymentId.slice(-6)}`,
      amount: '900',
    })
    expect((await bed.eventsOf(orderId, 'order.refunded')).map(({ data }) => data)).toMatchObject([
      { orderId, amount: 900, currency: 'EUR', method: 'stripe' },
    ])
  })

  test('a refund that takes its time is noted when the provider says so', async () => {
    const { orderId, paymentId } = await atStripe()
    await deliver(stripeEvent('checkout.session.completed', paymentId))
    stripe.refundStatus = 'pending'
    await bed.announce(crm, 'order.rejected', { orderId, by: uuidv7(), reason: 'Too thin' })
    expect(await paymentState(orderId)).toBe('refunding')
    await deliver(stripeEvent('refund.updated', paymentId, { status: 'succeeded' }))
    expect(await paymentState(orderId)).toBe('refunded')
  })

  test('a refund that failed can be asked for again, and is not the old answer', async () => {
    const { orderId, paymentId, person } = await atStripe()
    await deliver(stripeEvent('checkout.session.completed', paymentId))
    stripe.refundStatus = 'pending'
    await person.client.cancelOrder({ params: { orderId }, body: {} })
    await bed.settled()
    await deliver(stripeEvent('refund.failed', paymentId, { status: 'failed' }))
    expect(await paymentState(orderId)).toBe('paid')
    stripe.refundStatus = 'succeeded'
    await bed.staff.client.refundOrder({ params: { orderId }, body: {} })
    await bed.settled()
    expect(await paymentState(orderId)).toBe('refunded')
    expect(
      new Set(stripe.requests.filter(({ path }) => path === '/v1/refunds').map(({ key }) => key)).size,
    ).toBe(2)
  })

  test('money that comes for a cancelled order goes back', async () => {
    const { orderId, paymentId, person } = await atStripe()
    await person.client.cancelOrder({ params: { orderId }, body: {} })
    await deliver(stripeEvent('checkout.session.completed', paymentId))
    await bed.settled()
    expect((await paymentOf(orderId)).all).toMatchObject([{ state: 'refunded' }])
    expect(await bed.eventsOf(orderId, 'order.paid')).toEqual([])
    expect(await bed.eventsOf(orderId, 'order.refunded')).toHaveLength(1)
  })

  test('money that comes twice goes back once', async () => {
    const { orderId, paymentId, person } = await atStripe()
    await bed.tools
      .sql`update payments set created_at = now() - interval '2 days' where payment_id = ${paymentId}`
    await person.client.beginPayment({ params: { orderId }, body: {} })
    const second = (await paymentOf(orderId)).id
    expect(second).not.toBe(paymentId)
    await deliver(stripeEvent('checkout.session.completed', second))
    await deliver(stripeEvent('checkout.session.completed', paymentId))
    await bed.settled()
    expect((await paymentOf(orderId)).all.map(({ state }) => state)).toEqual(['refunded', 'paid'])
    expect(await paymentState(orderId)).toBe('paid')
  })

  test('isSignedByStripe takes any of several signatures, and nothing that is malformed', () => {
    const now = new Date()
    const body = Buffer.from('{}')
    const good = signature('{}', now)
    const [t, v1] = good.split(',')
    const check = (header: string) => isSignedByStripe(body, header, WEBHOOK_SECRET, now)
    expect(check(good)).toBe(true)
    expect(check(`${t},v1=${'0'.repeat(64)},${v1}`)).toBe(true)
    for (const bad of [
      '',
      't=,v1=',
      `${t}`,
      `${v1}`,
      `${t},v1=zz`,
      `t=99999999999999,${v1}`,
      `${t},v0=${v1!.slice(3)}`,
    ])
      expect(check(bad)).toBe(false)
  })
})

describe('paying on invoice', () => {
  test('staff notes that it was paid, and that it went back', async () => {
    const { orderId, person } = await order(bed)
    const params = { orderId }
    const staff = bed.staff.client
    await expect(person.client.markPaid({ params, body: {} })).rejects.toMatchObject({ status: 403 })
    expect((await staff.markPaid({ params, body: { reference: 'Statement 7' } })).payment.state).toBe('paid')
    await expect(staff.markPaid({ params, body: {} })).rejects.toMatchObject({ code: 'paymentNotPossible' })
    await expect(staff.refundOrder({ params, body: {} })).rejects.toMatchObject({ code: 'orderStateRefuses' })
    await person.client.cancelOrder({ params, body: {} })
    await bed.settled()
    expect(await paymentState(orderId)).toBe('refunding')
    await staff.refundOrder({ params, body: { reason: 'Sent by bank' } })
    expect(await paymentState(orderId)).toBe('refunded')
    expect(await bed.eventsOf(orderId, 'order.refunded')).toHaveLength(1)
  })

  test('a returned order is paid back when staff says so', async () => {
    const { orderId } = await order(bed)
    const params = { orderId }
    await bed.staff.client.markPaid({ params, body: {} })
    await produce(bed, orderId, 'delivered')
    await bed.staff.client.moveOrder({ params, body: { to: 'returned', reason: 'Does not fit' } })
    expect(await paymentState(orderId)).toBe('paid')
    expect((await bed.staff.client.refundOrder({ params, body: {} })).payment.state).toBe('refunded')
    expect((await bed.eventsOf(orderId, 'order.closed')).map(({ data }) => data['outcome'])).toEqual([
      'delivered',
      'returned',
    ])
  })
})

/** The text of a PDF: every shown string, by the character map of each font. */
function textOf(pdf: Buffer): string {
  const raw = pdf.toString('latin1')
  const streams: string[] = []
  for (const match of raw.matchAll(/stream\n/g)) {
    const end = raw.indexOf('endstream', match.index)
    try {
      streams.push(inflateSync(pdf.subarray(match.index + 7, end)).toString('latin1'))
    } catch {
      // A font or a picture.
    }
  }
  const maps = streams
    .filter((stream) => stream.includes('beginbfrange'))
    .map((stream) => {
      const map = new Map<number, string>()
      for (const [, from, list] of stream.matchAll(/<([0-9a-f]+)> <[0-9a-f]+> \[([^\]]*)\]/g)) {
        const codes = [...list!.matchAll(/<([0-9a-f ]*)>/g)]
        for (const [index, [, hex]] of codes.entries())
          map.set(
            Number.parseInt(from!, 16) + index,
            String.fromCharCode(
              ...(hex!.match(/[0-9a-f]{4}/g) ?? []).map((unit) => Number.parseInt(unit, 16)),
            ),
          )
      }
      return map
    })
  const shown = streams.flatMap((stream) =>
    [...stream.matchAll(/\[((?:<[0-9a-f]*>|[\d.\s-])*)\] TJ/g)].map(([, list]) =>
      [...list!.matchAll(/<([0-9a-f]*)>/g)].map(([, hex]) => hex!).join(''),
    ),
  )
  return maps
    .map((map) =>
      shown
        .map((hex) =>
          (hex.match(/.{4}/g) ?? []).map((code) => map.get(Number.parseInt(code, 16)) ?? '?').join(''),
        )
        .join('\n'),
    )
    .join('\n')
}

describe('the invoice', () => {
  const here = (url: string) => url.replace('http://localhost:8080', bed.platform.url)

  test('is a PDF in English or Russian, by a link that only its customer gets, and that expires', async () => {
    const { orderId, person, number } = await order(bed, bed.person(), {
      customer: { name: 'Ада Лавлейс', email: 'ada@example.com', company: 'Engines Ltd' },
    })
    const params = { orderId }
    const read = async (language: 'en' | 'ru') => {
      const { url } = await person.client.createInvoiceLink({ params, body: { language } })
      const response = await fetch(here(url))
      expect(response.headers.get('content-type')).toBe('application/pdf')
      return textOf(Buffer.from(await response.arrayBuffer()))
    }
    const english = await read('en')
    for (const part of [
      `Invoice ${number}`,
      '€9.00',
      'Ада Лавлейс',
      'Engines Ltd',
      'of which 19 % tax',
      '€1.44',
      'DE89',
    ])
      expect(english).toContain(part)
    const russian = await read('ru')
    for (const part of [`Счёт ${number}`, 'Итого', 'ООО «Мастерская»', 'Покупатель', 'Самовывоз'])
      expect(russian).toContain(part)
    const { url } = await person.client.createInvoiceLink({ params, body: {} })
    const forged = url.replace(orderId, uuidv7())
    expect((await fetch(here(forged))).status).toBe(404)
    expect((await fetch(here(url), { method: 'POST' })).status).toBe(405)
    bed.platform.advance(16 * 60_000)
    expect((await fetch(here(url))).status).toBe(404)
  })

  test('there is none before the order is placed', async () => {
    const person = bed.person()
    const { modelId } = await bed.model(person.id)
    const { options } = await import('./testing-bed.ts')
    const cart = await person.client.addLine({ body: { kind: 'made', modelId, options } })
    await bed.settled()
    const { orderId } = await person.client.requestQuote({ body: { cartId: cart.cartId } })
    await expect(person.client.createInvoiceLink({ params: { orderId }, body: {} })).rejects.toMatchObject({
      code: 'orderStateRefuses',
    })
    await expect(person.client.beginPayment({ params: { orderId }, body: {} })).rejects.toMatchObject({
      code: 'paymentNotPossible',
    })
  })

  test('fifty long lines take several pages, and each is there', async () => {
    const lines = Array.from({ length: 50 }, (_, n) => ({
      lineId: `${n}`,
      orderId: 'o',
      kind: 'ready',
      name: `A part with a rather long name that goes on and on, number ${n + 1}`,
      sku: `PART-${n + 1}`,
      quantity: 1,
      priceState: 'calculated',
      unitPrice: 100,
      total: 100,
    })) satisfies StoredLine[]
    const stored = {
      number: 'F-2026-000001',
      currency: 'EUR',
      total: 5000,
      createdAt: new Date(),
      customer: { userId: '', name: 'Ada', email: 'a@example.com', language: 'en' },
      paymentState: 'open',
    } as unknown as StoredOrder
    const config = {
      SHOP_SELLER_NAME: 'W',
      SHOP_SELLER_ADDRESS: '',
      SHOP_SELLER_BANK: '',
      SHOP_TAX_PERCENT: 0,
      SHOP_INVOICE_DAYS: 14,
    }
    const text = textOf(await drawInvoice(stored, lines, 'en', config as ShopConfig))
    for (let n = 1; n <= 50; n++) expect(text).toContain(`PART-${n})`)
    expect(text).toContain('Page 3 of 3')
    expect(text).not.toContain('of 4')
  })

  test('money is written as people write it; the tax is what the total includes', () => {
    expect(writeMoney(123_450, 'EUR', 'en')).toBe('€1,234.50')
    expect(writeMoney(123_450, 'JPY', 'en')).toBe('JP¥123,450')
    expect(taxOf(11_900, 19)).toBe(1900)
  })
})
