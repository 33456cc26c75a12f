/** What users refuses, and why. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const usersErrors = {
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
  beyondOwnPermissions: {
    status: 403,
    title: 'That is more than you may do yourself.',
    description:
      'Nobody shuts out, lets in or erases somebody with permissions that they do not have. `permissions` lists what is missing.',
  },
  lastAdministrator: {
    status: 409,
    title: 'The last administrator must stay.',
    description: 'Make somebody else administrator first.',
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
} as const satisfies Record<string, ErrorKind>
