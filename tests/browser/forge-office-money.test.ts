/** What the office seldom does: calling off, taking back, giving money back, and prices that a colleague has begun. */
import type { Page } from 'playwright-core'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  SECRET_KEY,
  type StripeStub,
  signature,
  startStripe,
  stripeEvent,
  WEBHOOK_SECRET,
} from '../../services/shop/testing-stripe.ts'
import officeEn from '../../web/src/forge/i18n/en/office.ts'
import { options, placing, until } from '../forge/hands.ts'
import { administrator, useApp } from './app.ts'
import { windowOf } from './atlas-steps.ts'
import type { Visit } from './browser.ts'
import { type Answer, call } from './call.ts'
import { customerWords, hired, shelved } from './forge-steps.ts'
import { person, registered } from './steps.ts'
import { say } from './words.ts'

let stripe: StripeStub
const app = useApp(async () => {
  stripe = await startStripe()
  return {
    STRIPE_SECRET_KEY: SECRET_KEY,
    STRIPE_WEBHOOK_SECRET: WEBHOOK_SECRET,
    STRIPE_API_URL: stripe.url,
    OUTBOUND_ALLOW: '127.0.0.1/32',
  }
})
afterAll(() => stripe?.stop())
const w = officeEn.office
const o = customerWords.en.orders
const clerk = person('clerk')
const pricer = person('pricer')
const buyer = person('buyer')
let shopper: Visit
let office: Visit
let buyerId: string

