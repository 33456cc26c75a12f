/** People as others see them: profiles, usernames, deactivation, export and erasure. Credentials live in auth. */
import {
  defineContract,
  pageOf,
  pageQuery,
  type Static,
  Timestamp,
  Type,
  Uuid,
} from '@pleiad/platform/contract'

export const Locale = Type.Enum(['en', 'ru'], { description: 'Language the person reads' })

const Username = Type.String({
  minLength: 3,
  maxLength: 30,
  description: 'Name in addresses and mentions: one script (Latin or Cyrillic), digits, single . _ - inside',
})
const DisplayName = Type.String({ minLength: 1, maxLength: 80, description: 'Name shown to people' })
const Bio = Type.String({ maxLength: 500, description: 'A few words about oneself' })
const TimeZone = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'IANA time zone, such as Europe/Berlin',
})
const Link = Type.Object(
  {
    label: Type.String({ minLength: 1, maxLength: 40, description: 'What the link is called' }),
    url: Type.String({ maxLength: 300, pattern: '^https?://', description: 'Address, http or https' }),
  },
  { additionalProperties: false },
)
const Links = Type.Array(Link, { maxItems: 5, description: 'Links the person shows' })
const State = Type.Enum(['active', 'deactivated'], { description: 'Whether the person may use the system' })
const Version = Type.Integer({ minimum: 1, description: 'Grows with every change; the ETag' })

const publicFields = {
  userId: Uuid,
  username: Username,
  displayName: DisplayName,
  bio: Bio,
  links: Links,
  createdAt: Timestamp,
}
const ownFields = {
  ...publicFields,
  locale: Locale,
  timeZone: TimeZone,
  state: State,
  version: Version,
  updatedAt: Timestamp,
  usernameChangeableAt: Type.Optional(
    Type.String({ format: 'date-time', description: 'When the username may be changed again; absent: now' }),
  ),
}

/** What everybody signed in may see of a person. */
export const PublicProfile = Type.Object(publicFields)
export type PublicProfile = Static<typeof PublicProfile>
/** What a person sees of themselves. */
export const OwnProfile = Type.Object(ownFields)
export type OwnProfile = Static<typeof OwnProfile>
/** What an administrator sees in the listing. */
export const ListedProfile = Type.Object({
  ...ownFields,
  email: Type.Optional(Type.String({ description: 'Sign-in address, as auth last announced it' })),
})
export type ListedProfile = Static<typeof ListedProfile>

const userParams = Type.Object({ userId: Uuid })
const userData = {
  userId: Uuid,
  username: Username,
  displayName: DisplayName,
  locale: Locale,
  timeZone: TimeZone,
  version: Version,
}
const actedOn = Type.Object({
  userId: Uuid,
  by: Type.String({ format: 'uuid', description: 'Who did it' }),
})

const anna = '01938a5e-7c00-7000-8000-000000000001'
const admin = '01938a5e-7c00-7000-8000-0000000000aa'

