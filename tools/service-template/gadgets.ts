/** What may happen to a gadget: pure functions, time passed in. */
import type { Gadget } from './contract.ts'

/** A gadget as it is kept. */
export interface OwnedGadget {
  readonly gadgetId: string
  readonly ownerId: string
  readonly name: string
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

export function createGadget(gadgetId: string, ownerId: string, name: string, now: Date): OwnedGadget {
  return { gadgetId, ownerId, name: name.trim(), version: 1, createdAt: now, updatedAt: now }
}

/** The changed gadget, or undefined when `readVersion` is not the current one: somebody was faster. */
export function updateGadget(
  gadget: OwnedGadget,
  change: { readonly name: string },
  readVersion: string,
  now: Date,
): OwnedGadget | undefined {
  if (readVersion !== String(gadget.version)) return undefined
  return { ...gadget, name: change.name.trim(), version: gadget.version + 1, updatedAt: now }
}

/** A gadget as its owner sees it. */
export function viewGadget({ gadgetId, name, version, createdAt, updatedAt }: OwnedGadget): Gadget {
  return { gadgetId, name, version, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() }
}
