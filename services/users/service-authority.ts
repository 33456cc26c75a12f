/** Asks auth what a person may do before an administrator acts on them. */
import { AuthInternal } from '@pleiad/auth/rpc'
import { Refusal, refusalIn } from '@pleiad/platform/problem'
import type { Caller, Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { isLast, lacking, type Standing } from './authority.ts'
import { listActive, lockAdministration } from './store.ts'

/** The call of an operation in which an administrator acts on somebody. */
export type Administered<Code extends string> = Tools & {
  readonly caller: Caller
  readonly params: { readonly userId: string }
  readonly fail: (code: Code, detail?: string, extensions?: Record<string, unknown>) => never
}

/** Ends the call unless the caller has every permission of the person. */
export async function requireAuthority(call: Administered<'beyondOwnPermissions'>): Promise<void> {
  within(call, await standingOf(call, call.params.userId))
}

/** The same for what shuts the person out: it also ends if nobody would be left to administer. */
export async function requireAuthorityForGood(
  call: Administered<'beyondOwnPermissions' | 'lastAdministrator'>,
  tx: Tx,
): Promise<void> {
  // One after another: two who shut each other out at once must not both succeed.
  await lockAdministration(tx)
  const standing = await standingOf(call, call.params.userId)
  within(call, standing)
  const active = await listActive(tx, standing.otherAdministrators)
  if (isLast(standing, active)) call.fail('lastAdministrator')
}

function within(call: Administered<'beyondOwnPermissions'>, standing: Standing): void {
  const permissions = lacking(call.caller.permissions, standing)
  if (permissions.length > 0) call.fail('beyondOwnPermissions', undefined, { permissions })
}

async function standingOf(call: Tools, userId: string): Promise<Standing> {
  try {
    return await call.rpc(AuthInternal).getStanding({ userId })
  } catch (error) {
    // A service that is not there says so by itself.
    const missing = refusalIn(error)
    if (missing) throw missing
    call.log.warn({ err: error }, 'auth did not say what a person may do')
    throw new Refusal('unavailable', 'The service of accounts does not answer.', {}, { 'retry-after': '2' })
  }
}
