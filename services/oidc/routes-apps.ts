/** Apps in the console. */
import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import { scopesAbove } from '@pleiad/platform/scopes'
import { type Caller, emit } from '@pleiad/platform/service'
import {
  type App,
  type AppSettings,
  addressTrouble,
  defaultAppSettings,
  defaultConsent,
  grantTypesOf,
  keepsSecret,
  settingsTrouble,
} from './apps.ts'
import { oidc } from './contract.ts'
import type { appOperations } from './contract-apps.ts'
import { type Issuer, identityScopes } from './issuers.ts'
import { activeIssuerOf, issuerOf, type Part } from './routes-part.ts'
import { hashSecret, newAppId, newClientSecret } from './secrets.ts'
import { CHANGED, type Own } from './service-own.ts'
import { tellRevoked } from './service-revocation.ts'
import * as store from './store-issuers.ts'

const HOUR_MS = 3_600_000

export const appRoutes: Part<typeof appOperations> = (own) => ({
  async createApp(call) {
    const issuer = await activeIssuerOf(call)
    const { name, kind, ...given } = call.body
    const now = call.now()
    const secret = keepsSecret(kind) ? newClientSecret() : undefined
    const app: App = {
      appId: newAppId(),
      issuerId: issuer.issuerId,
      name: name.trim(),
      kind,
      settings: { ...defaultAppSettings, consent: defaultConsent(kind, given.redirectUris), ...given },
      ...secretFields(secret),
      previousHash: null,
      previousUntil: null,
      version: 1,
      createdAt: now,
      changedAt: now,
    }
    check(call, own, issuer, app)
    checkPower(call, own, issuer, app.settings.scopes)
    return call.transact(async (tx) => {
      await store.lockIssuer(tx, issuer.projectId, issuer.environment)
      if ((await store.countApps(tx, issuer.issuerId)) >= own.config.OIDC_APPS_PER_ENVIRONMENT)
        call.fail('tooManyApps')
      await store.saveApp(tx, app)
      emit(tx, oidc, 'oidc.app.created', {
        ...placeOf(issuer, app),
        name: app.name,
        kind,
        by: call.caller.id,
      })
      // The whole answer, so that a repeat under the same Idempotency-Key has the secret also after a crash.
      return { app: viewOf(app), ...(secret ? { clientSecret: secret } : {}) }
    })
  },

  async listApps(call) {
    const issuer = await issuerOf(call)
    const { cursor, limit = 25 } = call.query
    const [createdAt, appId] = cursor === undefined ? [] : decodeCursor(cursor, 2)
    const after =
      createdAt === undefined ? undefined : { createdAt: new Date(Number(createdAt)), appId: String(appId) }
    if (after && Number.isNaN(after.createdAt.getTime())) call.fail('cursorInvalid')
    const apps = await store.listApps(call.sql, issuer.issuerId, limit, after)
    const page = apps.slice(0, limit)
    const last = page.at(-1)
    return {
      items: page.map(viewOf),
      ...(apps.length > limit && last ? { next: encodeCursor([last.createdAt.getTime(), last.appId]) } : {}),
    }
  },

  async getApp(call) {
    const issuer = await issuerOf(call)
    const app = await store.findApp(call.sql, issuer.issuerId, call.params.appId)
    return app ? viewOf(app) : call.fail('notFound')
  },

  async changeApp(call) {
    const issuer = await issuerOf(call)
    return call.transact(async (tx) => {
      const app = await store.lockApp(tx, issuer.issuerId, call.params.appId)
      if (!app) return call.fail('notFound')
      if (String(app.version) !== call.ifMatch) return call.fail('preconditionFailed')
      const { name, ...given } = call.body
      const changed: App = {
        ...app,
        name: name?.trim() ?? app.name,
        settings: { ...app.settings, ...given },
        version: app.version + 1,
        changedAt: call.now(),
      }
      check(call, own, issuer, changed)
      checkPower(
        call,
        own,
        issuer,
        changed.settings.scopes.filter((scope) => !app.settings.scopes.includes(scope)),
      )
      await store.saveApp(tx, changed)
      const fields = Object.keys(call.body)
      emit(tx, oidc, 'oidc.app.changed', {
        ...placeOf(issuer, app),
        name: changed.name,
        fields,
        by: call.caller.id,
      })
      tx.afterCommit(() => call.broadcast(CHANGED, { appId: app.appId }))
      return viewOf(changed)
    })
  },

  async rotateAppSecret(call) {
    const issuer = await issuerOf(call)
    const secret = newClientSecret()
    const app = await call.transact(async (tx) => {
      const before = await store.lockApp(tx, issuer.issuerId, call.params.appId)
      if (!before) return call.fail('notFound')
      if (!keepsSecret(before.kind)) return call.fail('appHasNoSecret')
      checkPower(call, own, issuer, before.settings.scopes)
      const hours = call.body.overlapHours ?? 24
      const now = call.now()
      const after: App = {
        ...before,
        ...secretFields(secret),
        previousHash: hours > 0 ? before.secretHash : null,
        previousUntil: hours > 0 ? new Date(now.getTime() + hours * HOUR_MS) : null,
        version: before.version + 1,
        changedAt: now,
      }
      await store.saveApp(tx, after)
      emit(tx, oidc, 'oidc.app.changed', {
        ...placeOf(issuer, after),
        name: after.name,
        fields: ['clientSecret'],
        by: call.caller.id,
      })
      tx.afterCommit(() => call.broadcast(CHANGED, { appId: after.appId }))
      return after
    })
    return { app: viewOf(app), clientSecret: secret }
  },

  async deleteApp(call) {
    const issuer = await issuerOf(call)
    await call.transact(async (tx) => {
      const app = await store.lockApp(tx, issuer.issuerId, call.params.appId)
      if (!app) return call.fail('notFound')
      await store.deleteApp(tx, app.appId)
      emit(tx, oidc, 'oidc.app.removed', { ...placeOf(issuer, app), name: app.name, by: call.caller.id })
      tx.afterCommit(() => {
        call.broadcast(CHANGED, { appId: app.appId })
        tellRevoked(call, { apps: [app.appId] })
      })
    })
  },
})

