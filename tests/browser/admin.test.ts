/** What administrators do, by the words on the screen. */
import type { Page } from 'playwright-core'
import { beforeAll, describe, expect, it } from 'vitest'
import { administrator, useApp } from './app.ts'
import type { Language } from './browser.ts'
import { oven } from './flaky/service.ts'
import { csrf, isHome, person, pressOn, registered, signIn } from './steps.ts'
import { say, words } from './words.ts'

const app = useApp()
let glazes: (like: string) => Promise<{ pot: string; times: number }[]>

beforeAll(() => {
  const kiln = app.platform.host.running.find(({ service }) => service.contract.name === 'kiln')!
  glazes = (like) => kiln.store.sql`select pot, times from glazes where pot like ${like} order by pot`
})

/** Fires pots named `<prefix>-0` and so on; they become dead letters while the oven is broken. */
async function fire(page: Page, prefix: string, count: number): Promise<void> {
  const one = async (number: number) => {
    const data = { pot: `${prefix}-${number}` }
    expect((await page.request.post('/api/v1/kiln/pots', { data, headers: csrf })).ok()).toBe(true)
  }
  // The last two one after the other: the page shows the latest first.
  await Promise.all(Array.from({ length: Math.max(0, count - 2) }, (_, number) => one(number)))
  for (let number = Math.max(0, count - 2); number < count; number++) await one(number)
  await app.platform.host.settled()
}

/** How often the page called the operation while `work` ran. */
async function calls(page: Page, operation: string, work: () => Promise<void>): Promise<number> {
  let count = 0
  const listen = (request: { url: () => string }) => {
    if (request.url().endsWith(operation)) count++
  }
  page.on('request', listen)
  await work()
  page.off('request', listen)
  return count
}

