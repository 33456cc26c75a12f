/** SQL of members, and of the people they are. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Member, Role } from './members.ts'

/** The role of a person in a project; undefined for those who are no members. */
export async function roleOf(sql: Sql, projectId: string, userId: string): Promise<Role | undefined> {
  const [row] = await sql<{ role: Role }[]>`
    select role from members where project_id = ${projectId} and user_id = ${userId}`
  return row?.role
}

export async function findMember(sql: Sql, projectId: string, userId: string): Promise<Member | undefined> {
  const [row] = await sql<Member[]>`
    select user_id as "userId", role, joined_at as "joinedAt" from members
    where project_id = ${projectId} and user_id = ${userId}`
  return row
}

export async function addMember(tx: Tx, projectId: string, member: Member): Promise<void> {
  await tx`
    insert into members (project_id, user_id, role, joined_at, state)
    select project_id, ${member.userId}, ${member.role}, ${member.joinedAt}, state from projects
    where project_id = ${projectId}`
}

export async function setRole(tx: Tx, projectId: string, userId: string, role: Role): Promise<void> {
  await tx`update members set role = ${role} where project_id = ${projectId} and user_id = ${userId}`
}

export async function removeMember(tx: Tx, projectId: string, userId: string): Promise<void> {
  await tx`delete from members where project_id = ${projectId} and user_id = ${userId}`
}

/** All members of a project with one role, longest-serving first. */
export async function membersWith(sql: Sql, projectId: string, role: Role): Promise<Member[]> {
  return sql<Member[]>`
    select user_id as "userId", role, joined_at as "joinedAt" from members
    where project_id = ${projectId} and role = ${role} order by joined_at, user_id`
}

export interface MemberRow extends Member {
  readonly username: string | null
  readonly displayName: string | null
}

/** Members by when they joined; one more than `limit` when there is a next page. */
export async function listMembers(
  sql: Sql,
  projectId: string,
  limit: number,
  after?: { joinedAt: string; userId: string },
): Promise<MemberRow[]> {
  return sql<MemberRow[]>`
    select m.user_id as "userId", m.role, m.joined_at as "joinedAt", p.username, p.display_name as "displayName"
    from members m left join people p on p.user_id = m.user_id
    where m.project_id = ${projectId}
      ${after ? sql`and (m.joined_at, m.user_id) > (${after.joinedAt}::text::timestamptz, ${after.userId}::text::uuid)` : sql``}
    order by m.joined_at, m.user_id
    limit ${limit + 1}`
}

export async function countMembers(sql: Sql, projectId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from members where project_id = ${projectId}`
  return row!.count
}

/** One at a time may add to what a person owns: whoever asks how much it is holds this until the transaction ends. */
export async function lockOwner(tx: Tx, userId: string): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtextextended(${`owner ${userId}`}, 0))`
}

/** How many active projects a person owns. */
export async function countOwned(sql: Sql, userId: string): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    select count(*) as count from members where user_id = ${userId} and role = 'owner' and state = 'active'`
  return row!.count
}

export interface Membership {
  readonly projectId: string
  readonly slug: string
  readonly name: string
  readonly role: Role
  readonly joinedAt: Date
}

/** The memberships of a person. */
export async function membershipsOf(sql: Sql, userId: string): Promise<Membership[]> {
  return sql<Membership[]>`
    select p.project_id as "projectId", p.slug, p.name, m.role, m.joined_at as "joinedAt"
    from members m join projects p on p.project_id = m.project_id
    where m.user_id = ${userId} order by m.project_id`
}

export interface PersonName {
  readonly userId: string
  readonly username: string | null
  readonly displayName: string | null
  readonly locale: 'en' | 'ru'
}

/** People as users announced them; unknown ones are missing. */
export async function findPeople(sql: Sql, userIds: readonly string[]): Promise<Map<string, PersonName>> {
  if (userIds.length === 0) return new Map()
  const rows = await sql<PersonName[]>`
    select user_id as "userId", username, display_name as "displayName", locale from people
    where user_id = any(${[...new Set(userIds)]})`
  return new Map(rows.map((row) => [row.userId, row]))
}

/** Keeps what users announced, unless something newer is known or the person is erased. */
export async function savePerson(tx: Sql, person: PersonName & { readonly version: number }): Promise<void> {
  await tx`
    insert into people (user_id, username, display_name, locale, version)
    values (${person.userId}, ${person.username}, ${person.displayName}, ${person.locale}, ${person.version})
    on conflict (user_id) do update set username = excluded.username, display_name = excluded.display_name,
      locale = excluded.locale, version = excluded.version
    where people.version < excluded.version and not people.erased`
}

/** Keeps of a person only that they are erased, so that an event that comes late does not bring them back. */
export async function erasePerson(tx: Tx, userId: string): Promise<void> {
  await tx`
    insert into people (user_id, locale, version, erased) values (${userId}, 'en', 0, true)
    on conflict (user_id) do update set username = null, display_name = null, locale = 'en', erased = true`
}
