/** What projects refuses, and why. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const projectsErrors = {
  slugTaken: {
    status: 409,
    title: 'This address is taken.',
    description:
      'Another project has this slug or had it: the issuer of one project never becomes that of another. Choose another.',
  },
  slugNotAllowed: {
    status: 422,
    title: 'This address cannot be used.',
    description: 'The slug is reserved, ends in a dash or has two dashes in a row. Choose another.',
  },
  slugMismatch: {
    status: 422,
    title: 'The address does not match.',
    description: 'Repeat the slug of the project to be deleted exactly; nothing was deleted.',
  },
  projectNotRight: {
    status: 422,
    title: 'Some fields of the project are not right.',
    description: '`errors` lists the fields: a name without visible letters, an address that is no address.',
  },
  logoNotRight: {
    status: 422,
    title: 'This picture cannot be the logo.',
    description:
      'Send a PNG, JPEG or WebP of at most 64 KiB as base64. `reason` says what is wrong with this one.',
  },
  projectArchived: {
    status: 409,
    title: 'The project is archived.',
    description: 'Nothing in it can be changed. Restore it first.',
  },
  projectBeingDeleted: {
    status: 409,
    title: 'The project is being deleted.',
    description: 'It will be erased at `deleteAt`. An owner can undo the deletion until then.',
  },
  quotaReached: {
    status: 409,
    title: 'The limit is reached.',
    description:
      '`quota` names what there is too much of and `limit` how many there may be. Remove some, or ask the administrator for a higher limit.',
  },
  lastOwner: {
    status: 409,
    title: 'The last owner must stay.',
    description:
      'A project has at least one owner. Make somebody else owner first, or transfer the ownership.',
  },
  roleAboveOwn: {
    status: 403,
    title: 'This takes a higher role.',
    description: 'Nobody can give, change or take away a role above their own.',
  },
  notAMember: {
    status: 422,
    title: 'This person is not a member.',
    description: 'Only a member can become owner: they agreed to be in the project. Invite them first.',
  },
  alreadyMember: {
    status: 409,
    title: 'You are a member already.',
    description: 'The invitation was not used; it stays open for the person it is meant for.',
  },
  alreadyInvited: {
    status: 409,
    title: 'This address is invited already.',
    description: 'Send the open invitation again or revoke it; `invitationId` names it.',
  },
  invitationUnknown: {
    status: 404,
    title: 'This invitation is not valid.',
    description:
      'The link is incomplete, a newer mail replaced it, or it was revoked. Open the newest mail or ask for another.',
  },
  invitationExpired: {
    status: 410,
    title: 'This invitation has expired.',
    description: 'Ask the person who invited you to send it again.',
  },
  invitationUsed: {
    status: 410,
    title: 'This invitation was used already.',
    description: 'It was accepted or declined. Ask for another if you need one.',
  },
  invitationTooSoon: {
    status: 429,
    title: 'The mail was sent a moment ago.',
    description: 'An invitation can be sent again a minute after the last mail; `retryAt` says when.',
  },
  tooManyInvitations: {
    status: 429,
    title: 'Too many invitations today.',
    description:
      'A project sends a limited number of invitations in 24 hours; `retryAt` says when the next one may leave.',
  },
  environmentExists: {
    status: 409,
    title: 'There is an environment of this name.',
    description: 'Choose another name.',
  },
  environmentUnknown: {
    status: 404,
    title: 'There is no such environment.',
    description: 'The project has no environment of this name (any more).',
  },
  environmentRequired: {
    status: 409,
    title: 'Production must stay.',
    description: 'Every project has a production environment. Other environments can be removed.',
  },
  environmentNotRight: {
    status: 422,
    title: 'Some settings are not right.',
    description: '`errors` lists them: an origin with a path, an address without https in production.',
  },
  keyScopeUnknown: {
    status: 422,
    title: 'There is no such scope.',
    description: '`scopes` lists those that are not known here; listScopes names all that are.',
  },
  keyExpiryNotRight: {
    status: 422,
    title: 'A key cannot end at that time.',
    description: 'Choose a time in the future, at most five years away, or none.',
  },
} as const satisfies Record<string, ErrorKind>
