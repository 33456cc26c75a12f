/**
 * All that one request to oidc-provider changes is written in one transaction before its answer leaves: a process that
 * dies in between has changed nothing. What can be used once (a code, a refresh token) stays locked meanwhile, so of two
 * requests at once the second sees what the first did.
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { IncomingMessage } from 'node:http'
import type { Sql, Tx } from '@pleiad/platform/store'
import type { Own } from './service-own.ts'
import { tellRevoked } from './service-revocation.ts'
import { type Found, findModel, type Table, type Write, write } from './store-models.ts'

export interface Unit {
  readonly own: Own
  readonly writes: Write[]
  /** What this request has written, by table and id: reads see it. */
  readonly seen: Map<string, Found | undefined>
  readonly request: IncomingMessage | undefined
  readonly ip: string
  /** A refresh token is being used: the token that answers a repetition of it. */
  using?: { readonly id: Buffer; readonly value: string; successor: string | undefined }
  opened?: Promise<Tx>
  finish?: (writes: readonly Write[] | undefined) => void
  done?: Promise<boolean>
}

const units = new AsyncLocalStorage<Unit>()

export const currentUnit = (): Unit | undefined => units.getStore()

/** Where to read: in the request's own transaction when it holds one, so that it never waits for a second connection. */
export async function reader(own: Own): Promise<Sql> {
  return (await units.getStore()?.opened) ?? own.tools.sql
}

export function keyOf(table: Table, id: Buffer): string {
  return `${table} ${id.toString('base64url')}`
}

/** Thrown inside of the transaction to end it without effect. */
class Abandoned extends Error {}

/** The transaction of this request, begun when something has to be locked. */
function open(unit: Unit): Promise<Tx> {
  unit.opened ??= new Promise((opened, failed) => {
    const writes = new Promise<readonly Write[] | undefined>((finish) => {
      unit.finish = finish
    })
    unit.done = settle(
      unit.own.tools.transact(async (tx) => {
        opened(tx)
        const list = await writes
        if (!list || !(await write(tx, list))) throw new Abandoned()
      }),
    )
    unit.done.catch(failed)
  })
  return unit.opened
}

export async function findLocked(unit: Unit, table: Table, id: Buffer): Promise<Found | undefined> {
  return findModel(await open(unit), table, id, true)
}

/**
 * Runs `work` as one unit. False when something that works once was used by another request meanwhile: then nothing was
 * written.
 */
export async function inUnit(
  own: Own,
  from: { request?: IncomingMessage; ip: string },
  work: () => Promise<void>,
): Promise<boolean> {
  const unit: Unit = { own, writes: [], seen: new Map(), request: from.request, ip: from.ip }
  try {
    await units.run(unit, work)
  } catch (error) {
    unit.finish?.(undefined)
    await unit.done?.catch(() => {})
    throw error
  }
  const won = await commit(unit)
  if (won) announce(unit)
  return won
}

async function commit(unit: Unit): Promise<boolean> {
  const { own, writes } = unit
  if (unit.finish) {
    unit.finish(writes)
    return unit.done!
  }
  const [first] = writes
  if (!first) return true
  if (writes.length === 1 && first.kind === 'put' && first.row.model === 'ClientCredentials') {
    await own.batches.insert(first)
    return true
  }
  return settle(
    own.tools.transact(async (tx) => {
      if (!(await write(tx, writes))) throw new Abandoned()
    }),
  )
}

/** True when it committed, false when it was abandoned. */
async function settle(work: Promise<void>): Promise<boolean> {
  try {
    await work
    return true
  } catch (error) {
    if (error instanceof Abandoned) return false
    throw error
  }
}

function announce({ own, writes }: Unit): void {
  const grants = writes.flatMap((change) =>
    change.kind === 'revoke'
      ? [change.grantId]
      : change.kind === 'delete' && change.table === 'grants'
        ? [change.id]
        : [],
  )
  const tokens = writes.flatMap((change) =>
    (change.kind === 'delete' || change.kind === 'consume') && change.table === 'tokens' ? [change.id] : [],
  )
  tellRevoked(own.tools, { grants, tokens })
}
