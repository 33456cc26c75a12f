/** All operations of projects; each file holds those of one noun. */
import { defineRoutes } from '@pleiad/platform/service'
import { projects } from './contract.ts'
import { activityRoutes } from './routes-activity.ts'
import { administrationRoutes } from './routes-administration.ts'
import { environmentRoutes } from './routes-environments.ts'
import { invitationRoutes } from './routes-invitations.ts'
import { keyRoutes } from './routes-keys.ts'
import { lifecycleRoutes } from './routes-lifecycle.ts'
import { logoRoutes } from './routes-logos.ts'
import { memberRoutes } from './routes-members.ts'
import { projectRoutes } from './routes-projects.ts'
import type { Own } from './service-own.ts'

export const routes = defineRoutes<typeof projects, Own>(projects, (own) => ({
  ...projectRoutes(own),
  ...lifecycleRoutes(own),
  ...logoRoutes(own),
  ...memberRoutes(own),
  ...invitationRoutes(own),
  ...environmentRoutes(own),
  ...keyRoutes(own),
  ...activityRoutes(own),
  ...administrationRoutes(own),
}))
