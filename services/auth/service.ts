/** Credentials, sessions, tokens, roles, audit. README.md explains the decisions. */
import { defineService } from '@pleiad/platform/service'
import { Profiles } from '@pleiad/users/rpc'
import { auth } from './contract.ts'
import { handlers } from './handlers.ts'
import { routes } from './routes.ts'
import { tellHolders } from './service-administration.ts'
import { personalData } from './service-export.ts'
import { identity, rpc } from './service-identity.ts'
import { KEYS_CHANGED, rotate } from './service-keyring.ts'
import { record } from './service-notices.ts'
import { type Own, settings, start } from './service-own.ts'
import { currentSetupCode } from './service-registration.ts'
import { OLD_BELOW, sealed } from './service-sealing.ts'
import { listOld, replaceAuthenticator, replaceKey } from './store-sealed.ts'
import { sweep } from './store-throttles.ts'

export default defineService<typeof auth, typeof settings, Own>({
  contract: auth,
  url: import.meta.url,
  settings,
  constraints: { passkeys_credential: 'passkeyKnown' },
  metrics: {
    auth_security_events_total: {
      description: 'Security events, as in the audit log, by event.',
      labels: ['event'],
    },
    auth_attempts_delayed_total: { description: 'Attempts refused because of too many wrong ones before.' },
  },
  start,
  sealed,
  routes,
  handlers,
  rpc,
  identity,
  personalData,
  calls: [Profiles],
  greeting: async (tools, own) => {
    const code = await currentSetupCode(tools.transact, own)
    return code
      ? ['No administrator yet. Become the first one at:', `  ${tools.publicUrl}/setup?code=${code}`]
      : []
  },
  jobs: {
    rotateKeys: {
      description: 'Puts the next signing key in force when the active one is 30 days old.',
      schedule: '17 3 * * *',
      run: async (call, own) => {
        const rotated = await rotate(call.tx, own.sealing, call.now())
        if (!rotated) return
        await record(call.tx, call, 'signingKey.rotated', { details: { kid: rotated.kid } })
        call.tx.afterCommit(() => call.broadcast(KEYS_CHANGED, {}))
      },
    },
    sealAnew: {
      description: 'Gives secrets that were sealed before there was a vault to the vault, a part at a time.',
      schedule: '*/5 * * * *',
      run: async ({ tx }, own) => {
        const { keys, authenticators } = await listOld(tx, OLD_BELOW, 500)
        for (const { id, value } of keys) {
          const plain = await own.sealing.open('signingKey', id, value)
          await replaceKey(tx, id, await own.sealing.seal('signingKey', id, plain))
        }
        for (const { id, value } of authenticators) {
          const plain = await own.sealing.open('totp', id, value)
          await replaceAuthenticator(tx, id, await own.sealing.seal('totp', id, plain))
        }
      },
    },
    tellHolders: {
      description: 'Says who holds which permissions, for services that did not hear it when it changed.',
      schedule: '41 4 * * *',
      run: async ({ tx }) => tellHolders(tx),
    },
    sweep: {
      description:
        'Deletes links, registrations, challenges, throttles, sessions and revocations whose time is over.',
      schedule: '*/10 * * * *',
      run: async ({ tx, now }) => sweep(tx, now()),
    },
  },
})
