/** All SQL of workshop. */
import type { Sql, Tx } from '@pleiad/platform/store'
import type { OwnedGadget } from './gadgets.ts'

interface Row {
  gadget_id: string
  owner_id: string
  name: string
  version: number
  created_at: Date
  updated_at: Date
}

function gadgetOf(row: Row): OwnedGadget {
  return {
    gadgetId: row.gadget_id,
    ownerId: row.owner_id,
    name: row.name,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

export async function insertGadget(tx: Tx, gadget: OwnedGadget): Promise<void> {
  await tx`
    insert into gadgets (gadget_id, owner_id, name, version, created_at, updated_at)
    values (${gadget.gadgetId}, ${gadget.ownerId}, ${gadget.name}, ${gadget.version}, ${gadget.createdAt}, ${gadget.updatedAt})`
}

/** The owner's gadget; somebody else's is as good as absent. */
export async function findGadget(
  sql: Sql,
  ownerId: string,
  gadgetId: string,
): Promise<OwnedGadget | undefined> {
  const [row] = await sql<
    Row[]
  >`select * from gadgets where gadget_id = ${gadgetId} and owner_id = ${ownerId}`
  return row && gadgetOf(row)
}

/** The same, locked until the transaction ends. */
export async function lockGadget(
  tx: Tx,
  ownerId: string,
  gadgetId: string,
): Promise<OwnedGadget | undefined> {
  const [row] = await tx<
    Row[]
  >`select * from gadgets where gadget_id = ${gadgetId} and owner_id = ${ownerId} for update`
  return row && gadgetOf(row)
}

export async function saveGadget(tx: Tx, gadget: OwnedGadget): Promise<void> {
  await tx`
    update gadgets set name = ${gadget.name}, version = ${gadget.version}, updated_at = ${gadget.updatedAt}
    where gadget_id = ${gadget.gadgetId}`
}

/** Newest first, `limit` at most, those before `before`: ids are UUIDv7, so they sort by time. */
export async function listGadgets(
  sql: Sql,
  ownerId: string,
  before: string | undefined,
  limit: number,
): Promise<OwnedGadget[]> {
  const rows = await sql<Row[]>`
    select * from gadgets
    where owner_id = ${ownerId} ${before ? sql`and gadget_id < ${before}` : sql``}
    order by gadget_id desc limit ${limit}`
  return rows.map(gadgetOf)
}

export async function removeGadgetsOf(tx: Tx, ownerId: string): Promise<void> {
  await tx`delete from gadgets where owner_id = ${ownerId}`
}
