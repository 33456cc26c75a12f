/** What opens above the pages of those who administer. */
import { button, byButton, byField, dialog, type Stop } from './opening.ts'
import { pressOn } from './steps.ts'
import { say } from './words.ts'

export const adminOverlays: readonly Stop[] = [
  {
    name: 'person',
    path: '/admin/users',
    open: async (page, w) => {
      await button(page, /@ada-maia/).click()
      await dialog(page, 'Ada maia').getByText(w.users.lastSignIn).waitFor()
      return dialog(page, 'Ada maia')
    },
  },
  {
    name: 'roles of a person',
    popup: true,
    path: '/admin/users',
    open: async (page, w) => {
      await button(page, /@ada-maia/).click()
      // The pills of the roles there are lie over the field; the keyboard opens it, too.
      await pressOn(dialog(page, 'Ada maia').getByRole('combobox', { name: w.place.roles }), 'ArrowDown')
      return page.getByRole('listbox').first()
    },
  },
  {
    name: 'lock account',
    path: '/admin/users',
    open: async (page, w) => {
      await button(page, /@ada-maia/).click()
      await button(page, w.users.lock).click()
      return dialog(page, w.users.lock)
    },
  },
  {
    name: 'deactivate',
    path: '/admin/users',
    open: async (page, w) => {
      await button(page, /@ada-maia/).click()
      await button(page, w.users.deactivate).click()
      return dialog(page, w.users.deactivate)
    },
  },
  {
    name: 'new role',
    path: '/admin/roles',
    open: byButton(
      (w) => w.roles.create,
      (w) => w.roles.create,
    ),
  },
  {
    name: 'delete role',
    path: '/admin/roles',
    open: async (page, w) => {
      const asking = dialog(page, w.roles.create)
      if ((await button(page, say(w.roles.removeNamed, { name: 'scanned' })).count()) === 0) {
        await button(page, w.roles.create).click()
        await asking.getByLabel(w.field.name, { exact: true }).fill('scanned')
        await asking.getByLabel(w.roles.purpose, { exact: true }).fill('For the scan')
        await button(asking, w.roles.create).click()
      }
      await button(page, say(w.roles.removeNamed, { name: 'scanned' })).click()
      return dialog(page, w.roles.remove)
    },
  },
  { name: 'states of mails', popup: true, path: '/admin/mail', open: byField((w) => w.users.state) },
  {
    name: 'mail',
    path: '/admin/mail',
    open: async (page, w) => {
      await page.getByRole('main').getByRole('row').nth(1).getByRole('button').click()
      return dialog(page, w.mail.one).getByRole('tabpanel')
    },
  },
  {
    name: 'mail as text',
    path: '/admin/mail',
    open: async (page, w) => {
      await page.getByRole('main').getByRole('row').nth(1).getByRole('button').click()
      await page.getByRole('tab', { name: w.mail.text }).click()
      return dialog(page, w.mail.one).getByRole('tabpanel')
    },
  },
  { name: 'handlers', popup: true, path: '/admin/dead-letters', open: byField((w) => w.dead.consumer) },
  {
    name: 'dead letter',
    path: '/admin/dead-letters',
    open: async (page, w) => {
      await button(page, /scan-0/)
        .first()
        .click()
      return dialog(page, 'pot.fired').getByText(w.dead.emitted)
    },
  },
  {
    name: 'discard one',
    path: '/admin/dead-letters',
    open: async (page, w) => {
      await button(page, /scan-0/)
        .first()
        .click()
      await button(dialog(page, 'pot.fired'), w.dead.discard).click()
      return dialog(page, w.dead.discard)
    },
  },
  {
    name: 'discard all',
    path: '/admin/dead-letters',
    open: async (page, w) => {
      await page.getByLabel(w.dead.pickAll, { exact: true }).check()
      await button(page, w.dead.discardAll).click()
      return dialog(page, w.dead.discardAll)
    },
  },
  {
    name: 'replay',
    path: '/admin/dead-letters',
    open: byButton(
      (w) => w.replay.title,
      (w) => w.replay.title,
    ),
  },
  {
    name: 'services to replay',
    popup: true,
    path: '/admin/dead-letters',
    open: async (page, w) => {
      await button(page, w.replay.title).click()
      await dialog(page, w.replay.title).getByLabel(w.replay.service).first().click()
      return page.getByRole('listbox').first()
    },
  },
  {
    name: 'new project',
    path: '/atlas',
    open: async (page) => {
      await page.getByRole('main').getByRole('button').first().click()
      return page.getByRole('dialog')
    },
  },
]
