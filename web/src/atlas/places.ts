/** Where one can go in Atlas from anywhere; the navigation, the palette and the home page show it. */
import { IconPlanet } from '@tabler/icons-react'

export const atlasPlaces = [
  { to: '/atlas', name: 'projects', icon: IconPlanet, section: 'atlas', service: 'projects' },
] as const

/** Those of administrators of the platform. */
export const atlasAdminPlaces = [
  {
    to: '/admin/projects',
    name: 'allProjects',
    icon: IconPlanet,
    section: 'admin',
    permission: 'projects:manage',
    service: 'projects',
  },
] as const
