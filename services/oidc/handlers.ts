/** The read model of projects: which issuers there are and how they look. */

import { oauth } from '@pleiad/oauth/contract'
import type { Tools } from '@pleiad/platform/service'
import { on } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { projects } from '@pleiad/projects/contract'
import { modelId } from './secrets.ts'
import { CHANGED, type Own } from './service-own.ts'
import { tellProject } from './service-revocation.ts'
import { noteFailure } from './service-signin.ts'
import * as store from './store-issuers.ts'
import { findModel } from './store-models.ts'

type Event = { readonly event: { readonly data: { readonly projectId: string } } }

/** Every process forgets what it knew of the project, once the change is committed. */
function changed({ tx, broadcast, event }: Tools & Event & { readonly tx: Tx }): void {
  const { projectId } = event.data
  tx.afterCommit(() => broadcast(CHANGED, { projectId }))
}

/** The same, and what the gateway knows of its programs is asked anew. */
function ended(call: Tools & Event & { readonly tx: Tx }): void {
  changed(call)
  call.tx.afterCommit(() => tellProject(call, call.event.data.projectId))
}

/** The person's own decision at the provider is theirs; all else the provider, or how it is set up, has to answer for. */
const reasonOf = (code: string): string => (code === 'denied' ? 'cancelled' : 'providerFailed')

const ordered = { ordered: true } as const

export const handlers = {
  addIssuers: on(
    projects,
    'project.created',
    async (call, _own: Own) => {
      const { projectId, slug, name, accent, environments } = call.event.data
      for (const environment of environments)
        await store.insertIssuer(call.tx, {
          issuerId: call.newId(),
          projectId,
          environment,
          slug,
          name,
          accent,
        })
    },
    ordered,
  ),
  addIssuer: on(
    projects,
    'project.environment.added',
    async (call, _own: Own) => {
      const { projectId, environment } = call.event.data
      await store.insertEnvironment(call.tx, call.newId(), projectId, environment)
    },
    ordered,
  ),
  renameIssuers: on(
    projects,
    'project.renamed',
    async (call, _own: Own) => {
      await store.renameProject(call.tx, call.event.data.projectId, call.event.data.name)
      changed(call)
    },
    ordered,
  ),
  brandIssuers: on(
    projects,
    'project.branded',
    async (call, _own: Own) => {
      await store.brandProject(call.tx, call.event.data.projectId, call.event.data)
      changed(call)
    },
    ordered,
  ),
  placeIssuer: on(
    projects,
    'project.environment.changed',
    async (call, _own: Own) => {
      const { projectId, environment, settings } = call.event.data
      await store.placeIssuer(call.tx, projectId, environment, settings)
      changed(call)
    },
    ordered,
  ),
  archiveIssuers: on(
    projects,
    'project.archived',
    async (call, _own: Own) => {
      await store.archiveProject(call.tx, call.event.data.projectId, true)
      ended(call)
    },
    ordered,
  ),
  restoreIssuers: on(
    projects,
    'project.restored',
    async (call, _own: Own) => {
      await store.archiveProject(call.tx, call.event.data.projectId, false)
      changed(call)
    },
    ordered,
  ),
  eraseIssuer: on(
    projects,
    'project.environment.removed',
    async (call, _own: Own) => {
      const { projectId, environment } = call.event.data
      await store.eraseIssuers(call.tx, projectId, environment, call.now())
      ended(call)
    },
    ordered,
  ),
  eraseIssuers: on(
    projects,
    'project.deleted',
    async (call, _own: Own) => {
      await store.eraseIssuers(call.tx, call.event.data.projectId, undefined, call.now())
      ended(call)
    },
    ordered,
  ),
  /** What ends at the provider, or on the way back, never reaches the page's own operations. */
  recordProviderFailure: on(oauth, 'oauth.signin.failed', async (call, _own: Own) => {
    const { projectId, environment, provider, reason, returnPath } = call.event.data
    const issuer = await store.findIssuer(call.tx, projectId, environment)
    if (!issuer) return
    const uid = returnPath.split('/').at(-1)!
    const flow = await findModel(call.tx, 'flows', modelId(issuer.issuerId, 'Interaction', uid), false)
    const asked = flow?.payload['params'] as { client_id?: string } | undefined
    await noteFailure(call, call.tx, issuer, asked?.client_id ?? '', provider, reasonOf(reason))
  }),
}
