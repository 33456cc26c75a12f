/** Events that users announces. */
import { type EventKind, Type, Uuid } from '@pleiad/platform/contract'
import { DisplayName, Locale, TimeZone, Username, Version } from './contract-schemas.ts'

const anna = '01938a5e-7c00-7000-8000-000000000001'
const admin = '01938a5e-7c00-7000-8000-0000000000aa'

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

export const usersEvents = {
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
} as const satisfies Record<string, EventKind>
