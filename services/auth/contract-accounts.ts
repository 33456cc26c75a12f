/** Operations on one's own account: registration, e-mail, password, deletion. */
import { type Operation, Type } from '@pleiad/platform/contract'
import {
  bodyOf,
  Email,
  FreshProof,
  LinkToken,
  Locale,
  Me,
  Password,
  SetupCode,
  SignedIn,
  Transport,
  Username,
} from './contract-schemas.ts'

const link = 'kX3pP0v2b8m1Qw9r5tYzAaBbCcDdEeFf'

/** Anybody names an address; whether a mail goes there, the answer does not tell. */
const askingForMail = (path: string, summary: string, description: string) =>
  ({
    method: 'POST',
    path,
    summary,
    description,
    access: 'public',
    rate: 'auth',
    body: bodyOf({ email: Email }),
    example: { body: { email: 'ada@example.com' } },
  }) as const satisfies Operation

/** Whoever holds the link reads mail to the address: it counts as confirmed. */
const followingLink = (path: string, summary: string, description: string) =>
  ({
    method: 'POST',
    path,
    summary,
    description,
    access: 'public',
    rate: 'auth',
    body: bodyOf({ token: LinkToken }),
    returns: Type.Object({ email: Type.String() }),
    errors: ['linkInvalid'],
    example: { body: { token: link } },
  }) as const satisfies Operation

export const accountOperations = {
  register: {
    method: 'POST',
    path: '/register',
    summary: 'Register an account',
    description:
      'The answer is the same whether or not the address has an account: confirm the address by the link in the mail, then sign in (the owner of an existing account gets a mail that says so). ' +
      'With a valid setup code the account is made at once, becomes administrator and is signed in. With AUTH_SIGN_UP=immediate every new account is signed in at once and confirms its address later.',
    access: 'public',
    rate: 'auth',
    body: bodyOf({
      email: Email,
      password: Password,
      username: Username,
      displayName: Type.String({ minLength: 1, maxLength: 80, description: 'Name shown to others' }),
      locale: Type.Optional(Locale),
      setupCode: Type.Optional(SetupCode),
      transport: Transport,
    }),
    returns: Type.Union([Type.Object({ status: Type.Literal('confirmEmail') }), SignedIn]),
    errors: ['usernameTaken', 'usernameNotAllowed', 'weakPassword', 'setupCodeInvalid', 'registrationClosed'],
    example: {
      body: {
        email: 'ada@example.com',
        password: 'correct horse battery',
        username: 'ada',
        displayName: 'Ada Lovelace',
        locale: 'en',
      },
    },
  },
  verifyEmail: followingLink(
    '/verify-email',
    'Confirm an e-mail address by the mailed link',
    'Completes a registration that waits for it (sign in afterwards), or marks the address of an existing account as confirmed.',
  ),
  resendVerification: askingForMail(
    '/resend-verification',
    'Mail the confirmation link again',
    'Always answers the same; a mail is sent only if the address waits to be confirmed, at most once a minute.',
  ),
  requestPasswordReset: askingForMail(
    '/request-password-reset',
    'Mail a link that sets a new password',
    'Always answers the same; a mail is sent only if the address has an account, at most once a minute. The link works once and for one hour.',
  ),
  resetPassword: {
    method: 'POST',
    path: '/reset-password',
    summary: 'Set a new password by the mailed link',
    description:
      'Ends all sessions and personal access tokens of the account and confirms its address. The second factor stays.',
    access: 'public',
    rate: 'auth',
    body: bodyOf({ token: LinkToken, password: Password }),
    errors: ['linkInvalid', 'weakPassword'],
    example: { body: { token: link, password: 'a new long password' } },
  },
  changePassword: {
    method: 'POST',
    path: '/change-password',
    summary: 'Change the password',
    description:
      'Ends all other sessions. An account without a password (passkey only) needs a recent proof instead of the current one.',
    access: 'user',
    rate: 'auth',
    body: bodyOf({ currentPassword: Type.Optional(Password), newPassword: Password }),
    errors: ['proofRefused', 'weakPassword', 'tryLater', 'sessionRequired', 'reauthenticationRequired'],
    example: { body: { currentPassword: 'correct horse battery', newPassword: 'a new long password' } },
  },
  requestEmailChange: {
    method: 'POST',
    path: '/request-email-change',
    summary: 'Ask to change the e-mail address',
    description:
      'A link goes to the new address, a notice to the old one. Answers the same if the new address has an account already. Needs a recent proof.',
    access: 'user',
    rate: 'auth',
    body: bodyOf({ email: Email }),
    errors: ['sessionRequired', 'reauthenticationRequired'],
    example: { body: { email: 'ada@example.org' } },
  },
  confirmEmailChange: followingLink(
    '/confirm-email-change',
    'Confirm the new e-mail address by the mailed link',
    'The old address gets a notice. Sessions stay.',
  ),
  getMe: {
    method: 'GET',
    path: '/me',
    summary: 'Read one’s own account: address, factors, roles, permissions',
    access: 'user',
    returns: Me,
  },
  deleteAccount: {
    method: 'DELETE',
    path: '/me',
    summary: 'Delete one’s own account everywhere',
    description:
      'Needs a recent proof. Every service erases what it holds of the person (account.deleted, user.deleted). The last administrator cannot leave.',
    access: 'user',
    rate: 'auth',
    errors: ['sessionRequired', 'reauthenticationRequired', 'lastAdministrator'],
  },
  reauthenticate: {
    method: 'POST',
    path: '/reauthenticate',
    summary: 'Prove again who is at the keyboard',
    description:
      'Sensitive changes need a proof of the last 10 minutes; signing in is one. For a passkey, get options from startPasskeyLogin while signed in.',
    access: 'user',
    rate: 'auth',
    body: FreshProof,
    returns: Type.Object({
      provedUntil: Type.String({
        format: 'date-time',
        description: 'Until when sensitive changes need no new proof',
      }),
    }),
    errors: ['proofRefused', 'tryLater', 'sessionRequired'],
    example: { body: { method: 'password', password: 'correct horse battery' } },
  },
  claimAdministrator: {
    method: 'POST',
    path: '/claim-administrator',
    summary: 'Become the first administrator',
    description:
      'Takes the code that the server prints while it has no administrator. Refresh afterwards: the next access token carries the role.',
    access: 'user',
    rate: 'auth',
    body: bodyOf({ code: SetupCode }),
    errors: ['setupCodeInvalid', 'sessionRequired'],
    example: { body: { code: 'Zt3mW8cR1xLq5vNb' } },
  },
} as const satisfies Record<string, Operation>
