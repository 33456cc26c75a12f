/** The office of the workshop: from an order that waits to its money, its customers, the shelf and what is deleted when. */
import type { Page } from 'playwright-core'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import officeEn from '../../web/src/forge/i18n/en/office.ts'
import ordersEn from '../../web/src/forge/i18n/en/orders.ts'
import { options, placing } from '../forge/hands.ts'
import { administrator, useApp } from './app.ts'
import { desktop, phone, type Visit } from './browser.ts'
import { call } from './call.ts'
import { shelved } from './forge-steps.ts'
import { overflow, settled, violations } from './scan.ts'
import { assignRoles, csrf, isHome, person, png, pressOn, registered, signIn } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp()
const w = officeEn.office
const o = ordersEn.orders
const clerk = person('clerk')
const buyer = person('buyer')
let shopper: Visit
let office: Visit
let buyerId: string

const one = (list: Page, name: string | RegExp) => list.getByRole('link', { name })

/** Orders from the shelf as the customer; the office knows of it then. */
async function order(quantity: number): Promise<{ orderId: string; number: string }> {
  const { page } = shopper
  await call(page, 'POST', '/shop/cart/lines', { kind: 'ready', sku: 'BOX-10', quantity })
  const { cartId } = await call(page, 'GET', '/shop/cart')
  const placed = await call(page, 'POST', '/shop/checkout', { cartId, ...placing })
  await app.platform.host.settled()
  return { orderId: placed['orderId'], number: placed['number'] }
}

const sqlOf = (name: string) =>
  app.platform.host.running.find(({ service }) => service.contract.name === name)!.tools.sql

async function windowOf(who: typeof clerk, options: Parameters<typeof app.visit>[0] = {}): Promise<Visit> {
  const visit = await app.visit(options)
  await signIn(visit.page, options.language ?? 'en', who)
  await isHome(visit.page)
  return visit
}

beforeAll(async () => {
  const admin = app.admin.page
  await shelved(admin)
  const permissions = ['orders:confirm', 'orders:manage', 'customers:read', 'customers:manage']
  await call(admin, 'POST', '/auth/roles', { name: 'clerk', description: 'Confirms orders', permissions })
  await assignRoles(admin, await registered(admin, 'en', clerk), ['clerk'])
  buyerId = await registered(admin, 'en', buyer)
  shopper = await windowOf(buyer)
  office = await windowOf(clerk)
})
afterAll(async () => {
  await shopper?.context.close()
  await office?.context.close()
})

