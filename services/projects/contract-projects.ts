/** Operations on projects themselves: from creating one to its end. */
import { type Operation, pageOf, pageQuery, Type } from '@pleiad/platform/contract'
import {
  ActivityEntry,
  HomeUrl,
  ListedProject,
  Project,
  ProjectId,
  ProjectName,
  Quota,
  Scope,
  Slug,
  State,
  SupportEmail,
} from './contract-schemas.ts'

export const acme = '01938a5e-7c00-7000-8000-0000000000b1'
export const anna = '01938a5e-7c00-7000-8000-000000000001'
export const projectParams = Type.Object({ projectId: ProjectId })
/** What refuses a change of a project that rests. */
export const resting = ['projectArchived', 'projectBeingDeleted'] as const

/** What every list of projects takes. */
export const listing = {
  ...pageQuery,
  search: Type.Optional(Type.String({ maxLength: 80, description: 'Part of the name or slug' })),
  state: Type.Optional(State),
}

export const projectOperations = {
  createProject: {
    method: 'POST',
    path: '',
    summary: 'Create a project and become its owner',
    description: 'Environments `production` and `development` exist at once. The slug never changes.',
    access: 'user',
    idempotent: true,
    body: Type.Object({ name: ProjectName, slug: Slug }, { additionalProperties: false }),
    status: 201,
    returns: Project,
    etag: 'version',
    errors: ['slugTaken', 'slugNotAllowed', 'projectNotRight', 'quotaReached'],
    example: { body: { name: 'Acme', slug: 'acme' } },
  },
  listProjects: {
    method: 'GET',
    path: '',
    summary: 'The projects I am a member of, newest first',
    access: 'user',
    query: Type.Object(listing),
    returns: pageOf(ListedProject),
    example: { query: { search: 'acm', state: 'active', limit: 25 } },
  },
  getQuota: {
    method: 'GET',
    path: '/quota',
    summary: 'How many projects I own and may own',
    access: 'user',
    returns: Type.Object({ projects: Quota }),
  },
  listScopes: {
    method: 'GET',
    path: '/scopes',
    summary: 'Every scope a project key can have',
    access: 'user',
    returns: Type.Object({
      items: Type.Array(
        Type.Object({
          scope: Scope,
          service: Type.String({ description: 'The service that offers it' }),
          description: Type.String({ description: 'What it lets a program do' }),
        }),
      ),
    }),
  },
  getProjectBySlug: {
    method: 'GET',
    path: '/by-slug/:slug',
    summary: 'A project of mine by its slug',
    access: 'user',
    params: Type.Object({ slug: Slug }),
    returns: Project,
    etag: 'version',
    example: { params: { slug: 'acme' } },
  },
  getProject: {
    method: 'GET',
    path: '/:projectId',
    summary: 'A project',
    access: { project: 'viewer', scope: 'project:read' },
    params: projectParams,
    returns: Project,
    etag: 'version',
    example: { params: { projectId: acme } },
  },
  updateProject: {
    method: 'PATCH',
    path: '/:projectId',
    summary: 'Rename a project or change its look',
    description: 'Fields left out stay as they are; null clears one.',
    access: { project: 'admin' },
    ifMatch: true,
    params: projectParams,
    body: Type.Object(
      {
        name: Type.Optional(ProjectName),
        accent: Type.Optional(
          Type.String({ pattern: '^#[0-9a-fA-F]{6}$', description: 'Colour, such as #4263eb' }),
        ),
        homeUrl: Type.Optional(Type.Union([HomeUrl, Type.Null()], { description: 'Home page' })),
        supportEmail: Type.Optional(
          Type.Union([SupportEmail, Type.Null()], { description: 'Where end users find help' }),
        ),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    returns: Project,
    etag: 'version',
    errors: ['projectNotRight', ...resting],
    example: { params: { projectId: acme }, body: { name: 'Acme & Co', accent: '#d6336c' } },
  },
  setLogo: {
    method: 'PUT',
    path: '/:projectId/logo',
    summary: 'Set the logo',
    description: 'PNG, JPEG or WebP of at most 64 KiB; what it is is told by its bytes.',
    access: { project: 'admin' },
    ifMatch: true,
    params: projectParams,
    body: Type.Object(
      {
        data: Type.String({
          minLength: 1,
          maxLength: 100_000,
          contentEncoding: 'base64',
          description: 'The picture, base64',
        }),
      },
      { additionalProperties: false },
    ),
    returns: Project,
    etag: 'version',
    errors: ['logoNotRight', ...resting],
    example: { params: { projectId: acme }, body: { data: 'iVBORw0KGgo=' } },
  },
  removeLogo: {
    method: 'DELETE',
    path: '/:projectId/logo',
    summary: 'Remove the logo',
    access: { project: 'admin' },
    ifMatch: true,
    params: projectParams,
    returns: Project,
    etag: 'version',
    errors: resting,
    example: { params: { projectId: acme } },
  },
  archiveProject: {
    method: 'POST',
    path: '/:projectId/archive',
    summary: 'Let a project rest',
    description: 'It becomes read-only; keys, apps and sign-ins stop working at once. Nothing is lost.',
    access: { project: 'admin' },
    params: projectParams,
    returns: Project,
    etag: 'version',
    errors: ['projectBeingDeleted'],
    example: { params: { projectId: acme } },
  },
  restoreProject: {
    method: 'POST',
    path: '/:projectId/restore',
    summary: 'Bring an archived project back',
    access: { project: 'admin' },
    params: projectParams,
    returns: Project,
    etag: 'version',
    errors: ['projectBeingDeleted', 'quotaReached'],
    example: { params: { projectId: acme } },
  },
  deleteProject: {
    method: 'POST',
    path: '/:projectId/delete',
    summary: 'Delete a project after a grace period',
    description:
      'It rests at once and is erased everywhere at `deleteAt`; undeleteProject undoes it until then. `slug` repeats the slug, against accidents.',
    access: { project: 'owner' },
    params: projectParams,
    body: Type.Object(
      { slug: Type.String({ maxLength: 60, description: 'The project’s slug, repeated' }) },
      { additionalProperties: false },
    ),
    returns: Project,
    etag: 'version',
    errors: ['slugMismatch'],
    example: { params: { projectId: acme }, body: { slug: 'acme' } },
  },
  undeleteProject: {
    method: 'POST',
    path: '/:projectId/undelete',
    summary: 'Undo a deletion during its grace period',
    description: 'The project is as it was before: active or archived.',
    access: { project: 'owner' },
    params: projectParams,
    returns: Project,
    etag: 'version',
    errors: ['quotaReached'],
    example: { params: { projectId: acme } },
  },
  getUsage: {
    method: 'GET',
    path: '/:projectId/usage',
    summary: 'What a project has of everything that is limited',
    access: { project: 'viewer' },
    params: projectParams,
    returns: Type.Object({
      members: Type.Object(Quota.properties, { description: 'Members and open invitations' }),
      environments: Quota,
      keys: Quota,
    }),
    example: { params: { projectId: acme } },
  },
  listActivity: {
    method: 'GET',
    path: '/:projectId/activity',
    summary: 'What happened in a project, newest first',
    access: { project: 'viewer' },
    maxStalenessMs: 5_000,
    params: projectParams,
    query: Type.Object({
      ...pageQuery,
      kind: Type.Optional(
        Type.String({
          maxLength: 60,
          pattern: '^[a-z][a-z.]*$',
          description: 'Only this kind, or all whose name begins with it: `member` finds `member.added`',
        }),
      ),
      locale: Type.Optional(Type.Enum(['en', 'ru'], { description: 'Language of the texts; default en' })),
    }),
    returns: pageOf(ActivityEntry),
    example: { params: { projectId: acme }, query: { kind: 'member' } },
  },
} as const satisfies Record<string, Operation>
