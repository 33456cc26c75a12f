/** Events in: projects and end users that come, rest and go. */
import { oidc } from '@pleiad/oidc/contract'
import { on, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { projects } from '@pleiad/projects/contract'
import { endConnections } from './service-ending.ts'
import type { Own } from './service-own.ts'
import {
  noteEnvironment,
  noteProject,
  type ProjectState,
  removeConfigurations,
} from './store-configurations.ts'

/** Erases everything of a project or of one environment; tokens are revoked first. */
async function erase(
  { tx, now }: Pick<Tools, 'now'> & { readonly tx: Tx },
  own: Own,
  projectId: string,
  environment?: string,
): Promise<void> {
  const ids = await removeConfigurations(tx, projectId, environment, now())
  if (ids.length > 0)
    await endConnections(tx, own, { configurationIds: ids }, 'providerRemoved', { erase: true, now: now() })
  tx.afterCommit(() => own.projectChanged(projectId, environment))
}

const follow = (type: 'project.archived' | 'project.restored', state: ProjectState) =>
  on<typeof projects, typeof type, Own>(projects, type, async ({ tx, event }, own) => {
    const { projectId } = event.data
    await noteProject(tx, projectId, state, event.time)
    tx.afterCommit(() => own.projectChanged(projectId))
  })

export const handlers = {
  noteProject: on<typeof projects, 'project.created', Own>(
    projects,
    'project.created',
    async ({ tx, event }) => {
      const { projectId, environments } = event.data
      await noteProject(tx, projectId, 'active', event.time)
      for (const environment of environments)
        await noteEnvironment(tx, { projectId, environment }, true, event.time)
    },
  ),
  noteEnvironment: on<typeof projects, 'project.environment.added', Own>(
    projects,
    'project.environment.added',
    ({ tx, event }) => noteEnvironment(tx, event.data, true, event.time),
  ),
  eraseEnvironment: on<typeof projects, 'project.environment.removed', Own>(
    projects,
    'project.environment.removed',
    async (call, own) => {
      const { projectId, environment } = call.event.data
      await noteEnvironment(call.tx, { projectId, environment }, false, call.event.time)
      await erase(call, own, projectId, environment)
    },
  ),
  archiveProject: follow('project.archived', 'archived'),
  restoreProject: follow('project.restored', 'active'),
  eraseProject: on<typeof projects, 'project.deleted', Own>(
    projects,
    'project.deleted',
    async (call, own) => {
      const { projectId } = call.event.data
      await noteProject(call.tx, projectId, 'deleted', call.event.time)
      await erase(call, own, projectId)
    },
  ),
  eraseEndUser: on<typeof oidc, 'enduser.deleted', Own>(
    oidc,
    'enduser.deleted',
    async ({ tx, event, now }, own) => {
      const { projectId, environment, endUserId } = event.data
      await endConnections(tx, own, { projectId, environment, endUserId }, 'endUser', {
        erase: true,
        now: now(),
      })
    },
  ),
}
