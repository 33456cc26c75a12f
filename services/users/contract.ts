/** People as others see them: profiles, usernames, deactivation, export and erasure. Credentials live in auth. */
import { defineContract, pageOf, pageQuery, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { usersErrors } from './contract-errors.ts'
import { usersEvents } from './contract-events.ts'
import {
  Bio,
  DisplayName,
  Links,
  ListedProfile,
  Locale,
  OwnProfile,
  PublicProfile,
  State,
  TimeZone,
  Username,
} from './contract-schemas.ts'

export type { ListedProfile, OwnProfile, PublicProfile } from './contract-schemas.ts'

const userParams = Type.Object({ userId: Uuid })
const anna = '01938a5e-7c00-7000-8000-000000000001'

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
      maxStalenessMs: 5_000,
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
      errors: ['notYourself', 'beyondOwnPermissions', 'lastAdministrator'],
      example: { params: { userId: anna } },
    },
    reactivateUser: {
      method: 'POST',
      path: '/:userId/reactivate',
      summary: 'Let a deactivated person in again',
      access: { permission: 'users:manage' },
      params: userParams,
      returns: ListedProfile,
      errors: ['beyondOwnPermissions'],
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
      errors: ['confirmationMismatch', 'notYourself', 'beyondOwnPermissions', 'lastAdministrator'],
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
  events: usersEvents,
  errors: usersErrors,
  permissions: {
    'users:read': 'See and search the list of people, with e-mail addresses and former usernames',
    'users:manage': 'Deactivate and reactivate people',
    'users:erase': 'Erase other people for good',
    'users:export': 'Export all data of other people',
  },
})
