/** Proofs of who is at the keyboard: passwords, codes, passkeys, and how recent the last one is. */

import type { Static } from '@pleiad/platform/contract'
import { checkLogin, credentialIdOf } from '@pleiad/platform/passkeys'
import type { Caller } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import type { FactorProof } from './contract-schemas.ts'
import { type Person, record, tell } from './service-notices.ts'
import type { AnyCall, Own } from './service-own.ts'
import { provedUntil } from './sessions.ts'
import {
  findTotp,
  lockPasskey,
  spendRecoveryCode,
  takeChallenge,
  usePasskey,
  useTotpStep,
} from './store-factors.ts'
import { findSession } from './store-sessions.ts'
import { hashToken, keyedHash, normalizeRecoveryCode } from './tokens.ts'
import { verifyTotp } from './totp.ts'

type ByPerson = AnyCall & { readonly caller: Caller; readonly fail: (code: 'sessionRequired') => never }
type Sensitive = AnyCall & {
  readonly caller: Caller
  readonly fail: (code: 'sessionRequired' | 'reauthenticationRequired') => never
}

/** Ends the call unless a person made it: personal access tokens may not touch credentials. */
export function requireSession(call: ByPerson): void {
  if (call.caller.kind !== 'session') call.fail('sessionRequired')
}

/** Ends the call unless the person proved in the last minutes who they are. */
export async function requireRecentProof(call: Sensitive): Promise<void> {
  requireSession(call)
  const session = await findSession(call.sql, call.caller.sid)
  if (!session || !provedUntil(session.proved_at, call.now())) call.fail('reauthenticationRequired')
}

/** Checks a second factor and spends it: codes work once, a passkey's counter moves on. */
export async function verifyFactor(
  tx: Tx,
  call: AnyCall,
  own: Own,
  person: Person,
  proof: Static<typeof FactorProof>,
): Promise<boolean> {
  if (proof.method === 'totp') return verifyTotpCode(tx, call, own, person.id, proof.code)
  if (proof.method === 'passkey')
    return (await verifyPasskey(tx, call, own, proof.flowId, proof.response, person.id)) !== undefined
  const spent = await spendRecoveryCode(tx, person.id, recoveryHash(own, person.id, proof.code))
  if (spent) {
    await record(tx, call, 'recoveryCode.used', { actorId: person.id, subjectId: person.id })
    tell(tx, call, person, 'recoveryCodeUsed')
  }
  return spent
}

/** Checks a code of a confirmed authenticator. */
export async function verifyTotpCode(
  tx: Tx,
  call: AnyCall,
  own: Own,
  accountId: string,
  code: string,
): Promise<boolean> {
  const row = await findTotp(tx, accountId, true)
  if (!row?.confirmed_at) return false
  const step = verifyTotp(await totpSecret(own, accountId, row.secret), code, row.last_step, call.now())
  if (step === undefined) return false
  await useTotpStep(tx, accountId, step)
  return true
}

export async function totpSecret(own: Own, accountId: string, sealed: Buffer): Promise<string> {
  return (await own.sealing.open('totp', accountId, sealed)).toString()
}

export function recoveryHash(own: Own, accountId: string, code: string): Buffer {
  return keyedHash(own.keys.codes, accountId, normalizeRecoveryCode(code))
}

/** Checks a passkey's answer to one of our challenges; the account it belongs to. `expected` must own it, if given. */
export async function verifyPasskey(
  tx: Tx,
  call: AnyCall,
  own: Own,
  flowId: string,
  response: Readonly<Record<string, unknown>>,
  expected: string | undefined,
): Promise<string | undefined> {
  const asked = await takeChallenge(tx, hashToken(flowId), 'passkeyLogin', call.now())
  const credentialId = credentialIdOf(response)
  if (!asked || !credentialId) return undefined
  const passkey = await lockPasskey(tx, credentialId)
  if (!passkey) return undefined
  const owner = passkey.account_id
  if ((expected ?? owner) !== owner || (asked.accountId ?? owner) !== owner) return undefined
  const checked = await checkLogin(own.rp, asked.challenge, response, passkey)
  if (!checked) {
    await record(tx, call, 'passkey.refused', { subjectId: owner })
    return undefined
  }
  await usePasskey(tx, passkey.id, checked.counter, checked.backedUp, call.now())
  return owner
}
