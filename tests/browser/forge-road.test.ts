/** The whole road of an order in real windows: a broken file is mended, priced, ordered, made, delivered, and goes in the end. */
import type { Page } from 'playwright-core'
import { beforeAll, expect, it } from 'vitest'
import officeEn from '../../web/src/forge/i18n/en/office.ts'
import productionEn from '../../web/src/forge/i18n/en/production.ts'
import { useApp } from './app.ts'
import { windowOf } from './atlas-steps.ts'
import { phone, type Visit } from './browser.ts'
import { call } from './call.ts'
import {
  customerWords,
  dropFile,
  hired,
  holdBack,
  runJob,
  startAt,
  stlModel,
  uploadRow,
} from './forge-steps.ts'
import { join, person, png } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp(async () => ({ MES_WORKER_THREADS: '1', EDITOR_WORKERS: '1' }))
const ru = customerWords.ru
const en = customerWords.en
const o = officeEn.office
const p = productionEn.production
const buyer = { ...person('buyer'), name: 'Вера Покупатель' }
const clerk = person('clerk')
const maker = person('maker')
const checker = person('checker')
/** A tetrahedron of one unit that lacks a face; nobody has changed the file. */
const file = { name: 'missingFace.stl', bytes: stlModel('broken/missingFace.ascii.stl') }

