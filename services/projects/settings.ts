/** Settings of projects, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

const limit = (value: number, what: string) =>
  Type.Integer({ default: value, minimum: 0, description: `${what}; 0: no limit` })

export const settings = Type.Object({
  PROJECTS_PER_ACCOUNT: limit(20, 'Active projects a person may own who creates or restores one'),
  PROJECTS_MEMBERS: limit(100, 'Members and open invitations of a project'),
  PROJECTS_ENVIRONMENTS: limit(10, 'Environments of a project'),
  PROJECTS_KEYS: limit(50, 'Keys of a project'),
  PROJECTS_INVITATIONS_PER_DAY: limit(50, 'Invitations a project sends by mail in 24 hours'),
  PROJECTS_INVITATION_DAYS: Type.Integer({
    default: 7,
    minimum: 1,
    maximum: 90,
    description: 'Days for which an invitation can be accepted',
  }),
  PROJECTS_DELETE_DAYS: Type.Integer({
    default: 7,
    minimum: 0,
    maximum: 365,
    description: 'Days between deleting a project and its erasure, in which it can be undone',
  }),
  PROJECTS_ACTIVITY_DAYS: Type.Integer({
    default: 365,
    minimum: 1,
    description: 'Days for which the activity of a project is kept',
  }),
})
export type ProjectsConfig = Static<typeof settings>
