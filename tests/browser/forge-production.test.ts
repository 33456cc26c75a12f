/** Production as those who work there see it: from the confirmed order to the parcel, on a phone, a desk and a wall. */
import { auth } from '@pleiad/auth/contract'
import { createClient } from '@pleiad/platform/client'
import { box } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import en from '../../web/src/forge/i18n/en/production.ts'
import ru from '../../web/src/forge/i18n/ru/production.ts'
import { handsAt, looked, options, orderIn, placing, pricedCart, until, upload } from '../forge/hands.ts'
import { administrator, useApp } from './app.ts'
import { windowOf } from './atlas-steps.ts'
import { desktop, type Language, phone, type Scheme } from './browser.ts'
import { call } from './call.ts'
import { startAt } from './forge-steps.ts'
import { overflow, settled, violations } from './scan.ts'
import { assignRoles, person, png, pressOn, registered } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp(async () => ({ MES_WORKER_THREADS: '1', EDITOR_WORKERS: '1' }))
const w = words.en
const p = en.production
const maker = person('maker')
const checker = person('checker')

let hands: ReturnType<typeof handsAt>
let modelId: string
const ids: Record<string, string> = {}

/** A workshop with two operators, and a model that somebody has uploaded. */
beforeAll(async () => {
  const admin = app.admin.page
  await call(admin, 'POST', '/auth/roles', {
    name: 'maker',
    description: 'Works in the workshop',
    permissions: ['production:work'],
  })
  for (const who of [maker, checker]) {
    const userId = await registered(admin, 'en', who)
    await assignRoles(admin, userId, ['maker'])
    ids[who.username] = userId
  }
  await app.platform.host.settled()
  const { accessToken } = (await createClient(auth, { baseUrl: app.platform.url }).login({
    body: { email: administrator.email, password: administrator.password },
  })) as { accessToken: string }
  hands = handsAt({ url: () => app.platform.url, token: () => accessToken })
  modelId = (
    await hands.editor.createModel({ body: { fileId: await upload(hands, writeStl(box(20, 20, 10))) } })
  ).modelId
  await looked(hands, modelId)
})

/** An order of two pieces, placed and confirmed by the office. */
async function confirmed(): Promise<{ orderId: string; number: string }> {
  await hands.shop.addLine({ body: { kind: 'made', modelId, options } })
  const { cartId } = await pricedCart(hands)
  const { orderId } = await hands.shop.checkout({ body: { cartId, ...placing } })
  const params = { orderId }
  await orderIn(hands, orderId, 'created')
  await until(() => hands.crm.getOrder({ params }), 'the office sees the order')
  await hands.crm.confirmOrder({ params, body: {} })
  return orderIn(hands, orderId, 'confirmed')
}

const cards = (page: Page, number: string) => page.getByRole('listitem').filter({ hasText: number })
const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const column = (page: Page, name: string) => page.getByRole('radio', { name: new RegExp(`^${name}`) })