/** A workshop with a clerk, two operators and a printer. */
beforeAll(async () => {
  const admin = app.admin.page
  await hired(app, clerk, ['orders:confirm', 'orders:manage', 'customers:read'])
  for (const who of [maker, checker]) {
    const operatorId = await hired(app, who, ['production:work'])
    await app.platform.host.settled()
    await call(admin, 'PUT', `/operators/operators/${operatorId}`, { skills: ['fdm', 'sla'], active: true })
  }
  await call(admin, 'POST', '/operators/machines', {
    name: 'Printer 1',
    technique: 'fdm',
    materials: [],
    sizeMm: { x: 250, y: 210, z: 210 },
  })
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const badge = (page: Page, state: string) => page.getByRole('status').getByText(state, { exact: true })

/** From the file on the desktop to a part that can be made. Resolves to the address of its page. */
async function mendModel({ page }: Visit): Promise<string> {
  await page
    .getByRole('navigation', { name: words.ru.shell.navigation })
    .getByRole('link', { name: words.ru.place.models })
    .click()
  await page.getByText(ru.shop.models.none).waitFor()
  const held = await holdBack(page, 'PATCH')
  await dropFile(page, page.getByText(ru.shop.upload.drop), file.name, file.bytes)
  const row = uploadRow(page, 'ru', file.name)
  // Nothing of it is there yet, so that the bar has no width.
  await row.getByRole('progressbar', { name: file.name }).waitFor({ state: 'attached' })
  await row.getByText(ru.shop.upload.state.sending).waitFor()
  await row.getByText(/^0\s\S+ из 345\s\S+$/).waitFor()
  await held.release()
  await row.getByRole('link', { name: ru.shop.upload.open }).click()

  // One unit could be anything: the page asks before it looks for what is wrong.
  await page.getByText(ru.editor.unit.title).waitFor()
  await page.getByRole('radio', { name: ru.editor.unit.name.in, exact: true }).check()
  await button(page, ru.editor.unit.choose).click()
  await page.getByText(ru.editor.repair.title).waitFor()
  await page.getByText(say(ru.editor.repair.change.filledHoles_one, { count: 1 })).waitFor()
  const compared = page.getByRole('row', { name: ru.editor.repair.closed })
  expect(await compared.getByRole('cell').allTextContents()).toEqual([
    ru.editor.repair.no,
    ru.editor.repair.yes,
  ])
  await page
    .getByRole('radiogroup', { name: ru.editor.repair.shown })
    .getByText(ru.editor.repair.before, { exact: true })
    .click()
  await page.getByText(ru.editor.report.open).waitFor()
  await page.getByText(say(ru.editor.problem.holes_one, { count: 1 })).waitFor()
  await page.getByRole('switch', { name: ru.editor.viewer.problems }).waitFor()
  await button(page, ru.editor.repair.accept).click()
  await page.getByText(ru.editor.report.fine).waitFor()
  await page.getByRole('heading', { name: ru.editor.choose.title }).waitFor()
  return page.url()
}

/** Twenty of them, from the interval to the price that binds, and the order. Resolves to its number. */
async function orderPart({ page }: Visit): Promise<string> {
  await page.getByLabel(ru.editor.choose.quantity, { exact: true }).fill('20')
  await page.getByText(ru.editor.price.estimate, { exact: true }).waitFor()
  const interval = await page
    .getByRole('status')
    .getByText(/^от .* до .*€$/)
    .textContent()
  const [low, high] = interval!.split(' до ').map(sum) as [number, number]
  expect(high).toBeGreaterThan(low)
  await button(page, ru.editor.buy.add).click()
  await page.getByText(ru.editor.price.binding, { exact: true }).waitFor()
  await page.getByRole('link', { name: ru.editor.buy.toCart }).click()
  await page.getByText(ru.shop.cart.ready).waitFor()
  const total = sum(await page.getByRole('status').getByText('€').first().textContent())
  expect(total).toBeGreaterThanOrEqual(low)
  expect(total).toBeLessThanOrEqual(high)
  await page.getByRole('link', { name: ru.shop.cart.checkout }).click()
  const c = ru.shop.checkout
  const fill = (label: string, text: string) => page.getByLabel(label).fill(text)
  await fill(c.name, buyer.name)
  await fill(c.email, buyer.email)
  await page.getByRole('radio', { name: ru.shop.delivery.post }).check()
  await fill(c.receiver, buyer.name)
  await fill(c.street, 'Lindenstraße 7')
  await fill(c.postalCode, '10969')
  await fill(c.city, 'Berlin')
  await page.getByRole('combobox', { name: c.country }).fill('Герма')
  await page.getByRole('option', { name: 'Германия' }).click()
  await page.getByRole('radio', { name: ru.shop.payment.invoice }).check()
  await button(page, c.order).click()
  const heading = page.getByRole('heading', { level: 1, name: /^Заказ / })
  await heading.waitFor()
  await badge(page, ru.orders.state.created).waitFor()
  return (await heading.textContent())!.replace('Заказ ', '')
}

const sum = (text: string | null) => Number(text!.replace(/[^\d,]/g, '').replace(',', '.'))

async function confirm({ page }: Visit, number: string): Promise<void> {
  await page.getByRole('link', { name: new RegExp(number) }).click()
  await page.getByText(`20 × ${file.name}`).waitFor()
  await button(page, o.order.confirm).click()
  const dialog = page.getByRole('dialog', { name: say(o.order.confirmTitle, { number }) })
  await dialog.getByRole('button', { name: o.order.confirm, exact: true }).click()
  await badge(page, en.orders.state.confirmed).waitFor()
}

const card = (page: Page, number: string) => page.getByRole('listitem').filter({ hasText: number })

async function make({ page }: Visit, number: string): Promise<void> {
  const work = card(page, number)
  const dialog = page.getByRole('dialog')
  await work.getByRole('button', { name: p.claim }).click()
  await startAt(work, 'Printer 1')
  await work.getByRole('button', { name: p.finish, exact: true }).click()
  await dialog.getByRole('button', { name: p.finish, exact: true }).click()
  await page.getByText(p.none.making).waitFor()
}

async function check({ page }: Visit, number: string): Promise<void> {
  await card(page, number).getByRole('button', { name: p.check, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: say(p.checkTitle, { number }) })
  const chooser = page.waitForEvent('filechooser')
  await dialog.getByRole('button', { name: p.addPhoto }).click()
  await (await chooser).setFiles({ name: 'seen.png', mimeType: 'image/png', buffer: png })
  await dialog.getByRole('img', { name: say(p.photo, { number: 1 }) }).waitFor()
  await dialog.getByRole('radio', { name: p.results.passed, exact: true }).click()
  await dialog.getByRole('button', { name: p.saveCheck }).click()
}

async function send({ page }: Visit, number: string): Promise<void> {
  await card(page, number).getByRole('button', { name: p.ship, exact: true }).click()
  const dialog = page.getByRole('dialog', { name: say(p.shipTitle, { number }) })
  await dialog.getByText('Lindenstraße 7').waitFor()
  await dialog.getByLabel(p.carrier).fill('DHL')
  await dialog.getByLabel(p.tracking).fill('0042')
  await dialog.getByRole('button', { name: p.ship, exact: true }).click()
}

/** The rule is changed to no days; the preview names the model, and the record says that it went. */
async function letGo(page: Page, number: string): Promise<void> {
  await page.goto('/forge/office/retention')
  await page.getByText(o.retention.nothingGoes).waitFor()
  await page.getByLabel(o.retention.outcome.delivered).fill('0')
  await button(page, words.en.action.save).click()
  await page.getByText(o.retention.saved).waitFor()
  const row = page.getByRole('row', { name: new RegExp(`${file.name}.*${number}`) })
  await row.getByText(o.retention.outcome.delivered).waitFor()
  await page.getByText(/^1 model goes\./).waitFor()
  await page.getByText(o.retention.noneGone).waitFor()
  await runJob(app, 'shop', 'applyRetention')
  await runJob(app, 'files', 'removeDue')
  await page.reload()
  await page.getByText(o.retention.nothingGoes).waitFor()
  await page.getByRole('columnheader', { name: o.retention.went }).waitFor()
  await row.waitFor()
}

/** What the outbox has for the customer, as its administrator reads it. */
async function readMail(page: Page, subject: string): Promise<void> {
  await page.goto('/admin/mail')
  await page.getByRole('searchbox').fill(buyer.email)
  await page.getByRole('button', { name: subject }).click()
  const mail = page.frameLocator(`iframe[title="${subject}"]`)
  await mail.getByText(`Заказ`).first().waitFor()
  expect(await mail.locator('html').getAttribute('lang')).toBe('ru')
}

it('goes from a broken file to the parcel, before everybody’s eyes, and the file goes at the end', {
  timeout: 240_000,
}, async () => {
  const shopper = await app.visit({ language: 'ru' })
  await join(shopper.page, app.admin.page, 'ru', buyer)
  const downloads = new Set<string>()
  shopper.page.on('response', (answer) => {
    if (answer.headers()['content-type']?.startsWith('model/')) downloads.add(answer.url())
  })
  const office = await windowOf(app, {}, clerk)
  const floor = await windowOf(app, { viewport: phone }, maker)
  const desk = await windowOf(app, {}, checker)
  await office.page.goto('/forge/office')
  await office.page.getByText(o.inbox.none.waiting).waitFor()
  for (const { page } of [floor, desk]) await page.goto('/forge/production')
  await floor.page.getByText(p.none.free).waitFor()

  const modelUrl = await mendModel(shopper)
  const number = await orderPart(shopper)
  // From here on the customer only looks: nothing is pressed, nothing loaded anew.
  const { page } = shopper
  await page.evaluate(() => Object.assign(window, { untouched: true }))
  const sees = (state: keyof typeof ru.orders.state) => badge(page, ru.orders.state[state]).waitFor()
  await confirm(office, number)
  await sees('confirmed')
  await make(floor, number)
  await sees('qualityCheck')
  await check(desk, number)
  await card(desk.page, number).getByRole('button', { name: p.pack, exact: true }).click()
  await sees('packed')
  await send(desk, number)
  await sees('shipped')
  await page.getByText('DHL 0042').waitFor()
  await card(desk.page, number).getByRole('button', { name: p.deliver, exact: true }).click()
  await desk.page.getByRole('dialog').getByRole('button', { name: p.deliver, exact: true }).click()
  await sees('delivered')
  const happened = () => page.locator('.mantine-Timeline-itemTitle').allTextContents()
  const { state, event } = ru.orders
  await expect
    .poll(happened)
    .toEqual([
      event.ordered,
      state.quoted,
      state.created,
      state.confirmed,
      state.inProduction,
      state.qualityCheck,
      event.quality_passed,
      state.packed,
      state.shipped,
      state.delivered,
    ])

  await page.getByTestId('bell').click()
  const news = page.getByRole('dialog', { name: words.ru.place.notifications })
  for (const step of ['изготавливается', 'на проверке', 'упакован', 'в пути', 'доставлен'])
    await news.getByRole('button', { name: `Заказ ${number} ${step}` }).waitFor()
  await page.keyboard.press('Escape')
  await readMail(app.admin.page, `Заказ ${number} доставлен`)

  expect(downloads.size).toBeGreaterThan(0)
  const answers = async () =>
    Promise.all([...downloads].map(async (url) => (await page.request.get(url)).status()))
  expect(new Set(await answers())).toEqual(new Set([200]))
  await letGo(app.admin.page, number)
  // The order tells of it by itself, and stays; the model and its files are nowhere any more.
  await expect.poll(happened).toContain(event.file_gone)
  expect(await page.evaluate(() => 'untouched' in window)).toBe(true)
  expect(new Set(await answers())).toEqual(new Set([404]))
  await page.goto(modelUrl)
  await page.getByRole('heading', { name: ru.editor.gone }).waitFor()
  for (const { complaints, context } of [shopper, office, floor, desk]) {
    expect(complaints).toEqual([])
    await context.close()
  }
})
