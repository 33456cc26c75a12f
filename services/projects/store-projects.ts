/** SQL of projects themselves, their slugs and logos. */

import { searchable, searchFor } from '@pleiad/platform/search'
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Logo } from './logos.ts'
import type { Role } from './members.ts'
import type { Project } from './projects.ts'

interface Row {
  project_id: string
  slug: string
  name: string
  accent: string
  home_url: string | null
  support_email: string | null
  logo_hash: string | null
  created_at: Date
  updated_at: Date
  archived_at: Date | null
  delete_at: Date | null
  ownerless: boolean
  version: number
  environments?: string[]
}

function projectOf(row: Row): Project {
  return {
    projectId: row.project_id,
    slug: row.slug,
    name: row.name,
    accent: row.accent,
    homeUrl: row.home_url,
    supportEmail: row.support_email,
    logoHash: row.logo_hash,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    archivedAt: row.archived_at,
    deleteAt: row.delete_at,
    ownerless: row.ownerless,
    version: row.version,
    environments: row.environments ?? [],
  }
}

const environmentsOf = (sql: Sql) => sql`
  array(select environment from environments e where e.project_id = p.project_id
    order by environment <> 'production', environment) as environments`

/** The project with the names of its environments. */
export async function findProject(sql: Sql, projectId: string): Promise<Project | undefined> {
  const [row] = await sql<Row[]>`
    select p.*, ${environmentsOf(sql)} from projects p where p.project_id = ${projectId}`
  return row && projectOf(row)
}

/** The project, and the role of a member in it, when there is one. */
export async function findBySlug(
  sql: Sql,
  slug: string,
  userId: string,
): Promise<{ project: Project; role: Role } | undefined> {
  const [row] = await sql<(Row & { role: Role })[]>`
    select p.*, m.role, ${environmentsOf(sql)}
    from projects p join members m on m.project_id = p.project_id and m.user_id = ${userId}
    where p.slug = ${slug}`
  return row && { project: projectOf(row), role: row.role }
}

/** The project, locked until the transaction ends: whoever changes anything in it holds this lock. */
export async function lockProject(tx: Tx, projectId: string): Promise<Project | undefined> {
  const [row] = await tx<Row[]>`
    select p.*, ${environmentsOf(tx)} from projects p where p.project_id = ${projectId} for update of p`
  return row && projectOf(row)
}

/** Takes a slug for good; false when it was ever used. Of two who ask at once one gets it. */
export async function takeSlug(tx: Tx, slug: string): Promise<boolean> {
  return (await tx`insert into slugs (slug) values (${slug}) on conflict do nothing returning 1`).length > 0
}

/** Inserts a project or replaces it whole, and keeps the members' copy of its state in step. */
export async function saveProject(tx: Tx, project: Project): Promise<void> {
  const search = searchable(project.name, project.slug)
  const [row] = await tx<{ state: string }[]>`
    insert into projects (project_id, slug, name, accent, home_url, support_email, logo_hash, created_at, updated_at,
      archived_at, delete_at, ownerless, version, search_text, search_grams)
    values (${project.projectId}, ${project.slug}, ${project.name}, ${project.accent}, ${project.homeUrl},
      ${project.supportEmail}, ${project.logoHash}, ${project.createdAt}, ${project.updatedAt}, ${project.archivedAt},
      ${project.deleteAt}, ${project.ownerless}, ${project.version}, ${search.text}, ${search.grams})
    on conflict (project_id) do update set
      name = excluded.name, accent = excluded.accent, home_url = excluded.home_url,
      support_email = excluded.support_email, logo_hash = excluded.logo_hash, updated_at = excluded.updated_at,
      archived_at = excluded.archived_at, delete_at = excluded.delete_at, ownerless = excluded.ownerless,
      version = excluded.version, search_text = excluded.search_text, search_grams = excluded.search_grams
    returning state`
  await tx`
    update members set state = ${row!.state} where project_id = ${project.projectId} and state <> ${row!.state}`
}

