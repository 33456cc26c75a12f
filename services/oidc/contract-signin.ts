/**
 * What a project’s sign-in page calls. The page stands at `/oidc/<issuer>/sign-in/<uid>`; its calls carry the cookie of
 * that one sign-in, which the browser only sends below this path. Nothing here tells whether an address has an account.
 */
import { type Operation, Type } from '@pleiad/platform/contract'
import {
  bodyOf,
  Email,
  exampleIds,
  FlowId,
  Handle,
  Locale,
  MailCode,
  Password,
  PersonName,
  ProviderKey,
  PublicKeyJson,
} from './contract-schemas.ts'

const Uid = Type.String({ pattern: '^[A-Za-z0-9_-]{10,60}$', description: 'Names the sign-in' })
const base = '/oidc/:handle/sign-in/:uid'
const params = Type.Object({ handle: Handle, uid: Uid })
const example = { params: { handle: exampleIds.handle, uid: exampleIds.uid } }

/** What the sign-in pages of an issuer show of the project. */
export const Brand = Type.Object({
  name: Type.String({ description: 'Name of the project' }),
  accent: Type.Optional(Type.String({ description: 'Its colour, as #rrggbb' })),
  logoUrl: Type.Optional(Type.String({ description: 'Its logo' })),
  homeUrl: Type.Optional(Type.String({ description: 'Its own site' })),
  supportEmail: Type.Optional(Type.String({ description: 'Whom to ask for help' })),
  environment: Type.String({ description: 'Environment; pages of others than production say so' }),
})

export const SignInProvider = Type.Object({
  key: ProviderKey,
  name: Type.String({ description: 'Name as it is shown' }),
  icon: Type.Object(
    {
      path: Type.String({ description: 'Path data of a 24 by 24 drawing' }),
      color: Type.String({ description: 'Colour of the brand, #rrggbb' }),
    },
    { description: 'The provider’s sign' },
  ),
})

export const ScopeLine = Type.Object({
  name: Type.String({ description: 'The scope' }),
  description: Type.String({
    description: 'What it allows, in the project’s words; empty for openid, profile, email, offline_access',
  }),
})

export const SignInDetails = Type.Object({
  prompt: Type.Enum(['login', 'consent'], { description: 'What the page has to ask' }),
  brand: Brand,
  appName: Type.String({ description: 'The app that the person signs in to' }),
  methods: Type.Object({
    password: Type.Boolean({ description: 'E-mail and password' }),
    passkey: Type.Boolean({ description: 'Passkey' }),
    signUp: Type.Boolean({ description: 'New accounts can be made' }),
    providers: Type.Array(SignInProvider, { description: 'Buttons to show' }),
  }),
  loginHint: Type.Optional(Type.String({ description: 'Address the app already knows' })),
  account: Type.Optional(
    Type.Object(
      {
        name: Type.String({ description: 'May be empty' }),
        email: Type.Optional(Type.String({ description: 'Address' })),
      },
      { description: 'Who is signed in already; on consent, and when the app asks to sign in again' },
    ),
  ),
  linking: Type.Optional(
    Type.Object(
      { provider: Type.String({ description: 'Name of the provider' }), email: Type.String() },
      {
        description:
          'There is an account with the address the provider told: signing in to it once, in any way, links the two',
      },
    ),
  ),
  scopes: Type.Array(ScopeLine, { description: 'On consent: what the app asks for and does not have yet' }),
  returnsTo: Type.String({ description: 'Host of the app the browser goes back to' }),
})

/** What comes next: back to the app, or a code from a mail. */
export const Step = Type.Union([
  Type.Object({
    step: Type.Literal('continue', { description: 'Load `url` in this window' }),
    url: Type.String({ description: 'Where to; same origin' }),
  }),
  Type.Object({
    step: Type.Literal('enterCode', { description: 'Ask for the code that was mailed; then confirmEmail' }),
    email: Type.String({ description: 'Where the mail went' }),
  }),
  Type.Object({
    step: Type.Literal('link', {
      description:
        'There is an account with this address: ask the person to sign in to it once, to link both',
    }),
    email: Type.String({ description: 'The address' }),
    provider: Type.String({ description: 'Name of the provider' }),
  }),
])

const trouble = ['signInGone', 'issuerUnknown'] as const

