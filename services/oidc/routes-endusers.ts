/** End users in the console. */
import { normalizeEmail } from '@pleiad/platform/emails'
import { foreignProfile, hashProfile } from '@pleiad/platform/passwords'
import type { Tools } from '@pleiad/platform/service'
import { emit } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { oidc } from './contract.ts'
import type { endUserOperations } from './contract-endusers.ts'
import type { Issuer } from './issuers.ts'
import { issuerUrl } from './issuers.ts'
import { activeIssuerOf, issuerOf, type Part } from './routes-part.ts'
import { hashSecret, newToken } from './secrets.ts'
import type { Own } from './service-own.ts'
import {
  consentView,
  endEverything,
  endSessions,
  endUserView,
  identityView,
  mail,
  passkeyView,
  personOf,
  sessionView,
} from './service-people.ts'
import { tellRevoked } from './service-revocation.ts'
import * as store from './store-endusers.ts'
import { namesOfApps } from './store-issuers.ts'
import { deleteGrants, listGrants, listSessions } from './store-people.ts'
import { putLink } from './store-signin.ts'

const LINK_MS = 7 * 86_400_000
/** Kinds of imported hashes at a time: every sign-in pays for all of them. */
const MOST_KINDS = 3

export const endUserRoutes: Part<typeof endUserOperations> = (own) => ({
  async listEndUsers(call) {
    const issuer = await issuerOf(call)
    const { limit = 25, cursor, search, state } = call.query
    if (cursor !== undefined && !/^[0-9a-f-]{36}$/.test(cursor)) call.fail('cursorInvalid')
    const rows = await store.listEndUsers(call.sql, issuer.issuerId, { limit, cursor, search, state })
    const page = rows.slice(0, limit)
    return {
      items: page.map(endUserView),
      ...(rows.length > limit ? { next: page.at(-1)!.end_user_id } : {}),
    }
  },

  async createEndUser(call) {
    const issuer = await activeIssuerOf(call)
    const { email, name = '', emailVerified = false, passwordHash, invite, locale } = call.body
    if (passwordHash !== undefined && !hashProfile(passwordHash)) return call.fail('passwordHashUnknown')
    const foreign = passwordHash === undefined ? undefined : foreignProfile(passwordHash)
    const kinds = new Set(foreign ? await store.listForeignProfiles(call.sql, issuer.issuerId) : [])
    if (foreign && !kinds.has(foreign) && kinds.size >= MOST_KINDS) return call.fail('passwordHashUnknown')
    const row = await call.transact(async (tx) => {
      const person = {
        id: call.newId(),
        issuerId: issuer.issuerId,
        email: normalizeEmail(email),
        emailVerified,
        name: name.trim(),
        passwordHash: passwordHash ?? null,
        foreignProfile: foreign,
      }
      const made = await store.insertEndUser(tx, person, call.now())
      if (!made) return undefined
      emit(tx, oidc, 'enduser.created', {
        ...personOf(issuer, made.end_user_id),
        email: made.email!,
        emailVerified,
        name: made.name,
        method: 'import',
        by: call.caller.id,
      })
      if (invite) await mailLink(tx, call, issuer, made, locale)
      return made
    })
    return row ? endUserView(row) : call.fail('endUserExists')
  },

  async getEndUser(call) {
    const issuer = await issuerOf(call)
    const row = await store.findEndUser(call.sql, issuer.issuerId, call.params.endUserId)
    return row ? detailsOf(own, row) : call.fail('notFound')
  },

  async blockEndUser(call) {
    const issuer = await issuerOf(call)
    const row = await call.transact(async (tx) => {
      const person = await store.lockEndUser(tx, issuer.issuerId, call.params.endUserId)
      if (!person) return undefined
      const blocked = await store.setState(tx, person.end_user_id, 'blocked', call.body.reason ?? null)
      await endEverything(tx, own, issuer, person.end_user_id)
      if (person.state !== 'blocked')
        emit(tx, oidc, 'enduser.blocked', { ...personOf(issuer, person.end_user_id), by: call.caller.id })
      return blocked
    })
    return row ? endUserView(row) : call.fail('notFound')
  },

  async unblockEndUser(call) {
    const issuer = await issuerOf(call)
    const row = await call.transact(async (tx) => {
      const person = await store.lockEndUser(tx, issuer.issuerId, call.params.endUserId)
      if (person?.state !== 'blocked') return person
      emit(tx, oidc, 'enduser.unblocked', { ...personOf(issuer, person.end_user_id), by: call.caller.id })
      return store.setState(tx, person.end_user_id, 'active', null)
    })
    return row ? endUserView(row) : call.fail('notFound')
  },

  async deleteEndUser(call) {
    const issuer = await issuerOf(call)
    const gone = await call.transact((tx) =>
      eraseEndUser(tx, own, issuer, call.params.endUserId, call.caller.id),
    )
    if (!gone) call.fail('notFound')
  },

  async sendPasswordMail(call) {
    const issuer = await activeIssuerOf(call)
    await call.transact(async (tx) => {
      const person = await store.lockEndUser(tx, issuer.issuerId, call.params.endUserId)
      if (!person) return call.fail('notFound')
      if (!person.email) return call.fail('endUserHasNoEmail')
      await mailLink(tx, call, issuer, person, call.body.locale)
    })
  },

  async listEndUserSessions(call) {
    const issuer = await issuerOf(call)
    const person = await store.findEndUser(call.sql, issuer.issuerId, call.params.endUserId)
    if (!person) return call.fail('notFound')
    return sessionsOf(own, person)
  },

  async revokeEndUserSession(call) {
    const issuer = await issuerOf(call)
    const ended = await call.transact(async (tx) => {
      const person = await store.findEndUser(tx, issuer.issuerId, call.params.endUserId)
      return person
        ? endSessions(tx, own, issuer, person.end_user_id, ({ uid }) => uid === call.params.sessionId)
        : 0
    })
    if (ended === 0) call.fail('notFound')
  },

  async listEndUserConsents(call) {
    const issuer = await issuerOf(call)
    const person = await store.findEndUser(call.sql, issuer.issuerId, call.params.endUserId)
    return person ? consentsOf(own, person) : call.fail('notFound')
  },

  async revokeEndUserConsent(call) {
    const issuer = await issuerOf(call)
    const person = await store.findEndUser(call.sql, issuer.issuerId, call.params.endUserId)
    if (!person || !(await revokeConsent(own, person, call.params.consentId))) call.fail('notFound')
  },
})

