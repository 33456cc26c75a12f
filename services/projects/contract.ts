/** Projects: what a team builds apps in. Members, invitations, environments, keys of programs, activity. */
import { defineContract } from '@pleiad/platform/contract'
import { administrationOperations } from './contract-administration.ts'
import { environmentOperations } from './contract-environments.ts'
import { projectsErrors } from './contract-errors.ts'
import { projectsEvents } from './contract-events.ts'
import { memberOperations } from './contract-members.ts'
import { projectOperations } from './contract-projects.ts'

export {
  type ActivityEntry,
  type AnyProject,
  DEFAULT_ACCENT,
  type Environment,
  type EnvironmentSettings,
  type Invitation,
  type ListedProject,
  type Member,
  type Project,
  type ProjectKey,
} from './contract-schemas.ts'

export const projects = defineContract({
  name: 'projects',
  version: '1.0.0',
  summary: 'Projects of teams: members and roles, invitations, environments, keys of programs, activity.',
  operations: {
    ...projectOperations,
    ...administrationOperations,
    ...memberOperations,
    ...environmentOperations,
  },
  events: projectsEvents,
  errors: projectsErrors,
  permissions: {
    'projects:manage': 'List all projects and appoint owners',
  },
  scopes: {
    'project:read': 'Read the project’s name and look, and the settings of the program’s environment',
  },
})
