/** The addresses of Forge: one list per part. Its pages and words load when one of them is first shown. */
import { createRoute, lazyRouteComponent, notFound, redirect } from '@tanstack/react-router'
import { app, root } from '../frames.ts'
import { loadWords } from '../i18n/i18n.ts'
import { runs } from '../services.ts'
import { isSignedIn } from '../session.ts'
import { customersSearch } from './office/customers-search.ts'
import { inboxSearch } from './office/inbox-search.ts'
import { type PortalTab, portalTabs } from './partners/tabs.ts'

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

const officeFrame = createRoute({
  getParentRoute: () => forge,
  path: '/office',
  beforeLoad: () => opens('crm', 'shop', 'orders', 'office'),
  component: lazyRouteComponent(() => import('./office/frame.tsx'), 'Office'),
})
const inbox = createRoute({
  getParentRoute: () => officeFrame,
  path: '/',
  validateSearch: inboxSearch,
  component: lazyRouteComponent(() => import('./office/inbox.tsx'), 'Inbox'),
})
const officeOrder = createRoute({
  getParentRoute: () => officeFrame,
  path: '/$orderId',
  component: lazyRouteComponent(() => import('./office/order.tsx'), 'OfficeOrder'),
})
const customers = createRoute({
  getParentRoute: () => officeFrame,
  path: '/customers',
  validateSearch: customersSearch,
  component: lazyRouteComponent(() => import('./office/customers.tsx'), 'Customers'),
})
const oneCustomer = createRoute({
  getParentRoute: () => officeFrame,
  path: '/customers/$customerId',
  component: lazyRouteComponent(() => import('./office/customer.tsx'), 'CustomerPage'),
})
const tasks = createRoute({
  getParentRoute: () => officeFrame,
  path: '/tasks',
  component: lazyRouteComponent(() => import('./office/tasks-page.tsx'), 'TasksPage'),
})
const retention = createRoute({
  getParentRoute: () => officeFrame,
  path: '/retention',
  component: lazyRouteComponent(() => import('./office/retention.tsx'), 'Retention'),
})
const pricesWaiting = createRoute({
  getParentRoute: () => officeFrame,
  path: '/prices-waiting',
  component: lazyRouteComponent(() => import('./office/prices-waiting.tsx'), 'PricesWaiting'),
})
const shelf = createRoute({
  getParentRoute: () => officeFrame,
  path: '/items',
  component: lazyRouteComponent(() => import('./office/items.tsx'), 'Shelf'),
})

/** What the office sees. */
const office = [
  officeFrame.addChildren([
    inbox,
    officeOrder,
    customers,
    oneCustomer,
    tasks,
    retention,
    pricesWaiting,
    shelf,
  ]),
] as const

const prices = createRoute({
  getParentRoute: () => forge,
  path: '/prices',
  beforeLoad: () => opens('mes', 'shop', 'prices'),
  component: lazyRouteComponent(() => import('./prices/books.tsx'), 'Books'),
})
const priceBook = createRoute({
  getParentRoute: () => forge,
  path: '/prices/$version',
  beforeLoad: () => opens('mes', 'shop', 'prices'),
  component: lazyRouteComponent(() => import('./prices/book.tsx'), 'BookPage'),
})

/** The price book, for those who keep it. */
const priceBooks = [prices, priceBook] as const

const partners = createRoute({
  getParentRoute: () => forge,
  path: '/partners',
  beforeLoad: () => opens('partners', 'atlas', 'partners'),
  component: lazyRouteComponent(() => import('./partners/partners.tsx'), 'Partners'),
})
const partnerPlans = createRoute({
  getParentRoute: () => forge,
  path: '/partners/plans',
  beforeLoad: () => opens('partners', 'atlas', 'partners'),
  component: lazyRouteComponent(() => import('./partners/plans.tsx'), 'Plans'),
})
const partnerPortal = createRoute({
  getParentRoute: () => forge,
  path: '/partners/project/$slug',
  validateSearch: (search): { tab?: PortalTab; env?: string } => {
    const tab = portalTabs.find((one) => one === search.tab)
    return {
      ...(tab && tab !== 'begin' ? { tab } : {}),
      ...(typeof search.env === 'string' && search.env !== 'production' ? { env: search.env } : {}),
    }
  },
  beforeLoad: () => opens('partners', 'atlas', 'partners'),
  component: lazyRouteComponent(() => import('./partners/portal.tsx'), 'Portal'),
})

/** The partners' API, for members of projects, and its plans. */
const partnerPages = [partners, partnerPlans, partnerPortal] as const
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
export const forgeRoutes = forge.addChildren([
  ...customer,
  ...office,
  ...priceBooks,
  ...partnerPages,
  ...making,
])
