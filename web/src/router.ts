/** Every page and its address. Pages load when they are first shown. */
import { createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { allProjectsRoute, atlasRoutes, invitationRoute } from './atlas/routes.ts'
import { forgeRoutes, wallRoute } from './forge/routes.ts'
import { app, door, root } from './frames.ts'
import { hostedRoutes } from './hosted/routes.ts'
import { isSignedIn } from './session.ts'
import { PageFailed, PagePending } from './shell/fallbacks.tsx'

/** Where to go after signing in: an address of this app only, so that a link cannot lead elsewhere. */
function localAddress(value: unknown): string | undefined {
  return typeof value === 'string' && /^\/(?![/\\])/.test(value) ? value : undefined
}

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const signIn = createRoute({
  getParentRoute: () => door,
  path: '/sign-in',
  validateSearch: (search): { to?: string } => ({ to: localAddress(search.to) }),
  beforeLoad: ({ search }) => {
    if (isSignedIn()) throw redirect({ href: search.to ?? '/' })
  },
  component: lazyRouteComponent(() => import('./sign/sign-in.tsx'), 'SignIn'),
})
const signUp = createRoute({
  getParentRoute: () => door,
  path: '/sign-up',
  validateSearch: (search): { to?: string } => ({ to: localAddress(search.to) }),
  component: lazyRouteComponent(() => import('./sign/sign-up.tsx'), 'SignUp'),
})
const setup = createRoute({
  getParentRoute: () => door,
  path: '/setup',
  validateSearch: (search): { code?: string } => ({ code: text(search.code) }),
  component: lazyRouteComponent(() => import('./sign/setup.tsx'), 'Setup'),
})
const forgot = createRoute({
  getParentRoute: () => door,
  path: '/forgot-password',
  component: lazyRouteComponent(() => import('./sign/password.tsx'), 'ForgotPassword'),
})
const reset = createRoute({
  getParentRoute: () => door,
  path: '/reset-password',
  component: lazyRouteComponent(() => import('./sign/password.tsx'), 'ResetPassword'),
})
const verify = createRoute({
  getParentRoute: () => door,
  path: '/verify-email',
  component: lazyRouteComponent(() => import('./sign/links.tsx'), 'VerifyEmail'),
})
const confirmEmail = createRoute({
  getParentRoute: () => door,
  path: '/confirm-email-change',
  component: lazyRouteComponent(() => import('./sign/links.tsx'), 'ConfirmEmail'),
})

const home = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('./home/home.tsx'), 'Home'),
})
const notifications = createRoute({
  getParentRoute: () => app,
  path: '/notifications',
  component: lazyRouteComponent(() => import('./notifications/page.tsx'), 'NotificationsPage'),
})
const profile = createRoute({
  getParentRoute: () => app,
  path: '/profile',
  component: lazyRouteComponent(() => import('./account/profile.tsx'), 'Profile'),
})
const security = createRoute({
  getParentRoute: () => app,
  path: '/security',
  component: lazyRouteComponent(() => import('./account/security.tsx'), 'Security'),
})
const sessions = createRoute({
  getParentRoute: () => app,
  path: '/sessions',
  component: lazyRouteComponent(() => import('./account/sessions.tsx'), 'Sessions'),
})
const tokens = createRoute({
  getParentRoute: () => app,
  path: '/tokens',
  component: lazyRouteComponent(() => import('./account/tokens.tsx'), 'Tokens'),
})
const settings = createRoute({
  getParentRoute: () => app,
  path: '/settings',
  component: lazyRouteComponent(() => import('./account/settings.tsx'), 'Settings'),
})
const privacy = createRoute({
  getParentRoute: () => app,
  path: '/data',
  component: lazyRouteComponent(() => import('./account/data.tsx'), 'MyData'),
})

const users = createRoute({
  getParentRoute: () => app,
  path: '/admin/users',
  component: lazyRouteComponent(() => import('./admin/users.tsx'), 'Users'),
})
const roles = createRoute({
  getParentRoute: () => app,
  path: '/admin/roles',
  component: lazyRouteComponent(() => import('./admin/roles.tsx'), 'Roles'),
})
const audit = createRoute({
  getParentRoute: () => app,
  path: '/admin/audit',
  component: lazyRouteComponent(() => import('./admin/audit.tsx'), 'Audit'),
})
const outbox = createRoute({
  getParentRoute: () => app,
  path: '/admin/mail',
  component: lazyRouteComponent(() => import('./admin/mail.tsx'), 'Mail'),
})
const map = createRoute({
  getParentRoute: () => app,
  path: '/admin/map',
  component: lazyRouteComponent(() => import('./admin/map.tsx'), 'SystemMap'),
})
const deadLetters = createRoute({
  getParentRoute: () => app,
  path: '/admin/dead-letters',
  component: lazyRouteComponent(() => import('./admin/dead-letters.tsx'), 'DeadLetters'),
})
const health = createRoute({
  getParentRoute: () => app,
  path: '/admin/health',
  component: lazyRouteComponent(() => import('./admin/health.tsx'), 'Health'),
})

export const router = createRouter({
  routeTree: root.addChildren([
    door.addChildren([signIn, signUp, setup, forgot, reset, verify, confirmEmail, invitationRoute]),
    app.addChildren([
      home,
      notifications,
      profile,
      security,
      sessions,
      tokens,
      settings,
      privacy,
      users,
      roles,
      audit,
      outbox,
      map,
      deadLetters,
      health,
      allProjectsRoute,
      atlasRoutes,
      forgeRoutes,
    ]),
    wallRoute,
    ...hostedRoutes,
  ]),
  defaultPreload: 'intent',
  defaultPendingMs: 80,
  defaultPendingMinMs: 200,
  defaultPendingComponent: PagePending,
  defaultErrorComponent: PageFailed,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