describe('the workshop', () => {
  it('gets its machine and its people by the head of production', async () => {
    const { page, context, complaints } = await windowOf(app)
    await page.goto('/forge/production/machines')
    await page.getByText(p.machines.none).waitFor()
    await pressOn(button(page, p.machines.add), 'Enter')
    const adding = page.getByRole('dialog', { name: p.machines.add })
    await adding.getByLabel(p.machines.name).fill('Printer 1')
    await adding.getByRole('button', { name: p.machines.add }).click()
    await page.getByRole('link', { name: /Printer 1/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Printer 1' }).waitFor()
    await page.getByText(p.machines.idle).waitFor()

    await page
      .getByRole('navigation', { name: p.pages })
      .getByRole('link', { name: p.people.title, exact: true })
      .click()
    for (const who of [maker, checker]) {
      await button(page, p.people.add).click()
      const dialog = page.getByRole('dialog', { name: p.people.add })
      await dialog.getByRole('combobox', { name: w.users.person }).fill(who.username)
      await page.getByRole('option', { name: new RegExp(`@${who.username}`) }).click()
      await dialog.getByRole('button', { name: w.action.save, exact: true }).click()
      await dialog.waitFor({ state: 'hidden' })
      await page.getByRole('row', { name: new RegExp(who.name) }).waitFor()
    }
    await button(page, p.shifts.add).click()
    const shift = page.getByRole('dialog', { name: p.shifts.add })
    await shift.getByRole('combobox', { name: p.operator }).click()
    await page.getByRole('option', { name: maker.name }).click()
    await shift.getByRole('button', { name: p.shifts.add }).click()
    await page.getByRole('button', { name: new RegExp(`^Call off the shift of ${maker.name}`) }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('an order', () => {
  it('appears by itself on a phone, is made there, and checked, packed and sent at a desk', async () => {
    const phoned = await windowOf(app, { viewport: phone }, maker)
    const { page } = phoned
    await page.goto('/forge/production')
    await page.getByText(p.none.free).waitFor()
    const { number, orderId } = await confirmed()
    // Nobody loads the page anew.
    const card = cards(page, number)
    await card.waitFor()
    await pressOn(card.getByRole('button', { name: p.claim }), 'Enter')
    await expect.poll(() => column(page, p.short.making).isChecked()).toBe(true)
    await startAt(card, 'Printer 1')
    const dialog = page.getByRole('dialog')
    await card.getByRole('button', { name: p.pause, exact: true }).click()
    await dialog.getByText(p.pauseReason.cleaning).click()
    await expect.poll(() => dialog.getByLabel(p.why).inputValue()).toBe(p.pauseReason.cleaning)
    await dialog.getByRole('button', { name: p.pause, exact: true }).click()
    await card.getByText(say(p.pausedBecause, { reason: p.pauseReason.cleaning })).waitFor()
    await card.getByRole('button', { name: p.resume, exact: true }).click()
    await dialog.getByRole('button', { name: p.resume, exact: true }).click()
    await card.getByRole('button', { name: p.finish, exact: true }).waitFor()

    // One of two pieces is spoilt; it is made again.
    await pressOn(card.getByRole('button', { name: /^More for/ }), 'Enter')
    await pressOn(page.getByRole('menuitem', { name: p.scrap }), 'Enter')
    await dialog.getByLabel(p.why).fill('It came off')
    await dialog.getByRole('button', { name: p.makeAgain }).click()
    await card.getByText(say(p.scrapped_one, { count: 1 })).waitFor()
    await card.getByRole('button', { name: p.finish, exact: true }).click()
    await dialog.getByRole('button', { name: p.finish, exact: true }).click()
    await page.getByText(p.none.making).waitFor()
    await pressOn(column(page, p.short.making), 'ArrowLeft')
    await card.getByText(p.remake).waitFor()
    await card.getByRole('button', { name: p.claim }).click()
    await startAt(card, 'Printer 1')
    await card.getByRole('button', { name: p.finish, exact: true }).click()
    await dialog.getByRole('button', { name: p.finish, exact: true }).click()
    await page.getByText(p.none.making).waitFor()
    expect(phoned.complaints).toEqual([])
    await phoned.context.close()

    const desk = await windowOf(app, {}, checker)
    await desk.page.goto('/forge/production')
    const waiting = cards(desk.page, number)
    await waiting.getByRole('button', { name: p.check, exact: true }).click()
    const check = desk.page.getByRole('dialog', { name: say(p.checkTitle, { number }) })
    const chooser = desk.page.waitForEvent('filechooser')
    await check.getByRole('button', { name: p.addPhoto }).click()
    await (await chooser).setFiles({ name: 'seen.png', mimeType: 'image/png', buffer: png })
    await check.getByRole('img', { name: say(p.photo, { number: 1 }) }).waitFor()
    await check.getByRole('radio', { name: p.results.passed, exact: true }).click()
    await check.getByRole('button', { name: p.saveCheck }).click()
    await pressOn(waiting.getByRole('button', { name: p.pack, exact: true }), 'Enter')
    await waiting.getByRole('button', { name: p.ship, exact: true }).click()
    const ship = desk.page.getByRole('dialog', { name: say(p.shipTitle, { number }) })
    await ship.getByText('Road 1').waitFor()
    await ship.getByLabel(p.carrier).fill('Post')
    await ship.getByLabel(p.tracking).fill('0042')
    await ship.getByRole('button', { name: p.ship, exact: true }).click()
    await waiting.getByRole('button', { name: number }).click()
    const panel = desk.page.getByRole('dialog', { name: say(p.order, { number }) })
    await panel.getByText('Post 0042').waitFor()
    await panel.getByRole('img', { name: say(p.photo, { number: 1 }) }).waitFor()
    await desk.page.keyboard.press('Escape')
    await panel.waitFor({ state: 'hidden' })
    await waiting.getByRole('button', { name: p.deliver, exact: true }).click()
    await desk.page.getByRole('dialog').getByRole('button', { name: p.deliver, exact: true }).click()
    await waiting.waitFor({ state: 'detached' })
    await orderIn(hands, orderId, 'delivered')
    expect(desk.complaints).toEqual([])
    await desk.context.close()
  })

  it('is pushed to whoever may see the board: a head who is no operator, and the wall', async () => {
    const look = async (path: string) => {
      const visit = await windowOf(app)
      const told = new Set<string>()
      const open = new Promise<void>((resolve) =>
        visit.page.on('websocket', (socket) =>
          socket.on('framereceived', ({ payload }) => {
            const { type, topics, topic, data } = JSON.parse(String(payload))
            if (type === 'subscribed' && topics.includes('production')) resolve()
            if (topic === 'production' && data.what === 'confirmed') told.add(data.orderId)
          }),
        ),
      )
      await visit.page.goto(path)
      await open
      return { ...visit, told }
    }
    const views = [await look('/forge/production'), await look('/forge/production/wall')]
    const { number, orderId } = await confirmed()
    for (const { page, context, told, complaints } of views) {
      await expect.poll(() => told.has(orderId), { timeout: 20_000 }).toBe(true)
      await page.getByText(number).first().waitFor()
      expect(complaints).toEqual([])
      await context.close()
    }
  })

  it('appears without the live connection as well: then the board asks by itself', async () => {
    const { page, context } = await windowOf(app)
    await page.routeWebSocket(/\/realtime/, (socket) => socket.close({ code: 1013 }))
    await page.goto('/forge/production')
    await page.getByRole('heading', { level: 2, name: new RegExp(p.column.making) }).waitFor()
    const { number } = await confirmed()
    await cards(page, number).waitFor()
    await context.close()
  })

  it('is given to an operator by a senior, and only they see it then', async () => {
    const { number } = await confirmed()
    const { page, context, complaints } = await windowOf(app)
    await page.goto('/forge/production')
    const card = cards(page, number)
    await card.getByRole('button', { name: p.assign, exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('combobox', { name: p.operator }).click()
    await page.getByRole('option', { name: maker.name }).click()
    await dialog.getByRole('button', { name: p.assign, exact: true }).click()
    await card.getByText(maker.name).waitFor()
    const other = await windowOf(app, {}, checker)
    await other.page.goto('/forge/production')
    await other.page.getByText(p.none.making).waitFor()
    expect(await cards(other.page, number).count()).toBe(0)
    // What an operator may not do is not offered.
    for (const name of [p.figures.title, p.assign])
      expect(await other.page.getByText(name, { exact: true }).count()).toBe(0)
    await other.context.close()
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('the wall', () => {
  it('shows everything without a control, says when it is cut off, and goes on by itself', async () => {
    const { page, context } = await windowOf(app)
    await page.goto('/forge/production/wall')
    await page.getByText(p.wall.live, { exact: true }).waitFor()
    await page.getByRole('heading', { level: 2, name: new RegExp(p.column.making) }).waitFor()
    await page.getByText(new RegExp(maker.name)).first().waitFor()
    expect(await page.getByRole('button').or(page.getByRole('link')).count()).toBe(0)
    await context.setOffline(true)
    await page.getByText(/^No connection since/).waitFor()
    await page.getByText(new RegExp(maker.name)).first().waitFor()
    await context.setOffline(false)
    await page.getByText(p.wall.live, { exact: true }).waitFor()
    await context.close()
  })
})

describe('somebody who does not work there', () => {
  it('sees no way there, and is told how to get one', async () => {
    const guest = person('onlooker')
    await registered(app.admin.page, 'en', guest)
    const { page, context, complaints } = await windowOf(app, {}, guest)
    await page.getByRole('link', { name: w.place.orders, exact: true }).first().waitFor()
    expect(await page.getByRole('link', { name: w.place.production, exact: true }).count()).toBe(0)
    for (const path of ['/forge/production', '/forge/production/wall']) {
      await page.goto(path)
      await page.getByText(p.notYours).waitFor()
      expect(await violations(page)).toEqual([])
    }
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe.each<{ scheme: Scheme; language: Language; viewport: typeof phone }>([
  { scheme: 'light', language: 'en', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: phone },
])('the pages of production, $scheme, in $language, $viewport.width px wide,', (look) => {
  const said = (look.language === 'en' ? en : ru).production as typeof p

  it('are accessible and fit, and so is what opens above them', async () => {
    const { page, context, complaints } = await windowOf(app, look)
    const found: string[] = []
    const scan = async (name: string, within?: string) => {
      for (const line of await violations(page, false, within)) found.push(`${name}: ${line}`)
    }
    const { items } = await hands.operators.listMachines()
    const above: Readonly<Record<string, readonly string[]>> = {
      '/machines': [said.machines.add],
      [`/machines/${items[0]!.machineId}`]: [said.machines.change, said.machines.toDown],
      '/people': [said.people.add, said.shifts.add],
      '/schedule': [said.materials.add],
    }
    const dialog = page.getByRole('dialog')
    for (const path of ['', ...Object.keys(above), '/figures', '/wall', '/machines/none']) {
      await page.goto(`/forge/production${path}`)
      await settled(page)
      const wider = await overflow(page)
      if (wider > 0) found.push(`${path}: ${wider} px wider than the screen`)
      await scan(path)
      for (const name of above[path] ?? []) {
        await button(page, name).click()
        await dialog.waitFor()
        await settled(page)
        await scan(`${name} above ${path}`, '[role="dialog"]')
        // The first may close only the list of choices that the focus has opened.
        await expect
          .poll(async () => {
            await page.keyboard.press('Escape')
            return dialog.count()
          })
          .toBe(0)
      }
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})
