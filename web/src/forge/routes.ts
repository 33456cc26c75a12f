/** The addresses of Forge: one list per part. Its pages and words load when one of them is first shown. */
import { createRoute, lazyRouteComponent, notFound, redirect } from '@tanstack/react-router'
import { app, root } from '../frames.ts'
import { loadWords } from '../i18n/i18n.ts'
import { runs } from '../services.ts'
import { isSignedIn } from '../session.ts'

/** Shows a page only where its service runs, once the words of its parts are there. */
export async function opens(service: string, ...parts: Parameters<typeof loadWords>[0][]): Promise<void> {
  const [there] = await Promise.all([runs(service), ...parts.map(loadWords)])
  if (!there) throw notFound()
}

const forge = createRoute({ getParentRoute: () => app, path: '/forge' })

const entrance = createRoute({
  getParentRoute: () => forge,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/forge/models' })
  },
})

const models = createRoute({
  getParentRoute: () => forge,
  path: '/models',
  beforeLoad: () => opens('editor', 'shop', 'editor'),
  component: lazyRouteComponent(() => import('./shop/models.tsx'), 'Models'),
})
const model = createRoute({
  getParentRoute: () => forge,
  path: '/models/$modelId',
  beforeLoad: () => opens('editor', 'shop', 'editor'),
  component: lazyRouteComponent(() => import('./editor/model.tsx'), 'ModelPage'),
})
const items = createRoute({
  getParentRoute: () => forge,
  path: '/items',
  beforeLoad: () => opens('shop', 'shop'),
  component: lazyRouteComponent(() => import('./shop/items.tsx'), 'Items'),
})
const cart = createRoute({
  getParentRoute: () => forge,
  path: '/cart',
  beforeLoad: () => opens('shop', 'shop', 'orders'),
  component: lazyRouteComponent(() => import('./shop/cart.tsx'), 'CartPage'),
})
const checkout = createRoute({
  getParentRoute: () => forge,
  path: '/checkout',
  /** `quote`: an order in state quoted that is ordered now, instead of the cart. */
  validateSearch: (search): { quote?: string } =>
    typeof search.quote === 'string' ? { quote: search.quote } : {},
  beforeLoad: () => opens('shop', 'shop', 'orders'),
  component: lazyRouteComponent(() => import('./shop/checkout.tsx'), 'Checkout'),
})
const orders = createRoute({
  getParentRoute: () => forge,
  path: '/orders',
  beforeLoad: () => opens('shop', 'shop', 'orders'),
  component: lazyRouteComponent(() => import('./orders/orders.tsx'), 'Orders'),
})
const order = createRoute({
  getParentRoute: () => forge,
  path: '/orders/$orderId',
  beforeLoad: () => opens('shop', 'shop', 'orders'),
  component: lazyRouteComponent(() => import('./orders/order.tsx'), 'OrderPage'),
})

/** What customers see. */
const customer = [entrance, models, model, items, cart, checkout, orders, order] as const

const production = createRoute({
  getParentRoute: () => forge,
  path: '/production',
  beforeLoad: () => opens('operators', 'shop', 'orders', 'production'),
  component: lazyRouteComponent(() => import('./production/production.tsx'), 'Production'),
})
const board = createRoute({
  getParentRoute: () => production,
  path: '/',
  component: lazyRouteComponent(() => import('./production/board.tsx'), 'BoardPage'),
})

const machines = createRoute({
  getParentRoute: () => production,
  path: '/machines',
  component: lazyRouteComponent(() => import('./production/machines.tsx'), 'Machines'),
})
const machine = createRoute({
  getParentRoute: () => production,
  path: '/machines/$machineId',
  component: lazyRouteComponent(() => import('./production/machine.tsx'), 'MachinePage'),
})
const schedule = createRoute({
  getParentRoute: () => production,
  path: '/schedule',
  component: lazyRouteComponent(() => import('./production/schedule.tsx'), 'Schedule'),
})
const people = createRoute({
  getParentRoute: () => production,
  path: '/people',
  component: lazyRouteComponent(() => import('./production/people.tsx'), 'People'),
})
const figures = createRoute({
  getParentRoute: () => production,
  path: '/figures',
  component: lazyRouteComponent(() => import('./production/figures.tsx'), 'FiguresPage'),
})

/** What operators see. */
const making = [production.addChildren([board, machines, machine, schedule, people, figures])] as const

/** The board on the wall of the workshop, without the frame of the app: nothing on it can be pressed. */
export const wallRoute = createRoute({
  getParentRoute: () => root,
  path: '/forge/production/wall',
  beforeLoad: async ({ location }) => {
    if (!isSignedIn()) throw redirect({ to: '/sign-in', search: { to: location.href } })
    await opens('operators', 'shop', 'orders', 'production')
  },
  component: lazyRouteComponent(() => import('./production/wall.tsx'), 'WallPage'),
})

/** Each part of Forge adds its list here. */
export const forgeRoutes = forge.addChildren([...customer, ...making])
