/** English wording of every kind. */
import type { Facts, KindName } from './kinds.ts'
import { englishOfForge } from './texts-forge-en.ts'
import { englishOfProjects } from './texts-projects-en.ts'
import type { Wording } from './wording.ts'

const changes: Readonly<Record<string, string>> = {
  passwordChanged: 'Your password was changed',
  passwordReset: 'Your password was reset',
  emailChangeRequested: 'A change of your e-mail address was requested',
  emailChanged: 'Your e-mail address was changed',
  totpEnabled: 'Two-step sign-in was turned on',
  totpDisabled: 'Two-step sign-in was turned off',
  passkeyAdded: 'A passkey was added',
  passkeyRemoved: 'A passkey was removed',
  recoveryCodesMade: 'New recovery codes were made',
  recoveryCodeUsed: 'A recovery code was used to sign in',
  tokenCreated: 'A personal access token was created',
  sessionStolen: 'A session was ended because its key was used twice',
  secondFactorAttacked: 'Somebody who knows your password failed the second step many times',
  newSignIn: 'New sign-in to your account',
  accountLocked: 'Your account was locked by an administrator',
  accountUnlocked: 'Your account was unlocked',
}

const notYou = 'If it was not you, change your password at once and look through your sessions and passkeys.'

function where({ at, ip, userAgent }: Facts): string {
  const parts = [at && `Time: ${at}`, ip && `Address: ${ip}`, userAgent && `Program: ${userAgent}`]
  return parts.filter(Boolean).join('\n')
}

function lasts({ expiresAt }: Facts): string[] {
  return expiresAt ? [`The link works once, until ${expiresAt}.`] : ['The link works once.']
}

export const english: Readonly<Record<KindName, Wording>> = {
  ...englishOfForge,
  ...englishOfProjects,
  'verify-email': {
    about: 'Confirmation of your address',
    title: () => 'Confirm your e-mail address',
    body: (facts) => [
      'Confirm that this address is yours to finish signing up.',
      ...lasts(facts),
      'If you did not sign up, ignore this mail.',
    ],
    action: 'Confirm address',
  },
  'account-exists': {
    about: 'Somebody signs up with your address',
    title: () => 'You already have an account',
    body: () => [
      'Somebody tried to sign up with this address, which has an account already. If it was you, sign in, or ask for a new password on the sign-in page.',
      'If it was not you, nothing has happened: ignore this mail.',
    ],
    action: 'Sign in',
  },
  'reset-password': {
    about: 'New password',
    title: () => 'Set a new password',
    body: (facts) => [
      'You asked to set a new password.',
      ...lasts(facts),
      'If you did not ask, ignore this mail; your password stays as it is.',
    ],
    action: 'Set a new password',
  },
  'change-email': {
    about: 'Confirmation of a new address',
    title: () => 'Confirm your new e-mail address',
    body: (facts) => [
      'Confirm that this is to be the new address of your account.',
      ...lasts(facts),
      'If you did not ask, ignore this mail.',
    ],
    action: 'Confirm new address',
  },
  welcome: {
    about: 'Welcome',
    title: ({ name }) => (name ? `Welcome, ${name}` : 'Welcome'),
    body: () => ['Add a few words about yourself, so that people recognise you.'],
    action: 'Open my profile',
  },
  'new-sign-in': {
    about: 'Sign-ins from new places',
    title: () => 'New sign-in to your account',
    body: (facts) => ['Somebody signed in from a place we have not seen before.', where(facts), notYou],
    action: 'See my sessions',
  },
  'security-notice': {
    about: 'Changes to the safety of your account',
    title: ({ what }) => changes[what ?? ''] ?? 'The safety of your account has changed',
    body: (facts) => [
      `${changes[facts.what ?? ''] ?? 'The safety of your account has changed'}.`,
      where(facts),
      ...(facts.what?.startsWith('account') ? [] : [notYou]),
    ],
    action: 'Open security settings',
  },
  'roles-changed': {
    about: 'Your roles',
    title: () => 'Your roles have changed',
    body: ({ roles }) => [roles ? `Your roles are now: ${roles}.` : 'You have no special role any more.'],
  },
  'account-deactivated': {
    about: 'Deactivation of your account',
    title: () => 'Your account was deactivated',
    body: () => [
      'An administrator has deactivated your account. You cannot sign in, and others do not see your profile. Nothing was deleted.',
    ],
  },
  'account-reactivated': {
    about: 'Reactivation of your account',
    title: () => 'Your account is active again',
    body: () => ['An administrator has reactivated your account. You can sign in as before.'],
    action: 'Sign in',
  },
  digest: {
    about: 'Digest',
    title: ({ count }) =>
      count === '1'
        ? 'One notification is waiting for you'
        : `${count ?? 'Some'} notifications are waiting for you`,
    body: ({ list, more }) => [
      'You have not read yet:',
      list ?? '',
      ...(more && more !== '0' ? [`And ${more} more.`] : []),
    ],
    action: 'Read them',
  },
}
