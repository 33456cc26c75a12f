import { emit } from '@pleiad/platform/service'
import { projects } from './contract.ts'
import type { environmentOperations } from './contract-environments.ts'
import { checkSettings, environmentView, NO_SETTINGS, sameSettings } from './environments.ts'
import { mayConfigure } from './members.ts'
import { isFull } from './quotas.ts'
import type { Part } from './routes-part.ts'
import { forgetPrograms, note, openActive } from './service-change.ts'
import * as store from './store-environments.ts'
import { findProject } from './store-projects.ts'

export const environmentRoutes: Part<
  Pick<
    typeof environmentOperations,
    'listEnvironments' | 'addEnvironment' | 'getEnvironment' | 'updateEnvironment' | 'removeEnvironment'
  >
> = ({ settings: { PROJECTS_ENVIRONMENTS: limit } }) => ({
  async listEnvironments({ sql, params, fail }) {
    const [project, rows] = await Promise.all([
      findProject(sql, params.projectId),
      store.listEnvironments(sql, params.projectId),
    ])
    if (!project) return fail('notFound')
    return { items: rows.map((row) => environmentView(row, project.slug)) }
  },

  addEnvironment: (call) =>
    call.transact(async (tx) => {
      const { body, caller, fail } = call
      const { project } = await openActive(tx, call, 'admin')
      const { projectId, environments, slug } = project
      if (environments.includes(body.environment)) return fail('environmentExists')
      if (isFull(limit, environments.length))
        return fail('quotaReached', undefined, { quota: 'environments', limit })
      const at = call.now()
      const added = { projectId, environment: body.environment, settings: NO_SETTINGS, version: 1 }
      const environment = { ...added, createdAt: at, updatedAt: at }
      await store.saveEnvironment(tx, environment)
      emit(tx, projects, 'project.environment.added', {
        projectId,
        by: caller.id,
        environment: body.environment,
      })
      await note(tx, call, projectId, 'environment.added', { environment: body.environment })
      return environmentView(environment, slug)
    }),

  async getEnvironment({ sql, params, fail }) {
    const [project, environment] = await Promise.all([
      findProject(sql, params.projectId),
      store.findEnvironment(sql, params.projectId, params.environment),
    ])
    if (!project || !environment) return fail('environmentUnknown')
    return environmentView(environment, project.slug)
  },

  updateEnvironment: (call) =>
    call.transact(async (tx) => {
      const { params, body, caller, fail } = call
      const { project, role } = await openActive(tx, call, 'developer')
      if (!mayConfigure(role, params.environment)) return fail('forbidden', 'Production takes an admin.')
      const environment = await store.findEnvironment(tx, params.projectId, params.environment)
      if (!environment) return fail('environmentUnknown')
      if (call.ifMatch !== String(environment.version)) return fail('preconditionFailed')
      const checked = checkSettings(body, params.environment)
      if (checked.troubles) return fail('environmentNotRight', undefined, { errors: checked.troubles })
      const { settings } = checked
      if (sameSettings(settings, environment.settings)) return environmentView(environment, project.slug)
      const changed = { ...environment, settings, version: environment.version + 1, updatedAt: call.now() }
      await store.saveEnvironment(tx, changed)
      const about = { projectId: params.projectId, by: caller.id, environment: params.environment }
      emit(tx, projects, 'project.environment.changed', { ...about, settings })
      await note(tx, call, params.projectId, 'environment.changed', { environment: params.environment })
      return environmentView(changed, project.slug)
    }),

  removeEnvironment: (call) =>
    call.transact(async (tx) => {
      const { params, caller, fail } = call
      const { project } = await openActive(tx, call, 'admin')
      const { projectId, environment } = params
      if (environment === 'production') return fail('environmentRequired')
      if (!project.environments.includes(environment)) return fail('environmentUnknown')
      forgetPrograms(tx, call, { projectId })
      await store.deleteEnvironment(tx, projectId, environment)
      emit(tx, projects, 'project.environment.removed', { projectId, by: caller.id, environment })
      await note(tx, call, projectId, 'environment.removed', { environment })
    }),
})
