/** The frames that pages stand in: before the door, and the app behind it. `router.ts` puts the pages into them. */
import { createRootRoute, createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { queryClient } from './api.ts'
import { servicesQuery } from './services.ts'
import { isSignedIn } from './session.ts'
import { NotFound } from './shell/fallbacks.tsx'

export const root = createRootRoute({ notFoundComponent: NotFound })

export const door = createRoute({
  getParentRoute: () => root,
  id: 'door',
  component: lazyRouteComponent(() => import('./shell/sign-layout.tsx'), 'SignLayout'),
})

export const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: ({ location }) => {
    if (!isSignedIn())
      throw redirect({ to: '/sign-in', search: location.href === '/' ? {} : { to: location.href } })
    // Asked while the frame loads, so that the navigation is whole when it appears.
    void queryClient.prefetchQuery(servicesQuery)
  },
  component: lazyRouteComponent(() => import('./shell/app-layout.tsx'), 'AppLayout'),
})
