/** The internal RPC of `signin.proto`. */
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import type { Tools } from '@pleiad/platform/service'
import { emit } from '@pleiad/platform/service'
import { oauth } from './contract.ts'
import type { ProblemCode } from './contract-problems.ts'
import { browserCookie, isSameBrowser, readToken } from './flows.ts'
import { ProviderTrouble } from './problems.ts'
import { endConnections } from './service-ending.ts'
import { beginFlow, leadToProvider, tellFailure } from './service-flows.ts'
import type { Own } from './service-own.ts'
import { ready } from './service-providers.ts'
import { eventOf, openTokens, sealTokens } from './service-tokens.ts'
import { SignIn } from './signin_pb.ts'
import { findConfiguration, listConfigurations, projectState } from './store-configurations.ts'
import {
  claimConnection,
  deleteConnection,
  findAccount,
  findConnection,
  listConnections,
  lockConnection,
  renewConnection,
} from './store-connections.ts'
import { advanceFlow, findFlow } from './store-flows.ts'
import { isReturnPath } from './urls.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function checkId(text: string, field: string): string {
  if (UUID.test(text)) return text
  throw new ConnectError(`${field} is not a UUID`, Code.InvalidArgument)
}

const unknownTicket = () => new ConnectError('ticketUnknown' satisfies ProblemCode, Code.NotFound)

