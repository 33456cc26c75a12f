/** Codes that are mailed, and the accounts that are made with them. */
import { emit } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { oidc } from './contract.ts'
import { keyedHash, newMailCode, sameHash } from './secrets.ts'
import type { Counted } from './service-attempts.ts'
import type { AnyCall, Own } from './service-own.ts'
import { mail, personOf } from './service-people.ts'
import { recordFailure, type SignIn } from './service-signin.ts'
import * as people from './store-endusers.ts'
import { putPending } from './store-signin.ts'

export const CODE_MS = 15 * 60_000
const LINK_MS = 15 * 60_000

/** How somebody signed in who knows the password, or could set it. */
export const byPassword = { method: 'password', amr: ['pwd'] } as const

/** What happens once an address is proved. */
export interface Confirming {
  readonly method: string
  readonly email: string
  readonly create?: { readonly name: string; readonly passwordHash: string | null }
  readonly identity?: Pick<people.IdentityRow, 'provider' | 'subject' | 'email' | 'name' | 'connection_id'>
}

/** Mails a code to an address that has to be proved, and keeps what is to happen then. */
export async function askForCode(
  call: AnyCall,
  own: Own,
  { issuer, pendingId }: SignIn,
  person: Pick<people.EndUserRow, 'end_user_id' | 'email' | 'name'>,
  locale: 'en' | 'ru' | undefined,
  then: Omit<Confirming, 'email'>,
): Promise<void> {
  const code = newMailCode()
  const expiresAt = new Date(call.now().getTime() + CODE_MS)
  const email = person.email!
  await call.transact(async (tx) => {
    await putPending(tx, pendingId, 'confirmEmail', {
      endUserId: person.end_user_id,
      codeHash: keyedHash(own.keys.codes, pendingId.toString('hex'), code),
      data: { ...then, email },
      expiresAt,
    })
    mail(tx, call, issuer, { id: person.end_user_id, email, name: person.name }, 'confirmEmail', locale, {
      code,
      expiresAt,
    })
  })
}

export function codeFits(own: Own, pendingId: Buffer, hash: Buffer | null, code: string): boolean {
  return sameHash(hash, keyedHash(own.keys.codes, pendingId.toString('hex'), code))
}

/**
 * Keeps an account at a provider until the owner of an account with its address has signed in to that one as well: an
 * address is no proof of an account. Only then are the two linked (`linkPending`).
 */
export async function waitForProof(
  call: AnyCall,
  own: Own,
  { issuer, pendingId }: SignIn,
  endUserId: string,
  identity: NonNullable<Confirming['identity']>,
) {
  const { provider, subject, connection_id: connectionId } = identity
  const [email, name] = [identity.email ?? '', identity.name ?? '']
  const providerName = (await own.providers(issuer)).find(({ key }) => key === provider)?.name ?? provider
  await putPending(call.sql, pendingId, 'link', {
    endUserId,
    codeHash: null,
    data: { provider, providerName, subject, email, name, connectionId: connectionId ?? '' },
    expiresAt: new Date(call.now().getTime() + LINK_MS),
  })
  return { step: 'link' as const, email, provider: providerName }
}

/** Makes the account. False when somebody has the address by now. */
export async function createdBySignUp(
  tx: Tx,
  { issuer }: SignIn,
  person: Parameters<typeof people.insertEndUser>[1],
  now: Date,
  method = 'signUp',
): Promise<boolean> {
  const made = await people.insertEndUser(tx, person, now)
  if (!made) return false
  emit(tx, oidc, 'enduser.created', {
    ...personOf(issuer, made.end_user_id),
    ...(made.email ? { email: made.email } : {}),
    emailVerified: made.email_verified,
    name: made.name,
    method,
  })
  return true
}

/** Counts with `work`; a refusal for too many attempts goes into the statistics. */
export async function countedOrRecorded(
  call: AnyCall,
  signIn: SignIn,
  method: string,
  work: () => Promise<Counted>,
): Promise<Counted> {
  try {
    return await work()
  } catch (error) {
    await recordFailure(call, signIn.issuer, signIn.appId, method, 'tooManyAttempts')
    throw error
  }
}
