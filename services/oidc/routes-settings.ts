/** Sign-in settings, statistics and keys in the console. */
import { emit } from '@pleiad/platform/service'
import { oidc } from './contract.ts'
import type { settingsOperations } from './contract-settings.ts'
import { apiTrouble, type Issuer, issuerUrl, type Settings } from './issuers.ts'
import type { StoredKey } from './keys.ts'
import { issuerOf, type Part } from './routes-part.ts'
import { keysOf, rotateKeys } from './service-keyring.ts'
import { CHANGED, type Own } from './service-own.ts'
import { tellProject } from './service-revocation.ts'
import { countEndUsers } from './store-endusers.ts'
import { lockIssuer, saveSettings } from './store-issuers.ts'
import { listSignIns } from './store-signin.ts'

const DAY_MS = 86_400_000
const longest = { hour: 8 * DAY_MS, day: 400 * DAY_MS }

export const settingsRoutes: Part<typeof settingsOperations> = (own) => ({
  async getSettings(call) {
    return viewOf(own, await issuerOf(call))
  },

  async changeSettings(call) {
    await issuerOf(call)
    const { projectId, environment } = call.params
    const changed = await call.transact(async (tx) => {
      const issuer = await lockIssuer(tx, projectId, environment)
      if (!issuer) return call.fail('environmentUnknown')
      if (String(issuer.version) !== call.ifMatch) return call.fail('preconditionFailed')
      const settings = { ...issuer.settings, ...call.body } as Settings
      const reason = call.body.apis && apiTrouble(settings.apis, call.publicUrl, own.installationScopes)
      if (reason) return call.fail('apiRefused', reason, { reason })
      const saved = await saveSettings(tx, issuer.issuerId, settings)
      emit(tx, oidc, 'oidc.settings.changed', {
        projectId,
        environment,
        fields: Object.keys(call.body),
        by: call.caller.id,
      })
      tx.afterCommit(() => call.broadcast(CHANGED, { issuerId: issuer.issuerId }))
      return saved
    })
    return viewOf(own, changed)
  },

  async getSignInStatistics(call) {
    const issuer = await issuerOf(call)
    const { bucket = 'day' } = call.query
    const to = call.query.to ? new Date(call.query.to) : call.now()
    const from = call.query.from ? new Date(call.query.from) : new Date(to.getTime() - longest[bucket] / 10)
    const span = to.getTime() - from.getTime()
    if (span <= 0 || span > longest[bucket]) call.fail('timeRangeRefused')
    const [buckets, people] = await Promise.all([
      listSignIns(call.sql, issuer.issuerId, from, to, bucket),
      countEndUsers(call.sql, issuer.issuerId, from, to),
    ])
    const total = (outcome: string) =>
      buckets.reduce((sum, item) => sum + (item.outcome === outcome ? item.count : 0), 0)
    return {
      items: buckets.map((item) => ({ ...item, at: item.at.toISOString() })),
      totals: {
        success: total('success'),
        failure: total('failure'),
        endUsers: people.all,
        newEndUsers: people.fresh,
      },
    }
  },

  async listSigningKeys(call) {
    const issuer = await issuerOf(call)
    return { items: (await keysOf(call, issuer)).map(keyView) }
  },

  async rotateSigningKeys(call) {
    const issuer = await issuerOf(call)
    const keys = await call.transact(async (tx) => {
      const after = await rotateKeys(tx, call, issuer, call.body.compromised ?? false, call.caller.id)
      tx.afterCommit(() => {
        call.broadcast(CHANGED, { issuerId: issuer.issuerId })
        if (call.body.compromised) tellProject(call, issuer.projectId, [issuer.issuerId])
      })
      return after
    })
    return { items: keys.map(keyView) }
  },
})

function viewOf(own: Own, issuer: Issuer) {
  const { settings } = issuer
  const url = issuerUrl(own.tools.publicUrl, issuer.handle)
  return {
    password: settings.password,
    passkey: settings.passkey,
    signUp: settings.signUp,
    verifyEmail: settings.verifyEmail,
    sessionHours: settings.sessionHours,
    apis: settings.apis.map((api) => ({ ...api, scopes: api.scopes.map((scope) => ({ ...scope })) })),
    issuer: url,
    discoveryUrl: `${url}/.well-known/openid-configuration`,
    installationApi: {
      audience: own.tools.publicUrl,
      scopes: [...own.installationScopes].map(([name, { forPeople }]) => ({ name, forPeople })),
    },
    version: issuer.version,
  }
}

function keyView(key: StoredKey) {
  return {
    kid: key.kid,
    algorithm: key.algorithm,
    state: key.state,
    createdAt: key.createdAt.toISOString(),
    ...(key.activatedAt ? { activatedAt: key.activatedAt.toISOString() } : {}),
    ...(key.retiresAt ? { retiresAt: key.retiresAt.toISOString() } : {}),
  }
}
