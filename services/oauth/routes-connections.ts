/** Connections: for the console, and for programs of a project. */
import { Refusal } from '@pleiad/platform/problem'
import type { ProjectOfCaller, Routes } from '@pleiad/platform/service'
import type { oauth } from './contract.ts'
import type { Token } from './contract-schemas.ts'
import { tokenOf } from './flows.ts'
import { endConnections } from './service-ending.ts'
import { beginFlow } from './service-flows.ts'
import type { Own } from './service-own.ts'
import { ready } from './service-providers.ts'
import { isVisible, ownerOf, type Read } from './service-vault.ts'
import { findConfiguration, projectState } from './store-configurations.ts'
import {
  type ConnectionRow,
  findConnection,
  listConnections,
  lockConnection,
  viewOf,
} from './store-connections.ts'
import { allowedReturnUrl } from './urls.ts'

type ConnectionRoutes = Pick<
  ReturnType<Routes<typeof oauth, Own>>,
  | 'listConnections'
  | 'getConnection'
  | 'revokeConnection'
  | 'openConnectSession'
  | 'listOwnConnections'
  | 'getOwnConnection'
  | 'revokeOwnConnection'
  | 'getToken'
  | 'replaceToken'
>

/** One page and the cursor of the next. */
function page(rows: readonly ConnectionRow[], limit: number) {
  const items = rows.slice(0, limit)
  return { items: items.map(viewOf), ...(rows.length > limit ? { next: items.at(-1)!.id } : {}) }
}

/** Whether the row is a connection that may be shown, of this environment. */
function isOf(
  row: ConnectionRow | undefined,
  place: { projectId: string; environment: string },
): row is ConnectionRow {
  return (
    row !== undefined &&
    row.state !== 'pending' &&
    row.project_id === place.projectId &&
    row.environment === place.environment
  )
}

const owned = (row: ConnectionRow | undefined, project: ProjectOfCaller): row is ConnectionRow =>
  row !== undefined && row.state !== 'pending' && isVisible(ownerOf(row), project)

export function connectionRoutes(own: Own): ConnectionRoutes {
  return {
    listConnections: async ({ sql, params, query }) => {
      const limit = query.limit ?? 25
      return page(await listConnections(sql, { ...params, ...query, limit }), limit)
    },

    getConnection: async ({ sql, params, fail }) => {
      const row = await findConnection(sql, params.connectionId)
      return isOf(row, params) ? viewOf(row) : fail('notFound')
    },

    revokeConnection: async ({ transact, params, now, fail }) =>
      transact(async (tx) => {
        const row = await lockConnection(tx, params.connectionId)
        if (!isOf(row, params)) return fail('notFound')
        await endConnections(tx, own, { id: row.id }, 'member', { erase: false, now: now() })
      }),

    openConnectSession: async (call) => {
      const { sql, body, caller, publicUrl, fail } = call
      const { id: projectId, environment = '', endUser } = caller.project
      // A token of an end user connects nobody but that end user.
      if (endUser !== undefined && endUser !== body.endUserId) return fail('forbidden')
      if ((await projectState(sql, projectId)) !== 'active') return fail('projectArchived')
      const found = await findConfiguration(sql, { projectId, environment }, body.provider)
      if (!found) return fail('notFound')
      const { configuration } = found
      if (!configuration.enabled) return fail('providerDisabled')
      const returnTo = allowedReturnUrl(body.returnUrl, configuration.returnUrls)
      if (returnTo === undefined) return fail('returnUrlNotAllowed')
      const { endUserId, scopes, state, loginHint } = body
      const flow = await beginFlow(call, await ready(call, found), {
        purpose: 'connect',
        stage: 'opened',
        returnTo,
        endUserId,
        scopes,
        appState: state,
        loginHint,
      })
      return {
        connectSessionId: flow.id,
        url: `${publicUrl}/oauth/connect/${tokenOf(own.flowKey, 'open', flow.id)}`,
        expiresAt: flow.expiresAt.toISOString(),
      }
    },

    listOwnConnections: async ({ sql, query, caller }) => {
      const { id: projectId, environment = '', endUser } = caller.project
      const limit = query.limit ?? 25
      if (endUser !== undefined && query.endUserId !== undefined && query.endUserId !== endUser)
        return { items: [] }
      const endUserId = endUser ?? query.endUserId
      return page(await listConnections(sql, { ...query, projectId, environment, limit, endUserId }), limit)
    },

    getOwnConnection: async ({ sql, params, caller, fail }) => {
      const row = await findConnection(sql, params.connectionId)
      return owned(row, caller.project) ? viewOf(row) : fail('notFound')
    },

    revokeOwnConnection: async ({ transact, params, caller, now, fail }) =>
      transact(async (tx) => {
        const row = await lockConnection(tx, params.connectionId)
        if (!owned(row, caller.project)) return fail('notFound')
        const cause = caller.project.endUser === undefined ? 'program' : 'endUser'
        await endConnections(tx, own, { id: row.id }, cause, { erase: false, now: now() })
      }),

    getToken: async ({ params, query, caller, answer, count }) => {
      answer.header('cache-control', 'no-store')
      const read = await own.vault.read(params.connectionId, caller.project, query.minValidity ?? 60)
      count('vault_reads', { outcome: 'token' in read ? 'token' : read.refused })
      return answerOf(read)
    },

    replaceToken: async ({ params, body, caller, answer, count }) => {
      answer.header('cache-control', 'no-store')
      const read = await own.vault.replace(params.connectionId, caller.project, body.accessToken)
      count('vault_reads', { outcome: 'token' in read ? 'replaced' : read.refused })
      return answerOf(read)
    },
  }
}

/** The token, or the refusal with what helps to act on it. */
function answerOf(read: Read): Token {
  if ('token' in read) return read.token
  const { refused } = read
  if (refused === 'reconnectRequired') throw new Refusal(refused, undefined, { reason: read.reason })
  if (refused === 'validityNotOffered') throw new Refusal(refused, undefined, { longest: read.longest })
  if (refused === 'tokenUnavailable')
    throw new Refusal(refused, undefined, {}, { 'retry-after': String(read.retryAfter) })
  throw new Refusal(refused)
}
