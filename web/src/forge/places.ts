/** Where one can go in Forge from anywhere: one list per part. The navigation, the palette and the home page show them. */
import {
  IconBox,
  IconBriefcase,
  IconCoins,
  IconCube,
  IconHammer,
  IconPlugConnected,
  IconReceipt,
  IconShoppingCart,
} from '@tabler/icons-react'

const customer = [
  { to: '/forge/models', name: 'models', icon: IconCube, section: 'forge', service: 'editor' },
  { to: '/forge/items', name: 'items', icon: IconBox, section: 'forge', service: 'shop' },
  { to: '/forge/cart', name: 'cart', icon: IconShoppingCart, section: 'forge', service: 'shop' },
  { to: '/forge/orders', name: 'orders', icon: IconReceipt, section: 'forge', service: 'shop' },
] as const

const office = [
  {
    to: '/forge/office',
    name: 'office',
    icon: IconBriefcase,
    section: 'forge',
    service: 'crm',
    // Each opens a page of the office; the entrance leads there.
    permission: ['orders:confirm', 'customers:read', 'prices:manage', 'shop:manage'],
  },
] as const

const prices = [
  {
    to: '/forge/prices',
    name: 'prices',
    icon: IconCoins,
    section: 'forge',
    permission: 'prices:manage',
    service: 'mes',
  },
] as const

const partners = [
  { to: '/forge/partners', name: 'partners', icon: IconPlugConnected, section: 'forge', service: 'partners' },
] as const

const production = [
  {
    to: '/forge/production',
    name: 'production',
    icon: IconHammer,
    section: 'forge',
    service: 'operators',
    permission: 'production:work',
  },
] as const

/** Each part of Forge adds its list here. */
export const forgePlaces = [...customer, ...office, ...prices, ...partners, ...production] as const
