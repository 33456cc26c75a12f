/** The events that webhooks carry: those of one environment of a project. Another product adds its line here. */
import { oauth } from '@pleiad/oauth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { partners } from '@pleiad/partners/contract'
import type { Contract, EventKind } from '@pleiad/platform/contract'
import { projects } from '@pleiad/projects/contract'

/** Sent by `sendTest` only. */
export const TEST_TYPE = 'webhook.test'

export interface Source {
  readonly contract: Contract
  readonly types: readonly string[]
}

export const sources: readonly Source[] = [
  {
    contract: projects,
    types: [
      'project.environment.changed',
      'project.key.created',
      'project.key.rotated',
      'project.key.revoked',
    ],
  },
  {
    contract: oauth,
    types: [
      'oauth.provider.configured',
      'oauth.provider.removed',
      'oauth.connection.created',
      'oauth.connection.refreshed',
      'oauth.connection.broken',
      'oauth.connection.revoked',
    ],
  },
  {
    contract: oidc,
    types: [
      'enduser.created',
      'enduser.blocked',
      'enduser.unblocked',
      'enduser.deleted',
      'enduser.signedin',
      'enduser.signin.failed',
      'oidc.app.created',
      'oidc.app.changed',
      'oidc.app.removed',
      'oidc.settings.changed',
      'oidc.keys.rotated',
    ],
  },
  { contract: partners, types: ['partner.model.changed', 'partner.order.changed'] },
]

const kinds: readonly (readonly [string, EventKind])[] = sources.flatMap(({ contract, types }) =>
  types.map((type) => [type, contract.events![type]!] as const),
)

/** The types that endpoints can ask for. */
export const carried: ReadonlySet<string> = new Set(kinds.map(([type]) => type))

export function listTypes(): { type: string; description: string; example: unknown }[] {
  return kinds.map(([type, { description, example }]) => ({ type, description, example }))
}
