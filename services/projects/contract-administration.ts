/** Operations of administrators of the platform, on all projects. */
import { type Operation, pageOf, Type } from '@pleiad/platform/contract'
import { acme, anna, listing, projectParams } from './contract-projects.ts'
import { AnyProject, UserId } from './contract-schemas.ts'

export const administrationOperations = {
  listAllProjects: {
    method: 'GET',
    path: '/all',
    summary: 'All projects, newest first, for administrators of the platform',
    access: { permission: 'projects:manage' },
    query: Type.Object({
      ...listing,
      ownerless: Type.Optional(Type.Boolean({ description: 'Only those that lost their last owner' })),
    }),
    returns: pageOf(AnyProject),
    example: { query: { search: 'acm', limit: 25 } },
  },
  appointOwner: {
    method: 'POST',
    path: '/all/:projectId/owners',
    summary: 'Make a person owner of any project, for administrators of the platform',
    description:
      'For projects whose owners are gone or out of reach. It stands in the project’s activity log.',
    access: { permission: 'projects:manage' },
    params: projectParams,
    body: Type.Object({ userId: UserId }, { additionalProperties: false }),
    returns: AnyProject,
    errors: ['projectBeingDeleted'],
    example: { params: { projectId: acme }, body: { userId: anna } },
  },
} as const satisfies Record<string, Operation>
