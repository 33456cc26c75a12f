/** Where one can go: the navigation and the command palette are made of this list. */
import {
  IconActivityHeartbeat,
  IconBell,
  IconDatabaseExport,
  IconDevices,
  IconHistory,
  IconHome,
  IconKey,
  IconMailbox,
  IconMailOff,
  IconSettings,
  IconShieldLock,
  IconTopologyStar3,
  IconUser,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react'

export const places = [
  { to: '/', name: 'home', icon: IconHome, section: 'main' },
  { to: '/notifications', name: 'notifications', icon: IconBell, section: 'main' },
  { to: '/profile', name: 'profile', icon: IconUser, section: 'account' },
  { to: '/security', name: 'security', icon: IconShieldLock, section: 'account' },
  { to: '/sessions', name: 'sessions', icon: IconDevices, section: 'account' },
  { to: '/tokens', name: 'tokens', icon: IconKey, section: 'account' },
  { to: '/settings', name: 'settings', icon: IconSettings, section: 'account' },
  { to: '/data', name: 'data', icon: IconDatabaseExport, section: 'account' },
  { to: '/admin/users', name: 'users', icon: IconUsers, section: 'admin', permission: 'users:read' },
  { to: '/admin/roles', name: 'roles', icon: IconUsersGroup, section: 'admin', permission: 'auth:roles' },
  { to: '/admin/audit', name: 'audit', icon: IconHistory, section: 'admin', permission: 'auth:audit' },
  { to: '/admin/mail', name: 'mail', icon: IconMailbox, section: 'admin', permission: 'mail:read' },
  { to: '/admin/map', name: 'map', icon: IconTopologyStar3, section: 'admin', permission: 'operations:read' },
  {
    to: '/admin/dead-letters',
    name: 'deadLetters',
    icon: IconMailOff,
    section: 'admin',
    permission: 'operations:read',
  },
  {
    to: '/admin/health',
    name: 'health',
    icon: IconActivityHeartbeat,
    section: 'admin',
    permission: 'operations:read',
  },
] as const

export type Place = (typeof places)[number]
export const sections = ['main', 'account', 'admin'] as const

/** The places a person with `may` can open. */
export function placesFor(may: (permission: string) => boolean): readonly Place[] {
  return places.filter((place) => !('permission' in place) || may(place.permission))
}
