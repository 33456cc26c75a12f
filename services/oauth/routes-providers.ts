/** The catalogue, configurations and their health. */
import { emit, type Routes } from '@pleiad/platform/service'
import {
  type Configuration,
  changedFields,
  configurationTroubles,
  handleOf,
  hasMoved,
  keyOf,
  movedSecretTrouble,
  redirectUriOf,
  viewOf,
} from './configurations.ts'
import { oauth } from './contract.ts'
import type { ProviderHealth } from './contract-schemas.ts'
import type { Provider } from './provider.ts'
import { catalogue, entryOf, providerNamed } from './providers/catalogue.ts'
import { testConnection } from './service-connection-test.ts'
import { breakBehind, endConnections } from './service-ending.ts'
import type { Own } from './service-own.ts'
import { ready, secretOwner } from './service-providers.ts'
import {
  findConfiguration,
  type HealthRow,
  hasEnvironment,
  healthOf,
  listConfigurations,
  lockConfiguration,
  moveConfiguration,
  removeConfiguration,
  saveConfiguration,
} from './store-configurations.ts'
import { retryNow } from './store-refresh.ts'

const DAY_MS = 86_400_000

type ProviderRoutes = Pick<
  ReturnType<Routes<typeof oauth, Own>>,
  | 'listCatalogue'
  | 'listProviders'
  | 'getRedirectUri'
  | 'getProvider'
  | 'configureProvider'
  | 'updateProvider'
  | 'removeProvider'
  | 'testProvider'
  | 'listHealth'
>

const known = (configuration: Configuration): Provider => providerNamed(configuration.catalogue)!

