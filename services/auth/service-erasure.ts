/** Erasing a person from auth. */
import { emit } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { auth } from './contract.ts'
import { type From, record } from './service-notices.ts'
import type { Own } from './service-own.ts'
import { revokeAll } from './service-revocation.ts'
import { deleteAccountRow, findAccount } from './store-accounts.ts'
import { pseudonymizeAudit } from './store-audit.ts'
import { keyedHash } from './tokens.ts'

/**
 * Ends all sessions, deletes credentials and tokens, makes the person unrecognisable in the audit log, and tells the
 * others. Does nothing when the account is gone: the deletion comes back from users as `user.deleted`.
 */
export async function eraseAccount(tx: Tx, call: From, own: Own, userId: string, by: string): Promise<void> {
  if (!(await findAccount(tx, userId))) return
  await record(tx, call, 'account.deleted', { actorId: by, subjectId: userId })
  await revokeAll(tx, call, userId, 'deleted', true)
  await deleteAccountRow(tx, userId)
  await pseudonymizeAudit(tx, userId, pseudonymOf(own, userId))
  emit(tx, auth, 'account.deleted', { userId })
}

/** A UUID that stands for an erased person: the same in all their entries, and no way back without the key. */
export function pseudonymOf(own: Own, userId: string): string {
  const hex = keyedHash(own.keys.pseudonym, userId).toString('hex')
  // Version 8: made by the application (RFC 9562, section 5.8).
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}
