import { decodeCursor, encodeCursor } from '@pleiad/platform/cursor'
import { defineRoutes, emit } from '@pleiad/platform/service'
import { workshop } from './contract.ts'
import { createGadget, updateGadget, viewGadget } from './gadgets.ts'
import * as store from './store.ts'

export const routes = defineRoutes(workshop, () => ({
  createGadget: async ({ transact, body, caller, newId, now, count }) => {
    const created = await transact(async (tx) => {
      const gadget = createGadget(newId(), caller.id, body.name, now())
      await store.insertGadget(tx, gadget)
      emit(tx, workshop, 'gadget.created', {
        gadgetId: gadget.gadgetId,
        ownerId: gadget.ownerId,
        name: gadget.name,
      })
      return gadget
    })
    count('gadgetsCreated')
    return viewGadget(created)
  },

  listGadgets: async ({ sql, query, caller }) => {
    const { cursor, limit = 25 } = query
    const before = cursor === undefined ? undefined : String(decodeCursor(cursor, 1)[0])
    const found = await store.listGadgets(sql, caller.id, before, limit + 1)
    const items = found.slice(0, limit)
    const last = items.at(-1)
    return {
      items: items.map(viewGadget),
      ...(found.length > limit && last ? { next: encodeCursor([last.gadgetId]) } : {}),
    }
  },

  getGadget: async ({ sql, params, caller, fail }) => {
    const gadget = await store.findGadget(sql, caller.id, params.gadgetId)
    return gadget ? viewGadget(gadget) : fail('notFound')
  },

  updateGadget: ({ transact, params, body, caller, ifMatch, now, fail }) =>
    transact(async (tx) => {
      const gadget = await store.lockGadget(tx, caller.id, params.gadgetId)
      if (!gadget) return fail('notFound')
      const changed = updateGadget(gadget, body, ifMatch, now())
      if (!changed) return fail('preconditionFailed')
      await store.saveGadget(tx, changed)
      return viewGadget(changed)
    }),
}))
