/** The price book and the partners' API, as those who keep prices and those who write programs use them. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { box } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { describe, expect, it } from 'vitest'
import partnersEn from '../../web/src/forge/i18n/en/partners.ts'
import pricesEn from '../../web/src/forge/i18n/en/prices.ts'
import partnersRu from '../../web/src/forge/i18n/ru/partners.ts'
import { useApp } from './app.ts'
import { project, windowOf } from './atlas-steps.ts'
import { desktop, phone } from './browser.ts'
import { call } from './call.ts'
import { overflow, settled, violations } from './scan.ts'
import { enter, person, pressOn } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp()
const w = words.en
const { prices: p } = pricesEn
const { partners: a } = partnersEn

describe('the price book', () => {
  it('is drafted, refused while it has a hole, mended, compared and put into force', async () => {
    const { page, context, complaints } = await windowOf(app)
    await page.goto('/forge/prices')
    await pressOn(page.getByRole('button', { name: p.draft, exact: true }), 'Enter')
    const asking = page.getByRole('dialog', { name: p.draft })
    await asking.getByLabel(p.note).fill('PLA is dearer')
    await pressOn(asking.getByRole('button', { name: p.draft }), 'Enter')
    await page.getByRole('heading', { level: 1, name: say(p.title, { version: 2 }) }).waitFor()

    await page.getByRole('tab', { name: p.tab.materials }).click()
    await pressOn(page.getByRole('button', { name: 'PLA', exact: true }), 'Enter')
    const material = page.getByRole('dialog', { name: 'PLA' })
    await material.getByLabel(p.key.price, { exact: true }).fill('90')
    await pressOn(material.getByRole('button', { name: w.action.done }), 'Enter')
    await material.waitFor({ state: 'hidden' })
    await page.getByRole('cell', { name: /€90\.00/ }).waitFor()

    await page.getByRole('tab', { name: p.tab.quantities }).click()
    const begins = page.getByLabel(p.key.from, { exact: true }).nth(1)
    await begins.fill('7')
    const save = page.getByRole('button', { name: w.action.save, exact: true })
    await pressOn(save, 'Enter')
    await page.getByText(say(p.wrongPlaces_one, { count: 1 })).waitFor()
    await page.getByText(say(p.problem.quantityGap, { from: 5, until: 6 }), { exact: true }).waitFor()
    await expect.poll(() => begins.getAttribute('aria-invalid')).toBe('true')
    await begins.fill('5')
    await pressOn(save, 'Enter')
    await page.getByText(p.saved).waitFor()
    await save.waitFor({ state: 'hidden' })

    await page.getByRole('tab', { name: p.tab.compare }).click()
    await page.getByText('€45.00 → €90.00').waitFor()
    await page
      .getByRole('row', { name: /100 × clip/ })
      .first()
      .getByText(/^\+/)
      .waitFor()
    await pressOn(page.getByRole('button', { name: p.publish }), 'Enter')
    const publishing = page.getByRole('dialog', { name: say(p.publishNamed, { version: 2 }) })
    await publishing.getByLabel(p.later, { exact: true }).check()
    await pressOn(publishing.getByRole('button', { name: p.publishDo }), 'Enter')
    await publishing.getByText(w.field.needed).waitFor()
    await publishing.getByLabel(p.atOnce, { exact: true }).check()
    await pressOn(publishing.getByRole('button', { name: p.publishDo }), 'Enter')
    await page.getByText(p.publishedNow).waitFor()
    await page.getByText(p.readOnly).waitFor()
    const { version, book } = await call(page, 'GET', '/mes/book')
    expect([version, book.materials[0].price.amount]).toEqual([2, 9000])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('is shown to nobody who may not keep it, and says whom to ask', async () => {
    const { page, context, complaints } = await app.visit()
    await enter(page, app.admin.page, 'en', person('visitor'))
    expect(await page.getByRole('link', { name: w.place.prices }).count()).toBe(0)
    for (const path of ['/forge/prices', '/forge/prices/1']) {
      await page.goto(path)
      await page.getByText(p.forbidden).waitFor()
    }
    await page.goto('/forge/partners/plans')
    await page.getByText(a.plansForbidden).waitFor()
    await page.goto('/forge/partners')
    await page.getByText(a.noneAbout).waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})

/** The programs of the portal, how each is run, and what it says in the end. */
const programs = [
  { language: 'curl', file: 'first.sh', command: 'bash', says: /"state": "quoted",\s+"total": \d+,/ },
  { language: 'Python', file: 'first.py', command: 'python3', says: /^\S+ quoted \d+\.\d+ EUR\n$/ },
  { language: 'Node', file: 'first.mjs', command: 'node', says: /^\S+ quoted \d+(\.\d+)? EUR\n$/ },
]

