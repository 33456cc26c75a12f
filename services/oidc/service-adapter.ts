/** What oidc-provider stores, in our tables. Ids are hashed; payloads keep no value that would let anybody in. */
import type { Adapter, AdapterPayload } from 'oidc-provider'
import { errors } from 'oidc-provider'
import { clientMetadata } from './apps.ts'
import { type Issuer, identityScopes } from './issuers.ts'
import { hideBehind, modelId, readBehind } from './secrets.ts'
import { ACCOUNT_APP, accountApp } from './service-account-app.ts'
import type { Own } from './service-own.ts'
import { currentUnit, findLocked, inUnit, keyOf, reader, type Unit } from './service-unit.ts'
import {
  type Found,
  findByUserCode,
  findModel,
  findSessionByUid,
  type Row,
  seeOnce,
  type Table,
  type Write,
} from './store-models.ts'

const tables: Record<string, Table> = {
  Grant: 'grants',
  Session: 'sessions',
  AccessToken: 'tokens',
  RefreshToken: 'tokens',
  ClientCredentials: 'tokens',
  AuthorizationCode: 'tokens',
  DeviceCode: 'flows',
  Interaction: 'flows',
  PushedAuthorizationRequest: 'flows',
  ReplayDetection: 'flows',
}

/** Used once, at the token endpoint. */
const single = new Set(['AuthorizationCode', 'RefreshToken', 'DeviceCode'])

/** Makes the adapters of one issuer. */
export function adapterOf(own: Own, issuer: Issuer): (model: string) => Adapter {
  return (model) => (model === 'Client' ? clients(own, issuer) : stored(own, issuer, model))
}

function clients(own: Own, issuer: Issuer): Adapter {
  const refuse = async () => {
    throw new Error('Apps are not changed through oidc-provider')
  }
  return {
    find: async (id) => {
      const app =
        id === ACCOUNT_APP ? accountApp(own.tools.publicUrl, issuer) : await own.app(issuer.issuerId, id)
      return app && (clientMetadata(app, identityScopes) as AdapterPayload)
    },
    findByUid: async () => undefined,
    findByUserCode: async () => undefined,
    upsert: refuse,
    destroy: refuse,
    consume: refuse,
    revokeByGrantId: refuse,
  } as Adapter
}

function stored(own: Own, issuer: Issuer, model: string): Adapter {
  const table = tables[model]
  if (!table) throw new Error(`Nothing is kept of ${model}`)
  const idOf = (value: string) => modelId(issuer.issuerId, model, value)

  const change = async (write: Write, key?: string, found?: Found): Promise<void> => {
    const unit = currentUnit()
    if (!unit) return void (await inUnit(own, { ip: '' }, () => change(write, key, found)))
    if (key !== undefined) unit.seen.set(key, found)
    unit.writes.push(write)
  }

  return {
    find: async (value) => {
      const id = idOf(value)
      const unit = currentUnit()
      if (model === 'ReplayDetection') {
        // Asking is using: of two requests with one proof only one is told that it is new.
        const fresh = await seeOnce(await reader(own), id, issuer.issuerId, new Date(Date.now() + 600_000))
        return fresh ? undefined : { jti: value, exp: Math.floor(Date.now() / 1000) + 600 }
      }
      const key = keyOf(table, id)
      if (unit?.seen.has(key)) return reveal(own, unit.seen.get(key), value)
      const found =
        unit && single.has(model) && atTokenEndpoint(unit)
          ? await findLocked(unit, table, id)
          : await findModel(await reader(own), table, id, false)
      if (unit && found && model === 'RefreshToken' && atTokenEndpoint(unit))
        return reveal(own, repeated(unit, id, value, found), value)
      return reveal(own, found, value)
    },

    findByUid: async (uid) =>
      reveal(own, await findSessionByUid(await reader(own), issuer.issuerId, uid), undefined),

    findByUserCode: async (userCode) =>
      reveal(
        own,
        await findByUserCode(await reader(own), modelId(issuer.issuerId, 'userCode', userCode)),
        undefined,
      ),

    upsert: async (value, payload, expiresIn) => {
      if (model === 'ReplayDetection') return
      const id = idOf(value)
      const unit = currentUnit()
      const row = rowOf(own, issuer, model, value, payload, expiresIn ?? 3600, unit)
      await change({ kind: 'put', table, id, row }, keyOf(table, id), {
        payload: row.payload,
        consumedAt: null,
        successor: null,
        successorUsed: false,
      })
      if (unit?.using && model === 'RefreshToken' && unit.using.successor === undefined) {
        unit.using.successor = value
        unit.writes.push({
          kind: 'succeed',
          id: unit.using.id,
          successor: hideBehind(unit.using.value, value),
          successorId: id,
        })
      }
    },

    destroy: async (value) => {
      const id = idOf(value)
      await change({ kind: 'delete', table, id }, keyOf(table, id), undefined)
    },

    consume: async (value) => {
      const id = idOf(value)
      const unit = currentUnit()
      // A repetition within the grace: it was consumed the first time.
      if (unit?.using?.id.equals(id) && unit.using.successor !== undefined) return
      if (table !== 'tokens' && table !== 'flows') throw new errors.InvalidRequest('cannot be consumed')
      await change({ kind: 'consume', table, id, at: own.tools.now() })
    },

    revokeByGrantId: async (grantId) => {
      const id = modelId(issuer.issuerId, 'Grant', grantId)
      const unit = currentUnit()
      if (unit?.writes.some((done) => done.kind === 'revoke' && done.grantId.equals(id))) return
      await change({ kind: 'revoke', grantId: id })
    },
  } as Adapter
}

