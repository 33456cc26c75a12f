/** What oidc refuses, and why. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const oidcErrors = {
  environmentUnknown: {
    status: 404,
    title: 'There is no such environment.',
    description: 'Check the name of the environment; it may have been removed.',
  },
  issuerUnknown: {
    status: 404,
    title: 'Nobody signs in here.',
    description: 'There is no project environment of this address, or its project is archived.',
  },
  redirectUriRefused: {
    status: 422,
    title: 'This address cannot be used for redirects.',
    description:
      '`uri` is the address and `reason` says why. Use an absolute https address without fragment, user name or wildcard; http only for this computer (localhost, 127.0.0.1, [::1]); a scheme of its own such as com.example.app:/callback only for native apps.',
  },
  appSettingsRefused: {
    status: 422,
    title: 'These settings do not go together.',
    description:
      '`reason` says which: such as a machine with redirect addresses, or token exchange without a secret.',
  },
  scopeUnknown: {
    status: 422,
    title: 'There is no such scope.',
    description: '`scopes` lists those that neither an API of the environment nor the installation has.',
  },
  tooManyApps: {
    status: 409,
    title: 'The environment has as many apps as it may.',
    description: 'Delete one that is not used.',
  },
  appHasNoSecret: {
    status: 409,
    title: 'This app has no secret.',
    description: 'Browser, native and device apps cannot keep one: they prove themselves with PKCE.',
  },
  apiRefused: {
    status: 422,
    title: 'This API cannot be added.',
    description: '`reason` says why: its audience is the installation’s own, or given twice, or a scope is.',
  },
  timeRangeRefused: {
    status: 422,
    title: 'This range of time cannot be shown.',
    description: '`to` must be after `from`; hours are shown for 8 days at once, days for 400.',
  },
  cursorInvalid: {
    status: 400,
    title: 'This cursor is not one of ours.',
    description: 'Use `next` of the page before unchanged, with the same filters.',
  },
  endUserExists: {
    status: 409,
    title: 'There is an account with this address.',
    description: 'Sign in to it, or use another address.',
  },
  endUserHasNoEmail: {
    status: 409,
    title: 'This person has no address.',
    description: 'They signed in by a provider that told none.',
  },
  passwordHashUnknown: {
    status: 422,
    title: 'This password hash cannot be taken over.',
    description: 'Encoded hashes of Argon2 (id, i, d) and bcrypt up to cost 12 can.',
  },
  signInGone: {
    status: 410,
    title: 'This sign-in has ended.',
    description: 'It was finished, took too long, or began in another browser. Start again from the app.',
  },
  signInRefused: {
    status: 401,
    title: 'Signing in did not work.',
    description: 'The address or the proof does not match, or the account is blocked.',
  },
  signUpClosed: {
    status: 403,
    title: 'New accounts cannot be made here.',
    description: 'Ask the owner of the project for an account.',
  },
  methodOff: {
    status: 403,
    title: 'This way of signing in is switched off.',
    description: 'The project’s settings do not offer it. Choose another.',
  },
  passwordTooWeak: {
    status: 422,
    title: 'This password is too easy to guess.',
    description:
      '`reason` says why: tooShort (10 characters at least), tooCommon, tooSimple, containsYourName.',
  },
  codeRefused: {
    status: 403,
    title: 'This code does not work.',
    description:
      'It is wrong, was used, is older than 15 minutes, or was tried too often. Ask for a new one.',
  },
  linkInvalid: {
    status: 410,
    title: 'This link does not work any more.',
    description: 'It was used, has expired or was replaced by a newer one. Ask for a new one.',
  },
  challengeExpired: {
    status: 410,
    title: 'This sign-in took too long or was tried too often.',
    description: 'A passkey is asked for once, for 5 minutes. Start again.',
  },
  passkeyRefused: {
    status: 403,
    title: 'This passkey does not hold.',
    description: 'The browser’s answer does not fit what was asked. Try again.',
  },
  passkeyKnown: {
    status: 409,
    title: 'This passkey is registered already.',
    description: 'Each passkey belongs to one account.',
  },
  providerUnavailable: {
    status: 503,
    title: 'This provider cannot be used now.',
    description:
      'It is switched off, not set up right, or does not answer. `detail` has its words. Choose another way.',
  },
  ticketRefused: {
    status: 403,
    title: 'The provider’s answer does not hold.',
    description: 'It was used, is too old, or belongs to another browser. Start again.',
  },
  identityTaken: {
    status: 409,
    title: 'This account at the provider is linked to somebody else.',
    description: 'Sign in with it and unlink it there first.',
  },
  notSignedIn: {
    status: 401,
    title: 'Sign in first.',
    description: 'There is no session in this browser, or it has ended.',
  },
  signInAgain: {
    status: 403,
    title: 'Sign in again first.',
    description:
      'This needs a sign-in of the last 10 minutes, so that nobody does it at an unlocked computer.',
  },
  lastWayIn: {
    status: 409,
    title: 'This is the only way into the account.',
    description: 'Set a password, add a passkey or link another provider first.',
  },
  deviceCodeRefused: {
    status: 404,
    title: 'There is no such code.',
    description: 'Check what the device shows; a code works once, for 10 minutes.',
  },
  tryLater: {
    status: 429,
    title: 'Too many wrong attempts.',
    description: 'Wait `retryAfter` seconds, then try again.',
  },
} as const satisfies Record<string, ErrorKind>
