/** Many projects at once, written past the service: for tests of query plans and for the benchmark. */

import { searchable } from '@pleiad/platform/search'
import type { Sql } from '@pleiad/platform/store'
import { uuidv7 } from 'uuidv7'

export interface Crowd {
  /** Oldest first. */
  readonly projectIds: readonly string[]
  /** People; the first ones have many projects. */
  readonly userIds: readonly string[]
}

const CHUNK = 5_000
const SYLLABLES = [
  'al',
  'bor',
  'cen',
  'dra',
  'el',
  'fon',
  'gar',
  'hul',
  'ira',
  'jo',
  'kem',
  'lun',
  'mor',
  'nix',
]

/** A name that others have too, as names do. */
function nameOf(n: number): string {
  const at = (by: number) => SYLLABLES[Math.floor(n / by) % SYLLABLES.length]!
  return `${at(1)}${at(14)} ${at(196)}${at(3)} ${n}`
}

async function insert(sql: Sql, rows: readonly object[], statement: (rows: string) => string): Promise<void> {
  for (let from = 0; from < rows.length; from += CHUNK)
    await sql.unsafe(statement('$1::jsonb'), [rows.slice(from, from + CHUNK) as never])
}

/**
 * Adds `count` projects, each with the whole person `everywhere` as owner, nine members more of as many people as projects,
 * two environments, one key and five entries of activity.
 */
export async function addCrowd(sql: Sql, count: number, everywhere: string): Promise<Crowd> {
  const projects = Array.from({ length: count }, (_, n) => {
    const name = nameOf(n)
    const slug = `crowd-${uuidv7().slice(-12)}`
    const { text, grams } = searchable(name, slug)
    return { id: uuidv7(), name, slug, text, grams }
  })
  const people = Array.from({ length: Math.max(20, count) }, (_, n) => ({
    id: uuidv7(),
    name: `Person ${n}`,
  }))
  const members = projects.flatMap(({ id }, n) => [
    { id, person: everywhere, role: 'owner' },
    ...Array.from({ length: 9 }, (_, m) => ({
      id,
      person: people[(n * 7 + m) % people.length]!.id,
      role: m === 0 ? 'admin' : 'viewer',
    })),
  ])
  const from = (columns: string) => (rows: string) => `from jsonb_to_recordset(${rows}) as r(${columns})`
  const project = from('id uuid, name text, slug text, "text" text, grams text[]')
  await insert(sql, projects, (rows) => `insert into slugs select slug ${project(rows)}`)
  await insert(
    sql,
    projects,
    (rows) => `
    insert into projects (project_id, slug, name, accent, created_at, updated_at, search_text, search_grams)
    select id, slug, name, '#4263eb', now(), now(), "text", grams ${project(rows)}`,
  )
  await insert(
    sql,
    people,
    (rows) => `
    insert into people (user_id, username, display_name, locale, version)
    select id, 'p' || right(id::text, 12), name, 'en', 1 ${from('id uuid, name text')(rows)}`,
  )
  await insert(
    sql,
    members,
    (rows) => `
    insert into members (project_id, user_id, role, joined_at, state)
    select id, person, role, now(), 'active' ${from('id uuid, person uuid, role text')(rows)}`,
  )
  await insert(
    sql,
    projects,
    (rows) => `
    insert into environments (project_id, environment, settings, created_at, updated_at)
    select id, environment, '{"allowedOrigins": []}', now(), now()
    ${project(rows)}, (values ('production'), ('development')) as e(environment)`,
  )
  await insert(
    sql,
    projects,
    (rows) => `
    with made as (
      insert into project_keys (key_id, project_id, environment, name, hint, scopes, created_at)
      select uuidv7(), id, 'production', 'Key', 'plk_xxxxx', '{project:read}', now() ${project(rows)}
      returning key_id)
    insert into key_secrets (hash, key_id) select sha256(key_id::text::bytea), key_id from made`,
  )
  await insert(
    sql,
    projects,
    (rows) => `
    insert into activity (activity_id, project_id, at, kind, by_kind, details)
    select uuidv7(), id, now(), kind, 'system', '{}'
    ${project(rows)}, (values ('project.created'), ('member.added'), ('member.added'), ('key.created'), ('member.left')) as k(kind)`,
  )
  await insert(
    sql,
    projects,
    (rows) => `
    insert into invitations (invitation_id, project_id, email, role, token_hash, state, created_at, sent_at, expires_at)
    select uuidv7(), id, 'somebody@example.com', 'viewer', sha256(id::text::bytea), 'open', now(), now(),
      now() + interval '7 days' ${project(rows)}`,
  )
  await sql`analyze`
  return { projectIds: projects.map(({ id }) => id), userIds: people.map(({ id }) => id) }
}
