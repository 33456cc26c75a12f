import { auth } from '@pleiad/auth/contract'
import { emit, on, push, type Received, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { users } from '@pleiad/users/contract'
import { notifications } from './contract.ts'
import { nextDigest } from './digest.ts'
import type { KindName } from './kinds.ts'
import { LEASE_MS } from './service-smtp.ts'
import { laneOf, type Own, post, tell } from './service-tell.ts'
import * as store from './store.ts'
import { claimMail, lockMail, setMailState } from './store-mails.ts'

const FULL_WAIT_MS = 5_000

/** Follows whether a person may come in, and tells them. */
function switchTo(state: 'active' | 'deactivated', kind: KindName) {
  return async (
    call: Tools & { readonly tx: Tx; readonly event: Received<{ userId: string }> },
    own: Own,
  ): Promise<void> => {
    const { tx, event } = call
    const { userId } = event.data
    await store.lockRecipient(tx, userId)
    await store.setState(tx, userId, state)
    await tell(tx, call, own, userId, { id: event.id, kind, facts: {}, at: event.time })
  }
}

export const handlers = {
  welcome: on(
    auth,
    'account.registered',
    async (call, own: Own) => {
      const { tx, event, now } = call
      const { userId, email, displayName, locale } = event.data
      const recipient = await store.lockRecipient(tx, userId)
      if (recipient.state === 'erased') return
      await store.setEmail(tx, userId, email)
      await store.setProfile(tx, userId, { name: displayName, locale, timeZone: 'UTC', version: 0 })
      const { digest } = await store.findPreferences(tx, userId)
      await store.setDigestDue(tx, userId, nextDigest(digest, recipient.timeZone, now()))
      await tell(tx, call, own, userId, {
        id: event.id,
        kind: 'welcome',
        facts: { name: displayName },
        at: event.time,
      })
    },
    { ordered: true },
  ),

  followEmail: on(
    auth,
    'email.changed',
    async ({ tx, event }, _own: Own) => {
      await store.lockRecipient(tx, event.data.userId)
      await store.setEmail(tx, event.data.userId, event.data.email)
    },
    { ordered: true },
  ),

  mailRequested: on(auth, 'email.requested', async (call, own: Own) => {
    const { tx, event } = call
    const { userId, email, locale, kind, data } = event.data
    const { sealedUrl, ...facts } = data
    const recipient = await store.findRecipient(tx, userId)
    if (recipient?.state === 'erased') return
    await post(
      tx,
      call,
      own,
      { userId, email, locale, name: recipient?.name ?? '', timeZone: recipient?.timeZone ?? 'UTC' },
      { id: event.id, kind, facts, ...(sealedUrl ? { sealed: { url: sealedUrl } } : {}), at: event.time },
    )
  }),

  // auth asks for the mail about it itself, at the address it wants: here it goes into the app only.
  securityChanged: on(auth, 'security.changed', async (call, own: Own) => {
    const { userId, ...facts } = call.event.data
    const kind = facts.what === 'newSignIn' ? 'new-sign-in' : 'security-notice'
    await tell(call.tx, call, own, userId, {
      id: call.event.id,
      kind,
      facts,
      at: call.event.time,
      mailedElsewhere: true,
    })
  }),

  accountLocked: on(
    auth,
    'account.locked',
    async ({ tx, event }, _own: Own) => {
      await store.lockRecipient(tx, event.data.userId)
      await store.setLocked(tx, event.data.userId, event.data.locked)
    },
    { ordered: true },
  ),

  rolesChanged: on(auth, 'roles.changed', async (call, own: Own) => {
    const { userId, roles } = call.event.data
    const facts = { roles: roles.join(', ') }
    await tell(call.tx, call, own, userId, {
      id: call.event.id,
      kind: 'roles-changed',
      facts,
      at: call.event.time,
    })
  }),

  followAdministrators: on(
    auth,
    'roles.changed',
    async ({ tx, event }, _own: Own) => {
      const { userId, roles } = event.data
      await store.lockRecipient(tx, userId)
      await store.setAdministrator(tx, userId, roles.includes('admin'))
    },
    { ordered: true },
  ),

  followPermissions: on(
    auth,
    'permissions.changed',
    async ({ tx, event }, _own: Own) => {
      const { userId, permissions } = event.data
      await store.lockRecipient(tx, userId)
      await store.setPermissions(tx, userId, permissions)
    },
    { ordered: true },
  ),

  /** Administrators from before this service followed `roles.changed`. Nobody is told of what they know. */
  noteAdministrator: on(
    auth,
    'administrator.named',
    async ({ tx, event }, _own: Own) => {
      await store.lockRecipient(tx, event.data.userId)
      await store.setAdministrator(tx, event.data.userId, true)
    },
    { ordered: true },
  ),

  followNewProfile: on(
    users,
    'user.created',
    async ({ tx, event }, _own: Own) => {
      await store.lockRecipient(tx, event.data.userId)
      await store.setProfile(tx, event.data.userId, { ...event.data, name: event.data.displayName })
    },
    { ordered: true },
  ),

  followProfile: on(
    users,
    'user.updated',
    async ({ tx, event, now }, _own: Own) => {
      const { userId, timeZone, changed } = event.data
      await store.lockRecipient(tx, userId)
      await store.setProfile(tx, userId, { ...event.data, name: event.data.displayName })
      if (!changed.includes('timeZone')) return
      const { digest } = await store.findPreferences(tx, userId)
      await store.setDigestDue(tx, userId, nextDigest(digest, timeZone, now()))
    },
    { ordered: true },
  ),

  deactivated: on(users, 'user.deactivated', switchTo('deactivated', 'account-deactivated'), {
    ordered: true,
  }),

  reactivated: on(users, 'user.reactivated', switchTo('active', 'account-reactivated'), { ordered: true }),

  erase: on(users, 'user.deleted', async ({ tx, event, now }, _own: Own) => {
    await store.eraseRecipient(tx, event.data.userId, now())
    push(tx, notifications, 'notifications.changed', event.data.userId, { unread: 0 })
  }),

  /** Gives a mail to the courier once this transaction has committed, and looks after it when its lease ends. */
  sendMail: on(notifications, 'mail.due', async ({ tx, event, now, newId }, own: Own) => {
    const { mailId } = event.data
    const mail = await lockMail(tx, mailId)
    if (!mail || (mail.state !== 'queued' && mail.state !== 'sending')) return
    const again = (at: Date) =>
      emit(tx, notifications, 'mail.due', { mailId }, { at, lane: laneOf(mail.kind) })
    const { courier } = own
    if (!courier) return setMailState(tx, mailId, 'kept')
    if (mail.state === 'sending' && mail.leaseUntil && mail.leaseUntil > now()) return again(mail.leaseUntil)
    if (!courier.hasRoom()) return again(new Date(now().getTime() + FULL_WAIT_MS))
    const lease = newId()
    const until = new Date(now().getTime() + LEASE_MS)
    await claimMail(tx, mailId, lease, until)
    again(until)
    tx.afterCommit(() => courier.hand(mailId, lease))
  }),
}
