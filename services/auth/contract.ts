/** What neighbours and the web may know of auth: operations, events, errors, permissions. */
import { defineContract } from '@pleiad/platform/contract'
import { accountOperations } from './contract-accounts.ts'
import { administrationOperations } from './contract-administration.ts'
import { authEvents } from './contract-events.ts'
import { factorOperations } from './contract-factors.ts'
import { sessionOperations } from './contract-sessions.ts'

export const auth = defineContract({
  name: 'auth',
  version: '1.0.0',
  summary: 'Credentials, sessions, second factors, personal access tokens, roles and the audit log.',
  operations: {
    ...accountOperations,
    ...sessionOperations,
    ...factorOperations,
    ...administrationOperations,
  },
  events: authEvents,
  permissions: {
    'auth:accounts': 'See accounts, lock and unlock them, end their sessions.',
    'auth:audit': 'Read the audit log.',
    'auth:keys': 'Rotate the signing key.',
    'auth:roles': 'Manage roles and who has them, within one’s own permissions.',
  },
  errors: {
    beyondOwnPermissions: {
      status: 403,
      title: 'That is more than you may do yourself.',
      description:
        'Roles and accounts can be managed only within one’s own permissions. `permissions` lists what is missing.',
    },
    challengeExpired: {
      status: 410,
      title: 'This sign-in took too long or was tried too often.',
      description: 'Challenges can be answered once, for 5 minutes. Start again.',
    },
    cursorInvalid: {
      status: 400,
      title: 'This cursor is not one of ours.',
      description: 'Use `next` of the page before unchanged, with the same filters.',
    },
    lastAdministrator: {
      status: 409,
      title: 'The last administrator must stay.',
      description: 'Make somebody else administrator first.',
    },
    lastFactor: {
      status: 409,
      title: 'This is the only way into the account.',
      description: 'Set a password or add another passkey first.',
    },
    linkInvalid: {
      status: 410,
      title: 'This link does not work any more.',
      description: 'It was used, has expired or was replaced by a newer one. Ask for a new one.',
    },
    ownAccount: {
      status: 409,
      title: 'You cannot lock yourself out.',
      description: 'Ask another administrator.',
    },
    passkeyKnown: {
      status: 409,
      title: 'This passkey is registered already.',
      description: 'Each passkey belongs to one account.',
    },
    permissionUnknown: {
      status: 422,
      title: 'There is no such permission.',
      description: '`permissions` lists the names that no contract declares.',
    },
    proofRefused: {
      status: 403,
      title: 'That proof is not right.',
      description: 'The password, code or passkey does not match, or the code was used before.',
    },
    reauthenticationRequired: {
      status: 403,
      title: 'Prove that it is you first.',
      description: 'This change needs a proof of the last 10 minutes: call reauthenticate, then repeat it.',
    },
    refreshRefused: {
      status: 401,
      title: 'The session has ended.',
      description: 'The refresh token is unknown, used, revoked or expired. Sign in again.',
    },
    registrationClosed: {
      status: 403,
      title: 'Registration is closed.',
      description: 'The administrator of this installation has closed it (AUTH_SIGN_UP=closed).',
    },
    roleBuiltIn: {
      status: 409,
      title: 'This role is built in.',
      description: 'member and admin cannot be changed or deleted.',
    },
    roleExists: {
      status: 409,
      title: 'There is a role of this name.',
      description: 'Choose another name, or change that role.',
    },
    roleUnknown: {
      status: 422,
      title: 'There is no such role.',
      description: '`roles` lists the names that do not exist. member needs no assignment.',
    },
    scopeNotHeld: {
      status: 403,
      title: 'A token cannot have more than its owner.',
      description: '`scopes` lists what is missing.',
    },
    sessionRequired: {
      status: 403,
      title: 'A personal access token cannot do this.',
      description: 'Credentials and sessions are changed by a signed-in person, not by a program.',
    },
    setupCodeInvalid: {
      status: 403,
      title: 'This setup code is not valid.',
      description:
        'It is wrong, or there is an administrator already. The server prints the current code when it starts.',
    },
    signInRefused: {
      status: 401,
      title: 'Signing in did not work.',
      description:
        'The e-mail or password is not right, the address is not confirmed yet, or the account is locked. Which of these is not told.',
    },
    tooManyTokens: {
      status: 409,
      title: 'There are 50 tokens already.',
      description: 'Revoke one that is not needed.',
    },
    totpAlreadyOn: {
      status: 409,
      title: 'The second factor is on already.',
      description: 'Turn it off first to set up another authenticator.',
    },
    totpNotStarted: {
      status: 409,
      title: 'No authenticator has been set up.',
      description: 'Begin with startTotp; what was begun expires after 15 minutes.',
    },
    tryLater: {
      status: 429,
      title: 'Too many wrong attempts.',
      description: 'Wait `retryAfter` seconds. A passkey and the mailed reset link work meanwhile.',
    },
    usernameTaken: {
      status: 409,
      title: 'This username is taken.',
      description: 'Choose another; usernames are public.',
    },
    usernameNotAllowed: {
      status: 422,
      title: 'This username cannot be used.',
      description: 'It breaks a rule of usernames, or is reserved. users’ checkUsername says which.',
    },
    emailTaken: {
      status: 409,
      title: 'This address has an account.',
      description: 'Only administrators who import accounts are told so.',
    },
    hashUnsupported: {
      status: 422,
      title: 'This kind of password hash cannot be imported.',
      description:
        'Argon2 in PHC form ($argon2id$..., up to 64 MiB and four passes) and bcrypt up to cost 12 ($2a$, $2b$, $2y$) can, of three such settings at most at a time: every sign-in pays for them until their owners have signed in.',
    },
    weakPassword: {
      status: 422,
      title: 'This password is too easy to guess.',
      description:
        'Use at least 10 characters that are not a common password and not your name or address. `reason` says which.',
    },
  },
})
