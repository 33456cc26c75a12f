/**
 * Moves a schema with all that is in it to another PostgreSQL. What there is, the migrations make there; what is in it
 * is copied. So no version of pg_dump has to fit, and everything belongs to the service's role from the start.
 */
import type postgres from 'postgres'
import { StartError } from '../service/refuse.ts'
import { connect } from './connect.ts'
import { movedName, RECEIVING, tracesOf } from './moved.ts'
import { prepareSchema, roleOf, roleUrl, type SchemaOwner } from './roles.ts'

export interface Move {
  /** Administrator URLs. */
  readonly from: string
  readonly to: string
  readonly owner: SchemaOwner
  /** Brings the schema up to date at a URL of its role: both sides have to be of one version. */
  readonly migrate: (url: string) => Promise<unknown>
}

export interface Moved {
  readonly tables: number
  readonly rows: number
}

type Sql = postgres.TransactionSql
/** Rows. */
const AT_ONCE = 500

/**
 * Copies everything, then renames what was copied, so that nobody goes on writing to it; nobody must use the schema
 * meanwhile. Broken off anywhere, it leaves the old schema whole or the move complete but for a mark, and is repeated.
 * Throws `StartError` with one line when the schema is in use, is not where it is to be moved from, or is already
 * where it is to be moved to.
 */
export async function moveSchema({ from, to, owner, migrate }: Move): Promise<Moved> {
  const { schema } = owner
  const [there, here] = await Promise.all([tracesOf(from, schema), tracesOf(to, schema)])
  if (there.moved && !there.here && here.receiving) {
    await mark(to, schema, false)
    return { tables: 0, rows: 0 }
  }
  if (!there.here) throw new StartError(`There is no ${schema} in the common database: nothing to move.`)
  if (there.moved)
    throw new StartError(
      `The common database has ${movedName(schema)} of an earlier move: drop or rename it first.`,
    )
  if (here.here && !here.receiving)
    throw new StartError(`The other database already has data of ${schema}. Nothing was moved.`)
  await refuseInUse(from, schema)

  await migrate(roleUrl(from, owner))
  await prepareSchema(to, owner)
  await mark(to, schema, true)
  await migrate(roleUrl(to, owner))
  const moved = await copyAndRename(from, to, owner)
  await mark(to, schema, false)
  return moved
}

async function copyAndRename(from: string, to: string, owner: SchemaOwner): Promise<Moved> {
  const { schema } = owner
  const [source, target] = [openAs(from, owner), openAs(to, owner)]
  try {
    return await source.begin(async (old) => {
      // Whoever starts on the old database now waits in its migrations, and then finds no schema.
      await old`select pg_advisory_xact_lock(hashtext(${`pleiad:migrate:${schema}`}))`
      await old`set local lock_timeout = '10s'`
      const names = await tablesOf(old)
      await old.unsafe(`lock table ${names.map(quote).join(', ')} in access exclusive mode`)
      const moved = await target.begin((young) => copyAll(old, young, names))
      await asAdmin(from, async (sql) => {
        await sql`select pg_advisory_xact_lock(hashtext('pleiad:roles'))`
        await sql.unsafe(`alter schema ${quote(schema)} rename to ${quote(movedName(schema))}`)
      })
      return moved
    })
  } catch (error) {
    if ((error as { code?: unknown }).code === '55P03')
      throw new StartError(`${schema} is in use: stop all processes first. Nothing was moved.`, {
        cause: error,
      })
    throw error
  } finally {
    await Promise.all([source.end({ timeout: 5 }), target.end({ timeout: 5 })])
  }
}

async function copyAll(old: Sql, young: Sql, names: readonly string[]): Promise<Moved> {
  await makePartitions(old, young)
  const all = names.map(quote)
  // Guards of what is written, such as an audit log's, were passed when it was written.
  for (const table of all) await young.unsafe(`alter table ${table} disable trigger user`)
  await young.unsafe(`truncate ${all.join(', ')}`)
  await young`set constraints all deferred`
  let rows = 0
  for (const name of await parentsFirst(young, names)) rows += await copyTable(old, young, name)
  await young`set constraints all immediate`
  for (const table of all) await young.unsafe(`alter table ${table} enable trigger user`)
  await copySequences(old, young)
  await young.unsafe(`analyze ${all.join(', ')}`)
  return { tables: names.length, rows }
}

