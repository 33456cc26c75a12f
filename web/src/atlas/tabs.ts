/** The pages of a project, in the order in which one sets it up; the frame and the palette show them. */
import { hasRole, type ProjectRole } from '@pleiad/platform/contract'

/** `environment`: the page looks at one environment. `role`: nobody below it can see anything there. */
export const tabs = [
  { to: '/atlas/$slug', name: 'overview', environment: true },
  { to: '/atlas/$slug/quick-start', name: 'quickStart', environment: true },
  { to: '/atlas/$slug/apps', name: 'apps', environment: true },
  { to: '/atlas/$slug/providers', name: 'providers', environment: true },
  { to: '/atlas/$slug/users', name: 'users', environment: true },
  { to: '/atlas/$slug/connections', name: 'connections', environment: true },
  { to: '/atlas/$slug/webhooks', name: 'webhooks', environment: true },
  { to: '/atlas/$slug/sign-in', name: 'signIn', environment: true },
  { to: '/atlas/$slug/keys', name: 'keys', environment: true, role: 'developer' },
  { to: '/atlas/$slug/members', name: 'members', environment: false },
  { to: '/atlas/$slug/environments', name: 'environments', environment: false },
  { to: '/atlas/$slug/activity', name: 'activity', environment: false },
  { to: '/atlas/$slug/settings', name: 'settings', environment: false },
] as const

/** The pages that somebody of this role can see. */
export function tabsOf(role: ProjectRole | undefined): readonly (typeof tabs)[number][] {
  return tabs.filter((tab) => !('role' in tab) || (role !== undefined && hasRole(role, tab.role)))
}
