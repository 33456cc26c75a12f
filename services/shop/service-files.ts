/** Tells files which models are kept and until when: what the rows say, as often as it takes. */
import { Code, ConnectError } from '@connectrpc/connect'
import { Files } from '@pleiad/files/rpc'
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import { note, tell } from './service-announce.ts'
import { findOrder } from './store-orders.ts'
import * as store from './store-retention.ts'

const AT_ONCE = 100

/** Resolves to undefined when the file is not there any more. */
async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.NotFound) return undefined
    throw error
  }
}

/** Keeps or lets go the files of one holder, or of all whose wishes files does not know yet; how many there were. */
export async function applyHeld(tools: Tools, tx: Tx, holderId?: string): Promise<number> {
  const files = tools.rpc(Files)
  const held = await store.listUnapplied(tx, holderId, AT_ONCE)
  if (held.length === 0) return 0
  const known = await files.getFiles({ fileIds: [...new Set(held.map(({ fileId }) => fileId))] })
  const sizes = new Map(known.files.map(({ fileId, size }) => [fileId, Number(size)]))
  for (const each of held) {
    const { fileId, isOrder } = each
    const keeper = `shop:${isOrder ? 'order' : 'cart'}:${each.holderId}`
    const day = await store.lastDay(tx, fileId)
    const deleteAfter = day ? BigInt(Math.ceil(day.getTime() / 1000)) : 0n
    const done =
      each.deleteAfter === undefined
        ? await unlessGone(files.keep({ fileId, keeper }))
        : await unlessGone(files.release({ fileId, keeper, deleteAfter }))
    await store.markApplied(tx, each, sizes.get(fileId))
    if (done === undefined) await noteGone(tools, tx, fileId, undefined)
  }
  await tellDates(
    tx,
    held.filter(({ redated }) => redated),
  )
  return held.length
}

/** Tells until when models of ended orders stay now: what belongs to a mesh, such as the file it came from, goes with it. */
async function tellDates(tx: Tx, held: readonly store.HeldFile[]): Promise<void> {
  const ended = new Map(held.filter(({ isOrder }) => isOrder).map((each) => [each.holderId, each]))
  for (const [orderId, { outcome, deleteAfter }] of ended)
    if (outcome && deleteAfter)
      emit(tx, shop, 'order.closed', {
        orderId,
        outcome,
        files: await store.filesOfEnded(tx, orderId, deleteAfter),
        deleteAfter: deleteAfter.toISOString(),
      })
}

/** A file is gone: the orders that had it say so in their timelines. */
export async function noteGone(
  tools: Tools,
  tx: Tx,
  fileId: string,
  bytes: number | undefined,
): Promise<void> {
  for (const held of await store.markGone(tx, fileId, bytes, tools.now())) {
    const order = held.isOrder ? await findOrder(tx, held.holderId) : undefined
    if (!order) continue
    note({ newId: tools.newId, now: tools.now }, tx, order, 'file.gone', {
      actor: 'system',
      data: { name: held.name, bytes: held.bytes },
    })
    tell(tx, order)
  }
}
