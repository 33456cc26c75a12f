/** What projects are made of, as others see it. */
import { projectRoles, type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

/** The colour of a project that has chosen none. */
export const DEFAULT_ACCENT = '#4263eb'

export const ProjectId = Type.String({ format: 'uuid', description: 'The project' })
export const UserId = Type.String({ format: 'uuid', description: 'The person' })
export const Slug = Type.String({
  pattern: '^[a-z][a-z0-9-]{2,39}$',
  description: 'Name in addresses, such as `/oidc/{slug}`; it never changes',
})
export const EnvironmentName = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,29}$',
  description: '`production` and `development` exist from the start',
})
export const ProjectName = Type.String({ minLength: 1, maxLength: 80, description: 'Name shown to people' })
export const Accent = Type.String({ pattern: '^#[0-9a-f]{6}$', description: 'Colour, such as #4263eb' })
export const HomeUrl = Type.String({ maxLength: 300, pattern: '^https?://', description: 'Home page' })
export const SupportEmail = Type.String({
  format: 'email',
  maxLength: 254,
  description: 'Where end users find help',
})
export const Version = Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' })
export const Role = Type.Enum([...projectRoles], {
  description:
    'viewer sees; developer also configures what is not production; admin also production, members and invitations; owner also transfers and deletes',
})
export const State = Type.Enum(['active', 'archived', 'deleting'], {
  description:
    'archived: read-only, its keys and sign-ins rest; deleting: archived, and erased at `deleteAt` unless undone',
})
const optionalTime = (description: string) => Type.Optional(Type.String({ format: 'date-time', description }))

const brand = {
  accent: Accent,
  logoUrl: Type.Optional(
    Type.String({ description: 'Path of the logo; it changes with the logo, so it may be cached for good' }),
  ),
  homeUrl: Type.Optional(HomeUrl),
  supportEmail: Type.Optional(SupportEmail),
}
const summary = {
  projectId: ProjectId,
  slug: Slug,
  name: ProjectName,
  accent: brand.accent,
  logoUrl: brand.logoUrl,
  state: State,
  createdAt: Timestamp,
}

/** A project in a list of one's own. */
export const ListedProject = Type.Object({ ...summary, role: Role })
export type ListedProject = Static<typeof ListedProject>

/** A project as an administrator of the platform lists it. */
export const AnyProject = Type.Object({
  ...summary,
  members: Type.Integer({ minimum: 0, description: 'How many members it has' }),
  ownerless: Type.Boolean({ description: 'Its last owner was erased; appoint one' }),
})
export type AnyProject = Static<typeof AnyProject>

/** A project, opened. */
export const Project = Type.Object({
  ...summary,
  ...brand,
  role: Type.Optional(
    Type.Enum([...projectRoles], { description: 'What the caller may do; absent for programs' }),
  ),
  environments: Type.Array(EnvironmentName, { description: 'Names of its environments' }),
  version: Version,
  updatedAt: Timestamp,
  archivedAt: optionalTime('Since when it is archived'),
  deleteAt: optionalTime('When it is erased'),
})
export type Project = Static<typeof Project>

/** Who somebody is. Absent names: erased, or not known yet. */
export const Person = Type.Object({
  userId: UserId,
  username: Type.Optional(Type.String({ description: 'Username' })),
  displayName: Type.Optional(Type.String({ description: 'Name shown to people' })),
})

export const Member = Type.Object({ ...Person.properties, role: Role, since: Timestamp })
export type Member = Static<typeof Member>

export const Email = Type.String({ format: 'email', maxLength: 254, description: 'E-mail address' })

export const Invitation = Type.Object({
  invitationId: Uuid,
  email: Email,
  role: Role,
  state: Type.Enum(['pending', 'expired'], { description: 'An expired one can be sent again' }),
  invitedBy: Type.Optional(Person),
  createdAt: Timestamp,
  sentAt: Type.String({ format: 'date-time', description: 'When the last mail left' }),
  expiresAt: Timestamp,
})
export type Invitation = Static<typeof Invitation>

/** What the bearer of an invitation's token sees before deciding. */
export const InvitationPreview = Type.Object({
  projectName: ProjectName,
  accent: Accent,
  logoUrl: brand.logoUrl,
  role: Role,
  inviterName: Type.Optional(Type.String({ description: 'Who invites' })),
  email: Type.String({ description: 'The address it was sent to, partly hidden' }),
  expiresAt: Timestamp,
})

export const EnvironmentSettings = Type.Object(
  {
    allowedOrigins: Type.Array(Type.String({ maxLength: 200 }), {
      maxItems: 20,
      description:
        'Origins whose browser pages may call the issuer, such as https://app.example.com; production takes https and this computer only',
    }),
    defaultRedirectUri: Type.Optional(
      Type.String({
        maxLength: 400,
        description: 'Where a person is sent who signs in without coming from an app',
      }),
    ),
    defaultLogoutUri: Type.Optional(
      Type.String({ maxLength: 400, description: 'Where a person is sent after signing out' }),
    ),
  },
  { additionalProperties: false },
)
export type EnvironmentSettings = Static<typeof EnvironmentSettings>

export const Environment = Type.Object({
  environment: EnvironmentName,
  /** The issuer is `{publicUrl}/oidc/{handle}`. */
  handle: Type.String({ description: 'The slug in production, `slug.environment` elsewhere' }),
  settings: EnvironmentSettings,
  version: Version,
  createdAt: Timestamp,
  updatedAt: Timestamp,
})
export type Environment = Static<typeof Environment>

export const Scope = Type.String({
  pattern: '^[a-z][a-z-]*:[a-z][a-z-]*$',
  maxLength: 60,
  description: 'What a program may do, such as `vault:read`; listScopes names all',
})

export const ProjectKey = Type.Object({
  keyId: Uuid,
  environment: EnvironmentName,
  name: Type.String({ minLength: 1, maxLength: 60, description: 'What it is for' }),
  hint: Type.String({ description: 'How the secret begins' }),
  scopes: Type.Array(Scope),
  createdBy: Type.Optional(Person),
  createdAt: Timestamp,
  expiresAt: optionalTime('When it ends by itself'),
  lastUsedAt: optionalTime('When it was last used, to the minute'),
  rotatedAt: optionalTime('When it last got a new secret'),
  previousUntil: optionalTime('Until when the secret before the last rotation works too'),
})
export type ProjectKey = Static<typeof ProjectKey>

export const KeyWithSecret = Type.Object({
  ...ProjectKey.properties,
  secret: Type.String({ description: 'The key itself, `plk_...`. It is shown this once.' }),
})

export const ActivityEntry = Type.Object({
  activityId: Uuid,
  at: Timestamp,
  kind: Type.String({ description: 'What happened, such as `member.added`' }),
  by: Type.Optional(
    Type.Object(
      {
        kind: Type.Enum(['person', 'program', 'system'], { description: 'Who did it' }),
        id: Type.Optional(Type.String({ description: 'Their id' })),
        name: Type.Optional(Type.String({ description: 'Their name, when it is known' })),
      },
      { description: 'Who did it' },
    ),
  ),
  text: Type.String({ description: 'One line in the asked language' }),
  details: Type.Record(Type.String(), Type.String(), { description: 'What the line is made of' }),
})
export type ActivityEntry = Static<typeof ActivityEntry>

export const Quota = Type.Object({
  used: Type.Integer({ minimum: 0, description: 'How many there are' }),
  limit: Type.Integer({ minimum: 0, description: 'How many there may be; 0: any number' }),
})