export function addRpc(router: ConnectRouter, tools: Tools, own: Own): void {
  const { sql, transact, now, publicUrl } = tools

  router.service(SignIn, {
    listProviders: async ({ projectId, environment }) => {
      if ((await projectState(sql, checkId(projectId, 'project_id'))) !== 'active') return { providers: [] }
      return {
        providers: (await own.offered.of(projectId, environment)).map((provider) => ({ ...provider })),
      }
    },

    begin: async ({ projectId, environment, provider, returnPath, purpose, loginHint }) => {
      checkId(projectId, 'project_id')
      if (!isReturnPath(returnPath, publicUrl))
        throw new ConnectError('return_path is not a path of this installation', Code.InvalidArgument)
      if (purpose !== 'sign_in' && purpose !== 'link')
        throw new ConnectError('purpose must be sign_in or link', Code.InvalidArgument)
      const found = await findConfiguration(sql, { projectId, environment }, provider)
      if (!found) throw new ConnectError('there is no such provider', Code.NotFound)
      const flowPurpose = purpose === 'link' ? 'link' : 'signIn'
      const refuse = async (code: ProblemCode) => {
        tools.count('flows', { purpose: flowPurpose, outcome: code })
        await tellFailure(tools, found, { purpose: flowPurpose, returnTo: returnPath }, code)
        return new ConnectError(code, Code.FailedPrecondition)
      }
      if ((await projectState(sql, projectId)) !== 'active') throw await refuse('projectArchived')
      if (!found.configuration.enabled || !found.configuration.signIn) throw await refuse('providerDisabled')
      const configured = await ready(tools, found)
      const flow = await beginFlow(tools, configured, {
        purpose: flowPurpose,
        stage: 'sent',
        returnTo: returnPath,
        loginHint: loginHint.slice(0, 200) || undefined,
      })
      try {
        const url = await leadToProvider(tools, own, configured, flow)
        return { url, cookie: browserCookie(own.flowKey, flow.id, publicUrl) }
      } catch (error) {
        if (!(error instanceof ProviderTrouble)) throw error
        await tellFailure(tools, configured, flow, error.code)
        tools.count('flows', { purpose: flow.purpose, outcome: error.code })
        throw new ConnectError(error.code, Code.Unavailable)
      }
    },

    redeem: async ({ ticket, projectId, environment, cookieHeader }) => {
      const id = readToken(own.flowKey, 'ticket', ticket)
      if (id === undefined || !isSameBrowser(own.flowKey, id, cookieHeader, publicUrl)) throw unknownTicket()
      const flow = await findFlow(sql, id)
      if (flow?.projectId !== projectId || flow.environment !== environment) throw unknownTicket()
      if (flow.purpose === 'connect' || !flow.identity) throw unknownTicket()
      // One of several that redeem at once gets it.
      const redeemed = await advanceFlow(sql, id, 'answered', 'redeemed', now())
      if (!redeemed?.identity) throw unknownTicket()
      const connection = await findConnection(sql, redeemed.connectionId!)
      if (!connection) throw unknownTicket()
      const { subject, email = '', emailVerified, name = '', picture = '' } = redeemed.identity
      return {
        provider: connection.provider,
        subject,
        email,
        emailVerified,
        name,
        picture,
        connectionId: connection.id,
        purpose: redeemed.purpose === 'link' ? 'link' : 'sign_in',
      }
    },

    attach: async ({ connectionId, endUserId }) => {
      const id = checkId(connectionId, 'connection_id')
      if (!/^[\x21-\x7e]{1,200}$/.test(endUserId)) throw new ConnectError('end_user_id', Code.InvalidArgument)
      for (let attempt = 1; ; attempt++) {
        const pending = await findConnection(sql, id)
        if (!pending) throw new ConnectError('there is no such connection', Code.NotFound)
        // Asked again after a lost answer.
        if (pending.state !== 'pending') {
          if (pending.end_user_id === endUserId) return { connectionId: id }
          throw new ConnectError('the connection is somebody else’s', Code.FailedPrecondition)
        }
        const older = await findAccount(sql, pending.configuration_id, pending.subject, endUserId)
        const tokens = older && (await openTokens(tools, pending))
        try {
          return await transact(async (tx) => {
            const locked = await lockConnection(tx, id)
            if (locked?.state !== 'pending') throw new ConnectError('it is being attached', Code.Aborted)
            if (older) {
              // What is left of the token's life, not the whole.
              const expiresIn = secondsUntil(pending.expires_at, now())
              const moved = await sealTokens(
                tools,
                older.id,
                tokens && { ...tokens, expiresIn },
                pending.scopes,
              )
              const { subject, email, name, picture } = pending
              const identity = {
                subject,
                emailVerified: false,
                ...(email ? { email } : {}),
                ...(name ? { name } : {}),
                ...(picture ? { picture } : {}),
              }
              await renewConnection(
                tx,
                older.id,
                identity,
                { ...moved, lifetime: pending.lifetime ?? undefined },
                pending.epoch,
                now(),
              )
              await deleteConnection(tx, id)
            } else await claimConnection(tx, id, endUserId)
            const row = (await findConnection(tx, older?.id ?? id))!
            emit(tx, oauth, 'oauth.connection.created', {
              ...eventOf(row),
              purpose: pending.purpose,
              again: older !== undefined,
            })
            tx.afterCommit(() => own.changed(row.id))
            return { connectionId: row.id }
          })
        } catch (error) {
          // The same account was attached by another request at this moment: now it is the older one.
          if ((error as { code?: unknown }).code !== 'conflict' || attempt === 3) throw error
        }
      }
    },

    detach: async ({ connectionId, endUserId }) => {
      await transact(async (tx) => {
        const row = await lockConnection(tx, checkId(connectionId, 'connection_id'))
        if (row?.end_user_id === endUserId && row.state !== 'revoked')
          await endConnections(tx, own, { id: row.id }, 'endUser', { erase: false, now: now() })
      })
      return {}
    },

    listConnections: async ({ projectId, environment, endUserId }) => {
      const place = { projectId: checkId(projectId, 'project_id'), environment }
      const [rows, configurations] = await Promise.all([
        listConnections(sql, { ...place, endUserId, limit: 100 }),
        listConfigurations(sql, place),
      ])
      const names = new Map(configurations.map(({ provider, name }) => [provider, name]))
      return {
        connections: rows.slice(0, 100).map((row) => ({
          connectionId: row.id,
          provider: row.provider,
          providerName: names.get(row.provider) ?? row.provider,
          subject: row.subject,
          email: row.email ?? '',
          name: row.name ?? '',
          state: row.state,
          createdAt: BigInt(Math.floor(row.created_at.getTime() / 1000)),
        })),
      }
    },
  })
}

function secondsUntil(date: Date | null, now: Date): number | undefined {
  return date === null ? undefined : Math.max(0, Math.floor((date.getTime() - now.getTime()) / 1000))
}