type Checked = {
  readonly fail: (
    code: 'redirectUriRefused' | 'appSettingsRefused' | 'scopeUnknown',
    detail?: string,
    extensions?: Record<string, unknown>,
  ) => never
}

function check(call: Checked, own: Own, issuer: Issuer, app: App): void {
  const address = addressTrouble(app.kind, app.settings)
  if (address) call.fail('redirectUriRefused', `${address.uri} ${address.reason}.`, address)
  const reason = settingsTrouble(app.kind, app.settings)
  if (reason) call.fail('appSettingsRefused', reason, { reason })
  const known = new Set([
    ...identityScopes,
    ...own.installationScopes.keys(),
    ...issuer.settings.apis.flatMap((api) => api.scopes.map(({ name }) => name)),
  ])
  const scopes = app.settings.scopes.filter((scope) => !known.has(scope))
  if (scopes.length > 0) call.fail('scopeUnknown', undefined, { scopes })
}

/** Whoever has an app's secret has the power of its scopes: nobody gives or takes more than they have. */
function checkPower(
  { caller, fail }: { readonly caller: Caller; readonly fail: (code: 'forbidden', detail?: string) => never },
  own: Own,
  issuer: Issuer,
  scopes: readonly string[],
): void {
  const powers = scopes.filter((scope) => own.installationScopes.has(scope))
  const { role, scopes: held } = caller.project!
  const above = role
    ? scopesAbove(
        own.tools.services.map(({ contract }) => contract),
        powers,
        issuer.environment,
        role,
      )
    : powers.filter((scope) => !held!.includes(scope))
  if (above.length === 0) return
  fail(
    'forbidden',
    role
      ? `Your role ${role} does not reach as far as ${above.join(', ')}. Leave it out, or ask an admin of the project.`
      : `A program gives no scope that it does not have: ${above.join(', ')}.`,
  )
}

function secretFields(secret: string | undefined): Pick<App, 'secretHash' | 'secretHint'> {
  return { secretHash: secret ? hashSecret(secret) : null, secretHint: secret ? secret.slice(-4) : null }
}

function placeOf(issuer: Issuer, app: App) {
  return { projectId: issuer.projectId, environment: issuer.environment, appId: app.appId }
}

function viewOf(app: App) {
  const settings = app.settings as AppSettings
  return {
    appId: app.appId,
    kind: app.kind,
    name: app.name,
    redirectUris: [...settings.redirectUris],
    postLogoutRedirectUris: [...settings.postLogoutRedirectUris],
    backchannelLogoutUri: settings.backchannelLogoutUri,
    scopes: [...settings.scopes],
    consent: settings.consent,
    requirePar: settings.requirePar,
    requireDpop: settings.requireDpop,
    tokenExchange: settings.tokenExchange,
    accessTokenSeconds: settings.accessTokenSeconds,
    refreshTokenDays: settings.refreshTokenDays,
    hasSecret: app.secretHash !== null,
    ...(app.secretHint ? { secretHint: app.secretHint } : {}),
    ...(app.previousUntil ? { previousSecretUntil: app.previousUntil.toISOString() } : {}),
    grantTypes: grantTypesOf(app.kind, settings),
    createdAt: app.createdAt.toISOString(),
    changedAt: app.changedAt.toISOString(),
    version: app.version,
  }
}
