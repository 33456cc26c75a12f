/** Puts price books into force. */
import { emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { defaultBook } from '@pleiad/workshop/price/default-book'
import { catalogueOf } from './books.ts'
import { mes } from './contract.ts'
import * as store from './store-books.ts'

/**
 * Puts a version into force from `from`; whoever calls holds the timeline (`lockBooks`). What begins now is announced at
 * once, what begins later when it does.
 */
export async function putIntoForce(
  tx: Tx,
  version: number,
  period: { readonly from: Date; readonly until: Date | null },
  by: string | null,
  now: Date,
): Promise<void> {
  const { resumed } = await store.layPeriod(tx, version, period.from, period.until)
  await store.notePublished(tx, version, by, now)
  await store.noteChange(tx, { version, at: now, by, change: 'published', paths: [] })
  if (period.from <= now) await announce(tx, period.from)
  else due(tx, version, period.from)
  if (period.until && resumed !== undefined) due(tx, resumed, period.until)
}

function due(tx: Tx, version: number, from: Date): void {
  emit(tx, mes, 'pricebook.due', { validFrom: from.toISOString(), version }, { at: from })
}

/** Announces the period that begins at `from`, unless it was taken out or another has begun since. */
export async function announce(tx: Tx, from: Date, version?: number): Promise<void> {
  const period = await store.findInForce(tx, from)
  if (!period || period.from.getTime() !== from.getTime()) return
  if (version !== undefined && period.version !== version) return
  const book = await store.findContent(tx, period.version)
  if (book) emit(tx, mes, 'pricebook.published', catalogueOf(period.version, book, period.from, period.until))
}

/** Announces what is in force once more, for whoever did not listen yet. */
export async function announceAgain(tx: Tx, now: Date): Promise<void> {
  const period = await store.findInForce(tx, now)
  if (period) await announce(tx, period.from)
}

/** The first start: the book that comes with the system is in force, so that there is a catalogue. */
export async function publishFirst({ transact, now, log }: Tools): Promise<void> {
  await transact(async (tx) => {
    await store.lockBooks(tx)
    if (await store.findInForce(tx, now())) return
    const at = now()
    const { version } = await store.insertBook(tx, { note: '', book: defaultBook, by: null, at })
    await store.noteChange(tx, { version, at, by: null, change: 'created', paths: [] })
    await putIntoForce(tx, version, { from: at, until: null }, null, at)
    log.info({ version }, 'the price book that comes with the system is in force')
  })
}