/** All tables that hold rows, but the ledger of migrations, which has its own on either side. */
async function tablesOf(sql: Sql): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = current_schema()::regnamespace and relkind = 'r' and relname <> 'migrations' order by relname`
  return rows.map(({ name }) => name)
}

/** The history of events is in partitions by day, which no migration makes. */
async function makePartitions(old: Sql, young: Sql): Promise<void> {
  const partitions = await old<{ name: string; parent: string; bound: string }[]>`
    select c.relname as name, p.relname as parent, pg_get_expr(c.relpartbound, c.oid) as bound
    from pg_class c join pg_inherits i on i.inhrelid = c.oid join pg_class p on p.oid = i.inhparent
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' and c.relispartition`
  for (const { name, parent, bound } of partitions)
    await young.unsafe(`create table if not exists ${quote(name)} partition of ${quote(parent)} ${bound}`)
}

/** What others refer to comes before them. */
async function parentsFirst(sql: Sql, names: readonly string[]): Promise<string[]> {
  const references = await sql<{ child: string; parent: string }[]>`
    select c.relname as child, p.relname as parent
    from pg_constraint f join pg_class c on c.oid = f.conrelid join pg_class p on p.oid = f.confrelid
    where f.contype = 'f' and f.connamespace = current_schema()::regnamespace`
  const ordered = new Set<string>()
  const visit = (name: string, above: readonly string[]) => {
    if (ordered.has(name) || above.includes(name)) return
    for (const { child, parent } of references) if (child === name) visit(parent, [...above, name])
    ordered.add(name)
  }
  for (const name of names) visit(name, [])
  return [...ordered].filter((name) => names.includes(name))
}

/**
 * Resolves with the number of rows; rejects when not as many arrived. They arrive in a table without rules first: then
 * one statement moves them where they belong, in which rows may refer to others of their table in any order. Not by
 * COPY: when the server refuses it at its end, postgres.js waits for ever.
 */
async function copyTable(old: Sql, young: Sql, name: string): Promise<number> {
  const rows = await old<{ name: string }[]>`
    select attname as name from pg_attribute
    where attrelid = ${quote(name)}::text::regclass and attnum > 0 and not attisdropped and attgenerated = ''
    order by attnum`
  const columns = rows.map(({ name: column }) => quote(column)).join(', ')
  const table = quote(name)
  await young.unsafe(`create temporary table arriving as select ${columns} from ${table} with no data`)
  let left = 0
  for await (const lines of old
    .unsafe(`select row(${columns})::text as line from ${table}`)
    .cursor(AT_ONCE)) {
    left += lines.length
    await young`
      insert into arriving select (r.line).*
      from (select line::arriving from unnest(${lines.map(({ line }) => line as string)}::text[]) as u (line) offset 0) r`
  }
  const { count } = await young.unsafe(
    `insert into ${table} (${columns}) overriding system value select ${columns} from arriving`,
  )
  await young.unsafe('drop table arriving')
  if (left !== count) throw new Error(`Of ${left} rows of ${name}, ${count} arrived. Nothing was moved.`)
  return left
}

async function copySequences(old: Sql, young: Sql): Promise<void> {
  const sequences = await old<{ name: string }[]>`
    select relname as name from pg_class where relnamespace = current_schema()::regnamespace and relkind = 'S'`
  for (const { name } of sequences) {
    const [at] = await old.unsafe<{ last_value: string; is_called: boolean }[]>(
      `select last_value, is_called from ${quote(name)}`,
    )
    await young`select setval(${quote(name)}::text::regclass, ${at!.last_value}::text::bigint, ${at!.is_called})`
  }
}

async function refuseInUse(adminUrl: string, schema: string): Promise<void> {
  const used = await asAdmin(
    adminUrl,
    (sql) => sql`
      select from pg_stat_activity where usename = ${roleOf(adminUrl, schema)} and datname = current_database()`,
  )
  if (used.length > 0)
    throw new StartError(`${schema} is in use: stop all processes first. Nothing was moved.`)
}

/** Says that the schema receives, or no more. */
async function mark(adminUrl: string, schema: string, receiving: boolean): Promise<void> {
  const comment = receiving ? `'${RECEIVING}'` : 'null'
  await asAdmin(adminUrl, (sql) => sql.unsafe(`comment on schema ${quote(schema)} is ${comment}`))
}

async function asAdmin<T>(adminUrl: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const admin = connect(adminUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    return (await admin.begin(work)) as T
  } finally {
    await admin.end({ timeout: 5 })
  }
}

function openAs(adminUrl: string, owner: SchemaOwner): postgres.Sql {
  return connect(roleUrl(adminUrl, owner), {
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    connection: {
      application_name: `pleiad-move-${owner.schema}`,
      search_path: owner.schema,
      statement_timeout: 0,
      idle_in_transaction_session_timeout: 0,
      // What one side writes the other reads, whatever the servers are set to.
      DateStyle: 'ISO',
      IntervalStyle: 'postgres',
      extra_float_digits: 3,
    },
  })
}

function quote(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}
