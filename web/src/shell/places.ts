/** Where one can go: the navigation, the command palette and the home page are made of this list. */
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
import { atlasAdminPlaces, atlasPlaces } from '../atlas/places.ts'
import { forgePlaces } from '../forge/places.ts'
import { useMay } from '../me.ts'
import { useRuns } from '../services.ts'

export const places = [
  { to: '/', name: 'home', icon: IconHome, section: 'main' },
  { to: '/notifications', name: 'notifications', icon: IconBell, section: 'main' },
  ...atlasPlaces,
  ...forgePlaces,
  { to: '/profile', name: 'profile', icon: IconUser, section: 'account' },
  { to: '/security', name: 'security', icon: IconShieldLock, section: 'account' },
  { to: '/sessions', name: 'sessions', icon: IconDevices, section: 'account' },
  { to: '/tokens', name: 'tokens', icon: IconKey, section: 'account' },
  { to: '/settings', name: 'settings', icon: IconSettings, section: 'account' },
  { to: '/data', name: 'data', icon: IconDatabaseExport, section: 'account' },
  { to: '/admin/users', name: 'users', icon: IconUsers, section: 'admin', permission: 'users:read' },
  ...atlasAdminPlaces,
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
/** A product is a section of its own. */
export const products = ['atlas', 'forge'] as const
export const sections = ['main', ...products, 'account', 'admin'] as const

/** The places this person can open, of the services that run. */
export function usePlaces(): readonly Place[] {
  const may = useMay()
  const runs = useRuns()
  return places.filter(
    (place) =>
      (!('permission' in place) || [place.permission].flat().some(may)) &&
      (!('service' in place) || runs(place.service)),
  )
}
