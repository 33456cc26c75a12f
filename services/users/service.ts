import { AuthInternal } from '@pleiad/auth/rpc'
import { defineService } from '@pleiad/platform/service'
import { users } from './contract.ts'
import { handlers } from './handlers.ts'
import { announced } from './profiles.ts'
import { routes } from './routes.ts'
import { addRpc } from './rpc.ts'
import { settings, type UsersConfig } from './settings.ts'
import * as store from './store.ts'

const FORGET_ERASED_MS = 365 * 86_400_000

export default defineService<typeof users, typeof settings, UsersConfig>({
  contract: users,
  url: import.meta.url,
  settings,
  constraints: { usernames_taken: 'usernameTaken', usernames_name: 'usernameTaken' },
  metrics: { people_joined: { description: 'People whose profile became active' } },
  start: ({ config }) => config,
  routes,
  handlers,
  jobs: {
    purgeExpired: {
      description:
        'Frees reserved usernames whose registration never finished, and held names whose time is over',
      schedule: '*/10 * * * *',
      run: async ({ tx, now, log }) => {
        const reservations = await store.purgeExpired(tx, now(), new Date(now().getTime() - FORGET_ERASED_MS))
        if (reservations > 0) log.info({ reservations }, 'expired reservations freed')
      },
    },
  },
  rpc: addRpc,
  calls: [AuthInternal],
  personalData: async ({ sql }, _config, userId) => {
    const profile = await store.findProfile(sql, userId)
    if (!profile) return undefined
    const { bio, links, state, email, createdAt, updatedAt } = profile
    return {
      profile: { ...announced(profile), bio, links, state, email, createdAt, updatedAt },
      formerUsernames: await store.listFormerUsernames(sql, userId),
    }
  },
})
