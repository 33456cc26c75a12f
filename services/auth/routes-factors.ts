/** What proves an identity: authenticator, passkeys, recovery codes. */

import { CHALLENGE_MS, checkRegistration, registrationOptions } from '@pleiad/platform/passkeys'
import type { Tx } from '@pleiad/platform/store'
import type { factorOperations } from './contract-factors.ts'
import type { Part } from './routes-part.ts'
import { countProof, forget } from './service-attempts.ts'
import { record, tell } from './service-notices.ts'
import type { Own } from './service-own.ts'
import { recoveryHash, requireRecentProof, requireSession, totpSecret } from './service-proofs.ts'
import { findAccount, lockAccountRow } from './store-accounts.ts'
import {
  confirmTotpRow,
  countRecoveryCodes,
  deletePasskeyRow,
  deleteTotp,
  findTotp,
  insertPasskey,
  listPasskeyRows,
  lockPasskey,
  type PasskeyRow,
  putChallenge,
  renamePasskeyRow,
  replaceRecoveryCodes,
  startTotpRow,
  takeChallenge,
  useTotpStep,
} from './store-factors.ts'
import { hashToken, newRecoveryCodes, newToken } from './tokens.ts'
import { newTotpSecret, totpUri, verifyTotp } from './totp.ts'

/** What was begun and not confirmed is forgotten after this. */
const TOTP_START_MS = 15 * 60_000

export const factorRoutes: Part<
  Omit<typeof factorOperations, 'createToken' | 'listTokens' | 'revokeToken'>
> = (own) => ({
  async startTotp(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    const account = (await findAccount(call.sql, id)) ?? call.fail('notFound')
    const secret = newTotpSecret()
    const started = await call.transact(async (tx) =>
      startTotpRow(tx, id, await own.sealing.seal('totp', id, secret), call.now()),
    )
    return started ? { secret, uri: totpUri(secret, account.email, own.rp.name) } : call.fail('totpAlreadyOn')
  },

  async confirmTotp(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    const counted = await countProof(call, own, 'confirmTotp', id)
    const result = await call.transact(async (tx) => {
      const account = await lockAccountRow(tx, id)
      const row = await findTotp(tx, id, true)
      const begun =
        row && !row.confirmed_at && call.now().getTime() - row.started_at.getTime() < TOTP_START_MS
      if (!account || !begun) return 'totpNotStarted'
      const step = verifyTotp(
        await totpSecret(own, id, row.secret),
        call.body.code,
        row.last_step,
        call.now(),
      )
      if (step === undefined) return 'proofRefused'
      await forget(tx, counted)
      await useTotpStep(tx, id, step)
      await confirmTotpRow(tx, id, call.now())
      await record(tx, call, 'totp.enabled', { subjectId: id })
      tell(tx, call, account, 'totpEnabled')
      return { recoveryCodes: await newCodes(tx, own, id) }
    })
    return typeof result === 'string' ? call.fail(result) : result
  },

  async disableTotp(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    await call.transact(async (tx) => {
      const account = await lockAccountRow(tx, id)
      if (!account || !(await deleteTotp(tx, id))) return
      await record(tx, call, 'totp.disabled', { subjectId: id })
      tell(tx, call, account, 'totpDisabled')
    })
  },

  async startPasskeyRegistration(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    const account = (await findAccount(call.sql, id)) ?? call.fail('notFound')
    const options = await registrationOptions(
      own.rp,
      { id, label: account.email },
      await listPasskeyRows(call.sql, id),
    )
    const flowId = newToken()
    await putChallenge(call.sql, {
      hash: hashToken(flowId),
      purpose: 'passkeyRegistration',
      accountId: id,
      challenge: options.challenge,
      expiresAt: new Date(call.now().getTime() + CHALLENGE_MS),
    })
    return { flowId, options: { ...options } }
  },

  async registerPasskey(call) {
    requireSession(call)
    const { id } = call.caller
    const { flowId, name, response } = call.body
    const asked = await takeChallenge(call.sql, hashToken(flowId), 'passkeyRegistration', call.now())
    if (!asked || asked.accountId !== id) return call.fail('challengeExpired')
    const passkey = (await checkRegistration(own.rp, asked.challenge, response)) ?? call.fail('proofRefused')
    const row = await call.transact(async (tx) => {
      const account = await lockAccountRow(tx, id)
      if (!account || (await lockPasskey(tx, passkey.credentialId))) return undefined
      await record(tx, call, 'passkey.added', { subjectId: id, details: { name } })
      tell(tx, call, account, 'passkeyAdded')
      const {
        credentialId: credential_id,
        publicKey: public_key,
        counter,
        transports,
        backedUp: backed_up,
      } = passkey
      const fresh = {
        id: call.newId(),
        account_id: id,
        name,
        credential_id,
        public_key,
        counter,
        transports,
        backed_up,
      }
      return insertPasskey(tx, fresh, call.now())
    })
    return row ? passkeyOf(row) : call.fail('passkeyKnown')
  },

  async listPasskeys(call) {
    return { items: (await listPasskeyRows(call.sql, call.caller.id)).map(passkeyOf) }
  },

  async renamePasskey(call) {
    requireSession(call)
    const row = await call.transact((tx) =>
      renamePasskeyRow(tx, call.caller.id, call.params.passkeyId, call.body.name),
    )
    return row ? passkeyOf(row) : call.fail('notFound')
  },

  async deletePasskey(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    const refused = await call.transact(async (tx) => {
      // The row lock keeps two requests from deleting the last two at once.
      const account = await lockAccountRow(tx, id)
      const passkeys = await listPasskeyRows(tx, id)
      if (!account || !passkeys.some((passkey) => passkey.id === call.params.passkeyId)) return 'notFound'
      if (passkeys.length === 1 && !account.password_hash) return 'lastFactor'
      await deletePasskeyRow(tx, id, call.params.passkeyId)
      await record(tx, call, 'passkey.removed', { subjectId: id })
      tell(tx, call, account, 'passkeyRemoved')
      return undefined
    })
    if (refused) call.fail(refused)
  },

  async regenerateRecoveryCodes(call) {
    await requireRecentProof(call)
    const { id } = call.caller
    const codes = await call.transact(async (tx) => {
      const account = await lockAccountRow(tx, id)
      const totp = await findTotp(tx, id)
      if (!account || !totp?.confirmed_at) return undefined
      await record(tx, call, 'recoveryCodes.made', { subjectId: id })
      tell(tx, call, account, 'recoveryCodesMade')
      return newCodes(tx, own, id)
    })
    return codes ? { recoveryCodes: codes } : call.fail('totpNotStarted')
  },

  async countRecoveryCodes(call) {
    return { left: await countRecoveryCodes(call.sql, call.caller.id) }
  },
})

async function newCodes(tx: Tx, own: Own, accountId: string): Promise<string[]> {
  const codes = newRecoveryCodes()
  await replaceRecoveryCodes(
    tx,
    accountId,
    codes.map((code) => recoveryHash(own, accountId, code)),
  )
  return codes
}

function passkeyOf(row: PasskeyRow) {
  return {
    id: row.id,
    name: row.name,
    backedUp: row.backed_up,
    createdAt: row.created_at.toISOString(),
    ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
  }
}