/** Erases a person with all they are signed in to. False when there is nobody. */
export async function eraseEndUser(
  tx: Tx,
  own: Own,
  issuer: Issuer,
  endUserId: string,
  by: string | undefined,
): Promise<boolean> {
  const person = await store.lockEndUser(tx, issuer.issuerId, endUserId)
  if (!person) return false
  await endEverything(tx, own, issuer, endUserId)
  await store.deleteEndUser(tx, endUserId)
  emit(
    tx,
    oidc,
    'enduser.deleted',
    { ...personOf(issuer, endUserId), ...(by ? { by } : {}) },
    { lane: 'high' },
  )
  return true
}

export async function detailsOf(own: Own, row: store.EndUserRow) {
  const { sql } = own.tools
  const [passkeys, identities] = await Promise.all([
    store.listPasskeys(sql, row.end_user_id),
    store.listIdentities(sql, row.end_user_id),
  ])
  return {
    ...endUserView(row),
    passkeys: passkeys.map(passkeyView),
    identities: identities.map(identityView),
  }
}

/** Where a person is signed in; `current` names the session that asks. */
export async function sessionsOf(own: Own, person: store.EndUserRow, current?: string) {
  const rows = await listSessions(own.tools.sql, person.end_user_id, own.tools.now())
  const appIds = rows.flatMap(({ payload }) => Object.keys(payload.authorizations ?? {}))
  const names = await namesOfApps(own.tools.sql, person.issuer_id, [...new Set(appIds)])
  return { items: rows.map((row) => sessionView(row, names, current)) }
}

export async function consentsOf(own: Own, person: store.EndUserRow) {
  const rows = await listGrants(own.tools.sql, person.end_user_id, own.tools.now())
  const names = await namesOfApps(
    own.tools.sql,
    person.issuer_id,
    rows.map(({ app_id }) => app_id),
  )
  return { items: rows.filter(({ app_id }) => names.has(app_id)).map((row) => consentView(row, names)) }
}

export async function revokeConsent(own: Own, person: store.EndUserRow, id: string): Promise<boolean> {
  const grantId = Buffer.from(id, 'base64url')
  return own.tools.transact(async (tx) => {
    const gone = await deleteGrants(tx, person.end_user_id, [grantId])
    tx.afterCommit(() => tellRevoked(own.tools, { grants: gone }))
    return gone.length > 0
  })
}

async function mailLink(
  tx: Tx,
  tools: Tools,
  issuer: Issuer,
  person: store.EndUserRow,
  locale: 'en' | 'ru' | undefined,
): Promise<void> {
  const token = newToken()
  const expiresAt = new Date(tools.now().getTime() + LINK_MS)
  await putLink(tx, hashSecret(token), person.end_user_id, expiresAt)
  const to = { id: person.end_user_id, email: person.email!, name: person.name }
  // Behind `#` the token reaches no server log and no Referer.
  const url = `${issuerUrl(tools.publicUrl, issuer.handle)}/set-password#token=${token}`
  mail(tx, tools, issuer, to, 'setPassword', locale, { url, expiresAt })
}
