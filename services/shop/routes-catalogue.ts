/** Catalogue, ready-made items, terms and the customer's own details. */
import type { buying } from './contract-buying.ts'
import type { managing } from './contract-managing.ts'
import { type Part, pageFrom, placeFrom } from './routes-part.ts'
import { pricesNow } from './service-carts.ts'
import { checkPictures, keepPictures } from './service-pictures.ts'
import { configOf } from './settings.ts'
import * as store from './store-catalogue.ts'
import { emptyCatalogue } from './views.ts'

type Operations = Pick<
  typeof buying,
  'getCatalogue' | 'listItems' | 'getItem' | 'getTerms' | 'getProfile' | 'saveProfile'
> &
  Pick<typeof managing, 'manageItems' | 'createItem' | 'updateItem'>

export const catalogueRoutes: Part<Operations> = (own) => ({
  getCatalogue: async (call) =>
    (await store.findCatalogue(call.sql)) ?? emptyCatalogue(configOf(call).SHOP_CURRENCY),

  listItems: async ({ sql, query: { cursor, limit = 25 } }) => {
    const found = await store.listItems(sql, { all: false, after: placeFrom(cursor), limit: limit + 1 })
    return pageFrom(
      found,
      limit,
      (item) => item,
      ({ sku }) => [sku],
    )
  },

  getItem: async ({ sql, params, fail }) => (await store.findItem(sql, params.sku)) ?? fail('notFound'),

  getTerms: async (call) => {
    const config = configOf(call)
    return {
      currency: (await pricesNow(call, call.sql)).currency,
      payments: [...own.providers.values()].map(({ method }) => method),
      deliveries: [
        { method: 'pickup', price: 0 },
        { method: 'post', price: config.SHOP_POST_PRICE },
        { method: 'courier', price: config.SHOP_COURIER_PRICE },
      ],
      quoteDays: config.SHOP_QUOTE_DAYS,
      leadDays: config.SHOP_LEAD_DAYS,
    }
  },

  getProfile: async ({ sql, caller }) => {
    const known = await store.findCustomer(sql, caller.id)
    const fresh = {
      name: known?.displayName ?? '',
      email: known?.email ?? '',
      company: '',
      phone: '',
      addresses: [],
    }
    return { ...fresh, ...known?.profile, version: known?.version ?? 0 }
  },

  saveProfile: ({ transact, caller, body, ifMatch, fail }) =>
    transact(async (tx) => {
      const known = await store.findCustomer(tx, caller.id)
      if (ifMatch !== String(known?.version ?? 0)) return fail('preconditionFailed')
      const version = await store.saveProfile(tx, caller.id, known?.version ?? 0, body)
      return version === undefined ? fail('preconditionFailed') : { ...body, version }
    }),

  manageItems: async ({ sql, query: { cursor, limit = 25 } }) => {
    const found = await store.listItems(sql, { all: true, after: placeFrom(cursor), limit: limit + 1 })
    return pageFrom(
      found,
      limit,
      (item) => item,
      ({ sku }) => [sku],
    )
  },

  createItem: async (call) => {
    const { transact, newId, now, body, caller, fail } = call
    const errors = await checkPictures(call, caller.id, body.pictures, [])
    if (errors.length > 0) return fail('pictureNotRight', undefined, { errors })
    const itemId = newId()
    const item = await transact((tx) => store.insertItem(tx, itemId, body, now()))
    await keepPictures(call, itemId, body.pictures, [])
    return item
  },

  updateItem: async (call) => {
    const { transact, params, body, ifMatch, caller, now, fail } = call
    const before = (await store.picturesOf(call.sql, params.itemId)) ?? fail('notFound')
    const errors = await checkPictures(call, caller.id, body.pictures, before)
    if (errors.length > 0) return fail('pictureNotRight', undefined, { errors })
    if (!/^\d{1,9}$/.test(ifMatch)) return fail('preconditionFailed')
    const saved = await transact((tx) => store.updateItem(tx, params.itemId, Number(ifMatch), body, now()))
    if (!saved) return fail('preconditionFailed')
    await keepPictures(call, params.itemId, body.pictures, before)
    return saved
  },
})
