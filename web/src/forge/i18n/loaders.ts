/** The words of Forge: one entry per part, which loads with the part's pages. Each part's words stand under its own name. */
import type editor from './en/editor.ts'
import type orders from './en/orders.ts'
import type production from './en/production.ts'
import type shop from './en/shop.ts'

export type ForgeWords = typeof shop & typeof editor & typeof orders & typeof production

export const forgeLoaders = {
  shop: { en: () => import('./en/shop.ts'), ru: () => import('./ru/shop.ts') },
  editor: { en: () => import('./en/editor.ts'), ru: () => import('./ru/editor.ts') },
  production: { en: () => import('./en/production.ts'), ru: () => import('./ru/production.ts') },
  orders: { en: () => import('./en/orders.ts'), ru: () => import('./ru/orders.ts') },
}
