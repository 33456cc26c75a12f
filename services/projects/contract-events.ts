/** Events that projects announces. All are keyed by the project, so that handlers can ask for their order. */
import { type EventKind, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import {
  Accent,
  Email,
  EnvironmentName,
  EnvironmentSettings,
  HomeUrl,
  ProjectId,
  ProjectName,
  Role,
  Scope,
  Slug,
  SupportEmail,
  UserId,
} from './contract-schemas.ts'

const projectId = '01938a5e-7c00-7000-8000-0000000000b1'
const userId = '01938a5e-7c00-7000-8000-000000000001'
const by = '01938a5e-7c00-7000-8000-000000000002'
const keyId = '01938a5e-7c00-7000-8000-0000000000c1'
const invitationId = '01938a5e-7c00-7000-8000-0000000000d1'

const By = Type.Optional(
  Type.String({ format: 'uuid', description: 'Who did it; absent: the system, such as a job' }),
)
const key = 'projectId' as const
const version = 1 as const
const ofProject = { projectId: ProjectId, by: By }
const ofEnvironment = { ...ofProject, environment: EnvironmentName }
const ofMember = { ...ofProject, projectName: ProjectName, userId: UserId, role: Role }
const ofKey = {
  ...ofEnvironment,
  keyId: Uuid,
  name: Type.String({ description: 'What the key is for' }),
}
const member = { projectId, by, projectName: 'Acme', userId }
const apiKey = { projectId, by, environment: 'production', keyId, name: 'Backend' }

export const projectsEvents = {
  'project.created': {
    version,
    key,
    description: 'A project exists, with one owner and its first environments.',
    data: Type.Object({
      projectId: ProjectId,
      slug: Slug,
      name: ProjectName,
      accent: Accent,
      environments: Type.Array(EnvironmentName),
      createdBy: UserId,
    }),
    example: {
      projectId,
      slug: 'acme',
      name: 'Acme',
      accent: '#4263eb',
      environments: ['production', 'development'],
      createdBy: by,
    },
  },
  'project.renamed': {
    version,
    key,
    description: 'A project has another name; the slug stays.',
    data: Type.Object({ ...ofProject, name: ProjectName }),
    example: { projectId, by, name: 'Acme & Co' },
  },
  'project.branded': {
    version,
    key,
    description: 'The look of a project has changed. Carries the whole look: what is absent is not set.',
    data: Type.Object({
      ...ofProject,
      accent: Accent,
      hasLogo: Type.Boolean({ description: 'Whether there is a logo' }),
      logoUrl: Type.Optional(Type.String({ description: 'Path of the logo' })),
      homeUrl: Type.Optional(HomeUrl),
      supportEmail: Type.Optional(SupportEmail),
    }),
    example: { projectId, by, accent: '#d6336c', hasLogo: false, homeUrl: 'https://acme.example' },
  },
  'project.archived': {
    version,
    key,
    description:
      'A project rests: its keys, apps and sign-ins do not work. Also sent when its deletion begins.',
    data: Type.Object(ofProject),
    example: { projectId, by },
  },
  'project.restored': {
    version,
    key,
    description: 'An archived project works again.',
    data: Type.Object(ofProject),
    example: { projectId, by },
  },
  'project.deletion.scheduled': {
    version,
    key,
    description:
      'A project will be erased at `deleteAt`; until then an owner can undo it. `owners` are to be told.',
    data: Type.Object({
      ...ofProject,
      projectName: ProjectName,
      deleteAt: Timestamp,
      owners: Type.Array(UserId, { description: 'The owners' }),
    }),
    example: { projectId, by, projectName: 'Acme', deleteAt: '2026-11-28T10:00:00.000Z', owners: [by] },
  },
  'project.deletion.undone': {
    version,
    key,
    description: 'A project will not be erased after all; `project.restored` follows if it works again.',
    data: Type.Object(ofProject),
    example: { projectId, by },
  },
  'project.deleted': {
    version,
    key,
    description: 'A project is erased: every service erases what it keeps about it.',
    data: Type.Object({ projectId: ProjectId }),
    example: { projectId },
  },
  'project.orphaned': {
    version,
    key,
    description:
      'The last owner of a project was erased and no admin could follow: it is archived until an administrator of the platform appoints an owner.',
    data: Type.Object({ projectId: ProjectId, projectName: ProjectName }),
    example: { projectId, projectName: 'Acme' },
  },
  'project.environment.added': {
    version,
    key,
    description: 'A project has another environment, with default settings.',
    data: Type.Object(ofEnvironment),
    example: { projectId, by, environment: 'staging' },
  },
  'project.environment.removed': {
    version,
    key,
    description: 'An environment is gone: every service erases what it keeps of it.',
    data: Type.Object(ofEnvironment),
    example: { projectId, by, environment: 'staging' },
  },
  'project.environment.changed': {
    version,
    key,
    description: 'The settings of an environment have changed. Carries all of them.',
    data: Type.Object({ ...ofEnvironment, settings: EnvironmentSettings }),
    example: {
      projectId,
      by,
      environment: 'production',
      settings: { allowedOrigins: ['https://app.acme.example'] },
    },
  },
  'project.member.added': {
    version,
    key,
    description: 'A person has joined a project.',
    data: Type.Object({
      ...ofMember,
      inviter: Type.Optional(Type.String({ format: 'uuid', description: 'Who had invited them' })),
    }),
    example: { ...member, by: userId, role: 'developer', inviter: by },
  },
  'project.member.changed': {
    version,
    key,
    description: 'A member has another role.',
    data: Type.Object({
      ...ofMember,
      before: Type.Enum(['viewer', 'developer', 'admin', 'owner'], { description: 'The role until now' }),
    }),
    example: { ...member, role: 'admin', before: 'developer' },
  },
  'project.member.removed': {
    version,
    key,
    description:
      'A person is no member any more: they left (`by` is themselves), were removed or were erased.',
    data: Type.Object(ofMember),
    example: { ...member, role: 'developer' },
  },
  'project.invitation.sent': {
    version,
    key,
    description: 'An invitation is to be mailed, for the first time or again.',
    data: Type.Object({
      ...ofProject,
      projectName: ProjectName,
      invitationId: Uuid,
      email: Email,
      role: Role,
      inviterName: Type.Optional(Type.String({ description: 'Who invites' })),
      locale: Type.Enum(['en', 'ru'], {
        description: 'Language of the inviter, for want of the invited one’s',
      }),
      expiresAt: Timestamp,
      sealedUrl: Type.String({
        description: 'The page that accepts it, with the token; sealed for notifications (`openSealed`)',
      }),
    }),
    example: {
      projectId,
      by,
      projectName: 'Acme',
      invitationId,
      email: 'bob@example.com',
      role: 'developer',
      inviterName: 'Anna',
      locale: 'en',
      expiresAt: '2026-11-28T10:00:00.000Z',
      sealedUrl: 'v1.c2VhbGVk',
    },
  },
  'project.key.created': {
    version,
    key,
    description: 'A project has another key.',
    data: Type.Object({
      ...ofKey,
      scopes: Type.Array(Scope),
      expiresAt: Type.Optional(Type.String({ format: 'date-time', description: 'When it ends by itself' })),
    }),
    example: { ...apiKey, scopes: ['project:read'] },
  },
  'project.key.rotated': {
    version,
    key,
    description: 'A key has a new secret; the one before works until `previousUntil`.',
    data: Type.Object({ ...ofKey, previousUntil: Timestamp }),
    example: { ...apiKey, previousUntil: '2026-11-22T10:00:00.000Z' },
  },
  'project.key.revoked': {
    version,
    key,
    description: 'A key does not work any more.',
    data: Type.Object(ofKey),
    example: apiKey,
  },
} as const satisfies Record<string, EventKind>
