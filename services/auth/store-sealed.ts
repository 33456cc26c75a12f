/** SQL of values that are sealed anew. */
import type { Tx } from '@pleiad/platform/store'

interface Value {
  readonly id: string
  readonly value: Buffer
}

/** Signing keys and secrets of authenticators that are shorter than `below` bytes; `limit` of the latter at once. */
export async function listOld(
  tx: Tx,
  below: number,
  limit: number,
): Promise<{ keys: Value[]; authenticators: Value[] }> {
  const keys = await tx<Value[]>`
    select kid as id, private_key as value from signing_keys where length(private_key) < ${below} for update`
  const authenticators = await tx<Value[]>`
    select account_id::text as id, secret as value from totp where length(secret) < ${below}
    limit ${limit} for update skip locked`
  return { keys, authenticators }
}

export async function replaceKey(tx: Tx, kid: string, value: Buffer): Promise<void> {
  await tx`update signing_keys set private_key = ${value} where kid = ${kid}`
}

export async function replaceAuthenticator(tx: Tx, accountId: string, value: Buffer): Promise<void> {
  await tx`update totp set secret = ${value} where account_id = ${accountId}`
}
