/** What tests see of a database from outside, and who administers it. */
import { connect } from '../platform/store/connect.ts'
import type { TestDatabase } from '../platform/testing/postgres.ts'

/** What a statement answers the administrator. */
export async function ask(database: TestDatabase, statement: string): Promise<Record<string, unknown>[]> {
  const sql = connect(database.adminUrl, { max: 1, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(statement))]
  } finally {
    await sql.end()
  }
}

/** Every row of every table of a schema but the times of its migrations, and where its sequences stand. */
export async function contentOf(database: TestDatabase, schema: string): Promise<Record<string, unknown>> {
  const things = await ask(
    database,
    `select relname as name, relkind as kind from pg_class
     where relnamespace = '${schema}'::regnamespace and relkind in ('r', 'S') and relname <> 'migrations' order by 1`,
  )
  const content: Record<string, unknown> = {}
  for (const { name, kind } of things)
    content[String(name)] =
      kind === 'S'
        ? await ask(database, `select last_value, is_called from ${schema}."${name}"`)
        : await ask(database, `select to_jsonb(t) as row from ${schema}."${name}" t order by t::text`)
  return content
}

/** The database by an administrator who is no superuser, as on a managed server. */
export async function managed(database: TestDatabase): Promise<string> {
  const url = new URL(database.adminUrl)
  const name = url.pathname.slice(1)
  await ask(database, `create role ${name}_manager login createrole password 'manager'`)
  await ask(database, `grant all on database ${name} to ${name}_manager with grant option`)
  url.username = `${name}_manager`
  url.password = 'manager'
  return url.href
}
