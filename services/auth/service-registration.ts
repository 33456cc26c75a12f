/** How an account begins. README.md says why registering tells nobody who has an account. */
import { timingSafeEqual } from 'node:crypto'
import { Code, ConnectError } from '@connectrpc/connect'
import { normalizeEmail } from '@pleiad/platform/emails'
import { weaknessOf } from '@pleiad/platform/password-strength'
import { foreignProfile, hashProfile } from '@pleiad/platform/passwords'
import { Refusal } from '@pleiad/platform/problem'
import { type Call, emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { Profiles } from '@pleiad/users/rpc'
import { auth } from './contract.ts'
import { linkExpiry } from './links.ts'
import { type Issued, openSession } from './service-issue.ts'
import { mail, mailLink, record } from './service-notices.ts'
import { type AnyCall, type Own, setupCode } from './service-own.ts'
import { revoke } from './service-revocation.ts'
import {
  findAccountByEmail,
  insertAccount,
  insertRegistration,
  listHashProfiles,
  type Registration,
  takeRegistration,
} from './store-accounts.ts'
import { lockSetup, nextGeneration } from './store-keys.ts'
import { assignRoleRows, countAdministrators, loadGrants } from './store-roles.ts'

/** Every sign-in does the work of all kinds of imported hashes: more than these few would make it slow. */
const MAX_HASH_PROFILES = 3

export interface Applicant {
  readonly userId: string
  readonly username: string
  readonly displayName: string
  readonly locale: 'en' | 'ru'
}

/**
 * Takes the username at users for an hour. Answers with what users stored; refusals are the codes of auth's contract.
 * The same id again answers the same, so a repetition does no harm.
 */
export async function reserveProfile(
  call: Tools,
  applicant: Applicant,
  fail: (code: 'usernameTaken' | 'usernameNotAllowed', detail?: string) => never,
): Promise<Applicant> {
  try {
    const reserved = await call.rpc(Profiles).reserveProfile(applicant)
    return {
      userId: applicant.userId,
      username: reserved.username,
      displayName: reserved.displayName,
      locale: applicant.locale,
    }
  } catch (error) {
    const refused = ConnectError.from(error)
    if (refused.code === Code.AlreadyExists) return fail('usernameTaken')
    if (refused.code === Code.InvalidArgument) return fail('usernameNotAllowed', refused.rawMessage)
    // A service that is not there says so by itself.
    if (refused.cause instanceof Refusal) throw refused.cause
    call.log.warn({ err: error }, 'users did not reserve the profile')
    throw new Refusal('unavailable', 'The service of profiles does not answer.', {}, { 'retry-after': '2' })
  }
}

/** Registers; the session if the person is signed in at once, else nothing: a mail says how to go on. */
export async function register(
  call: Call<(typeof auth)['operations']['register']>,
  own: Own,
): Promise<Issued | undefined> {
  const { body } = call
  const email = normalizeEmail(body.email)
  const locale = body.locale ?? 'en'
  const mode = own.settings.AUTH_SIGN_UP
  const bySetup = body.setupCode !== undefined
  if (bySetup && !(await codeHolds(call.transact, own, body.setupCode!))) return call.fail('setupCodeInvalid')
  if (mode === 'closed' && !bySetup) return call.fail('registrationClosed')
  const weakness = weaknessOf(body.password, [email, body.username, body.displayName])
  if (weakness) return call.fail('weakPassword', undefined, { reason: weakness })

  const userId = call.newId()
  const hash = await own.hashing.hash(body.password)
  const profile = await reserveProfile(
    call,
    { userId, username: body.username, displayName: body.displayName, locale },
    call.fail,
  )
  const registration: Registration = {
    id: userId,
    email,
    username: profile.username,
    display_name: profile.displayName,
    locale,
    password_hash: hash,
  }
  return call.transact(async (tx) => {
    const atOnce = bySetup || mode === 'immediate'
    if (!atOnce || !(await beginAccount(tx, call, registration, bySetup))) {
      await answerByMail(tx, call, registration)
      return undefined
    }
    const person = { id: userId, email, locale }
    if (bySetup && !(await claim(tx, call, own, userId, body.setupCode!)))
      return call.fail('setupCodeInvalid')
    if (!bySetup) await mailLink(tx, call, person, 'verifyEmail')
    return openSession(tx, call, own, person, bySetup ? 'setup' : 'password')
  })
}

/** The same rows whether or not the address has an account: what it costs must not tell. */
async function answerByMail(tx: Tx, call: AnyCall, registration: Registration): Promise<void> {
  const { id, email, locale } = registration
  const owner = await findAccountByEmail(tx, email)
  await insertRegistration(tx, registration, call.now(), linkExpiry('register', call.now()))
  if (owner) mail(tx, owner, 'account-exists', { url: `${call.publicUrl}/sign-in` })
  else await mailLink(tx, call, { id, email, locale }, 'register')
  await record(tx, call, 'registration.requested', { subjectId: owner?.id })
}

/** Turns a confirmed registration into an account; its address, or nothing if the address got an account meanwhile. */
export async function completeRegistration(tx: Tx, call: AnyCall, id: string): Promise<string | undefined> {
  const registration = await takeRegistration(tx, id)
  return registration && (await beginAccount(tx, call, registration, true)) ? registration.email : undefined
}

/** The account and the event that makes users activate the profile, in one transaction: neither is without the other. */
async function beginAccount(
  tx: Tx,
  call: AnyCall,
  from: Registration,
  emailVerified: boolean,
): Promise<boolean> {
  const { id, email, locale, username, display_name: displayName, password_hash: passwordHash } = from
  const hashProfile = foreignProfile(passwordHash)
  const account = { id, email, emailVerified, locale, passwordHash, hashProfile }
  if (!(await insertAccount(tx, account, call.now()))) return false
  emit(tx, auth, 'account.registered', { userId: id, email, username, displayName, locale })
  await record(tx, call, 'account.registered', { actorId: call.caller?.id ?? id, subjectId: id })
  return true
}

/** Adds an account from another system, with the hash of its password as it is; its id. */
export async function importAccount(
  call: Call<(typeof auth)['operations']['importAccount']>,
): Promise<string> {
  const { body } = call
  const locale = body.locale ?? 'en'
  const email = normalizeEmail(body.email)
  const profile = foreignProfile(body.passwordHash)
  const profiles = await listHashProfiles(call.sql)
  const affordable = !profile || profiles.includes(profile) || profiles.length < MAX_HASH_PROFILES
  if (!hashProfile(body.passwordHash) || !affordable) return call.fail('hashUnsupported')
  if (await findAccountByEmail(call.sql, email)) return call.fail('emailTaken')
  const userId = call.newId()
  const reserved = await reserveProfile(
    call,
    { userId, username: body.username, displayName: body.displayName, locale },
    call.fail,
  )
  const { username, displayName: display_name } = reserved
  const registration = { id: userId, email, username, display_name, locale, password_hash: body.passwordHash }
  const begun = await call.transact((tx) => beginAccount(tx, call, registration, true))
  return begun ? userId : call.fail('emailTaken')
}

/** Makes the account administrator if the code is right and there is none yet. */
export async function claim(tx: Tx, call: AnyCall, own: Own, userId: string, code: string): Promise<boolean> {
  const { generation } = await lockSetup(tx)
  if ((await countAdministrators(tx)) > 0 || !sameCode(code, setupCode(own, generation))) return false
  const grants = await loadGrants(tx, userId)
  if (!grants) return false
  const roles = [...grants.assigned.map((role) => role.name), 'admin']
  await assignRoleRows(tx, userId, roles)
  await nextGeneration(tx)
  await revoke(tx, call, [{ userId }])
  emit(tx, auth, 'roles.changed', { userId, roles })
  await record(tx, call, 'administrator.claimed', { actorId: userId, subjectId: userId })
  return true
}

/** The code to print while there is no administrator. */
export async function currentSetupCode(transact: Tools['transact'], own: Own): Promise<string | undefined> {
  return transact(async (tx) => {
    const { generation } = await lockSetup(tx)
    return (await countAdministrators(tx)) === 0 ? setupCode(own, generation) : undefined
  })
}

async function codeHolds(transact: Tools['transact'], own: Own, code: string): Promise<boolean> {
  const current = await currentSetupCode(transact, own)
  return current !== undefined && sameCode(code, current)
}

function sameCode(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)]
  return a.length === b.length && timingSafeEqual(a, b)
}