export function providerRoutes(own: Own): ProviderRoutes {
  return {
    listCatalogue: async () => ({ items: catalogue.map(entryOf) }),

    listProviders: async ({ sql, params, publicUrl }) => {
      const found = await listConfigurations(sql, params)
      return { items: found.map((configuration) => viewOf(configuration, known(configuration), publicUrl)) }
    },

    getRedirectUri: async ({ params, publicUrl }) => ({
      redirectUri: redirectUriOf(publicUrl, handleOf(params.projectId, params.environment, params.provider)),
    }),

    getProvider: async ({ sql, params, publicUrl, fail }) => {
      const found = await findConfiguration(sql, params, params.provider)
      if (!found) return fail('notFound')
      return viewOf(found.configuration, known(found.configuration), publicUrl)
    },

    configureProvider: async ({
      transact,
      sql,
      params,
      body,
      caller,
      vault,
      newId,
      now,
      publicUrl,
      fail,
    }) => {
      const provider = providerNamed(body.catalogue)
      if (!provider) return fail('providerUnknown')
      if (!(await hasEnvironment(sql, params))) return fail('notFound')
      const key = keyOf(provider, body.provider)
      if (typeof key !== 'string') return fail('configurationNotRight', undefined, { errors: [key] })
      const at = now()
      const configuration: Configuration = {
        id: newId(),
        ...params,
        provider: key,
        catalogue: provider.catalogue,
        name: body.name ?? provider.name,
        clientId: body.clientId,
        secretSet: body.secret !== undefined,
        secretChangedAt: body.secret === undefined ? undefined : at,
        settings: body.settings ?? {},
        scopes: body.scopes ?? [],
        parameters: body.parameters ?? {},
        returnUrls: body.returnUrls ?? [],
        signIn: body.signIn ?? true,
        enabled: body.enabled ?? true,
        handle: handleOf(params.projectId, params.environment, key),
        epoch: 1,
        version: 1,
        createdAt: at,
        updatedAt: at,
      }
      const errors = configurationTroubles(provider, {
        ...configuration,
        secretSet: false,
        secret: body.secret,
      })
      if (errors.length > 0) return fail('configurationNotRight', undefined, { errors })
      await transact(async (tx) => {
        const secret =
          body.secret === undefined ? undefined : await vault.seal(body.secret, secretOwner(configuration.id))
        await saveConfiguration(tx, configuration, secret)
        emit(tx, oauth, 'oauth.provider.configured', {
          ...params,
          provider: key,
          catalogue: provider.catalogue,
          name: configuration.name,
          enabled: configuration.enabled,
          change: 'created',
          changed: [],
          by: caller.id,
        })
        tx.afterCommit(() => own.projectChanged(params.projectId, params.environment))
      })
      return viewOf(configuration, provider, publicUrl)
    },

    updateProvider: async ({ transact, params, body, caller, ifMatch, vault, now, publicUrl, fail }) =>
      transact(async (tx) => {
        const found = await lockConfiguration(tx, params, params.provider)
        if (!found) return fail('notFound')
        const before = found.configuration
        if (ifMatch !== String(before.version)) return fail('preconditionFailed')
        const provider = known(before)
        const { secret, ...fields } = body
        const after: Configuration = {
          ...before,
          ...fields,
          secretSet: before.secretSet || secret !== undefined,
          secretChangedAt: secret === undefined ? before.secretChangedAt : now(),
          version: before.version + 1,
          updatedAt: now(),
        }
        const errors = configurationTroubles(provider, { ...after, secretSet: before.secretSet, secret })
        const moved = movedSecretTrouble(provider, before, { settings: after.settings, secret })
        if (moved) errors.push(moved)
        if (errors.length > 0) return fail('configurationNotRight', undefined, { errors })
        const changed = changedFields(before, after)
        if (changed.length === 0) return viewOf(before, provider, publicUrl)
        const sealed = secret === undefined ? found.secret : await vault.seal(secret, secretOwner(before.id))
        await saveConfiguration(tx, after, sealed)
        if (hasMoved(provider, before.settings, after.settings)) {
          await moveConfiguration(tx, before.id, now())
          await breakBehind(tx, own, before.id)
        }
        await retryNow(tx, before.id)
        emit(tx, oauth, 'oauth.provider.configured', {
          projectId: before.projectId,
          environment: before.environment,
          provider: before.provider,
          catalogue: before.catalogue,
          name: after.name,
          enabled: after.enabled,
          change: 'updated',
          changed,
          by: caller.id,
        })
        tx.afterCommit(() => own.projectChanged(before.projectId, before.environment))
        return viewOf(after, provider, publicUrl)
      }),

    removeProvider: async ({ transact, params, caller, now, fail }) =>
      transact(async (tx) => {
        const found = await lockConfiguration(tx, params, params.provider)
        if (!found) return fail('notFound')
        const { id, projectId, environment, provider, name } = found.configuration
        await removeConfiguration(tx, id, now())
        await endConnections(tx, own, { configurationIds: [id] }, 'providerRemoved', {
          erase: true,
          now: now(),
        })
        emit(tx, oauth, 'oauth.provider.removed', { projectId, environment, provider, name, by: caller.id })
        tx.afterCommit(() => own.projectChanged(projectId, environment))
      }),

    testProvider: async (call) => {
      const found = await findConfiguration(call.sql, call.params, call.params.provider)
      if (!found) return call.fail('notFound')
      const checks = await testConnection(call, own, await ready(call, found))
      return { ok: checks.every(({ state }) => state !== 'failed'), checks }
    },

    listHealth: async ({ sql, params, now }) => {
      const configurations = await listConfigurations(sql, params)
      const since = new Date(now().getTime() - DAY_MS)
      const ids = configurations.map(({ id }) => id)
      const rows = new Map((await healthOf(sql, ids, since)).map((row) => [row.configuration_id, row]))
      return {
        items: configurations.map((configuration) =>
          healthView(configuration, rows.get(configuration.id)!, since),
        ),
      }
    },
  }
}

function healthView({ provider, name }: Configuration, row: HealthRow, since: Date): ProviderHealth {
  const { last_success_at: success, last_failure_at: failure, succeeded, failed } = row
  const calls = succeeded + failed
  const failing = failure !== null && failure >= since && (success === null || failure > success)
  return {
    provider,
    name,
    state: failing ? 'failing' : calls === 0 ? 'idle' : 'healthy',
    succeeded,
    failed,
    ...(calls > 0 ? { meanMs: Math.round(row.total_ms / calls), slowestMs: row.slowest_ms } : {}),
    ...(success ? { lastSuccessAt: success.toISOString() } : {}),
    ...(failure ? { lastFailureAt: failure.toISOString() } : {}),
    ...(row.last_failure_code ? { lastFailureCode: row.last_failure_code } : {}),
    ...(row.last_failure_words ? { lastFailureWords: row.last_failure_words } : {}),
    connections: { active: row.active, broken: row.broken },
  }
}
