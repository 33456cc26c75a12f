/** The customer's pages: uploads, the viewer, choices and prices, cart, checkout, orders; for eyes, keyboards and phones. */
import { auth } from '@pleiad/auth/contract'
import { createClient } from '@pleiad/platform/client'
import { bracket, gear } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import type { Locator, Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { handsAt, looked, options, orderIn, placing, pricedCart, upload } from '../forge/hands.ts'
import { useApp } from './app.ts'
import { windowOf } from './atlas-steps.ts'
import { desktop, type Language, phone, type Scheme } from './browser.ts'
import { customerWords, shelved, stlModel, uploadRow } from './forge-steps.ts'
import { overflow, settled, violations } from './scan.ts'
import { person, pressOn, registered } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp(async () => ({ MES_WORKER_THREADS: '1', EDITOR_WORKERS: '1' }))
const w = customerWords.en
const buyer = person('buyer')
const newcomer = person('newcomer')
let hands: ReturnType<typeof handsAt>
/** A gear that can be made, and a bracket that does not close. */
const models = { ready: '', broken: '' }

beforeAll(async () => {
  await shelved(app.admin.page)
  for (const who of [buyer, newcomer]) await registered(app.admin.page, 'en', who)
  const { accessToken } = (await createClient(auth, { baseUrl: app.platform.url }).login({
    body: { email: buyer.email, password: buyer.password },
  })) as { accessToken: string }
  hands = handsAt({ url: () => app.platform.url, token: () => accessToken })
  const whole = bracket()
  const open = { ...whole, indices: whole.indices.subarray(0, whole.indices.length - 6) }
  const made = async (bytes: Uint8Array, name: string) => {
    const fileId = await upload(hands, bytes, name)
    const { modelId } = await hands.editor.createModel({ body: { fileId } })
    await looked(hands, modelId)
    return modelId
  }
  models.ready = await made(writeStl(gear(16, 1.5, 5, 6)), 'gear.stl')
  models.broken = await made(writeStl(open), 'bracket.stl')
})

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true })
const status = (page: Page, text: string | RegExp) => page.getByRole('status').getByText(text)
const euros = (text: string | null) => Number(text!.replace(/[^\d.]/g, ''))

/** How many pixels of what is seen there look like what is wanted. */
async function pixels(seen: Locator, colour: 'red' | 'violet'): Promise<number> {
  const base64 = (await seen.screenshot()).toString('base64')
  return seen.page().evaluate(
    async ({ base64, colour }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))
      const picture = await createImageBitmap(new Blob([bytes], { type: 'image/png' }))
      const canvas = new OffscreenCanvas(picture.width, picture.height)
      const context = canvas.getContext('2d')!
      context.drawImage(picture, 0, 0)
      const { data } = context.getImageData(0, 0, picture.width, picture.height)
      let count = 0
      for (let i = 0; i < data.length; i += 4) {
        const [r, g, b] = [data[i]!, data[i + 1]!, data[i + 2]!]
        if (colour === 'red' ? r > 180 && g < 110 && b < 120 : b > 190 && g < 140 && r > 80 && r < 150)
          count++
      }
      return count
    },
    { base64, colour },
  )
}

