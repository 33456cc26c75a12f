/** Opening sessions and handing out their tokens, in the answer or in cookies. */
import type { Static } from '@pleiad/platform/contract'
import type { Tx } from '@pleiad/platform/store'
import type { SignedIn } from './contract-schemas.ts'
import { permissionsOf, rolesOf } from './roles.ts'
import { originHash } from './service-attempts.ts'
import { type Person, programOf, record, tell } from './service-notices.ts'
import type { AnyCall, Own } from './service-own.ts'
import { ACCESS_SECONDS, issuedAt, sessionExpiry } from './sessions.ts'
import { loadGrants } from './store-roles.ts'
import { insertSession } from './store-sessions.ts'
import { rememberOrigin } from './store-throttles.ts'
import { hashToken, newRefreshToken } from './tokens.ts'

export const ACCESS_COOKIE = 'pleiad_access'
export const REFRESH_COOKIE = 'pleiad_refresh'

export type Transport = 'cookie' | 'bearer' | undefined

/** A session that has just been opened or refreshed. */
export interface Issued {
  readonly userId: string
  readonly sid: string
  readonly refreshToken: string
  readonly expiresAt: Date
}

/** Opens a session; the owner is told if the program is new to the account. */
export async function openSession(
  tx: Tx,
  call: AnyCall,
  own: Own,
  person: Person,
  method: string,
): Promise<Issued> {
  const now = call.now()
  const sid = call.newId()
  const refreshToken = newRefreshToken(sid, own.keys.refresh)
  const expiresAt = sessionExpiry(now, now, own.idleMs)
  const userAgent = programOf(call.request.userAgent)
  const session = {
    id: sid,
    accountId: person.id,
    method,
    ip: call.request.ip,
    userAgent,
    tokenHash: hashToken(refreshToken),
    expiresAt,
  }
  const { firstEver, knownProgram } = await insertSession(tx, session, now)
  await rememberOrigin(tx, person.id, originHash(own, call.request.ip), now)
  await record(tx, call, 'signIn.succeeded', {
    actorId: person.id,
    subjectId: person.id,
    details: { method, sid },
  })
  if (!firstEver && !knownProgram) tell(tx, call, person, 'newSignIn')
  return { userId: person.id, sid, refreshToken, expiresAt }
}

/** Signs the access token and answers with both tokens, where the caller wants them. */
export async function answerSession(
  call: AnyCall,
  own: Own,
  issued: Issued,
  transport: Transport,
): Promise<Static<typeof SignedIn>> {
  const { userId, sid } = issued
  const grants = await loadGrants(call.sql, userId)
  if (!grants) throw new Error(`Account ${userId} vanished while it signed in`)
  const permissions = permissionsOf(
    grants.assigned,
    grants.member,
    own.permissions.map(({ name }) => name),
  )
  const iat = issuedAt(call.now(), grants.refusedUntil)
  const { token, expiresAt } = await own.keyring.sign({
    userId,
    sid,
    roles: rolesOf(grants.assigned),
    permissions,
    issuedAt: iat,
  })
  const answer = { status: 'signedIn', userId, sid, expiresAt: expiresAt.toISOString() } as const
  if (transport !== 'cookie') return { ...answer, accessToken: token, refreshToken: issued.refreshToken }
  const refreshAge = Math.floor((issued.expiresAt.getTime() - call.now().getTime()) / 1000)
  setCookies(call, { access: token, refresh: issued.refreshToken, accessAge: ACCESS_SECONDS, refreshAge })
  return answer
}

/** Removes both cookies from the browser. */
export function clearCookies(call: AnyCall): void {
  setCookies(call, { access: '', refresh: '', accessAge: 0, refreshAge: 0 })
}

function setCookies(
  call: AnyCall,
  cookies: { access: string; refresh: string; accessAge: number; refreshAge: number },
): void {
  const secure = call.publicUrl.startsWith('https:') ? '; Secure' : ''
  call.answer.cookie(
    `${ACCESS_COOKIE}=${cookies.access}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${cookies.accessAge}${secure}`,
  )
  call.answer.cookie(
    `${REFRESH_COOKIE}=${cookies.refresh}; Path=/api/v1/auth; HttpOnly; SameSite=Strict; Max-Age=${cookies.refreshAge}${secure}`,
  )
}
