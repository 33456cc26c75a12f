import type { Job } from '@pleiad/platform/service'
import { digestFacts, nextDigest } from './digest.ts'
import { word } from './notices.ts'
import { reach } from './recipients.ts'
import { type Own, post } from './service-tell.ts'
import * as store from './store.ts'
import { purgeMails } from './store-mails.ts'

const DAY_MS = 86_400_000
const READ_DAYS = 90
const UNREAD_DAYS = 365
const DIGESTS_AT_ONCE = 500

export const jobs: Readonly<Record<string, Job<Own>>> = {
  sendDigests: {
    description:
      'Gathers unread notifications that were not mailed into one mail, for everybody whose digest is due',
    schedule: '*/10 * * * *',
    run: async (call, own) => {
      const { tx, now, newId } = call
      for (const recipient of await store.takeDigestsDue(tx, now(), DIGESTS_AT_ONCE)) {
        const { userId, email, locale, timeZone } = recipient
        const preferences = await store.findPreferences(tx, userId)
        await store.setDigestDue(tx, userId, nextDigest(preferences.digest, timeZone, now()))
        if (!email || recipient.state !== 'active' || !reach(recipient, preferences, 'digest').email) continue
        const untold = await store.takeForDigest(tx, userId)
        const facts = digestFacts(untold.map((stored) => word(stored, locale, timeZone).title))
        if (facts)
          await post(
            tx,
            call,
            own,
            { ...recipient, email },
            { id: newId(), kind: 'digest', facts, at: now() },
          )
      }
    },
  },
  purge: {
    description: 'Deletes old notifications, and mails that the outbox has kept for long enough',
    schedule: '20 3 * * *',
    run: async ({ tx, now }, own) => {
      const before = (days: number) => new Date(now().getTime() - days * DAY_MS)
      await store.purgeNotifications(tx, {
        read: before(READ_DAYS),
        any: before(UNREAD_DAYS),
        erased: before(UNREAD_DAYS),
      })
      await purgeMails(tx, before(own.keepDays))
    },
  },
}
