/**
 * What other services do in a project, for its activity log: a line for each event. A product that wants its own there
 * adds a line here and its words in `activity.ts`. What end users do by themselves is not told: it would bury the rest.
 */
import { oauth } from '@pleiad/oauth/contract'
import { oidc } from '@pleiad/oidc/contract'
import type { Contract, EventData, EventName } from '@pleiad/platform/contract'
import { type Handler, on } from '@pleiad/platform/service'
import { webhooks } from '@pleiad/webhooks/contract'
import type { ActivityKind, Details } from './activity.ts'
import type { Own } from './service-own.ts'
import { addEntry } from './store-activity.ts'
import { findPeople } from './store-members.ts'

interface Told {
  readonly kind: ActivityKind
  readonly details: Details
}

function tell<C extends Contract, N extends EventName<C>>(
  source: C,
  type: N,
  words: (data: EventData<C, N>) => Told | undefined,
): Handler<Own> {
  return on(source, type, async ({ tx, event, newId }, _own: Own) => {
    const told = words(event.data)
    if (!told) return
    const { projectId, by } = event.data as { projectId: string; by?: string }
    // A member, or a program of the project: events name either by their id.
    const byKind = by === undefined ? 'system' : (await findPeople(tx, [by])).has(by) ? 'person' : 'program'
    await addEntry(tx, projectId, {
      activityId: newId(),
      at: event.time,
      byKind,
      byId: by ?? null,
      kind: told.kind,
      details: told.details,
    })
  })
}

const webhookKinds = {
  created: 'webhook.created',
  updated: 'webhook.updated',
  secretRotated: 'webhook.rotated',
  removed: 'webhook.removed',
  gone: 'webhook.gone',
} as const

export const activityHandlers = {
  tellProviderConfigured: tell(oauth, 'oauth.provider.configured', ({ change, name, environment }) => ({
    kind: change === 'created' ? 'provider.added' : 'provider.changed',
    details: { name, environment },
  })),
  tellProviderRemoved: tell(oauth, 'oauth.provider.removed', ({ name, environment }) => ({
    kind: 'provider.removed',
    details: { name, environment },
  })),
  tellAppCreated: tell(oidc, 'oidc.app.created', ({ name, environment, appId }) => ({
    kind: 'app.created',
    details: { name, environment, appId },
  })),
  tellAppChanged: tell(oidc, 'oidc.app.changed', ({ name, environment, appId }) => ({
    kind: 'app.changed',
    details: { name, environment, appId },
  })),
  tellAppRemoved: tell(oidc, 'oidc.app.removed', ({ name, environment, appId }) => ({
    kind: 'app.removed',
    details: { name, environment, appId },
  })),
  tellSignInChanged: tell(oidc, 'oidc.settings.changed', ({ environment }) => ({
    kind: 'environment.signin',
    details: { environment },
  })),
  tellKeysRotated: tell(oidc, 'oidc.keys.rotated', ({ environment }) => ({
    kind: 'environment.keys',
    details: { environment },
  })),
  tellEndUserBlocked: tell(oidc, 'enduser.blocked', ({ environment, endUserId }) => ({
    kind: 'enduser.blocked',
    details: { environment, endUserId },
  })),
  tellEndUserUnblocked: tell(oidc, 'enduser.unblocked', ({ environment, endUserId }) => ({
    kind: 'enduser.unblocked',
    details: { environment, endUserId },
  })),
  tellEndUserDeleted: tell(oidc, 'enduser.deleted', ({ environment, by }) =>
    by === undefined ? undefined : { kind: 'enduser.deleted', details: { environment } },
  ),
  tellWebhook: tell(webhooks, 'webhook.endpoint.changed', ({ change, host, environment }) => ({
    kind: webhookKinds[change],
    details: { host, environment },
  })),
}
