/** One's own account: registration, e-mail address, password, deletion. */

import { normalizeEmail } from '@pleiad/platform/emails'
import { weaknessOf } from '@pleiad/platform/password-strength'
import { emit } from '@pleiad/platform/service'
import { auth } from './contract.ts'
import type { accountOperations } from './contract-accounts.ts'
import { permissionsOf, rolesOf } from './roles.ts'
import type { Part } from './routes-part.ts'
import { countProof, forget } from './service-attempts.ts'
import { eraseAccount } from './service-erasure.ts'
import { answerSession } from './service-issue.ts'
import { record, tell } from './service-notices.ts'
import { requireRecentProof, requireSession, verifyPasskey, verifyTotpCode } from './service-proofs.ts'
import { claim, completeRegistration, register } from './service-registration.ts'
import { revokeAll, revokeOthers } from './service-revocation.ts'
import { provedUntil } from './sessions.ts'
import {
  changeEmail,
  confirmEmail,
  dropLinks,
  findAccount,
  lockAccountRow,
  pendingEmail,
  setPassword,
  takeLink,
} from './store-accounts.ts'
import { countRecoveryCodes, findTotp, listPasskeyRows } from './store-factors.ts'
import { lockSetup } from './store-keys.ts'
import { countAdministrators, loadGrants } from './store-roles.ts'
import { findSession, proveSession } from './store-sessions.ts'
import { hashToken } from './tokens.ts'

