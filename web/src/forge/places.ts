/** Where one can go in Forge from anywhere: one list per part. The navigation, the palette and the home page show them. */
import { IconBox, IconCube, IconHammer, IconReceipt, IconShoppingCart } from '@tabler/icons-react'

const customer = [
  { to: '/forge/models', name: 'models', icon: IconCube, section: 'forge', service: 'editor' },
  { to: '/forge/items', name: 'items', icon: IconBox, section: 'forge', service: 'shop' },
  { to: '/forge/cart', name: 'cart', icon: IconShoppingCart, section: 'forge', service: 'shop' },
  { to: '/forge/orders', name: 'orders', icon: IconReceipt, section: 'forge', service: 'shop' },
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
export const forgePlaces = [...customer, ...production] as const
