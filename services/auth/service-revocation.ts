/** Ending sessions and tokens everywhere: a row for processes that start, an event, and a word to all that run. */
import { emit, type Revocation, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { auth } from './contract.ts'
import { REMEMBERED_SECONDS, revocationOfOne } from './sessions.ts'
import { deleteTokens, endSession, endSessions, insertRevocations, refuseTokens } from './store-sessions.ts'

/** The channel on which every process hears of revocations. */
export const REVOKED = 'auth.revoked'

export interface Target {
  readonly userId: string
  /** One session; neither `sid` nor `tokenId`: all access tokens of the person issued so far. */
  readonly sid?: string
  readonly tokenId?: string
}

/** As it travels on the channel: exactly one of `sid`, `tokenId`, `sub`. */
export function messageOf(target: Target, times: { before: number; until: number }): Revocation {
  const { before, until } = times
  if (target.sid) return { sid: target.sid, before, until }
  return target.tokenId ? { tokenId: target.tokenId, before, until } : { sub: target.userId, before, until }
}

/** Makes access tokens invalid in every process, right after the commit; the event repeats it should this process die. */
export async function revoke(tx: Tx, tools: Tools, targets: readonly Target[]): Promise<void> {
  const now = tools.now()
  const one = revocationOfOne(now)
  const people = targets.filter(({ sid, tokenId }) => !sid && !tokenId).map(({ userId }) => userId)
  const refused = people.length > 0 ? await refuseTokens(tx, people, now) : new Map<string, number>()
  const revocations = targets.map((target) => {
    if (target.sid || target.tokenId) return { ...target, ...one }
    const before = refused.get(target.userId) ?? one.before
    return { ...target, before, until: before + REMEMBERED_SECONDS }
  })
  await insertRevocations(
    tx,
    revocations.map(({ userId, sid, tokenId, before, until }) => ({
      account_id: userId,
      sid: sid ?? null,
      token_id: tokenId ?? null,
      before,
      until,
    })),
  )
  for (const revocation of revocations) emit(tx, auth, 'session.revoked', revocation, { lane: 'high' })
  tx.afterCommit(() => {
    for (const revocation of revocations) tools.broadcast(REVOKED, messageOf(revocation, revocation))
  })
}

/** Ends one session of a person; false if there is none. */
export async function revokeSession(
  tx: Tx,
  tools: Tools,
  userId: string,
  sid: string,
  reason: string,
): Promise<boolean> {
  const ended = await endSession(tx, userId, sid, reason, tools.now())
  if (ended) await revoke(tx, tools, [{ userId, sid }])
  return ended
}

/** Ends all sessions of a person but one; how many. */
export async function revokeOthers(
  tx: Tx,
  tools: Tools,
  userId: string,
  except: string,
  reason: string,
): Promise<number> {
  const ended = await endSessions(tx, userId, except, reason, tools.now())
  await revoke(
    tx,
    tools,
    ended.map((sid) => ({ userId, sid })),
  )
  return ended.length
}

/** Ends all sessions of a person, and the personal access tokens too if asked; how many sessions. */
export async function revokeAll(
  tx: Tx,
  tools: Tools,
  userId: string,
  reason: string,
  tokensToo = false,
): Promise<number> {
  const ended = await endSessions(tx, userId, undefined, reason, tools.now())
  if (tokensToo) await deleteTokens(tx, userId)
  await revoke(tx, tools, [{ userId }])
  return ended.length
}
