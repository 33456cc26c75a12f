/** The addresses of Atlas. Its pages and its words load when one of them is first shown. */
import { createRoute, lazyRouteComponent, notFound, retainSearchParams } from '@tanstack/react-router'
import { queryClient } from '../api.ts'
import { app, door } from '../frames.ts'
import { loadWords } from '../i18n/i18n.ts'
import { runs } from '../services.ts'
import { connectionFilter, uuidPattern } from './connection-filter.ts'
import { projectQuery } from './project.ts'

const atlas = createRoute({
  getParentRoute: () => app,
  path: '/atlas',
  beforeLoad: async () => {
    const [there] = await Promise.all([runs('projects'), loadWords('atlas')])
    if (!there) throw notFound()
  },
})

const projects = createRoute({
  getParentRoute: () => atlas,
  path: '/',
  component: lazyRouteComponent(() => import('./projects.tsx'), 'Projects'),
})

/** Among the pages of administrators; the server asks for the permission. */
export const allProjectsRoute = createRoute({
  getParentRoute: () => app,
  path: '/admin/projects',
  beforeLoad: async () => {
    const [there] = await Promise.all([runs('projects'), loadWords('atlas')])
    if (!there) throw notFound()
  },
  component: lazyRouteComponent(() => import('./all-projects.tsx'), 'AllProjects'),
})

const project = createRoute({
  getParentRoute: () => atlas,
  path: '/$slug',
  validateSearch: (search): { env?: string } =>
    typeof search.env === 'string' && search.env !== 'production' ? { env: search.env } : {},
  search: { middlewares: [retainSearchParams(['env'])] },
  loader: ({ params }) => void queryClient.prefetchQuery(projectQuery(params.slug)),
  component: lazyRouteComponent(() => import('./project-frame.tsx'), 'ProjectFrame'),
})
const overview = createRoute({
  getParentRoute: () => project,
  path: '/',
  component: lazyRouteComponent(() => import('./overview.tsx'), 'Overview'),
})
const signIn = createRoute({
  getParentRoute: () => project,
  path: '/sign-in',
  component: lazyRouteComponent(() => import('./sign-in-settings.tsx'), 'SignInSettingsPage'),
})
const quickStart = createRoute({
  getParentRoute: () => project,
  path: '/quick-start',
  validateSearch: (search): { app?: string } => (typeof search.app === 'string' ? { app: search.app } : {}),
  component: lazyRouteComponent(() => import('./quick-start.tsx'), 'QuickStart'),
})
const apps = createRoute({
  getParentRoute: () => project,
  path: '/apps',
  component: lazyRouteComponent(() => import('./apps.tsx'), 'Apps'),
})
const providers = createRoute({
  getParentRoute: () => project,
  path: '/providers',
  component: lazyRouteComponent(() => import('./providers.tsx'), 'Providers'),
})
const users = createRoute({
  getParentRoute: () => project,
  path: '/users',
  validateSearch: (search): { user?: string } =>
    typeof search.user === 'string' && uuidPattern.test(search.user) ? { user: search.user } : {},
  component: lazyRouteComponent(() => import('./users.tsx'), 'EndUsers'),
})
const connections = createRoute({
  getParentRoute: () => project,
  path: '/connections',
  validateSearch: connectionFilter,
  component: lazyRouteComponent(() => import('./connections.tsx'), 'Connections'),
})
const webhooks = createRoute({
  getParentRoute: () => project,
  path: '/webhooks',
  component: lazyRouteComponent(() => import('./webhooks.tsx'), 'Webhooks'),
})
const keys = createRoute({
  getParentRoute: () => project,
  path: '/keys',
  component: lazyRouteComponent(() => import('./keys.tsx'), 'Keys'),
})
const members = createRoute({
  getParentRoute: () => project,
  path: '/members',
  component: lazyRouteComponent(() => import('./members.tsx'), 'Members'),
})
const environments = createRoute({
  getParentRoute: () => project,
  path: '/environments',
  component: lazyRouteComponent(() => import('./environments.tsx'), 'Environments'),
})
const activity = createRoute({
  getParentRoute: () => project,
  path: '/activity',
  component: lazyRouteComponent(() => import('./activity.tsx'), 'Activity'),
})
const settings = createRoute({
  getParentRoute: () => project,
  path: '/settings',
  component: lazyRouteComponent(() => import('./settings.tsx'), 'ProjectSettings'),
})

export const atlasRoutes = atlas.addChildren([
  projects,
  project.addChildren([
    overview,
    signIn,
    quickStart,
    apps,
    providers,
    users,
    connections,
    webhooks,
    keys,
    members,
    environments,
    activity,
    settings,
  ]),
])

/** Stands before the door: whoever has the link may look, signed in or not. */
export const invitationRoute = createRoute({
  getParentRoute: () => door,
  path: '/invitation',
  beforeLoad: () => loadWords('atlas'),
  component: lazyRouteComponent(() => import('./invitation.tsx'), 'InvitationPage'),
})