export const accountRoutes: Part<typeof accountOperations> = (own) => ({
  async register(call) {
    const issued = await register(call, own)
    return issued ? answerSession(call, own, issued, call.body.transport) : { status: 'confirmEmail' }
  },

  async verifyEmail(call) {
    const email = await call.transact(async (tx) => {
      const link = await takeLink(tx, hashToken(call.body.token), ['register', 'verifyEmail'], call.now())
      if (!link) return undefined
      if (link.purpose === 'register') return completeRegistration(tx, call, link.subjectId)
      const account = await lockAccountRow(tx, link.subjectId)
      // The address may have changed since the mail was sent.
      if (account?.email !== link.email) return undefined
      await confirmEmail(tx, account.id)
      await record(tx, call, 'email.verified', { subjectId: account.id })
      return account.email
    })
    return email ? { email } : call.fail('linkInvalid')
  },

  async resendVerification(call) {
    const email = normalizeEmail(call.body.email)
    await call.transact(async (tx) => emit(tx, auth, 'link.requested', { email, purpose: 'verifyEmail' }))
  },

  async requestPasswordReset(call) {
    const email = normalizeEmail(call.body.email)
    await call.transact(async (tx) => emit(tx, auth, 'link.requested', { email, purpose: 'resetPassword' }))
  },

  async resetPassword(call) {
    const weakness = weaknessOf(call.body.password)
    if (weakness) return call.fail('weakPassword', undefined, { reason: weakness })
    const hash = await own.hashing.hash(call.body.password)
    const done = await call.transact(async (tx) => {
      const link = await takeLink(tx, hashToken(call.body.token), ['resetPassword'], call.now())
      const account = link && (await lockAccountRow(tx, link.subjectId))
      if (!account || account.email !== link.email) return false
      await setPassword(tx, account.id, hash)
      await confirmEmail(tx, account.id)
      // An attacker who was in may have asked for a new address: that link must not survive.
      await dropLinks(tx, account.id, ['changeEmail', 'resetPassword', 'verifyEmail'])
      await revokeAll(tx, call, account.id, 'passwordReset', true)
      await record(tx, call, 'password.reset', { subjectId: account.id })
      tell(tx, call, account, 'passwordReset')
      return true
    })
    if (!done) call.fail('linkInvalid')
  },

  async changePassword(call) {
    requireSession(call)
    const { id, sid } = call.caller
    const { currentPassword, newPassword } = call.body
    const account = (await findAccount(call.sql, id)) ?? call.fail('notFound')
    const weakness = weaknessOf(newPassword, [account.email])
    if (weakness) return call.fail('weakPassword', undefined, { reason: weakness })
    const counted = account.password_hash ? await countProof(call, own, 'password', sid) : undefined
    if (!account.password_hash) await requireRecentProof(call)
    else if (!(await own.hashing.verify(currentPassword ?? '', account.password_hash))) {
      await call.transact((tx) =>
        record(tx, call, 'proof.refused', { subjectId: id, details: { method: 'password' } }),
      )
      return call.fail('proofRefused')
    }
    const hash = await own.hashing.hash(newPassword)
    await call.transact(async (tx) => {
      if (counted) await forget(tx, counted)
      await setPassword(tx, id, hash)
      await dropLinks(tx, id, ['resetPassword'])
      await proveSession(tx, sid, call.now())
      await revokeOthers(tx, call, id, sid, 'passwordChanged')
      await record(tx, call, 'password.changed', { subjectId: id })
      tell(tx, call, account, 'passwordChanged')
    })
  },

  async requestEmailChange(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    const email = normalizeEmail(call.body.email)
    const account = (await findAccount(call.sql, id)) ?? call.fail('notFound')
    await call.transact(async (tx) => {
      emit(tx, auth, 'link.requested', { email, purpose: 'changeEmail', userId: id })
      await record(tx, call, 'email.changeRequested', { subjectId: id })
      tell(tx, call, account, 'emailChangeRequested')
    })
  },

  async confirmEmailChange(call) {
    const email = await call.transact(async (tx) => {
      const link = await takeLink(tx, hashToken(call.body.token), ['changeEmail'], call.now())
      const account = link && (await lockAccountRow(tx, link.subjectId))
      if (!account || !(await changeEmail(tx, account.id, link.email))) return undefined
      await dropLinks(tx, account.id, ['resetPassword', 'verifyEmail'])
      emit(tx, auth, 'email.changed', { userId: account.id, email: link.email })
      await record(tx, call, 'email.changed', { subjectId: account.id })
      // To both addresses: the old one is where a robbed owner would look.
      tell(tx, call, account, 'emailChanged', [link.email])
      return link.email
    })
    return email ? { email } : call.fail('linkInvalid')
  },

  async getMe(call) {
    const { id, sid, kind } = call.caller
    const [account, grants, totp, passkeys, left, waiting, session] = await Promise.all([
      findAccount(call.sql, id),
      loadGrants(call.sql, id),
      findTotp(call.sql, id),
      listPasskeyRows(call.sql, id),
      countRecoveryCodes(call.sql, id),
      pendingEmail(call.sql, id, call.now()),
      kind === 'session' ? findSession(call.sql, sid) : undefined,
    ])
    if (!account || !grants) return call.fail('notFound')
    const until = session && provedUntil(session.proved_at, call.now())
    return {
      userId: id,
      email: account.email,
      emailVerified: account.email_verified,
      ...(waiting ? { pendingEmail: waiting } : {}),
      locale: account.locale,
      hasPassword: account.password_hash !== null,
      totp: Boolean(totp?.confirmed_at),
      passkeys: passkeys.length,
      recoveryCodesLeft: left,
      roles: rolesOf(grants.assigned),
      permissions: permissionsOf(
        grants.assigned,
        grants.member,
        own.permissions.map(({ name }) => name),
      ),
      session: { sid, kind, ...(until ? { provedUntil: until.toISOString() } : {}) },
      createdAt: account.created_at.toISOString(),
    }
  },

  async deleteAccount(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    const done = await call.transact(async (tx) => {
      await lockSetup(tx)
      const grants = await loadGrants(tx, id)
      if (grants?.assigned.some((role) => role.name === 'admin') && (await countAdministrators(tx)) === 1)
        return false
      await eraseAccount(tx, call, own, id, id)
      return true
    })
    if (!done) call.fail('lastAdministrator')
  },

  async reauthenticate(call) {
    requireSession(call)
    const { id, sid } = call.caller
    const proof = call.body
    const account = (await findAccount(call.sql, id)) ?? call.fail('notFound')
    const counted = await countProof(call, own, 'reauthenticate', sid)
    const right =
      proof.method === 'password' &&
      (await own.hashing.verify(proof.password, account.password_hash ?? undefined))
    const proved = await call.transact(async (tx) => {
      const holds =
        right ||
        (proof.method === 'totp' && (await verifyTotpCode(tx, call, own, id, proof.code))) ||
        (proof.method === 'passkey' &&
          (await verifyPasskey(tx, call, own, proof.flowId, proof.response, id)) !== undefined)
      await record(tx, call, holds ? 'proof.given' : 'proof.refused', {
        subjectId: id,
        details: { method: proof.method },
      })
      if (!holds) return false
      await forget(tx, counted)
      await proveSession(tx, sid, call.now())
      return true
    })
    if (!proved) return call.fail('proofRefused')
    return { provedUntil: provedUntil(call.now(), call.now())!.toISOString() }
  },

  async claimAdministrator(call) {
    requireSession(call)
    const { id } = call.caller
    const claimed = await call.transact((tx) => claim(tx, call, own, id, call.body.code))
    if (!claimed) call.fail('setupCodeInvalid')
  },
})
