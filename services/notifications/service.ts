import { defineService } from '@pleiad/platform/service'
import { notifications } from './contract.ts'
import { handlers } from './handlers.ts'
import { forgeHandlers } from './handlers-forge.ts'
import { projectHandlers } from './handlers-projects.ts'
import { jobs } from './jobs.ts'
import { maskFacts } from './kinds.ts'
import { word } from './notices.ts'
import { viewPreferences } from './preferences.ts'
import { routes } from './routes.ts'
import { startCourier } from './service-smtp.ts'
import type { Own } from './service-tell.ts'
import { settings } from './settings.ts'
import * as store from './store.ts'
import { listMailsOf } from './store-mails.ts'

const EXPORTED = 10_000

export default defineService<typeof notifications, typeof settings, Own>({
  contract: notifications,
  url: import.meta.url,
  settings,
  metrics: {
    told_in_app: { description: 'Notifications put into the app', labels: ['kind'] },
    mails: { description: 'Mails kept, sent, postponed and given up', labels: ['result'] },
  },
  start: async (tools) => ({ courier: await startCourier(tools), keepDays: tools.config.MAIL_KEEP_DAYS }),
  stop: ({ courier }) => courier?.close(),
  routes,
  handlers: { ...handlers, ...projectHandlers, ...forgeHandlers },
  jobs,
  personalData: async ({ sql }, _own, userId) => {
    const recipient = await store.findRecipient(sql, userId)
    if (!recipient) return undefined
    const { locale, timeZone } = recipient
    const told = await store.listNotifications(sql, userId, { limit: EXPORTED })
    const mails = await listMailsOf(sql, userId)
    return {
      address: { email: recipient.email, name: recipient.name, locale, timeZone },
      preferences: viewPreferences(await store.findPreferences(sql, userId), locale),
      notifications: told.map((stored) => word(stored, locale, timeZone)),
      mails: mails.map(({ to, kind, subject, facts, state, createdAt, sentAt }) => ({
        to,
        kind,
        subject,
        facts: maskFacts(kind, facts),
        state,
        createdAt,
        sentAt,
      })),
    }
  },
})
