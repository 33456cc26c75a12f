/** Pages that the people of a project see, at the issuer's own addresses: no session of the platform, no frame of it. */
import { createRoute, lazyRouteComponent } from '@tanstack/react-router'
import { root } from '../frames.ts'
import { loadWords } from '../i18n/i18n.ts'

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined
const beforeLoad = () => loadWords('hosted')

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/oidc/$handle/sign-in/$uid',
  validateSearch: (search): { ticket?: string; error?: string } => ({
    ticket: text(search.ticket),
    error: text(search.error),
  }),
  beforeLoad,
  component: lazyRouteComponent(() => import('./sign-in.tsx'), 'HostedSignIn'),
})
const device = createRoute({
  getParentRoute: () => root,
  path: '/oidc/$handle/device',
  validateSearch: (search): { user_code?: string } => ({ user_code: text(search.user_code) }),
  beforeLoad,
  component: lazyRouteComponent(() => import('./device.tsx'), 'DevicePage'),
})
const deviceDone = createRoute({
  getParentRoute: () => root,
  path: '/oidc/$handle/device/done',
  beforeLoad,
  component: lazyRouteComponent(() => import('./device.tsx'), 'DeviceDone'),
})
const setPassword = createRoute({
  getParentRoute: () => root,
  path: '/oidc/$handle/set-password',
  beforeLoad,
  component: lazyRouteComponent(() => import('./set-password.tsx'), 'SetPassword'),
})
const account = createRoute({
  getParentRoute: () => root,
  path: '/oidc/$handle/account',
  validateSearch: (search): { ticket?: string; error?: string } => ({
    ticket: text(search.ticket),
    error: text(search.error),
  }),
  beforeLoad,
  component: lazyRouteComponent(() => import('./account.tsx'), 'AccountPage'),
})
const problem = createRoute({
  getParentRoute: () => root,
  path: '/oauth/problem',
  validateSearch: (search): { code?: string; request?: string } => ({
    code: text(search.code),
    request: text(search.request),
  }),
  beforeLoad,
  component: lazyRouteComponent(() => import('./problem-page.tsx'), 'ProblemPage'),
})
const tryIt = createRoute({
  getParentRoute: () => root,
  path: '/try/$handle',
  validateSearch: (search): { app?: string } => ({ app: text(search.app) }),
  beforeLoad,
  component: lazyRouteComponent(() => import('./try.tsx'), 'TryPage'),
})

export const hostedRoutes = [tryIt, signIn, device, deviceDone, setPassword, account, problem] as const