describe('a clerk', () => {
  it('finds an order by keyboard, talks, notes, confirms it and notes its money', async () => {
    const { orderId, number } = await order(2)
    const { page, complaints } = office
    await page.goto('/')
    await page
      .getByRole('navigation', { name: words.en.shell.navigation })
      .getByRole('link', { name: words.en.place.office })
      .click()
    await one(page, new RegExp(number)).waitFor()
    await page.getByRole('searchbox', { name: w.inbox.search }).fill(number)
    await page.waitForURL((url) => url.searchParams.get('q') === number)
    await pressOn(page.getByRole('searchbox', { name: w.inbox.search }), 'ArrowDown')
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toContain(number)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: say(o.named, { number }) }).waitFor()
    await page.getByText('2 × Storage box').waitFor()

    // What the customer writes appears by itself, and the answer reaches them.
    await call(shopper.page, 'POST', `/crm/orders/${orderId}/messages`, { text: 'Can it be blue?' })
    await page.getByText('Can it be blue?').waitFor()
    await page.getByLabel(o.thread.write).fill('It can.')
    await page.getByRole('button', { name: o.thread.send }).click()
    const thread = page.getByRole('list', { name: o.thread.title })
    await thread.getByText('It can.').waitFor()
    const { items } = await call(shopper.page, 'GET', `/crm/orders/${orderId}/messages`)
    expect(items[0]).toMatchObject({ from: 'staff', text: 'It can.' })

    await page.getByLabel(w.notes.write).fill('Calls back on Monday')
    await page.getByRole('button', { name: w.notes.keep }).click()
    await page.getByRole('listitem').getByText('Calls back on Monday').waitFor()
    await pressOn(page.getByRole('button', { name: w.tasks.add }), 'Enter')
    await page.getByRole('dialog').getByLabel(w.tasks.what).fill('Look for blue')
    await page.keyboard.press('Enter')
    const tick = page.getByRole('checkbox', { name: say(w.tasks.tick, { title: 'Look for blue' }) })
    await tick.waitFor()

    await pressOn(page.getByRole('button', { name: w.order.confirm, exact: true }), 'Enter')
    const dialog = page.getByRole('dialog', { name: say(w.order.confirmTitle, { number }) })
    await dialog.getByLabel(w.order.promise).fill('2037-05-20')
    await dialog.getByLabel(w.order.confirmNote).fill('Gladly')
    await dialog.getByRole('button', { name: w.order.confirm, exact: true }).click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('status').filter({ hasText: o.state.confirmed }).first().waitFor()
    await page.getByText('Gladly').first().waitFor()
    const confirmed = await call(shopper.page, 'GET', `/shop/orders/${orderId}`)
    expect(confirmed).toMatchObject({ state: 'confirmed' })
    expect(confirmed['dueAt']).toMatch(/^2037-05-2/)

    await page.getByRole('button', { name: w.money.markPaid }).click()
    await page.getByRole('dialog').getByLabel(w.money.reference).fill('Statement 7')
    await page.getByRole('dialog').getByRole('button', { name: w.money.markPaid }).click()
    await page.getByText(o.paid.paid, { exact: true }).waitFor()
    expect((await call(shopper.page, 'GET', `/shop/orders/${orderId}`))['payment']).toMatchObject({
      state: 'paid',
    })
    expect(complaints).toEqual([])
  })

  it('rejects only with a reason, which the customer reads; a new order appears by itself', async () => {
    const { page, complaints } = office
    await page.goto('/forge/office')
    await settled(page)
    const { orderId, number } = await order(1)
    await one(page, new RegExp(number)).click()
    await page.getByRole('button', { name: w.order.reject, exact: true }).click()
    const dialog = page.getByRole('dialog', { name: say(w.order.rejectTitle, { number }) })
    const reject = dialog.getByRole('button', { name: w.order.reject, exact: true })
    await reject.click()
    await dialog.getByText(words.en.field.needed).waitFor()
    await dialog.getByLabel(w.order.reason).fill('The box is sold out.')
    await reject.click()
    await dialog.waitFor({ state: 'detached' })
    await page.getByRole('status').filter({ hasText: o.state.rejected }).first().waitFor()
    expect(await call(shopper.page, 'GET', `/shop/orders/${orderId}`)).toMatchObject({
      state: 'rejected',
      reason: 'The box is sold out.',
    })
    expect(complaints).toEqual([])
  })

  it('sees which event of an order is stuck, and has it handled again from there', async () => {
    const { orderId } = await order(1)
    await sqlOf('crm')`
      update inbox set state = 'dead', attempts = 8, error = 'The customers were locked', finished_at = now()
      where key = ${orderId} and consumer = 'crm.placeOrder'`
    const { page, complaints } = office
    await page.goto(`/forge/office/${orderId}`)
    await page.getByText('The customers were locked').waitFor()
    await page.getByRole('button', { name: /^Try again: order\.created in crm\.placeOrder/ }).click()
    await page.getByText('The customers were locked').waitFor({ state: 'detached' })
    const { items } = await call(page, 'GET', `/shop/manage/orders/${orderId}/dead-letters`)
    expect(items).toEqual([])
    expect(complaints).toEqual([])
  })

  it('finds customers by tag and segment, and ticks tasks off', async () => {
    const { page, complaints } = office
    await page.goto('/forge/office/customers')
    await one(page, new RegExp(placing.customer.name)).click()
    await page.getByRole('heading', { level: 1, name: placing.customer.name }).waitFor()
    await page.getByText('Calls back on Monday').waitFor()
    await page.getByRole('button', { name: w.tags.change }).click()
    await page.getByRole('combobox', { name: w.tags.title }).fill('wholesale')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: words.en.action.save, exact: true }).click()
    await page.getByRole('button', { name: w.tags.change }).waitFor()
    await page.getByText('wholesale', { exact: true }).waitFor()

    await page.getByRole('link', { name: w.customers.title }).first().click()
    await page.getByRole('button', { name: w.segments.title }).click()
    await page.getByRole('button', { name: w.segments.add }).click()
    await page.getByLabel(w.segments.name, { exact: true }).fill('Big ones')
    await page.getByLabel(w.segments.minOrders).fill('99')
    await page.getByRole('button', { name: words.en.action.save }).click()
    await page.getByRole('link', { name: 'Big ones' }).click()
    await page.getByText(w.customers.nothingAbout).waitFor()
    await page.getByRole('button', { name: words.en.state.clearFilters }).last().click()
    await one(page, new RegExp(placing.customer.name)).waitFor()

    await page.getByRole('link', { name: w.tab.tasks }).click()
    await page.getByRole('checkbox', { name: say(w.tasks.tick, { title: 'Look for blue' }) }).click()
    await page.getByText(w.tasks.none).waitFor()
    expect(complaints).toEqual([])
  })

  it('is told what it takes where they may not go, and finds no link there', async () => {
    const { page } = office
    await page.goto('/forge/office/items')
    await page.getByText(say(w.denied.about, { permission: 'shop:manage' })).waitFor()
    expect(await page.getByRole('link', { name: w.tab.items }).count()).toBe(0)
    const answer = await page.request.get('/api/v1/shop/manage/items', { headers: csrf })
    expect(answer.status()).toBe(403)
    // Who orders only does not see the office at all.
    await shopper.page.goto('/forge/office')
    await shopper.page.getByText(say(w.denied.about, { permission: 'orders:confirm' })).waitFor()
    expect(await shopper.page.getByRole('link', { name: words.en.place.office }).count()).toBe(0)
  })
})

