import { defineService } from '@pleiad/platform/service'
import { Profiles } from '@pleiad/users/rpc'
import { projects } from './contract.ts'
import { handlers } from './handlers.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'
import { keySource } from './routes-keys.ts'
import { logoMount } from './routes-logos.ts'
import { type Own, start } from './service-own.ts'
import { settings } from './settings.ts'
import { entriesBy } from './store-activity.ts'
import { keysMadeBy } from './store-keys.ts'
import { findPeople, membershipsOf, roleOf } from './store-members.ts'

/** Entries of the activity log in a person's export. */
const EXPORTED_ENTRIES = 1000

export default defineService<typeof projects, typeof settings, Own>({
  contract: projects,
  url: import.meta.url,
  settings,
  constraints: {
    slugs_taken: 'slugTaken',
    projects_slug: 'slugTaken',
    invitations_open: 'alreadyInvited',
    environments_name: 'environmentExists',
  },
  metrics: {
    projects_created_total: { description: 'Projects created' },
    projects_orphaned_total: { description: 'Projects archived because their last owner was erased' },
    invitations_total: { description: 'Invitations by what happened to them', labels: ['what'] },
  },
  start,
  routes,
  handlers,
  jobs,
  calls: [Profiles],
  credentials: (tools) => [keySource(tools)],
  membership: ({ sql }) => ({ roleOf: (projectId, userId) => roleOf(sql, projectId, userId) }),
  mounts: (tools) => ({ '/logos/': logoMount(tools) }),
  personalData: async ({ sql }, _own, userId) => {
    const memberships = await membershipsOf(sql, userId)
    const name = (await findPeople(sql, [userId])).get(userId)
    const activity = await entriesBy(sql, userId, EXPORTED_ENTRIES)
    if (memberships.length === 0 && activity.length === 0 && !name?.username) return undefined
    const ids = memberships.map(({ projectId }) => projectId)
    return { name, memberships, keys: await keysMadeBy(sql, ids, userId), activity }
  },
})