export const signInOperations = {
  getSignIn: {
    method: 'GET',
    path: `${base}/details`,
    root: true,
    summary: 'What the sign-in page shows',
    access: 'public',
    params,
    returns: SignInDetails,
    errors: trouble,
    example,
  },
  signInWithPassword: {
    method: 'POST',
    path: `${base}/password`,
    root: true,
    summary: 'Sign in with e-mail and password',
    description: 'Takes the same time and answers the same for an address without an account.',
    access: 'public',
    rate: 'auth',
    params,
    body: bodyOf({ email: Email, password: Password, locale: Type.Optional(Locale) }),
    returns: Step,
    errors: [...trouble, 'signInRefused', 'tryLater', 'methodOff'],
    example: { ...example, body: { email: 'ada@example.com', password: 'correct horse battery' } },
  },
  signUp: {
    method: 'POST',
    path: `${base}/sign-up`,
    root: true,
    summary: 'Make an account',
    description:
      'Always answers that a code was mailed. Somebody who has an account already gets a mail that says so. (With verifyEmail off: signs in at once.)',
    access: 'public',
    rate: 'auth',
    params,
    body: bodyOf({
      email: Email,
      password: Password,
      name: Type.Optional(PersonName),
      locale: Type.Optional(Locale),
    }),
    returns: Step,
    errors: [
      ...trouble,
      'signUpClosed',
      'passwordTooWeak',
      'endUserExists',
      'signInRefused',
      'tryLater',
      'methodOff',
    ],
    example: { ...example, body: { email: 'ada@example.com', password: 'correct horse battery' } },
  },
  confirmEmail: {
    method: 'POST',
    path: `${base}/confirm-email`,
    root: true,
    summary: 'Prove an address with the mailed code, and sign in',
    access: 'public',
    rate: 'auth',
    params,
    body: bodyOf({ code: MailCode }),
    returns: Step,
    errors: [...trouble, 'codeRefused', 'signInRefused', 'signUpClosed', 'tryLater'],
    example: { ...example, body: { code: '12345678' } },
  },
  forgotPassword: {
    method: 'POST',
    path: `${base}/forgot-password`,
    root: true,
    summary: 'Mail a code with which to set a new password',
    description: 'Answers the same whether or not the address has an account.',
    access: 'public',
    rate: 'auth',
    params,
    body: bodyOf({ email: Email, locale: Type.Optional(Locale) }),
    status: 202,
    errors: [...trouble, 'tryLater', 'methodOff'],
    example: { ...example, body: { email: 'ada@example.com' } },
  },
  resetPassword: {
    method: 'POST',
    path: `${base}/reset-password`,
    root: true,
    summary: 'Set a new password with the mailed code, and sign in',
    description: 'Ends all sessions of the person.',
    access: 'public',
    rate: 'auth',
    params,
    body: bodyOf({ code: MailCode, password: Password }),
    returns: Step,
    errors: [...trouble, 'codeRefused', 'passwordTooWeak', 'signInRefused', 'tryLater'],
    example: { ...example, body: { code: '12345678', password: 'correct horse battery' } },
  },
  beginPasskeySignIn: {
    method: 'POST',
    path: `${base}/passkey/options`,
    root: true,
    summary: 'Options for signing in with a passkey',
    access: 'public',
    rate: 'auth',
    params,
    returns: Type.Object({ flowId: FlowId, options: PublicKeyJson }),
    errors: [...trouble, 'methodOff'],
    example,
  },
  finishPasskeySignIn: {
    method: 'POST',
    path: `${base}/passkey`,
    root: true,
    summary: 'Sign in with a passkey',
    access: 'public',
    rate: 'auth',
    params,
    body: bodyOf({ flowId: FlowId, response: PublicKeyJson }),
    returns: Step,
    errors: [...trouble, 'challengeExpired', 'signInRefused', 'tryLater', 'methodOff'],
    example: { ...example, body: { flowId: 'f3pP0v2b8m1Qw9r5tYzAaBbC', response: {} } },
  },
  beginProviderSignIn: {
    method: 'POST',
    path: `${base}/providers/:provider`,
    root: true,
    summary: 'Where to send the browser to sign in with a provider',
    description:
      'The provider sends it back to the sign-in page with `?ticket=` (pass it to finishProviderSignIn) or `?error=`.',
    access: 'public',
    rate: 'auth',
    params: Type.Object({ handle: Handle, uid: Uid, provider: ProviderKey }),
    returns: Type.Object({ url: Type.String({ description: 'Address at the provider' }) }),
    errors: [...trouble, 'providerUnavailable'],
    example: { params: { ...example.params, provider: 'google' } },
  },
  finishProviderSignIn: {
    method: 'POST',
    path: `${base}/ticket`,
    root: true,
    summary: 'Sign in with what the provider answered',
    description:
      'An address that the provider does not vouch for is proved by a code first, whether or not it has an account: before that nothing tells which.',
    access: 'public',
    rate: 'auth',
    params,
    body: bodyOf({
      ticket: Type.String({ minLength: 10, maxLength: 500, description: 'From the address of the page' }),
      locale: Type.Optional(Locale),
    }),
    returns: Step,
    errors: [...trouble, 'ticketRefused', 'signInRefused', 'signUpClosed', 'providerUnavailable', 'tryLater'],
    example: { ...example, body: { ticket: 'f3pP0v2b8m1Qw9r5tYzAaBbC' } },
  },
  acceptConsent: {
    method: 'POST',
    path: `${base}/consent`,
    root: true,
    summary: 'Let the app have what it asks for',
    access: 'public',
    params,
    returns: Step,
    errors: trouble,
    example,
  },
  cancelSignIn: {
    method: 'POST',
    path: `${base}/cancel`,
    root: true,
    summary: 'Go back to the app without signing in, or deny what it asks for',
    access: 'public',
    params,
    returns: Step,
    errors: trouble,
    example,
  },
} as const satisfies Record<string, Operation>
