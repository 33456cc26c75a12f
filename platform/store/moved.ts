/** Marks that a move leaves in the two databases: a start reads them, and takes no copy and no empty schema for the data. */
import { connect } from './connect.ts'
import { explain } from './explain.ts'

/** On the schema that receives, until all is there. */
export const RECEIVING = 'pleiad: receives what is moved here'

export interface Traces {
  /** The service has its tables here. */
  readonly here: boolean
  /** A move to here has begun and not ended. */
  readonly receiving: boolean
  /** The service had its tables here, and was moved away. */
  readonly moved: boolean
}

/** What the schema is called where it was moved away from. It stays, as a mark, when what is in it is dropped. */
export function movedName(schema: string): string {
  return `${schema}_moved`
}

/** What a PostgreSQL knows of a schema; any role that may connect can ask. Throws `StartError` when it does not answer. */
export async function tracesOf(url: string, schema: string): Promise<Traces> {
  const sql = connect(url, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    const [traces] = await sql<Traces[]>`
      select
        exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
          where n.nspname = ${schema} and c.relname = 'inbox') as here,
        exists (select from pg_namespace
          where nspname = ${schema} and obj_description(oid, 'pg_namespace') = ${RECEIVING}) as receiving,
        exists (select from pg_namespace where nspname = ${movedName(schema)}) as moved`
    return traces!
  } catch (error) {
    throw explain(error, url)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
