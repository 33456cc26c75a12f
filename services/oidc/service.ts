/** OpenID Connect issuers of the projects. README.md explains the decisions. */

import { SignIn } from '@pleiad/oauth/rpc'
import { defineService } from '@pleiad/platform/service'
import { oidc } from './contract.ts'
import { handlers } from './handlers.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'
import { credentials } from './service-credentials.ts'
import { keyOwner } from './service-keyring.ts'
import { mountIssuers } from './service-mount.ts'
import { type Own, start } from './service-own.ts'
import { settings } from './settings.ts'

export default defineService<typeof oidc, typeof settings, Own>({
  contract: oidc,
  url: import.meta.url,
  settings,
  constraints: { end_users_email: 'endUserExists', passkeys_credential: 'passkeyKnown' },
  metrics: {
    oidc_sign_ins_total: {
      description: 'Sign-ins of end users, by outcome and method.',
      labels: ['outcome', 'method'],
    },
    oidc_grants_total: {
      description: 'Answers of token endpoints with tokens, by grant type.',
      labels: ['grant'],
    },
    oidc_errors_total: { description: 'Requests that issuers refused, by OAuth error.', labels: ['error'] },
    oidc_introspections_total: {
      description: 'Introspected tokens, by whether they hold.',
      labels: ['active'],
    },
    oidc_issuers_made_total: { description: 'Issuers made ready in this process because they were asked.' },
    oidc_logouts_told_total: { description: 'Apps told of a logout, by outcome.', labels: ['outcome'] },
    oidc_attempts_delayed_total: { description: 'Attempts refused because of too many before.' },
  },
  start,
  routes,
  handlers,
  jobs,
  credentials: (_tools, own) => credentials(own),
  mounts: (_tools, own) => ({ '/oidc/': mountIssuers(own) }),
  sealed: [{ table: 'signing_keys', id: 'kid', column: 'private_key', belongsTo: keyOwner }],
  calls: [SignIn],
})
