/** English wording of what concerns projects and their end users. */
import type { ProjectKindName } from './kinds.ts'
import type { Wording } from './wording.ts'

const unasked = 'If it was not you, ignore this mail.'
const until = (what: string, expiresAt: string | undefined) =>
  expiresAt ? `The ${what} works once, until ${expiresAt}.` : `The ${what} works once.`

export const englishOfProjects: Readonly<Record<ProjectKindName, Wording>> = {
  'project-invitation': {
    about: 'Invitations to projects',
    title: ({ project, inviter }) =>
      inviter
        ? `${inviter} invites you to ${project ?? 'a project'}`
        : `You are invited to ${project ?? 'a project'}`,
    body: ({ role, expiresAt, inApp }) => [
      `Your role would be ${role ?? 'viewer'}.`,
      inApp ? 'The link to accept it is in the mail to your address.' : until('link', expiresAt),
      ...(inApp ? [] : ['If you do not know what this is about, ignore this mail.']),
    ],
    action: 'Look at the invitation',
  },
  'project-joined': {
    about: 'People who accept my invitations',
    title: ({ person, project }) => `${person ?? 'Somebody'} has joined ${project ?? 'your project'}`,
    body: ({ role }) => [`Their role is ${role ?? 'viewer'}.`],
    action: 'Open projects',
  },
  'project-role-changed': {
    about: 'My role in a project',
    title: ({ project }) => `Your role in ${project ?? 'a project'} has changed`,
    body: ({ role }) => [`You are ${role ?? 'viewer'} now.`],
    action: 'Open projects',
  },
  'project-left': {
    about: 'Removal from a project',
    title: ({ project }) => `You are no member of ${project ?? 'a project'} any more`,
    body: () => ['Somebody who manages the project has removed you.'],
  },
  'project-deletion': {
    about: 'Deletion of a project',
    title: ({ project }) => `${project ?? 'A project'} will be deleted`,
    body: ({ deleteAt }) => [
      `Everything in it is erased${deleteAt ? ` on ${deleteAt}` : ' soon'}. Until then an owner can undo it.`,
    ],
    action: 'Open projects',
  },
  'project-orphaned': {
    about: 'Projects without an owner (administrators)',
    title: ({ project }) => `${project ?? 'A project'} has no owner any more`,
    body: () => [
      'The account of its last owner was erased, so the project is archived: nobody can sign in to its apps.',
      'Appoint an owner, who can restore it.',
    ],
    action: 'Open all projects',
  },
  'enduser-confirm-email': {
    about: 'Confirmation of an end user’s address',
    title: ({ project }) => `Your code for ${project ?? 'signing up'}`,
    body: ({ expiresAt }) => [
      'Type this code in to confirm your address.',
      until('code', expiresAt),
      'Never tell it to anybody.',
      unasked,
    ],
  },
  'enduser-reset-password': {
    about: 'New password of an end user',
    title: ({ project }) => `Your code for a new password${project ? ` at ${project}` : ''}`,
    body: ({ expiresAt }) => [
      'Type this code in to set a new password.',
      until('code', expiresAt),
      'Never tell it to anybody.',
      unasked,
    ],
  },
  'enduser-set-password': {
    about: 'First password of an end user',
    title: ({ project }) => `Set your password${project ? ` for ${project}` : ''}`,
    body: ({ expiresAt }) => ['An account was made for you. Choose a password.', until('link', expiresAt)],
    action: 'Set my password',
  },
  'enduser-already-registered': {
    about: 'Somebody signs up with an end user’s address',
    title: ({ project }) => `You already have an account${project ? ` at ${project}` : ''}`,
    body: () => ['Somebody tried to sign up with your address. If it was you, sign in instead.', unasked],
    action: 'Sign in',
  },
  'enduser-password-changed': {
    about: 'Changed password of an end user',
    title: ({ project }) => `Your password${project ? ` at ${project}` : ''} was changed`,
    body: ({ supportEmail }) => [
      'Your other sessions have ended.',
      supportEmail
        ? `If it was not you, write to ${supportEmail} at once.`
        : 'If it was not you, set a new password at once.',
    ],
  },
}
