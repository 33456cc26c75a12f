/** What opens above the pages of one's own account. */
import { button, byButton, byField, dialog, type Stop, type Words } from './opening.ts'
import { say } from './words.ts'

const menu = (name: (w: Words) => string): Stop => ({
  name: 'menu',
  path: '/',
  popup: true,
  open: async (page, w) => {
    await button(page, name(w)).click()
    return page.getByRole('menu')
  },
})

/** In an order that makes what later ones need: a token, a passkey, a second factor, a role. */
export const accountOverlays: readonly Stop[] = [
  { ...menu((w) => w.shell.language), name: 'language menu' },
  { ...menu((w) => w.shell.scheme), name: 'scheme menu' },
  { ...menu((w) => w.shell.account), name: 'account menu' },
  {
    name: 'bell',
    path: '/',
    open: async (page, w) => {
      await page.getByTestId('bell').click()
      return dialog(page, w.place.notifications)
    },
  },
  {
    name: 'palette',
    path: '/',
    open: async (page, w) => {
      await page.keyboard.press('Control+k')
      return page.getByPlaceholder(w.palette.placeholder)
    },
  },
  { name: 'languages', popup: true, path: '/profile', open: byField((w) => w.shell.language) },
  { name: 'time zones', popup: true, path: '/profile', open: byField((w) => w.field.timeZone) },
  {
    name: 'unsaved changes',
    path: '/profile',
    open: async (page, w) => {
      await page.getByLabel(w.field.bio, { exact: true }).fill('Not saved.')
      await page.getByRole('navigation').getByRole('link', { name: w.place.tokens, exact: true }).click()
      return dialog(page, w.leave.title)
    },
    close: async (page, w) => button(dialog(page, w.leave.title), w.leave.leave).click(),
  },
  {
    name: 'new token',
    path: '/tokens',
    open: byButton(
      (w) => w.token.create,
      (w) => w.token.create,
    ),
  },
  {
    name: 'lifetimes',
    popup: true,
    path: '/tokens',
    open: async (page, w) => {
      await button(page, w.token.create).first().click()
      await dialog(page, w.token.create).getByLabel(w.token.lifetime, { exact: true }).first().click()
      return page.getByRole('listbox').first()
    },
  },
  {
    name: 'token, once',
    path: '/tokens',
    open: async (page, w) => {
      await button(page, w.token.create).first().click()
      const asking = dialog(page, w.token.create)
      await asking.getByLabel(w.field.name, { exact: true }).fill('Scanned')
      await button(asking, w.token.create).click()
      return asking.getByTestId('token-secret')
    },
  },
  {
    name: 'revoke token',
    path: '/tokens',
    open: byButton(
      (w) => say(w.token.revokeNamed, { name: 'Scanned' }),
      (w) => w.token.revoke,
    ),
  },
  {
    name: 'proof',
    path: '/security',
    open: async (page, w) => {
      await page.route('**/auth/totp', (route) => route.fulfill({ status: 403, json: stale }), {
        times: 1,
      })
      await button(page, w.totp.setUp).click()
      return dialog(page, w.proof.title)
    },
  },
  {
    name: 'new address',
    path: '/security',
    open: byButton(
      (w) => w.email.change,
      (w) => w.email.change,
    ),
  },
  {
    name: 'authenticator',
    path: '/security',
    open: byButton(
      (w) => w.totp.setUp,
      (w) => w.totp.setUp,
    ),
  },
  {
    name: 'name of a passkey',
    path: '/security',
    open: byButton(
      (w) => w.passkey.add,
      (w) => w.passkey.rename,
    ),
  },
  {
    name: 'delete passkey',
    path: '/security',
    open: byButton(
      (w) => say(w.passkey.removeNamed, { name: 'Chrome · Linux' }),
      (w) => w.passkey.remove,
    ),
  },
  {
    name: 'delete account',
    path: '/data',
    open: byButton(
      (w) => w.data.delete,
      (w) => w.data.deleteTitle,
    ),
  },
]

/** What the server says when a proof is too old. */
export const stale = { type: 'about:blank', title: 'Prove it', status: 403, code: 'reauthenticationRequired' }