beforeAll(async () => {
  const admin = app.admin.page
  await shelved(admin)
  await hired(app, clerk, ['orders:confirm', 'orders:manage', 'customers:read'])
  await hired(app, pricer, ['prices:manage'])
  buyerId = await registered(admin, 'en', buyer)
  const { userId } = await call(admin, 'GET', '/auth/me')
  await call(admin, 'PUT', `/operators/operators/${userId}`, { skills: ['pick'], active: true })
  shopper = await windowOf(app, {}, buyer)
  office = await windowOf(app, {}, clerk)
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const shows = (page: Page, state: string) =>
  page.getByRole('status').getByText(state, { exact: true }).first().waitFor()

/** The customer orders a box, to fetch it at the workshop. */
async function ordered(payment: 'invoice' | 'stripe'): Promise<string> {
  const { page } = shopper
  await call(page, 'POST', '/shop/cart/lines', { kind: 'ready', sku: 'BOX-10', quantity: 1 })
  const { cartId } = await call(page, 'GET', '/shop/cart')
  const delivery = { method: 'pickup' }
  const { orderId } = await call(page, 'POST', '/shop/checkout', { ...placing, cartId, delivery, payment })
  await app.platform.host.settled()
  return orderId
}

/** A box that the office has confirmed. */
async function confirmed(): Promise<Answer> {
  const orderId = await ordered('invoice')
  await call(office.page, 'POST', `/crm/orders/${orderId}/confirm`, {})
  return come(orderId, 'confirmed')
}

/** Waits until the customer's order is there. */
const come = (orderId: string, state: string) =>
  until(async () => {
    const order = await call(shopper.page, 'GET', `/shop/orders/${orderId}`)
    return order['state'] === state && order
  }, `the order is ${state}`)

/** Taken from the shelf and packed, by the administrator's hands. */
async function packed(): Promise<Answer> {
  const order = await confirmed()
  const hand = app.admin.page
  const works = await until(async () => {
    const { items } = await call(hand, 'GET', '/operators/work?limit=100')
    const own = items.filter((work: Answer) => work['orderId'] === order['orderId'])
    return own.length > 0 && own
  }, 'production sees the order')
  for (const { workId } of works)
    for (const step of ['claim', 'start', 'finish'])
      await call(hand, 'POST', `/operators/work/${workId}/${step}`, {})
  await call(hand, 'POST', `/operators/orders/${order['orderId']}/check`, { passed: true })
  await call(hand, 'POST', `/operators/orders/${order['orderId']}/pack`, {})
  return come(order['orderId'], 'packed')
}

async function markPaid(page: Page): Promise<void> {
  await button(page, w.money.markPaid).click()
  await page.getByRole('dialog').getByRole('button', { name: w.money.markPaid }).click()
  await page.getByText(o.paid.paid, { exact: true }).waitFor()
}

describe('a clerk', () => {
  it('calls off an order that is confirmed; the customer reads why, and that the money comes back', async () => {
    const { orderId, number } = await confirmed()
    const { page, complaints } = office
    await page.goto(`/forge/office/${orderId}`)
    await markPaid(page)
    await button(page, o.cancel).click()
    const dialog = page.getByRole('dialog', { name: say(o.cancelTitle, { number }) })
    await dialog.getByLabel(o.why).fill('The lid is missing.')
    await dialog.getByRole('button', { name: o.cancel }).click()
    await shows(page, o.state.cancelled)
    await page.getByText(o.paid.refunding, { exact: true }).waitFor()
    expect(await button(page, o.cancel).count()).toBe(0)
    await shopper.page.goto(`/forge/orders/${orderId}`)
    await shows(shopper.page, o.state.cancelled)
    await shopper.page.getByText('The lid is missing.').first().waitFor()
    expect(complaints).toEqual([])
  })

  it('notes that an order was fetched and came back, gives the money back, and has the invoice', async () => {
    const { orderId, number } = await packed()
    const { page, complaints } = office
    await page.goto(`/forge/office/${orderId}`)
    await shows(page, o.state.packed)
    await button(page, w.order.markDelivered).click()
    await shows(page, o.state.delivered)
    await markPaid(page)
    await button(page, w.order.markReturned).click()
    const back = page.getByRole('dialog', { name: say(w.order.returnTitle, { number }) })
    await back.getByLabel(o.why).fill('Too small')
    await back.getByRole('button', { name: w.order.markReturned }).click()
    await shows(page, o.state.returned)
    await button(page, w.money.refund).click()
    const refund = page.getByRole('dialog', { name: say(w.money.refundTitle, { number }) })
    await refund.getByText(say(w.money.refundInvoice, { total: '€12.00' })).waitFor()
    await refund.getByRole('button', { name: w.money.refund }).click()
    await page.getByText(o.paid.refunded, { exact: true }).waitFor()
    expect(await button(page, w.money.refund).count()).toBe(0)
    expect((await call(shopper.page, 'GET', `/shop/orders/${orderId}`))['payment']).toMatchObject({
      state: 'refunded',
    })

    const download = page.waitForEvent('download')
    await button(page, o.invoice).click()
    const invoice = await download
    expect(invoice.suggestedFilename()).toBe(`${number}.pdf`)
    const [start] = await (await invoice.createReadStream()).toArray()
    expect(start.subarray(0, 5).toString()).toBe('%PDF-')
    expect(complaints).toEqual([])
  })
})

describe('an order that a clerk has open', () => {
  const paid = (state: keyof typeof o.paid) => office.page.getByText(o.paid[state], { exact: true }).waitFor()

  /** Opens it as the clerk, and waits until it hears what is pushed: it asks by itself no more than once a minute. */
  async function opened(orderId: string): Promise<void> {
    const { page } = office
    const heard = page
      .waitForEvent('websocket')
      .then((socket) =>
        socket.waitForEvent('framereceived', ({ payload }) => String(payload).includes('orders.managed')),
      )
    await page.goto(`/forge/office/${orderId}`)
    await heard
    await paid('open')
  }

  it('shows that the customer pays by card, has paid, and gets the money back', async () => {
    const orderId = await ordered('stripe')
    await opened(orderId)
    await call(shopper.page, 'POST', `/shop/orders/${orderId}/payment`, {})
    await paid('pending')
    const paymentId = [...stripe.sessions.values()].at(-1)!['metadata[paymentId]']!
    const body = stripeEvent('checkout.session.completed', paymentId, { amount_total: 1200 })
    const told = await office.page.request.post('/shop/stripe/webhook', {
      headers: { 'stripe-signature': signature(body, new Date()) },
      data: body,
    })
    expect(told.status()).toBe(200)
    await paid('paid')
    await call(shopper.page, 'POST', `/shop/orders/${orderId}/cancel`, {})
    await paid('refunded')
    expect(office.complaints).toEqual([])
  })

  it('shows that a colleague finds the invoice paid, calls off, and has given the money back', async () => {
    const orderId = await ordered('invoice')
    await opened(orderId)
    const colleague = (path: string) => call(app.admin.page, 'POST', `/shop/${path}`, {})
    await colleague(`manage/orders/${orderId}/paid`)
    await paid('paid')
    expect(await button(office.page, w.money.markPaid).count()).toBe(0)
    await colleague(`orders/${orderId}/cancel`)
    await paid('refunding')
    await colleague(`manage/orders/${orderId}/refund`)
    await paid('refunded')
    expect(office.complaints).toEqual([])
  })
})

describe('who sets prices', () => {
  it('takes over what a colleague has begun, and says why it cannot be made', async () => {
    const requestId = uuidv7()
    const { sql } = app.platform.host.running.find(({ service }) => service.contract.name === 'mes')!.tools
    await sql`
      insert into jobs (request_id, lane, source, owner_id, model_id, version, file_id, options, state, turn, created_at,
        queued_at, reason)
      values (${requestId}, 'regular', 'model', ${buyerId}, ${uuidv7()}, 1, ${uuidv7()}, ${sql.json(options)},
        'waitingForHuman', 1, now(), now(), ${sql.json({ code: 'bookHasHole', detail: 'No price of PLA.' })})`
    const first = await windowOf(app, {}, pricer)
    const open = async ({ page }: Visit) => {
      await page.goto('/forge/office/prices-waiting')
      await page.getByRole('button', { name: new RegExp(w.prices.noName) }).click()
      return page.getByRole('dialog', { name: w.prices.one })
    }
    const theirs = await open(first)
    await theirs.getByRole('button', { name: w.prices.take, exact: true }).click()
    await theirs.getByRole('button', { name: w.prices.set }).waitFor()
    const second = await windowOf(app, {}, administrator)
    const mine = await open(second)
    await mine.getByText(w.prices.othersAbout).waitFor()
    await mine.getByRole('button', { name: w.prices.takeOver }).click()
    await mine.getByRole('button', { name: w.prices.refuse }).click()
    const why = second.page.getByRole('dialog', {
      name: say(w.prices.refuseTitle, { name: w.prices.noName }),
    })
    await why.getByLabel(w.order.reason).fill('The walls are thinner than a hair.')
    await why.getByRole('button', { name: w.prices.refuse }).click()
    await second.page.getByText(w.prices.none).waitFor()
    const job = await call(shopper.page, 'GET', `/mes/jobs/${requestId}`)
    expect(job).toMatchObject({ state: 'refused', reason: { detail: 'The walls are thinner than a hair.' } })
    // The colleague, whose page is still open, is told at once, and cannot set a price any more.
    await theirs.getByText(w.prices.decided).waitFor()
    expect(await theirs.getByRole('button', { name: w.prices.set }).count()).toBe(0)
    for (const { complaints, context } of [first, second]) {
      expect(complaints).toEqual([])
      await context.close()
    }
  })
})