export async function eraseProject(tx: Tx, projectId: string): Promise<void> {
  await tx`delete from projects where project_id = ${projectId}`
}

/** Projects whose grace period is over, locked; those that somebody else works on come next time. */
export async function lockDueProjects(tx: Tx, now: Date, limit: number): Promise<string[]> {
  const rows = await tx<{ project_id: string }[]>`
    select project_id from projects where delete_at <= ${now} order by delete_at limit ${limit} for update skip locked`
  return rows.map(({ project_id }) => project_id)
}

export interface Listing {
  readonly cursor?: string
  readonly limit: number
  readonly search?: string
  readonly state?: 'active' | 'archived' | 'deleting'
}

function matching(sql: Sql, search: string | undefined) {
  const wanted = search === undefined ? undefined : searchFor(search)
  if (!wanted) return sql``
  return sql`
    and p.search_grams @> ${wanted.grams}::text[]
    and p.search_text like all (${wanted.words.map((word) => `%${word}%`)}::text[])`
}

/** The projects of a person, newest first (ids grow with time); one more than `limit` when there is a next page. */
export async function listProjects(
  sql: Sql,
  userId: string,
  listing: Listing,
): Promise<{ project: Project; role: Role }[]> {
  const members = sql`
    members m where m.user_id = ${userId}
      ${listing.state ? sql`and m.state = ${listing.state}` : sql``}
      ${listing.cursor ? sql`and m.project_id < ${listing.cursor}` : sql``}`
  const page = sql`order by m.project_id desc limit ${listing.limit + 1}`
  // Without a search the page is cut before the projects are read, so that those of others are never walked over.
  const rows =
    listing.search === undefined
      ? await sql<(Row & { role: Role })[]>`
          select p.*, m.role from (select m.project_id, m.role from ${members} ${page}) m
            join projects p on p.project_id = m.project_id
          order by m.project_id desc`
      : await sql<(Row & { role: Role })[]>`
          select p.*, m.role from projects p, ${members} and m.project_id = p.project_id
            ${matching(sql, listing.search)} ${page}`
  return rows.map((row) => ({ project: projectOf(row), role: row.role }))
}

const membersOf = (sql: Sql) =>
  sql`(select count(*) from members m where m.project_id = p.project_id) as members`

/** All projects, newest first, with the number of their members. */
export async function listAllProjects(
  sql: Sql,
  listing: Listing & { readonly ownerless?: boolean },
): Promise<{ project: Project; members: number }[]> {
  const rows = await sql<(Row & { members: number })[]>`
    select p.*, ${membersOf(sql)} from projects p
    where true
      ${listing.state ? sql`and p.state = ${listing.state}` : sql``}
      ${listing.ownerless ? sql`and p.ownerless` : sql``}
      ${listing.cursor ? sql`and p.project_id < ${listing.cursor}` : sql``}
      ${matching(sql, listing.search)}
    order by p.project_id desc
    limit ${listing.limit + 1}`
  return rows.map((row) => ({ project: projectOf(row), members: row.members }))
}

export async function putLogo(tx: Tx, projectId: string, logo: Logo | undefined): Promise<void> {
  if (!logo) await tx`delete from logos where project_id = ${projectId}`
  else
    await tx`
      insert into logos (project_id, type, bytes) values (${projectId}, ${logo.type}, ${logo.bytes})
      on conflict (project_id) do update set type = excluded.type, bytes = excluded.bytes`
}

export async function findLogo(
  sql: Sql,
  projectId: string,
): Promise<{ type: string; bytes: Buffer; hash: string } | undefined> {
  const [row] = await sql<{ type: string; bytes: Buffer; hash: string }[]>`
    select l.type, l.bytes, p.logo_hash as hash from logos l join projects p using (project_id)
    where l.project_id = ${projectId}`
  return row
}
