/** Console operations on an environment’s issuer: sign-in settings, statistics, signing keys. */
import { type Operation, Timestamp, Type } from '@pleiad/platform/contract'
import { environmentPath, exampleIds, inEnvironment, ScopeName } from './contract-schemas.ts'

const fields = {
  password: Type.Boolean({ description: 'People may sign in with e-mail and password' }),
  passkey: Type.Boolean({ description: 'People may sign in with a passkey' }),
  signUp: Type.Enum(['open', 'closed'], {
    description: 'closed: only people whom the console or the API created',
  }),
  verifyEmail: Type.Boolean({
    description:
      'An address must be proved before its owner is let in. When off, signing up tells whether an address has an account.',
  }),
  sessionHours: Type.Integer({
    minimum: 1,
    maximum: 8760,
    description: 'A session in the browser that is not used for so long ends',
  }),
  apis: Type.Array(
    Type.Object(
      {
        audience: Type.String({
          minLength: 3,
          maxLength: 500,
          pattern: '^https?://[^#]+$',
          description: 'The API’s address: what apps name as `resource`, and `aud` of its tokens',
        }),
        name: Type.String({ minLength: 1, maxLength: 100, description: 'Name of the API' }),
        scopes: Type.Array(
          Type.Object(
            {
              name: ScopeName,
              description: Type.String({ maxLength: 200, description: 'Shown when a person is asked' }),
            },
            { additionalProperties: false },
          ),
          { maxItems: 50, description: 'What tokens of the API can allow' },
        ),
      },
      { additionalProperties: false },
    ),
    { maxItems: 20, description: 'The project’s own APIs, which verify tokens by the issuer’s keys' },
  ),
}

export const SignInSettings = Type.Object({
  ...fields,
  issuer: Type.String({ description: 'Address of the issuer' }),
  discoveryUrl: Type.String({ description: 'Address of its configuration document' }),
  installationApi: Type.Object(
    {
      audience: Type.String({ description: 'What apps name as `resource` for tokens of this installation' }),
      scopes: Type.Array(
        Type.Object({
          name: Type.String({ description: 'Name of the scope' }),
          forPeople: Type.Boolean({
            description: 'Apps may ask for it on behalf of a person; otherwise only machines may',
          }),
        }),
        { description: 'Scopes that operations of the installation take' },
      ),
    },
    { description: 'Pleiad’s own API, as a resource' },
  ),
  version: Type.Integer({ description: 'Grows with every change' }),
})

const SigningKey = Type.Object({
  kid: Type.String({ description: 'Key id, as in the header of tokens' }),
  algorithm: Type.String({ description: 'Signature algorithm' }),
  state: Type.Enum(['next', 'active', 'previous'], {
    description: 'next: published and not used yet; active: signs; previous: still verifies',
  }),
  createdAt: Timestamp,
  activatedAt: Type.Optional(Timestamp),
  retiresAt: Type.Optional(Timestamp),
})

const params = Type.Object(inEnvironment)
const { projectId, environment } = exampleIds
const example = { params: { projectId, environment } }

export const settingsOperations = {
  getSettings: {
    method: 'GET',
    path: `${environmentPath}/settings`,
    summary: 'How people sign in to the environment',
    access: { project: 'viewer', scope: 'apps:read' },
    params,
    returns: SignInSettings,
    etag: 'version',
    errors: ['environmentUnknown'],
    example,
  },
  changeSettings: {
    method: 'PATCH',
    path: `${environmentPath}/settings`,
    summary: 'Change how people sign in to the environment',
    description: 'Fields left out stay as they are. Takes effect at once, on every process.',
    access: { project: 'admin', scope: 'settings:write' },
    ifMatch: true,
    params,
    body: Type.Object(
      {
        password: Type.Optional(fields.password),
        passkey: Type.Optional(fields.passkey),
        signUp: Type.Optional(fields.signUp),
        verifyEmail: Type.Optional(fields.verifyEmail),
        sessionHours: Type.Optional(fields.sessionHours),
        apis: Type.Optional(fields.apis),
      },
      { additionalProperties: false, minProperties: 1 },
    ),
    returns: SignInSettings,
    etag: 'version',
    errors: ['environmentUnknown', 'apiRefused'],
    example: { ...example, body: { passkey: true } },
  },
  getSignInStatistics: {
    method: 'GET',
    path: `${environmentPath}/sign-in-statistics`,
    summary: 'Sign-ins over time, by outcome, reason and method',
    access: { project: 'viewer', scope: 'endusers:read' },
    maxStalenessMs: 30_000,
    params,
    query: Type.Object({
      from: Type.Optional(Type.String({ format: 'date-time', description: '30 days ago if not given' })),
      to: Type.Optional(Type.String({ format: 'date-time', description: 'Now if not given' })),
      bucket: Type.Optional(
        Type.Enum(['hour', 'day'], { default: 'day', description: 'hour: at most 8 days at once' }),
      ),
    }),
    returns: Type.Object({
      items: Type.Array(
        Type.Object({
          at: Timestamp,
          outcome: Type.Enum(['success', 'failure'], { description: 'How it ended' }),
          method: Type.String({ description: 'password, passkey, signUp or the key of a provider' }),
          reason: Type.String({ description: 'Why it failed; empty for a success' }),
          count: Type.Integer({ description: 'How many' }),
        }),
        { description: 'Only what happened: empty buckets are left out. Ordered by time' },
      ),
      totals: Type.Object({
        success: Type.Integer({ description: 'Sign-ins in the whole time' }),
        failure: Type.Integer({ description: 'Failures in the whole time' }),
        endUsers: Type.Integer({ description: 'End users there are now' }),
        newEndUsers: Type.Integer({
          description: 'End users created in the whole time, by whole hours; those who left since count',
        }),
      }),
    }),
    errors: ['environmentUnknown', 'timeRangeRefused'],
    example: { ...example, query: { bucket: 'day' } },
  },
  listSigningKeys: {
    method: 'GET',
    path: `${environmentPath}/signing-keys`,
    summary: 'Keys that sign the issuer’s tokens',
    access: { project: 'viewer', scope: 'apps:read' },
    params,
    returns: Type.Object({ items: Type.Array(SigningKey) }),
    errors: ['environmentUnknown'],
    example,
  },
  rotateSigningKeys: {
    method: 'POST',
    path: `${environmentPath}/signing-keys/rotate`,
    summary: 'Put the next signing keys in force',
    description:
      'Happens by itself every 90 days. Tokens signed before stay valid for a week, unless `compromised` is given: then they end at once.',
    access: { project: 'admin', scope: 'keys:rotate' },
    params,
    body: Type.Object(
      {
        compromised: Type.Optional(
          Type.Boolean({
            default: false,
            description:
              'The old keys leaked: refuse what they signed, with new keys instead of the next ones',
          }),
        ),
      },
      { additionalProperties: false },
    ),
    returns: Type.Object({ items: Type.Array(SigningKey) }),
    errors: ['environmentUnknown'],
    rate: 'auth',
    example: { ...example, body: { compromised: false } },
  },
} as const satisfies Record<string, Operation>
