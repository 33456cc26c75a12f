/** Events in: what people did in users, and what auth told itself to finish after the answer. */
import { on } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import { auth } from './contract.ts'
import { MAIL_PAUSE_MS } from './links.ts'
import { eraseAccount } from './service-erasure.ts'
import { mail, mailLink, record } from './service-notices.ts'
import type { Own } from './service-own.ts'
import { messageOf, REVOKED, revokeAll } from './service-revocation.ts'
import {
  findAccount,
  findAccountByEmail,
  findRegistration,
  lastLinkAt,
  setLocale,
  setLock,
} from './store-accounts.ts'

/** Why an account is locked that users deactivated: only such a lock is lifted when the person is reactivated. */
const DEACTIVATED = 'deactivated'

export const handlers = {
  /** The process that committed the revocation may have died before it told the others. */
  repeatRevocation: on<typeof auth, 'session.revoked', Own>(
    auth,
    'session.revoked',
    async ({ event, broadcast }) => {
      broadcast(REVOKED, messageOf(event.data, event.data))
    },
  ),

  /** Runs after the answer, which is why the answer cannot tell whether there is an account. */
  mailLink: on<typeof auth, 'link.requested', Own>(auth, 'link.requested', async (call) => {
    const { tx, event } = call
    const { email, purpose, userId } = event.data
    const recent = async (subjectId: string, kind: Parameters<typeof lastLinkAt>[2]) => {
      const last = await lastLinkAt(tx, subjectId, kind)
      return last !== undefined && call.now().getTime() - last.getTime() < MAIL_PAUSE_MS
    }
    const account = await findAccountByEmail(tx, email)
    if (purpose === 'changeEmail') {
      const asking = userId ? await findAccount(tx, userId) : undefined
      if (!asking || (await recent(asking.id, purpose))) return
      if (account) mail(tx, account, 'account-exists', { url: `${call.publicUrl}/sign-in` })
      else await mailLink(tx, call, { id: asking.id, email, locale: asking.locale }, purpose)
    } else if (account) {
      const needed = purpose === 'resetPassword' || !account.email_verified
      if (needed && !(await recent(account.id, purpose))) await mailLink(tx, call, account, purpose)
    } else if (purpose === 'verifyEmail') {
      const waiting = await findRegistration(tx, email, call.now())
      if (waiting && !(await recent(waiting.id, 'register')))
        await mailLink(tx, call, { id: waiting.id, email, locale: waiting.locale }, 'register')
    }
  }),

  eraseDeleted: on<typeof users, 'user.deleted', Own>(users, 'user.deleted', async (call, own) => {
    const { userId, by } = call.event.data
    await eraseAccount(call.tx, call, own, userId, by)
  }),

  lockDeactivated: on<typeof users, 'user.deactivated', Own>(
    users,
    'user.deactivated',
    async (call) => {
      const { userId, by } = call.event.data
      if (!(await setLock(call.tx, userId, { at: call.now(), reason: DEACTIVATED }))) return
      await revokeAll(call.tx, call, userId, DEACTIVATED)
      await record(call.tx, call, 'account.locked', {
        actorId: by,
        subjectId: userId,
        details: { reason: DEACTIVATED },
      })
    },
    { ordered: true },
  ),

  unlockReactivated: on<typeof users, 'user.reactivated', Own>(
    users,
    'user.reactivated',
    async (call) => {
      const { userId, by } = call.event.data
      const account = await findAccount(call.tx, userId)
      if (account?.lock_reason !== DEACTIVATED || !(await setLock(call.tx, userId, undefined))) return
      await record(call.tx, call, 'account.unlocked', {
        actorId: by,
        subjectId: userId,
        details: { reason: DEACTIVATED },
      })
    },
    { ordered: true },
  ),

  /** Mails are written in the language of the profile. */
  followLocale: on<typeof users, 'user.updated', Own>(
    users,
    'user.updated',
    async ({ tx, event }) => {
      await setLocale(tx, event.data.userId, event.data.locale)
    },
    { ordered: true },
  ),
}
