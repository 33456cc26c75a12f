import { defineRoutes, emit, push } from '@pleiad/platform/service'
import { notifications } from './contract.ts'
import type { MailSummary } from './contract-schemas.ts'
import { nextDigest } from './digest.ts'
import { hasExpired, isResendable, type Mail, viewMail } from './mails.ts'
import { word } from './notices.ts'
import { choose, viewPreferences } from './preferences.ts'
import { unknownRecipient } from './recipients.ts'
import { laneOf, type Own } from './service-tell.ts'
import * as store from './store.ts'
import { findMail, listMails, lockMail, setMailState } from './store-mails.ts'

export const routes = defineRoutes<typeof notifications, Own>(notifications, ({ courier }) => {
  const smtp = courier !== undefined
  return {
    listNotifications: async ({ sql, caller, query }) => {
      const limit = query.limit ?? 25
      const reader = (await store.findRecipient(sql, caller.id)) ?? unknownRecipient(caller.id)
      const found = await store.listNotifications(sql, caller.id, { ...query, limit })
      const page = found.slice(0, limit)
      return {
        items: page.map((stored) => word(stored, query.locale ?? reader.locale, reader.timeZone)),
        ...(found.length > limit ? { next: page.at(-1)!.notificationId } : {}),
      }
    },

    countUnread: async ({ sql, caller }) => ({ unread: await store.countUnread(sql, caller.id) }),

    markAllRead: ({ transact, caller, body, now }) =>
      transact(async (tx) => {
        await store.markAllRead(tx, caller.id, body.upTo, now())
        return pushUnread(tx, caller.id)
      }),

    markRead: ({ transact, caller, params, now, fail }) =>
      transact(async (tx) => {
        if (!(await store.markRead(tx, caller.id, params.notificationId, now()))) return fail('notFound')
        return pushUnread(tx, caller.id)
      }),

    deleteNotification: ({ transact, caller, params, fail }) =>
      transact(async (tx) => {
        if (!(await store.deleteNotification(tx, caller.id, params.notificationId))) return fail('notFound')
        return pushUnread(tx, caller.id)
      }),

    getPreferences: async ({ sql, caller, query }) => {
      const locale = query.locale ?? (await store.findRecipient(sql, caller.id))?.locale ?? 'en'
      return viewPreferences(await store.findPreferences(sql, caller.id), locale)
    },

    updatePreferences: ({ transact, caller, body, ifMatch, now, fail }) =>
      transact(async (tx) => {
        const recipient = await store.lockRecipient(tx, caller.id)
        if (recipient.state === 'erased') return fail('forbidden')
        const before = await store.findPreferences(tx, caller.id)
        if (ifMatch !== String(before.version)) return fail('preconditionFailed')
        const chosen = choose(before, body.digest, body.kinds)
        if (chosen.troubles) return fail('choiceNotOffered', undefined, { errors: chosen.troubles })
        await store.savePreferences(tx, caller.id, chosen.preferences)
        await store.setDigestDue(tx, caller.id, nextDigest(body.digest, recipient.timeZone, now()))
        return viewPreferences(chosen.preferences, recipient.locale)
      }),

    listMails: async ({ sql, query, now }) => {
      const limit = query.limit ?? 25
      const found = await listMails(sql, { ...query, limit })
      const page = found.slice(0, limit)
      return {
        items: page.map((mail) => summaryOf(mail, smtp, now())),
        ...(found.length > limit ? { next: page.at(-1)!.mailId } : {}),
        smtp,
      }
    },

    getMail: async ({ sql, params, publicUrl, openSealed, now, fail }) => {
      const mail = await findMail(sql, params.mailId)
      if (!mail) return fail('notFound')
      const { html, text, masked } = viewMail(mail, publicUrl, smtp, openSealed)
      return { ...summaryOf(mail, smtp, now()), html, text, masked }
    },

    resendMail: ({ transact, params, now, fail }) =>
      transact(async (tx) => {
        const mail = await lockMail(tx, params.mailId)
        if (!mail) return fail('notFound')
        if (!smtp) return fail('mailServerNotSet')
        if (mail.state === 'sending' || mail.state === 'queued') return fail('mailBeingSent')
        if (mail.scrubbed || hasExpired(mail, now())) return fail('mailNotResendable')
        await setMailState(tx, mail.mailId, 'queued')
        emit(tx, notifications, 'mail.due', { mailId: mail.mailId }, { lane: laneOf(mail.kind) })
        return summaryOf({ ...mail, state: 'queued', attempts: 0, error: null }, smtp, now())
      }),
  }
})

async function pushUnread(tx: Parameters<typeof push>[0], userId: string): Promise<{ unread: number }> {
  const unread = await store.countUnread(tx, userId)
  push(tx, notifications, 'notifications.changed', userId, { unread })
  return { unread }
}

function summaryOf(mail: Mail, smtp: boolean, now: Date): MailSummary {
  return {
    mailId: mail.mailId,
    ...(mail.userId ? { userId: mail.userId } : {}),
    to: mail.to,
    kind: mail.kind,
    locale: mail.locale,
    subject: mail.subject,
    state: mail.state,
    attempts: mail.attempts,
    resendable: isResendable(mail, smtp, now),
    ...(mail.error ? { error: mail.error } : {}),
    createdAt: mail.createdAt.toISOString(),
    ...(mail.sentAt ? { sentAt: mail.sentAt.toISOString() } : {}),
  }
}
