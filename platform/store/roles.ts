/** Each service owns one schema through a role of its own that can see nothing else. */
import type postgres from 'postgres'
import { connect } from './connect.ts'

export interface Role {
  /** Name of the schema, and behind `pleiad_` of the role. */
  readonly schema: string
  readonly password: string
}

/** The role that owns a service's schema. */
export function roleOf(schema: string): string {
  return `pleiad_${schema}`
}

/** The administrator's URL with the user and password of a service. */
export function roleUrl(adminUrl: string, { schema, password }: Role): string {
  return adminUrl.replace(
    /^(postgres(?:ql)?:\/\/)(?:[^@/]*@)?/,
    `$1${roleOf(schema)}:${encodeURIComponent(password)}@`,
  )
}

/**
 * Makes or mends the schemas and roles of `roles`; safe when several processes start at once. A role may log in, owns
 * its schema, and has no right on any other; nobody but the owners may create anything.
 */
export async function prepareSchemas(adminUrl: string, roles: readonly Role[]): Promise<void> {
  const admin = connect(adminUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    await admin.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtextextended('pleiad/roles', 0))`
      const existing = new Set(
        (await tx<{ rolname: string }[]>`select rolname from pg_roles`).map(({ rolname }) => rolname),
      )
      await tx`revoke create on schema public from public`
      await tx.unsafe(`revoke connect, temporary on database ${quote(await databaseName(tx))} from public`)
      for (const { schema, password } of roles) {
        const role = quote(roleOf(schema))
        const options = `login nosuperuser nocreatedb nocreaterole noinherit noreplication password ${literal(password)}`
        await tx.unsafe(`${existing.has(roleOf(schema)) ? 'alter' : 'create'} role ${role} ${options}`)
        await tx.unsafe(`grant connect on database ${quote(await databaseName(tx))} to ${role}`)
        // Creating a schema for another role needs membership where the administrator is not a superuser.
        await tx.unsafe(`grant ${role} to current_user`)
        await tx.unsafe(`create schema if not exists ${quote(schema)} authorization ${role}`)
        await tx.unsafe(`revoke all on schema ${quote(schema)} from public`)
      }
    })
  } finally {
    await admin.end({ timeout: 5 })
  }
}

async function databaseName(tx: postgres.TransactionSql): Promise<string> {
  const [row] = await tx<{ name: string }[]>`select current_database() as name`
  return row!.name
}

const quote = (name: string) => `"${name.replaceAll('"', '""')}"`
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`
