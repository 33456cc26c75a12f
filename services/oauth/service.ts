import { defineService } from '@pleiad/platform/service'
import { oauth } from './contract.ts'
import { handlers } from './handlers.ts'
import { createJobs } from './jobs.ts'
import { routes } from './routes.ts'
import { addRpc } from './rpc.ts'
import { createMounts } from './service-callback.ts'
import { createOwn, type Own } from './service-own.ts'
import { secretOwner } from './service-providers.ts'
import { tokenOwner } from './service-tokens.ts'
import { settings } from './settings.ts'

export default defineService<typeof oauth, typeof settings, Own>({
  contract: oauth,
  url: import.meta.url,
  settings,
  constraints: { configurations_key: 'providerConfigured', configurations_handle: 'providerConfigured' },
  sealed: [
    { table: 'configurations', id: 'id', column: 'secret', belongsTo: secretOwner },
    { table: 'connections', id: 'id', column: 'access', belongsTo: (id) => tokenOwner('access', id) },
    { table: 'connections', id: 'id', column: 'refresh', belongsTo: (id) => tokenOwner('refresh', id) },
  ],
  metrics: {
    flows: {
      description: 'Flows through providers that ended, by problem code',
      labels: ['purpose', 'outcome'],
    },
    provider_requests: {
      description: 'Conversations with providers, by problem code',
      labels: ['provider', 'kind', 'outcome'],
    },
    refreshes: { description: 'Refreshes of provider tokens', labels: ['provider', 'outcome'] },
    vault_reads: { description: 'Tokens asked of the vault, by outcome', labels: ['outcome'] },
  },
  start: createOwn,
  stop: async (own) => {
    await own.vault.stop()
    await own.revoker.idle()
  },
  routes,
  handlers,
  jobs: createJobs(({ aheadSeconds }) => aheadSeconds),
  rpc: addRpc,
  mounts: createMounts,
})