describe('an administrator', () => {
  it('fills the shelf with a pictured item, and says how long models are kept', async () => {
    const { page, complaints } = app.admin
    await page.goto('/forge/office/items')
    await page.getByRole('button', { name: w.items.add }).click()
    const panel = page.getByRole('dialog')
    await panel.getByLabel(w.items.nameEn).fill('Wall hook')
    await panel.getByLabel(w.items.nameRu).fill('Крючок')
    await panel.getByLabel(w.items.sku).fill('hook-1')
    await panel.getByLabel(say(w.items.priceIn, { currency: 'EUR' })).fill('4.5')
    await panel.getByLabel(w.items.stockCount).fill('12')
    await panel
      .locator('input[type="file"]')
      .setInputFiles({ name: 'hook.png', mimeType: 'image/png', buffer: png })
    await panel.getByRole('button', { name: say(w.items.pictureOff, { number: 1 }) }).waitFor()
    await panel.getByRole('button', { name: words.en.action.save }).click()
    await panel.waitFor({ state: 'detached' })
    const row = page.getByRole('row', { name: /Wall hook/ })
    await row.getByText('€4.50').waitFor()
    const shown = await shopper.page.request.get((await row.locator('img').getAttribute('src'))!)
    expect([shown.status(), shown.headers()['content-type']]).toEqual([200, 'image/png'])

    await page.getByRole('link', { name: w.tab.retention }).click()
    await page.getByLabel(w.retention.outcome.rejected).fill('3')
    await page.getByRole('button', { name: words.en.action.save }).click()
    await page.getByText(w.retention.saved).waitFor()
    expect((await call(page, 'GET', '/shop/manage/retention'))['retention']).toMatchObject({ rejected: 3 })
    expect(complaints).toEqual([])
  })

  it('takes a price that waits for a person, and sets it with the reason', async () => {
    const requestId = uuidv7()
    const sql = sqlOf('mes')
    await sql`
      insert into jobs (request_id, lane, source, owner_id, model_id, version, file_id, options, state, turn, created_at,
        queued_at, reason)
      values (${requestId}, 'regular', 'model', ${buyerId}, ${uuidv7()}, 1, ${uuidv7()}, ${sql.json(options)},
        'waitingForHuman', 1, now(), now(), ${sql.json({ code: 'partWallsThin', detail: 'Walls of 0.2 mm.' })})`
    const { page, complaints } = app.admin
    await page.goto('/forge/office/prices-waiting')
    await pressOn(page.getByRole('button', { name: new RegExp(w.prices.noName) }), 'Enter')
    const panel = page.getByRole('dialog', { name: w.prices.one })
    await panel.getByRole('button', { name: w.prices.take, exact: true }).click()
    await panel.getByLabel(say(w.prices.unitPrice, { currency: 'EUR' })).fill('49')
    await panel.getByLabel(w.prices.note).fill('By the drawing')
    expect(await violations(page)).toEqual([])
    await panel.getByRole('button', { name: w.prices.set }).click()
    await panel.waitFor({ state: 'detached' })
    await page.getByText(w.prices.none).waitFor()
    expect(await call(page, 'GET', `/mes/human/${requestId}`)).toMatchObject({
      state: 'priced',
      note: 'By the drawing',
      price: { unitPrice: 4900, total: 9800, byHand: true },
    })
    expect(complaints).toEqual([])
  })

  it.each([
    { scheme: 'light', language: 'en', viewport: desktop },
    { scheme: 'dark', language: 'ru', viewport: phone },
  ] as const)('has pages that everybody can use: $scheme, $language, $viewport.width px', async (look) => {
    const { orderId } = await order(1)
    const { page, context, complaints } = await windowOf(administrator, look)
    const { items } = await call(page, 'GET', '/crm/customers')
    const found: string[] = []
    // Beside each other on a desktop: the others only have fewer columns on a phone.
    const wide = ['', `/${orderId}`, `/customers/${items[0].customerId}`, '/items']
    const all = [...wide, '?show=all', '/customers', '/tasks', '/retention', '/prices-waiting']
    for (const end of look.viewport === desktop ? wide : all) {
      const path = `/forge/office${end}`
      await page.goto(path)
      await settled(page)
      const wider = await overflow(page)
      if (wider > 0) found.push(`${path}: ${wider} px wider than the screen`)
      for (const line of await violations(page)) found.push(`${path}: ${line}`)
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})