const atTokenEndpoint = (unit: Unit): boolean => /^\/token(\?|$)/.test(unit.request?.url ?? '')

/**
 * A refresh token that comes again right after its use, whose successor nobody has used: its answer got lost, or two
 * windows asked at once. It gets the same successor again, so that the family stays one line and a thief is noticed.
 */
function repeated(unit: Unit, id: Buffer, value: string, found: Found): Found {
  unit.using = { id, value, successor: undefined }
  const graceMs = unit.own.config.OIDC_REFRESH_GRACE_SECONDS * 1000
  if (!found.consumedAt || !found.successor || found.successorUsed) return found
  if (unit.own.tools.now().getTime() - found.consumedAt.getTime() >= graceMs) return found
  unit.using.successor = readBehind(value, found.successor)
  return { ...found, consumedAt: null }
}

function reveal(own: Own, found: Found | undefined, value: string | undefined): AdapterPayload | undefined {
  if (!found) return undefined
  const { jtiHidden, deviceHidden, ...payload } = found.payload as Record<string, string>
  const jti = value ?? (jtiHidden && readBehind(own.keys.devices, Buffer.from(jtiHidden, 'base64url')))
  return {
    ...(payload as AdapterPayload),
    ...(jti ? { jti } : {}),
    ...(deviceHidden
      ? { deviceCode: readBehind(own.keys.devices, Buffer.from(deviceHidden, 'base64url')) }
      : {}),
    ...(found.consumedAt ? { consumed: Math.floor(found.consumedAt.getTime() / 1000) } : {}),
  } as AdapterPayload
}

function rowOf(
  own: Own,
  issuer: Issuer,
  model: string,
  value: string,
  given: AdapterPayload,
  expiresIn: number,
  unit: Unit | undefined,
): Row {
  const { jti: _, consumed: __, deviceCode, ...payload } = given as Record<string, unknown>
  const hide = (text: string) => hideBehind(own.keys.devices, text).toString('base64url')
  // A device finds its code by the code itself, the person by what the screen shows: then the code must be readable.
  if (model === 'DeviceCode') payload['jtiHidden'] = hide(value)
  if (typeof deviceCode === 'string') payload['deviceHidden'] = hide(deviceCode)
  const session = payload['session'] as Record<string, unknown> | undefined
  // The value of the session's cookie, which nothing reads.
  if (session?.['cookie']) payload['session'] = { ...session, cookie: undefined }
  const text = (name: string): string | null =>
    typeof payload[name] === 'string' ? (payload[name] as string) : null
  const grant = text('grantId')
  const userCode = text('userCode')
  return {
    issuerId: issuer.issuerId,
    model,
    appId: text('clientId'),
    grantId: grant && model !== 'Interaction' ? modelId(issuer.issuerId, 'Grant', grant) : null,
    endUserId: text('accountId'),
    uid: text('uid'),
    userCode: userCode === null ? null : modelId(issuer.issuerId, 'userCode', userCode),
    ip: unit?.ip ?? '',
    userAgent: String(unit?.request?.headers['user-agent'] ?? '').slice(0, 300),
    payload,
    now: own.tools.now(),
    expiresAt: new Date(own.tools.now().getTime() + expiresIn * 1000),
  }
}