describe.each<Language>(['en', 'ru'])('an administrator who reads %s', (language) => {
  const w = words[language]

  async function visitAsAdministrator(path: string) {
    const visited = await app.visit({ language })
    await signIn(visited.page, language, administrator)
    await isHome(visited.page)
    await visited.page.goto(path)
    return visited
  }

  it('retries a dead letter, and the event is handled', async () => {
    oven.broken = true
    await fire(app.admin.page, `one-${language}`, 1)
    const { page, context, complaints } = await visitAsAdministrator('/admin/dead-letters')
    await page.getByRole('button', { name: new RegExp(`one-${language}`) }).click()
    const letter = page.getByRole('dialog')
    await letter.getByText(`The oven is cold: one-${language}-0 cannot be glazed`).first().waitFor()
    oven.broken = false
    await letter.getByRole('button', { name: w.dead.retry, exact: true }).click()
    await page.getByText(w.dead.none).waitFor()
    await app.platform.host.settled()
    expect(await glazes(`one-${language}-%`)).toHaveLength(1)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('retries many: some that are picked, then all that match with one request', async () => {
    const pots = `many-${language}`
    oven.broken = true
    await fire(app.admin.page, pots, 30)
    const { page, context, complaints } = await visitAsAdministrator('/admin/dead-letters')
    await page.getByRole('searchbox').fill(`cold: ${pots}`)
    await page.getByRole('button', { name: w.state.more }).waitFor()
    oven.broken = false
    const pick = (key: string) =>
      page.getByLabel(say(w.dead.pick, { type: 'pot.fired', key }), { exact: true })
    await pick(`${pots}-29`).check()
    await pick(`${pots}-28`).check()
    const two = language === 'en' ? w.dead.retryMany_other : words.ru.dead.retryMany_few
    await page.getByRole('button', { name: say(two, { count: 2 }), exact: true }).click()
    await pick(`${pots}-28`).waitFor({ state: 'detached' })
    await app.platform.host.settled()
    expect(await glazes(`${pots}-%`)).toHaveLength(2)
    const requests = await calls(page, '/dead-letters/retry', async () => {
      await page.getByLabel(w.dead.pickAll, { exact: true }).check()
      await page.getByRole('button', { name: w.dead.retryAll, exact: true }).click()
      await page.getByText(w.dead.none).waitFor()
    })
    expect(requests).toBe(1)
    await app.platform.host.settled()
    expect(await glazes(`${pots}-%`)).toHaveLength(30)
    expect(complaints).toEqual([])
    await context.close()
  })

  it('discards many, after being asked', async () => {
    const pots = `gone-${language}`
    oven.broken = true
    await fire(app.admin.page, pots, 30)
    oven.broken = false
    const { page, context, complaints } = await visitAsAdministrator('/admin/dead-letters')
    await page.getByRole('button', { name: new RegExp(`${pots}-29`) }).waitFor()
    await page.getByLabel(w.dead.pickAll, { exact: true }).check()
    await page.getByRole('button', { name: w.dead.discardAll, exact: true }).click()
    const question = page.getByRole('dialog', { name: w.dead.discardAll })
    await question.getByText(w.dead.discardAllAbout).waitFor()
    await question.getByRole('button', { name: w.dead.discardAll, exact: true }).click()
    const thirty = language === 'en' ? w.dead.discarded_other : words.ru.dead.discarded_many
    await page.getByText(say(thirty, { count: 30 })).waitFor()
    await page.getByText(w.dead.none).waitFor()
    await app.platform.host.settled()
    expect(await glazes(`${pots}-%`)).toEqual([])
    expect(complaints).toEqual([])
    await context.close()
  })

  it('replays history: not again what is done, unless told so, and not beyond its end', async () => {
    const pots = `again-${language}`
    oven.broken = false
    await fire(app.admin.page, pots, 2)
    const { page, context, complaints } = await visitAsAdministrator('/admin/dead-letters')
    const local = (ms: number) =>
      page.evaluate((moved) => {
        const time = new Date(Date.now() + moved)
        return new Date(time.getTime() - time.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
      }, ms)
    const dialog = page.getByRole('dialog', { name: w.replay.title })
    const open = async () => {
      await page.getByRole('button', { name: w.replay.title, exact: true }).click()
      await dialog
        .getByRole('combobox', { name: w.replay.service })
        .or(dialog.getByLabel(w.replay.service))
        .first()
        .click()
      await page.getByRole('option', { name: 'kiln', exact: true }).click()
      await dialog.getByLabel(w.audit.from, { exact: true }).fill(await local(-3_600_000))
    }
    const start = dialog.getByRole('button', { name: w.replay.start, exact: true })
    await open()
    await dialog.getByLabel(w.audit.to, { exact: true }).fill(await local(-7_200_000))
    await start.click()
    await dialog.getByText(w.errors.periodEmpty).waitFor()
    await dialog.getByLabel(w.audit.to, { exact: true }).fill(await local(-3_540_000))
    await start.click()
    const none = language === 'en' ? w.replay.done_other : words.ru.replay.done_many
    await page.getByText(say(none, { count: 0 })).waitFor()
    await open()
    await start.click()
    await dialog.waitFor({ state: 'detached' })
    await app.platform.host.settled()
    expect(await glazes(`${pots}-%`)).toEqual(
      [0, 1].map((number) => ({ pot: `${pots}-${number}`, times: 1 })),
    )
    await open()
    await dialog.getByLabel(w.replay.again).check()
    await start.click()
    await dialog.getByText(w.errors.againNeedsConsumer).waitFor()
    await dialog.getByLabel(w.dead.consumer, { exact: true }).first().click()
    await page.getByRole('option', { name: 'kiln.glazePot' }).click()
    await start.click()
    await dialog.waitFor({ state: 'detached' })
    await app.platform.host.settled()
    expect(await glazes(`${pots}-%`)).toEqual(
      [0, 1].map((number) => ({ pot: `${pots}-${number}`, times: 2 })),
    )
    expect(complaints).toEqual([])
    await context.close()
  })

  it('makes a role, gives it to a person, and takes it away from all', async () => {
    const who = person(`role-${language}`)
    const role = `reader-${language}`
    await registered(app.admin.page, language, who)
    const theirs = await app.visit({ language })
    await signIn(theirs.page, language, who)
    await isHome(theirs.page)
    const people = theirs.page.getByRole('navigation').getByRole('link', { name: w.place.users, exact: true })
    expect(await people.count()).toBe(0)

    const { page, context, complaints } = await visitAsAdministrator('/admin/roles')
    await page.getByRole('button', { name: w.roles.create, exact: true }).click()
    const dialog = page.getByRole('dialog', { name: w.roles.create })
    await dialog.getByLabel(w.field.name, { exact: true }).fill('Not so')
    await dialog.getByLabel(w.roles.purpose, { exact: true }).fill('Sees people')
    await dialog.getByRole('button', { name: w.roles.create, exact: true }).click()
    await dialog.getByText(w.roles.nameBad).waitFor()
    await dialog.getByLabel(w.field.name, { exact: true }).fill('admin')
    await dialog.getByRole('button', { name: w.roles.create, exact: true }).click()
    await dialog.getByText(w.errors.roleExists).waitFor()
    await dialog.getByLabel(w.field.name, { exact: true }).fill(role)
    await dialog.getByRole('button', { name: w.roles.create, exact: true }).click()
    const box = page.getByLabel(`${role}: users:read`, { exact: true })
    await Promise.all([
      page.waitForResponse((answer) => answer.request().method() === 'PATCH' && answer.ok()),
      box.click(),
    ])
    await page.reload()
    await expect.poll(() => box.isChecked()).toBe(true)

    await page.goto('/admin/users')
    await page.getByRole('searchbox').fill(who.username)
    await page.getByRole('button', { name: new RegExp(who.username) }).click()
    const panel = page.getByRole('dialog', { name: who.name })
    await pressOn(panel.getByRole('combobox', { name: w.place.roles }), 'ArrowDown')
    await page.getByRole('option', { name: role }).click()
    await page.keyboard.press('Escape')
    await panel.getByRole('button', { name: w.action.save, exact: true }).click()
    await page.getByText(w.users.rolesSaved).waitFor()
    await theirs.page.reload()
    await people.waitFor()

    await page.goto('/admin/roles')
    await page.getByRole('button', { name: say(w.roles.removeNamed, { name: role }) }).click()
    await page
      .getByRole('dialog', { name: w.roles.remove })
      .getByRole('button', { name: w.roles.remove, exact: true })
      .click()
    await page.getByText(w.roles.removed).waitFor()
    await box.waitFor({ state: 'detached' })
    await theirs.page.reload()
    await theirs.page.getByRole('heading', { level: 1 }).waitFor()
    await expect.poll(() => people.count()).toBe(0)
    expect([...complaints, ...theirs.complaints]).toEqual([])
    await context.close()
    await theirs.context.close()
  })

  it('reads the map in the own language, service by service', async () => {
    const { page, context, complaints } = await visitAsAdministrator('/admin/map')
    const { name, summary } = w.service.users
    await page
      .getByRole('main')
      .getByRole('button', { name: new RegExp(name) })
      .click()
    await page.getByRole('heading', { level: 2, name }).waitFor()
    await page.getByText(summary).waitFor()
    // A service that has no words here is called as its contract calls it.
    await page.getByRole('main').getByRole('button', { name: /kiln/ }).click()
    await page.getByText('Fires pots; for tests.').waitFor()
    expect(complaints).toEqual([])
    await context.close()
  })
})
