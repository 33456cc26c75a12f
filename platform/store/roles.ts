/** One schema and one role per service: a service's connections can see nothing that is not its own. */
import { StartError } from '../service/refuse.ts'
import { connect } from './connect.ts'
import { explain } from './explain.ts'
import { movedName } from './moved.ts'

export interface SchemaOwner {
  /** The service's name with `_` for `-`: lower case letters, digits and underscores. */
  readonly schema: string
  readonly password: string
}

/**
 * The role of a schema: `<database>_<schema>`, so `pleiad_auth` in the built-in database. Roles belong to the whole
 * PostgreSQL server; the database's name keeps two installations on one server apart.
 */
export function roleOf(adminUrl: string, schema: string): string {
  const role = `${databaseOf(adminUrl)}_${schema}`
  if (!/^[a-z][a-z0-9_]{0,40}$/.test(schema)) throw new Error(`"${schema}" cannot name a schema`)
  // PostgreSQL cuts longer names silently, and two services could end up with one role.
  if (Buffer.byteLength(role) > 63)
    throw new StartError(`The database's name is too long: ${role} has more than 63 bytes.`)
  return role
}

function databaseOf(url: string): string {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  if (name === '')
    throw new StartError('DATABASE_URL must name a database, as in postgres://user:password@host/pleiad')
  return name
}

/** The connection URL of a service: the administrator's with the service's role. */
export function roleUrl(adminUrl: string, { schema, password }: SchemaOwner): string {
  const url = new URL(adminUrl)
  url.username = encodeURIComponent(roleOf(adminUrl, schema))
  url.password = encodeURIComponent(password)
  return url.href
}

/**
 * Makes the service's role and schema, or puts them right: the role may log in and nothing else, owns its schema, and
 * nobody else may use it. Two processes may call it at once. `adminUrl` needs a role that may create roles and schemas.
 * Throws `StartError` when the schema was moved away from here: a start would begin with an empty one.
 */
export async function prepareSchema(adminUrl: string, { schema, password }: SchemaOwner): Promise<void> {
  const admin = connect(adminUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  const role = roleOf(adminUrl, schema)
  try {
    await admin.begin(async (sql) => {
      // One lock for all services: they share pg_authid's and the database's rows, which refuse concurrent changes.
      await sql`select pg_advisory_xact_lock(hashtext('pleiad:roles'))`
      const run = (statement: string) => sql.unsafe(statement)
      const name = quote(role)
      const [known] = await sql`
        select exists (select from pg_roles where rolname = ${role}) as role,
          exists (select from pg_namespace where nspname = ${movedName(schema)}) as moved`
      if (known?.moved) throw new StartError(movedAway(schema))
      if (!known?.role) await run(`create role ${name}`)
      const [me] = await sql`select rolsuper from pg_roles where rolname = current_user`
      // Only a superuser may name the rights that a role shall not have; a new role has none of them.
      const rights = me?.rolsuper ? 'nosuperuser nocreatedb nocreaterole noreplication nobypassrls' : ''
      await run(`alter role ${name} login noinherit ${rights} password '${password.replaceAll("'", "''")}'`)
      // Without being superuser (managed databases), one must be a member of the role to give it a schema.
      if (!me?.rolsuper) await run(`grant ${name} to current_user with inherit true, set true`)
      await run(`create schema if not exists ${quote(schema)} authorization ${name}`)
      await run(`alter schema ${quote(schema)} owner to ${name}`)
      await run(`revoke all on schema ${quote(schema)} from public`)
      const database = quote(databaseOf(adminUrl))
      // On a managed server both may belong to the provider, whose defaults then hold: nobody creates in public.
      const [mine] = await sql`
        select pg_has_role(current_user, n.nspowner, 'usage') as public, pg_has_role(current_user, d.datdba, 'usage') as database
        from pg_namespace n, pg_database d where n.nspname = 'public' and d.datname = current_database()`
      if (mine?.public) await run('revoke all on schema public from public')
      if (mine?.database) await run(`revoke all on database ${database} from public`)
      await run(`grant connect, temporary on database ${database} to ${name}`)
      await run(`alter role ${name} in database ${database} set search_path = ${quote(schema)}`)
    })
  } catch (error) {
    throw explain(error, adminUrl)
  } finally {
    await admin.end({ timeout: 5 })
  }
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

function movedAway(schema: string): string {
  const service = schema.replaceAll('_', '-')
  return `${service} was moved to a database of its own: name it in DATABASE_URLS, as in ${service}=postgres://user:password@host/pleiad. (To go back to what it had here before: alter schema ${movedName(schema)} rename to ${schema}.)`
}
