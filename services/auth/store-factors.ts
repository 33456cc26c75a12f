/** SQL of second factors, passkeys and what waits to be answered. */
import type { Sql, Tx } from '@pleiad/platform/store'

export interface TotpRow {
  readonly secret: Buffer
  readonly started_at: Date
  readonly confirmed_at: Date | null
  readonly last_step: number
}

/** With `lock`, no other request uses a code of the account until the transaction ends. */
export async function findTotp(sql: Sql, accountId: string, lock = false): Promise<TotpRow | undefined> {
  const [row] = await sql<TotpRow[]>`
    select secret, started_at, confirmed_at, last_step from totp where account_id = ${accountId} ${lock ? sql`for update` : sql``}`
  return row
}

/** False if a confirmed authenticator is there already. */
export async function startTotpRow(tx: Tx, accountId: string, secret: Buffer, now: Date): Promise<boolean> {
  const rows = await tx`
    insert into totp (account_id, secret, started_at) values (${accountId}, ${secret}, ${now})
    on conflict (account_id) do update set secret = excluded.secret, started_at = excluded.started_at, last_step = 0
      where totp.confirmed_at is null
    returning account_id`
  return rows.length === 1
}

export async function confirmTotpRow(tx: Tx, accountId: string, now: Date): Promise<void> {
  await tx`update totp set confirmed_at = ${now} where account_id = ${accountId}`
}

export async function useTotpStep(tx: Tx, accountId: string, step: number): Promise<void> {
  await tx`update totp set last_step = ${step} where account_id = ${accountId}`
}

export async function deleteTotp(tx: Tx, accountId: string): Promise<boolean> {
  await tx`delete from recovery_codes where account_id = ${accountId}`
  const rows = await tx<{ confirmed: boolean }[]>`
    delete from totp where account_id = ${accountId} returning confirmed_at is not null as confirmed`
  return rows[0]?.confirmed ?? false
}

export async function replaceRecoveryCodes(
  tx: Tx,
  accountId: string,
  hashes: readonly Buffer[],
): Promise<void> {
  await tx`delete from recovery_codes where account_id = ${accountId}`
  const rows = hashes.map((code_hash) => ({ account_id: accountId, code_hash }))
  await tx`insert into recovery_codes ${tx(rows)}`
}

/** True once: a code is gone when it is used. */
export async function spendRecoveryCode(tx: Tx, accountId: string, hash: Buffer): Promise<boolean> {
  const rows =
    await tx`delete from recovery_codes where account_id = ${accountId} and code_hash = ${hash} returning account_id`
  return rows.length === 1
}

export async function countRecoveryCodes(sql: Sql, accountId: string): Promise<number> {
  const [row] = await sql<
    { n: number }[]
  >`select count(*)::int as n from recovery_codes where account_id = ${accountId}`
  return row!.n
}

export interface PasskeyRow {
  readonly id: string
  readonly account_id: string
  readonly credential_id: Buffer
  readonly public_key: Buffer
  readonly counter: number
  readonly transports: string[]
  readonly backed_up: boolean
  readonly name: string
  readonly created_at: Date
  readonly last_used_at: Date | null
}

export async function listPasskeyRows(sql: Sql, accountId: string): Promise<PasskeyRow[]> {
  return sql<PasskeyRow[]>`select * from passkeys where account_id = ${accountId} order by created_at`
}

/** The passkey, with nobody else moving its counter until the transaction ends. */
export async function lockPasskey(tx: Tx, credentialId: Buffer): Promise<PasskeyRow | undefined> {
  const [row] = await tx<
    PasskeyRow[]
  >`select * from passkeys where credential_id = ${credentialId} for update`
  return row
}

export async function insertPasskey(
  tx: Tx,
  row: Omit<PasskeyRow, 'created_at' | 'last_used_at'>,
  now: Date,
): Promise<PasskeyRow> {
  const [inserted] = await tx<PasskeyRow[]>`
    insert into passkeys (id, account_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
    values (${row.id}, ${row.account_id}, ${row.credential_id}, ${row.public_key}, ${row.counter}, ${row.transports},
      ${row.backed_up}, ${row.name}, ${now}) returning *`
  return inserted!
}

export async function usePasskey(
  tx: Tx,
  id: string,
  counter: number,
  backedUp: boolean,
  now: Date,
): Promise<void> {
  await tx`update passkeys set counter = ${counter}, backed_up = ${backedUp}, last_used_at = ${now} where id = ${id}`
}

export async function renamePasskeyRow(
  tx: Tx,
  accountId: string,
  id: string,
  name: string,
): Promise<PasskeyRow | undefined> {
  const [row] = await tx<PasskeyRow[]>`
    update passkeys set name = ${name} where id = ${id} and account_id = ${accountId} returning *`
  return row
}

export async function deletePasskeyRow(tx: Tx, accountId: string, id: string): Promise<boolean> {
  const rows = await tx`delete from passkeys where id = ${id} and account_id = ${accountId} returning id`
  return rows.length === 1
}

export type ChallengePurpose = 'secondFactor' | 'passkeyLogin' | 'passkeyRegistration'

export interface Challenge {
  readonly accountId: string | undefined
  readonly challenge: string
}

export async function putChallenge(
  tx: Sql,
  row: {
    hash: Buffer
    purpose: ChallengePurpose
    accountId: string | undefined
    challenge: string
    expiresAt: Date
  },
): Promise<void> {
  await tx`
    insert into challenges (id_hash, purpose, account_id, challenge, expires_at)
    values (${row.hash}, ${row.purpose}, ${row.accountId ?? null}, ${row.challenge}, ${row.expiresAt})`
}

/** Spends a challenge: whoever comes second finds nothing. */
export async function takeChallenge(
  tx: Sql,
  hash: Buffer,
  purpose: ChallengePurpose,
  now: Date,
): Promise<Challenge | undefined> {
  const [row] = await tx<{ account_id: string | null; challenge: string }[]>`
    delete from challenges where id_hash = ${hash} and purpose = ${purpose} and expires_at > ${now} returning account_id, challenge`
  return row && { accountId: row.account_id ?? undefined, challenge: row.challenge }
}

/** Counts an attempt at a second factor; nothing when it is spent, expired or was tried five times. */
export async function tryChallenge(tx: Sql, hash: Buffer, now: Date): Promise<Challenge | undefined> {
  const [row] = await tx<{ account_id: string | null; challenge: string }[]>`
    update challenges set attempts = attempts + 1
    where id_hash = ${hash} and purpose = 'secondFactor' and expires_at > ${now} and attempts < 5 returning account_id, challenge`
  return row && { accountId: row.account_id ?? undefined, challenge: row.challenge }
}

export async function findChallenge(sql: Sql, hash: Buffer, now: Date): Promise<Challenge | undefined> {
  const [row] = await sql<{ account_id: string | null; challenge: string }[]>`
    select account_id, challenge from challenges
    where id_hash = ${hash} and purpose = 'secondFactor' and expires_at > ${now} and attempts < 5`
  return row && { accountId: row.account_id ?? undefined, challenge: row.challenge }
}