describe('the partners’ API', () => {
  it.runIf(process.env['TEST_PROGRAMS'])(
    'gives a key and a program that works as it stands; the log and the plan tell of its calls',
    async () => {
      const { slug, name } = await project(app, 'partner')
      const { page, context, complaints } = await windowOf(app)
      await page.goto('/forge/partners')
      await page.getByRole('link', { name: new RegExp(name) }).click()
      await page.getByRole('combobox', { name: 'Environment' }).click()
      await page.getByRole('option', { name: 'development' }).click()
      await page.getByText(say(a.sandboxHere, { environment: 'development' })).waitFor()
      await pressOn(page.getByRole('button', { name: a.createKey }), 'Enter')
      await pressOn(page.getByRole('dialog').getByRole('button', { name: a.createKey }), 'Enter')
      const secret = (await page.getByTestId('token-secret').textContent())!
      await pressOn(page.getByRole('button', { name: w.action.done }), 'Enter')
      await page.getByText(`${a.keyName}`, { exact: true }).waitFor()

      const program = page.locator('pre').filter({ hasText: 'PLEIAD_KEY' })
      const folder = mkdtempSync(join(tmpdir(), 'pleiad-portal-'))
      for (const { language, file, command, says } of programs) {
        await page.getByRole('radiogroup', { name: a.language }).getByText(language, { exact: true }).click()
        await program.filter({ hasText: file }).waitFor()
        const text = (await program.textContent())!
        // As its first line says it is started.
        expect(text.split('\n', 1)[0]).toContain(`${command} ${file} part.stl`)
        writeFileSync(join(folder, file), text)
        // Each of another size, so that none of them is answered by what the last one did.
        writeFileSync(join(folder, 'part.stl'), writeStl(box(20, 20, 20 + file.length)))
        const { stdout } = await promisify(execFile)(command, [file, 'part.stl'], {
          cwd: folder,
          timeout: 60_000,
          env: { ...process.env, PLEIAD_KEY: secret },
        })
        expect(stdout, language).toMatch(says)
      }
      rmSync(folder, { recursive: true })

      await page.getByRole('tab', { name: a.tab.log }).click()
      await pressOn(page.getByRole('button', { name: 'requestQuote', exact: true }).first(), 'Enter')
      const details = page.getByRole('dialog', { name: 'requestQuote' })
      await details.getByText(a.keyName, { exact: true }).waitFor()
      await page.keyboard.press('Escape')
      await details.waitFor({ state: 'hidden' })
      await pressOn(page.getByRole('switch', { name: a.onlyFailed }), 'Space')
      await page.getByText(a.noneLike).waitFor()

      await page.goto('/forge/partners/plans')
      await pressOn(page.getByRole('button', { name: a.givePlan }), 'Enter')
      const giving = page.getByRole('dialog', { name: a.givePlan })
      await giving.getByRole('combobox', { name: a.project }).click()
      await page.getByRole('option', { name: new RegExp(name) }).click()
      await giving.getByLabel(a.planName, { exact: true }).fill('Volume')
      await giving.getByLabel(a.limit.quotesPerDay, { exact: true }).fill('4000')
      await pressOn(giving.getByRole('button', { name: w.action.save }), 'Enter')
      await page
        .getByRole('row', { name: new RegExp(name) })
        .getByText('3 of 4,000')
        .waitFor()
      await page.goto(`/forge/partners/project/${slug}?tab=usage`)
      await page.getByRole('heading', { name: say(a.plan, { name: 'Volume' }) }).waitFor()
      await page.getByText('3 of 4,000').waitFor()
      expect(complaints).toEqual([])
      await context.close()
    },
  )
})

describe.each([
  { scheme: 'light', language: 'en', viewport: desktop },
  { scheme: 'dark', language: 'ru', viewport: phone },
] as const)('their pages, $scheme, in $language, $viewport.width px wide,', (look) => {
  it('are accessible, fit and do not complain', async () => {
    const { slug } = await project(app, `looks-${look.scheme}`)
    const { version } = await call(app.admin.page, 'POST', '/mes/books', { note: 'For a look' })
    const said = (look.language === 'en' ? partnersEn : partnersRu).partners
    const { page, context, complaints } = await windowOf(app, look)
    const found: string[] = []
    const scan = async (what: string) => {
      await settled(page)
      const wider = await overflow(page)
      if (wider > 0) found.push(`${what}: ${wider} px wider than the screen`)
      for (const line of await violations(page)) found.push(`${what}: ${line}`)
    }
    for (const path of [
      '/forge/prices',
      '/forge/partners',
      '/forge/partners/plans',
      `/forge/partners/project/${slug}`,
      `/forge/partners/project/${slug}?tab=usage&env=development`,
      `/forge/partners/project/${slug}?tab=log`,
    ]) {
      await page.goto(path)
      await scan(path)
    }
    const dialog = page.getByRole('dialog')
    const scanAbove = async (what: string) => {
      await dialog.waitFor()
      await settled(page)
      for (const line of await violations(page, false, '[role="dialog"]')) found.push(`${what}: ${line}`)
    }
    const leave = () =>
      expect
        .poll(async () => {
          await page.keyboard.press('Escape')
          return dialog.count()
        })
        .toBe(0)
    await page.goto('/forge/partners/plans')
    await page.getByRole('button', { name: said.givePlan }).first().click()
    await scanAbove('giving a plan')
    await leave()
    await page.goto(`/forge/partners/project/${slug}?env=development`)
    await page.getByRole('button', { name: said.createKey }).first().click()
    await scanAbove('creating a key')
    await dialog.getByRole('button', { name: said.createKey }).click()
    const secret = (await page.getByTestId('token-secret').textContent())!
    await scanAbove('the key')
    const refused = await fetch(
      `${app.platform.url}/api/v1/partners/orders/01938a5e-7c00-7000-8000-0000000000c1`,
      {
        headers: { authorization: `Bearer ${secret}` },
      },
    )
    expect(refused.status).toBe(404)
    await page.goto(`/forge/partners/project/${slug}?tab=log&env=development`)
    await page.getByRole('button', { name: 'getOrder', exact: true }).click()
    await scanAbove('a call')
    await page.goto(`/forge/prices/${version}`)
    await settled(page)
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click()
      await page.getByRole('tabpanel').waitFor()
      await scan(`draft, ${await tab.textContent()}`)
    }
    expect(found).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })
})
