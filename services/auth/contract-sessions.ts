/** Operations on sessions: signing in and out, refresh, the list of sessions, the public keys. */
import { type Operation, Type } from '@pleiad/platform/contract'
import {
  bodyOf,
  Email,
  FactorProof,
  FlowId,
  Password,
  PublicKeyJson,
  SecondFactorRequired,
  Session,
  SignedIn,
  Transport,
} from './contract-schemas.ts'

const flow = 'f3pP0v2b8m1Qw9r5tYzAaBbC'

export const sessionOperations = {
  login: {
    method: 'POST',
    path: '/login',
    summary: 'Sign in with e-mail and password',
    description:
      'Takes the same time and answers the same for an address without an account. Answers with a challenge if the account has a second factor.',
    access: 'public',
    rate: 'auth',
    body: bodyOf({ email: Email, password: Password, transport: Transport }),
    returns: Type.Union([SignedIn, SecondFactorRequired]),
    errors: ['signInRefused', 'tryLater'],
    example: { body: { email: 'ada@example.com', password: 'correct horse battery' } },
  },
  loginSecondFactor: {
    method: 'POST',
    path: '/login/second-factor',
    summary: 'Finish signing in with the second factor',
    access: 'public',
    rate: 'auth',
    body: bodyOf({
      challenge: Type.String({ minLength: 20, maxLength: 200, description: 'From the answer of login' }),
      proof: FactorProof,
      transport: Transport,
    }),
    returns: SignedIn,
    errors: ['challengeExpired', 'proofRefused', 'tryLater'],
    example: {
      body: { challenge: 'c3pP0v2b8m1Qw9r5tYzAaBbCcDdEe', proof: { method: 'totp', code: '123456' } },
    },
  },
  startPasskeyLogin: {
    method: 'POST',
    path: '/login/passkey/options',
    summary: 'Options for signing in with a passkey',
    description:
      'Without a challenge: any discoverable passkey, no e-mail needed. With the challenge of login, or while signed in (for reauthenticate): the passkeys of that account.',
    access: 'public',
    rate: 'auth',
    body: bodyOf({
      challenge: Type.Optional(
        Type.String({
          minLength: 20,
          maxLength: 200,
          description: 'From the answer of login, to use a passkey as second factor',
        }),
      ),
    }),
    returns: Type.Object({ flowId: FlowId, options: PublicKeyJson }),
    errors: ['challengeExpired'],
    example: { body: {} },
  },
  loginPasskey: {
    method: 'POST',
    path: '/login/passkey',
    summary: 'Sign in with a passkey',
    description: 'A passkey that verified its user (PIN, fingerprint, face) is both factors at once.',
    access: 'public',
    rate: 'auth',
    body: bodyOf({ flowId: FlowId, response: PublicKeyJson, transport: Transport }),
    returns: SignedIn,
    errors: ['challengeExpired', 'proofRefused'],
    example: {
      body: {
        flowId: flow,
        response: { id: 'cred', rawId: 'cred', type: 'public-key', response: {}, clientExtensionResults: {} },
      },
    },
  },
  refresh: {
    method: 'POST',
    path: '/refresh',
    summary: 'Exchange the refresh token for a new pair',
    description:
      'Each refresh token works once; using it again after the grace of 10 seconds ends the session, because somebody copied it. Within the grace the same successor is answered, so two tabs may refresh at once.',
    access: 'public',
    body: bodyOf({
      refreshToken: Type.Optional(
        Type.String({
          minLength: 20,
          maxLength: 200,
          description: 'With the bearer transport; the cookie transport reads the cookie',
        }),
      ),
      transport: Transport,
    }),
    returns: SignedIn,
    errors: ['refreshRefused'],
    example: { body: { refreshToken: 'r3pP0v2b8m1Qw9r5tYzAaBbCcDdEeFf' } },
  },
  logout: {
    method: 'POST',
    path: '/logout',
    summary: 'End this session',
    description:
      'Works with an expired access token too, by the refresh token. Clears the cookies. Answers the same if there is no session.',
    access: 'public',
    body: bodyOf({
      refreshToken: Type.Optional(
        Type.String({
          minLength: 20,
          maxLength: 200,
          description: 'With the bearer transport, when there is no valid access token',
        }),
      ),
    }),
    example: { body: {} },
  },
  listSessions: {
    method: 'GET',
    path: '/sessions',
    summary: 'List one’s own sessions',
    access: 'user',
    returns: Type.Object({ items: Type.Array(Session) }),
  },
  revokeSession: {
    method: 'DELETE',
    path: '/sessions/:sid',
    summary: 'End one of one’s own sessions',
    description: 'Its access tokens are refused everywhere within a second.',
    access: 'user',
    params: Type.Object({ sid: Type.String({ format: 'uuid', description: 'The session' }) }),
    errors: ['sessionRequired'],
    example: { params: { sid: '01890a5d-ac96-774b-bcce-b302099a8057' } },
  },
  revokeOtherSessions: {
    method: 'POST',
    path: '/sessions/revoke-others',
    summary: 'End all of one’s own sessions but this one',
    access: 'user',
    returns: Type.Object({ revoked: Type.Integer({ description: 'How many ended' }) }),
    errors: ['sessionRequired'],
  },
  getJwks: {
    method: 'GET',
    path: '/.well-known/jwks.json',
    root: true,
    summary: 'Public keys that verify access tokens (RFC 7517)',
    description: 'Holds the key in use, the next one and those whose tokens have not expired.',
    access: 'public',
    returns: Type.Object({
      keys: Type.Array(
        Type.Object({
          kty: Type.Literal('OKP'),
          crv: Type.Literal('Ed25519'),
          x: Type.String(),
          kid: Type.String(),
          alg: Type.Literal('EdDSA'),
          use: Type.Literal('sig'),
        }),
      ),
    }),
  },
} as const satisfies Record<string, Operation>