describe('a newcomer', () => {
  it('uploads with the keyboard alone, and reads what came of each file', async () => {
    const { page, context, complaints } = await windowOf(app, {}, newcomer)
    await page.goto('/forge/models')
    await page.getByText(w.shop.models.none).waitFor()
    await page.getByText(/^STL, OBJ/).waitFor()
    const chooser = page.waitForEvent('filechooser')
    await pressOn(button(page, w.shop.upload.choose), 'Enter')
    const jpeg = Buffer.concat([Buffer.from('ffd8ffe000104a464946000101', 'hex'), Buffer.alloc(600, 7)])
    const model = (name: string, buffer: Buffer) => ({ name, mimeType: 'model/stl', buffer })
    await (await chooser).setFiles([
      model('holiday.stl', jpeg),
      model('nothing.stl', Buffer.alloc(0)),
      model('cut-off.stl', stlModel('broken/incorrectFaceCounter.bin.stl')),
      model('letter.docx', Buffer.from('Dear workshop')),
      model('bunny.stl', stlModel('objects/bunny.bin.stl')),
    ])
    await page
      .getByRole('alert')
      .getByText(say(w.shop.upload.notRead, { names: 'letter.docx' }))
      .waitFor()
    for (const [name, reason] of [
      ['holiday.stl', 'formatUnknown'],
      ['cut-off.stl', 'fileDamaged'],
    ] as const) {
      const row = uploadRow(page, 'en', name)
      await row.getByText(w.shop.modelState.rejected).waitFor()
      await row.getByText(w.editor.reason[reason]).waitFor()
      await row.getByText(w.editor.reasonAbout[reason]).waitFor()
    }
    const empty = uploadRow(page, 'en', 'nothing.stl')
    await empty.getByText(words.en.errors.fileEmpty).waitFor()
    // Going on would lead nowhere.
    expect(await empty.getByRole('button').count()).toBe(1)
    const bunny = uploadRow(page, 'en', 'bunny.stl')
    await bunny.getByText(w.shop.modelState.processing).waitFor({ state: 'hidden' })
    await pressOn(button(page, say(w.shop.upload.hide, { name: 'holiday.stl' })), 'Enter')
    await uploadRow(page, 'en', 'holiday.stl').waitFor({ state: 'detached' })
    expect(await page.getByRole('link', { name: /holiday\.stl/ }).count()).toBe(1)
    await pressOn(bunny.getByRole('link', { name: w.shop.upload.open }), 'Enter')
    await page.getByRole('heading', { level: 1, name: 'bunny.stl' }).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('the viewer', () => {
  it('turns, cuts and measures a part, by mouse and by keyboard', async () => {
    const { page, context, complaints } = await windowOf(app, {}, buyer)
    await page.goto(`/forge/models/${models.ready}`)
    const canvas = page.getByRole('img', { name: /^3D view of gear\.stl/ })
    await canvas.waitFor()
    const looks = async () => (await canvas.screenshot()).toString('base64')
    const changes = async (by: () => Promise<unknown>) => {
      const before = await looks()
      await by()
      await expect.poll(looks).not.toBe(before)
    }
    await expect.poll(async () => new Set(await looks()).size).toBeGreaterThan(10)
    await changes(async () => {
      const box = (await canvas.boundingBox())!
      await page.mouse.move(box.x + 200, box.y + 200)
      await page.mouse.down()
      await page.mouse.move(box.x + 320, box.y + 240, { steps: 4 })
      await page.mouse.up()
    })
    await changes(() => canvas.press('ArrowLeft'))
    await changes(() => canvas.press('-'))
    await changes(() => button(page, w.editor.viewer.side.top).click())
    await changes(() => page.getByRole('switch', { name: w.editor.viewer.plate }).click())

    // From above the axis is in the middle: two opposite teeth are as far apart as the gear is large.
    await button(page, w.editor.viewer.measure).click()
    await page.getByText(w.editor.viewer.pickFirst).waitFor()
    const { x, y, width, height } = (await canvas.boundingBox())!
    for (const offset of [-70, 70]) await page.mouse.click(x + width / 2 + offset, y + height / 2)
    const distance = page.getByText(/^Distance: [\d.]+ mm$/)
    await distance.waitFor()
    expect(euros(await distance.textContent())).toBeGreaterThan(5)
    expect(euros(await distance.textContent())).toBeLessThan(27)
    await button(page, w.editor.viewer.measure).click()

    await button(page, w.editor.viewer.side.iso).click()
    expect(await pixels(canvas, 'violet')).toBeLessThan(60)
    await page.getByRole('switch', { name: w.editor.viewer.section }).click()
    await expect.poll(() => pixels(canvas, 'violet')).toBeGreaterThan(200)
    const half = await pixels(canvas, 'violet')
    await pressOn(page.getByRole('slider', { name: w.editor.viewer.place }), 'End')
    await expect.poll(() => pixels(canvas, 'violet')).toBeLessThan(half)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('shows where a part is broken, and what the repair would make of it', async () => {
    const { page, context, complaints } = await windowOf(app, {}, buyer)
    await page.goto(`/forge/models/${models.broken}`)
    const canvas = page.getByRole('img', { name: /^3D view of bracket\.stl/ })
    await canvas.waitFor()
    expect(await pixels(canvas, 'red')).toBe(0)
    await page
      .getByRole('radiogroup', { name: w.editor.repair.shown })
      .getByText(w.editor.repair.before, { exact: true })
      .click()
    await expect.poll(() => pixels(canvas, 'red')).toBeGreaterThan(20)
    await page.getByRole('switch', { name: w.editor.viewer.problems }).click()
    await expect.poll(() => pixels(canvas, 'red')).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe('a customer', () => {
  it('sees the price follow what they choose and type, and orders with what is on the shelf', async () => {
    const { page, context, complaints } = await windowOf(app, {}, buyer)
    await page.goto(`/forge/models/${models.ready}`)
    // Of one piece both ends are the smallest order.
    const interval = status(page, /^€[\d.,]+( – €[\d.,]+)?$/).first()
    await interval.waitFor()
    const low = async () => euros((await interval.textContent())!.split('–')[0]!)
    const one = await low()
    const quantity = page.getByLabel(w.editor.choose.quantity, { exact: true })
    await quantity.click()
    await page.keyboard.press('Control+a')
    await page.keyboard.press('Backspace')
    expect(await quantity.inputValue()).toBe('')
    await page.keyboard.type('40')
    await expect.poll(low).toBeGreaterThan(one * 2)
    const forty = await low()
    await page.getByRole('radio', { name: /^PETG/ }).check()
    await expect.poll(low).not.toBe(forty)
    await button(page, w.editor.buy.add).click()
    await page.getByText(w.editor.price.binding, { exact: true }).waitFor()

    await page.goto('/forge/items')
    await page
      .getByRole('listitem')
      .filter({ hasText: 'Storage box' })
      .getByRole('button', { name: w.shop.items.add })
      .click()
    await page.goto('/forge/cart')
    const total = status(page, /^€/).first()
    await total.waitFor()
    const before = euros(await total.textContent())
    await page.getByLabel(say(w.shop.quantityOf, { name: 'Storage box' })).fill('3')
    await page.keyboard.press('Enter')
    await expect.poll(async () => euros(await total.textContent())).toBe(before + 24)
    await page.getByRole('link', { name: w.shop.cart.checkout }).click()

    const c = w.shop.checkout
    await page.getByRole('radio', { name: w.shop.delivery.post }).check()
    await page.getByLabel(c.email).fill('nobody')
    await button(page, c.order).click()
    await page.getByText(c.emailBad).waitFor()
    expect(await page.getByText(words.en.field.needed).count()).toBeGreaterThanOrEqual(4)
    await page.getByRole('radio', { name: w.shop.delivery.pickup }).check()
    await page.getByLabel(c.name).fill(buyer.name)
    await page.getByLabel(c.email).fill(buyer.email)
    await pressOn(button(page, c.order), 'Enter')
    await page.getByRole('heading', { level: 1, name: /^Order / }).waitFor()

    const download = page.waitForEvent('download')
    await button(page, w.orders.invoice).click()
    const invoice = await download
    expect(invoice.suggestedFilename()).toMatch(/\.pdf$/)
    expect((await (await invoice.createReadStream()).toArray()).join('').slice(0, 5)).toBe('%PDF-')

    await button(page, w.orders.cancel).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel(w.orders.why).fill('Found another way')
    await dialog.getByRole('button', { name: w.orders.cancel }).click()
    await page.getByRole('status').getByText(w.orders.state.cancelled, { exact: true }).waitFor()
    await page.getByText('Found another way').first().waitFor()
    expect(await button(page, w.orders.cancel).count()).toBe(0)
    expect(complaints).toEqual([])
    await context.close()
  })
})

describe.each<{ scheme: Scheme; language: Language; viewport: typeof phone }>([
  { scheme: 'light', language: 'en', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: desktop },
  { scheme: 'dark', language: 'en', viewport: phone },
  { scheme: 'light', language: 'ru', viewport: phone },
])('the pages of the shop, $scheme, in $language, $viewport.width px wide,', (look) => {
  it('are accessible and fit', async () => {
    const { page, context, complaints } = await windowOf(app, look, buyer)
    const found: string[] = []
    const scan = async (path: string) => {
      await page.goto(`/forge/${path}`)
      await settled(page)
      const wider = await overflow(page)
      if (wider > 0) found.push(`${path}: ${wider} px wider than the screen`)
      for (const line of await violations(page)) found.push(`${path}: ${line}`)
    }
    await scan('cart')
    await hands.shop.addLine({ body: { kind: 'made', modelId: models.ready, options } })
    const { cartId } = await pricedCart(hands)
    for (const path of [
      'models',
      `models/${models.ready}`,
      `models/${models.broken}`,
      'items',
      'cart',
      'checkout',
    ])
      await scan(path)
    const { orderId } = await hands.shop.checkout({ body: { cartId, ...placing } })
    await orderIn(hands, orderId, 'created')
    for (const path of ['orders', `orders/${orderId}`, 'orders/none']) await scan(path)
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})
