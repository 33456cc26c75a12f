/** Names of people: a copy of what users announces, completed once for those who were there before the copy. */
import type { Tools } from '@pleiad/platform/service'
import type { Sql } from '@pleiad/platform/store'
import { Profiles } from '@pleiad/users/rpc'
import { findPeople, type PersonName, savePerson } from './store-members.ts'

/**
 * Makes sure that somebody who is about to join has a name here; false when nobody is known by that id, or not any
 * more. Without users a name comes with its next change.
 */
export async function learnPerson({ sql, rpc, log }: Tools, userId: string): Promise<boolean> {
  const known = (await findPeople(sql, [userId])).get(userId)
  if (known) return known.username !== null
  try {
    const { profiles } = await rpc(Profiles).getProfiles({ userIds: [userId] })
    for (const { username, displayName, locale } of profiles)
      await savePerson(sql, {
        userId,
        username,
        displayName,
        locale: locale === 'ru' ? 'ru' : 'en',
        version: 0,
      })
    return profiles.length > 0
  } catch (error) {
    log.warn({ err: error }, 'a name could not be asked for')
    return false
  }
}

/** A person as the contract shows them. */
export function personOf(
  userId: string,
  known?: { readonly username: string | null; readonly displayName: string | null },
): { userId: string; username?: string; displayName?: string } {
  return {
    userId,
    ...(known?.username ? { username: known.username } : {}),
    ...(known?.displayName ? { displayName: known.displayName } : {}),
  }
}

/** The people behind ids, some of which may be nobody's, in one question. */
export function peopleOf(
  sql: Sql,
  userIds: readonly (string | null | undefined)[],
): Promise<Map<string, PersonName>> {
  return findPeople(
    sql,
    userIds.filter((id) => typeof id === 'string'),
  )
}