export const users = defineContract({
  name: 'users',
  version: '1.0.0',
  summary: 'Profiles: who people are to each other, their usernames, export and erasure of all their data.',
  operations: {
    getMe: {
      method: 'GET',
      path: '/me',
      summary: 'My own profile',
      access: 'user',
      returns: OwnProfile,
      etag: 'version',
    },
    checkUsername: {
      method: 'GET',
      path: '/usernames/:username',
      summary: 'Whether a username can be taken',
      description: 'For forms, as the person types. The answer is no promise: another may take it first.',
      access: 'public',
      params: Type.Object({
        username: Type.String({ minLength: 1, maxLength: 60, description: 'The name wished for' }),
      }),
      returns: Type.Object({
        available: Type.Boolean({ description: 'It is well formed and free' }),
        reason: Type.Optional(
          Type.Enum(['length', 'characters', 'mixedScripts', 'separators', 'reserved', 'taken'], {
            description: 'Why not',
          }),
        ),
        normalized: Type.String({ description: 'The name as it would be stored' }),
      }),
      example: { params: { username: 'anna' } },
    },
    getProfileByUsername: {
      method: 'GET',
      path: '/by-username/:username',
      summary: 'The public profile behind a username',
      description: 'A former name leads to its owner while it is held for them.',
      access: 'user',
      params: Type.Object({
        username: Type.String({ minLength: 1, maxLength: 60, description: 'The username' }),
      }),
      returns: PublicProfile,
      example: { params: { username: 'anna' } },
    },
    getProfile: {
      method: 'GET',
      path: '/:userId',
      summary: 'The public profile of a person',
      access: 'user',
      params: userParams,
      returns: PublicProfile,
      example: { params: { userId: anna } },
    },
    listProfiles: {
      method: 'GET',
      path: '',
      summary: 'All people, newest first, for administrators',
      description:
        'Search matches any part of username, display name or e-mail address (word beginnings below three letters).',
      access: { permission: 'users:read' },
      query: Type.Object({
        ...pageQuery,
        cursor: Type.Optional(Type.String({ format: 'uuid', description: '`next` of the page before' })),
        search: Type.Optional(Type.String({ maxLength: 80, description: 'Part of a name or address' })),
        state: Type.Optional(State),
      }),
      returns: pageOf(ListedProfile),
      example: { query: { search: 'ann', limit: 25 } },
    },
    updateProfile: {
      method: 'PATCH',
      path: '/:userId',
      summary: 'Change one’s own profile',
      description: 'Only the owner may. Fields left out stay as they are.',
      access: 'user',
      ifMatch: true,
      params: userParams,
      body: Type.Object(
        {
          displayName: Type.Optional(DisplayName),
          bio: Type.Optional(Bio),
          locale: Type.Optional(Locale),
          timeZone: Type.Optional(TimeZone),
          links: Type.Optional(Links),
        },
        { additionalProperties: false, minProperties: 1 },
      ),
      returns: OwnProfile,
      etag: 'version',
      errors: ['profileNotRight', 'profileNotActive'],
      example: { params: { userId: anna }, body: { bio: 'Rides and reads.' } },
    },
    changeUsername: {
      method: 'PUT',
      path: '/:userId/username',
      summary: 'Change one’s own username',
      description: 'The former name is held for its owner for a while, so that nobody can pass for them.',
      access: 'user',
      ifMatch: true,
      params: userParams,
      body: Type.Object(
        { username: Type.String({ minLength: 1, maxLength: 60, description: 'The new name' }) },
        { additionalProperties: false },
      ),
      returns: OwnProfile,
      etag: 'version',
      errors: ['usernameNotAllowed', 'usernameTaken', 'usernameChangedTooSoon', 'profileNotActive'],
      example: { params: { userId: anna }, body: { username: 'anna.k' } },
    },
    listUsernames: {
      method: 'GET',
      path: '/:userId/usernames',
      summary: 'Former usernames of a person, newest first',
      description: 'For the owner and for holders of users:read.',
      access: 'user',
      params: userParams,
      returns: Type.Object({
        items: Type.Array(Type.Object({ username: Username, until: Timestamp })),
      }),
      example: { params: { userId: anna } },
    },
    deactivateUser: {
      method: 'POST',
      path: '/:userId/deactivate',
      summary: 'Shut a person out and hide their profile',
      description: 'Nothing is deleted; auth ends their sessions. Doing it twice changes nothing.',
      access: { permission: 'users:manage' },
      params: userParams,
      returns: ListedProfile,
      errors: ['notYourself'],
      example: { params: { userId: anna } },
    },
    reactivateUser: {
      method: 'POST',
      path: '/:userId/reactivate',
      summary: 'Let a deactivated person in again',
      access: { permission: 'users:manage' },
      params: userParams,
      returns: ListedProfile,
      example: { params: { userId: anna } },
    },
    eraseUser: {
      method: 'POST',
      path: '/:userId/erase',
      summary: 'Erase another person everywhere, for good',
      description:
        'For administrators; a person erases themselves with auth’s deleteAccount, which asks for a proof. Every service erases its part when `user.deleted` reaches it. `username` repeats the name, against accidents.',
      access: { permission: 'users:erase' },
      params: userParams,
      body: Type.Object(
        {
          username: Type.String({
            minLength: 1,
            maxLength: 60,
            description: 'The person’s username, repeated',
          }),
        },
        { additionalProperties: false },
      ),
      errors: ['confirmationMismatch', 'notYourself'],
      rate: 'heavy',
      example: { params: { userId: anna }, body: { username: 'anna' } },
    },
    exportUser: {
      method: 'GET',
      path: '/:userId/export',
      summary: 'All data of a person, from every service, as one JSON file',
      description: 'For the owner (with a session, not a token) and for holders of users:export.',
      access: 'user',
      params: userParams,
      returns: Type.Object({
        format: Type.Literal('pleiad-export/1', { description: 'Names this layout' }),
        exportedAt: Timestamp,
        userId: Uuid,
        services: Type.Record(Type.String(), Type.Unknown(), {
          description: 'What each service keeps about the person, by service name',
        }),
      }),
      errors: ['sessionRequired'],
      rate: 'heavy',
      example: { params: { userId: anna } },
    },
  },
  events: {
    'user.created': {
      version: 1,
      description: 'A person has joined: the profile is active.',
      data: Type.Object(userData),
      key: 'userId',
      example: {
        userId: anna,
        username: 'anna',
        displayName: 'Anna',
        locale: 'en',
        timeZone: 'UTC',
        version: 1,
      },
    },
    'user.updated': {
      version: 1,
      description:
        'The profile or the username has changed. Carries the whole public state; drop it when `version` is older than what you have.',
      data: Type.Object({
        ...userData,
        changed: Type.Array(Type.String(), { description: 'Names of the fields that changed' }),
      }),
      key: 'userId',
      example: {
        userId: anna,
        username: 'anna',
        displayName: 'Anna K.',
        locale: 'ru',
        timeZone: 'Europe/Berlin',
        version: 2,
        changed: ['displayName'],
      },
    },
    'user.deactivated': {
      version: 1,
      description: 'An administrator has shut the person out: end their sessions, hide what is theirs.',
      data: actedOn,
      key: 'userId',
      example: { userId: anna, by: admin },
    },
    'user.reactivated': {
      version: 1,
      description: 'The person may come in again.',
      data: actedOn,
      key: 'userId',
      example: { userId: anna, by: admin },
    },
    'user.deleted': {
      version: 1,
      description: 'The person is erased: every service erases what it keeps about them.',
      data: actedOn,
      key: 'userId',
      example: { userId: anna, by: anna },
    },
  },
  errors: {
    usernameNotAllowed: {
      status: 422,
      title: 'This username cannot be used.',
      description:
        'Use 3 to 30 letters of one script (Latin or Cyrillic) or digits, beginning with a letter; single . _ - may stand inside. Some names are reserved. `reason` says which rule it breaks.',
    },
    usernameTaken: {
      status: 409,
      title: 'This username is taken.',
      description:
        'Somebody has this name, or one that looks the same, or it is held for its former owner. Choose another.',
    },
    usernameChangedTooSoon: {
      status: 409,
      title: 'The username was changed a short time ago.',
      description: '`changeableAt` says when it may be changed again.',
    },
    profileNotRight: {
      status: 422,
      title: 'Some fields of the profile are not right.',
      description:
        '`errors` lists the fields: an unknown time zone, an address that is no address, a name without visible letters.',
    },
    profileNotActive: {
      status: 409,
      title: 'This profile is not active.',
      description: 'The person is deactivated; an administrator can reactivate them.',
    },
    notYourself: {
      status: 409,
      title: 'You cannot do this to yourself.',
      description:
        'Ask another administrator, so that nobody shuts themselves out by mistake. To leave for good, delete your account in its security settings.',
    },
    confirmationMismatch: {
      status: 422,
      title: 'The username does not match.',
      description: 'Repeat the username of the person to be erased exactly; nothing was erased.',
    },
    sessionRequired: {
      status: 403,
      title: 'A personal access token cannot do this.',
      description: 'A personal access token without users:export may not export its owner; use a session.',
    },
  },
  permissions: {
    'users:read': 'See and search the list of people, with e-mail addresses and former usernames',
    'users:manage': 'Deactivate and reactivate people',
    'users:erase': 'Erase other people for good',
    'users:export': 'Export all data of other people',
  },
})
