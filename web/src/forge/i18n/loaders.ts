/** The words of Forge: one entry per part, which loads with the part's pages. Each part's words stand under its own name. */
import type editor from './en/editor.ts'
import type office from './en/office.ts'
import type orders from './en/orders.ts'
import type partners from './en/partners.ts'
import type prices from './en/prices.ts'
import type production from './en/production.ts'
import type shop from './en/shop.ts'

export type ForgeWords = typeof editor &
  typeof office &
  typeof orders &
  typeof partners &
  typeof prices &
  typeof production &
  typeof shop

export const forgeLoaders = {
  shop: { en: () => import('./en/shop.ts'), ru: () => import('./ru/shop.ts') },
  editor: { en: () => import('./en/editor.ts'), ru: () => import('./ru/editor.ts') },
  office: { en: () => import('./en/office.ts'), ru: () => import('./ru/office.ts') },
  production: { en: () => import('./en/production.ts'), ru: () => import('./ru/production.ts') },
  orders: { en: () => import('./en/orders.ts'), ru: () => import('./ru/orders.ts') },
  partners: { en: () => import('./en/partners.ts'), ru: () => import('./ru/partners.ts') },
  prices: { en: () => import('./en/prices.ts'), ru: () => import('./ru/prices.ts') },
}
