/** The columns that a service declares as sealed, as the database sees them. */
import type postgres from 'postgres'
import type { SealedColumn } from './vault.ts'

const TRIGGER = 'vault_'

/**
 * Puts the guard (`vault_guard`, migration 0002) on every declared column and takes it from those that are declared no
 * more. Rejects when a declaration does not fit the tables. `sql` holds the lock of the migrations.
 */
export async function guardSealedColumns(
  sql: postgres.Sql,
  schema: string,
  columns: readonly SealedColumn[],
): Promise<void> {
  const fields = await sql<{ table: string; column: string; type: string; unique: boolean }[]>`
    select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
      exists (select from pg_index i where i.indrelid = c.oid and i.indisunique and i.indnkeyatts = 1
        and i.indpred is null and i.indkey[0] = a.attnum) and a.attnotnull as unique
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = ${schema}::regnamespace and c.relkind in ('r', 'p')
      and a.attnum > 0 and not a.attisdropped and c.relname = any(${columns.map(({ table }) => table)})`
  const field = (table: string, column: string) =>
    fields.find((each) => each.table === table && each.column === column)
  const wanted = new Set<string>()
  for (const { table, id, column } of columns) {
    if (field(table, column)?.type !== 'bytea')
      throw new Error(`${schema} declares ${table}.${column} as sealed, which is no bytea column`)
    if (!field(table, id)?.unique)
      throw new Error(`${schema} declares ${table}.${id} as the id of sealed values, which is not unique`)
    wanted.add(`${table} ${TRIGGER}${column}`)
  }
  const there = await sql<{ table: string; name: string }[]>`
    select c.relname as table, t.tgname as name
    from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_proc p on p.oid = t.tgfoid
    where c.relnamespace = ${schema}::regnamespace and p.proname = 'vault_guard' and t.tgparentid = 0`
  for (const { table, name } of there)
    if (!wanted.delete(`${table} ${name}`)) await sql`drop trigger ${sql(name)} on ${sql(table)}`
  for (const { table, column } of columns)
    if (wanted.has(`${table} ${TRIGGER}${column}`))
      await sql`
        create trigger ${sql(`${TRIGGER}${column}`)} before insert or update of ${sql(column)} on ${sql(table)}
        for each row execute function vault_guard(${sql.unsafe(`'${column}'`)})`
}
