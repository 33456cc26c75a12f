/** Console operations on apps: the OAuth clients of a project’s issuer. */
import { type Operation, pageOf, pageQuery, Timestamp, Type } from '@pleiad/platform/contract'
import { AppId, bodyOf, environmentPath, exampleIds, inEnvironment, ScopeName } from './contract-schemas.ts'

const Uri = (description: string) => Type.String({ minLength: 3, maxLength: 2000, description })

export const AppKind = Type.Enum(['web', 'browser', 'native', 'device', 'machine'], {
  description:
    'web: has a server that keeps a secret; browser: runs in a page, no secret; native: on a phone or desktop, no secret; device: shows a code (television, command line), no secret; machine: a program without a person, with a secret',
})

const fields = {
  name: Type.String({ minLength: 1, maxLength: 100, description: 'Shown to people who sign in' }),
  redirectUris: Type.Array(Uri('Compared character by character'), {
    maxItems: 50,
    description: 'Where the browser may be sent after signing in',
  }),
  postLogoutRedirectUris: Type.Array(Uri('Compared character by character'), {
    maxItems: 50,
    description: 'Where the browser may be sent after signing out',
  }),
  backchannelLogoutUri: Type.Union([Uri('An https address of the app’s server'), Type.Null()], {
    description: 'Told when a session of the app ends (OpenID Connect Back-Channel Logout); null: nobody is',
  }),
  scopes: Type.Array(ScopeName, {
    maxItems: 100,
    uniqueItems: true,
    description:
      'Scopes the app may ask for, beside openid, profile, email and offline_access: of the environment’s own APIs, and of the installation’s API (getSettings lists them)',
  }),
  consent: Type.Enum(['skip', 'ask'], {
    description:
      'skip: the project’s own app, nobody is asked; ask: each person decides what the app gets. If not given: ask for native apps, which cannot prove who they are, unless all their redirect addresses begin with https; skip for all others',
  }),
  requirePar: Type.Boolean({ description: 'Only pushed authorization requests (RFC 9126) are taken' }),
  requireDpop: Type.Boolean({ description: 'Tokens are bound to a key of the app (RFC 9449)' }),
  tokenExchange: Type.Boolean({
    description: 'The app may exchange a token it received for one of its own (RFC 8693); needs a secret',
  }),
  accessTokenSeconds: Type.Integer({
    minimum: 60,
    maximum: 86_400,
    description: 'How long access tokens work',
  }),
  refreshTokenDays: Type.Integer({
    minimum: 1,
    maximum: 365,
    description: 'A refresh token that is not used for so long stops working',
  }),
}

export const App = Type.Object({
  appId: AppId,
  kind: AppKind,
  ...fields,
  hasSecret: Type.Boolean({ description: 'The app authenticates with a secret' }),
  secretHint: Type.Optional(Type.String({ description: 'The last characters of the newest secret' })),
  previousSecretUntil: Type.Optional(Timestamp),
  grantTypes: Type.Array(Type.String(), { description: 'What the token endpoint takes from it' }),
  createdAt: Timestamp,
  changedAt: Timestamp,
  version: Type.Integer({ description: 'Grows with every change' }),
})

const WithSecret = Type.Object({
  app: App,
  clientSecret: Type.Optional(Type.String({ description: 'Shown now and never again' })),
})

const optional = {
  redirectUris: Type.Optional(fields.redirectUris),
  postLogoutRedirectUris: Type.Optional(fields.postLogoutRedirectUris),
  backchannelLogoutUri: Type.Optional(fields.backchannelLogoutUri),
  scopes: Type.Optional(fields.scopes),
  consent: Type.Optional(fields.consent),
  requirePar: Type.Optional(fields.requirePar),
  requireDpop: Type.Optional(fields.requireDpop),
  tokenExchange: Type.Optional(fields.tokenExchange),
  accessTokenSeconds: Type.Optional(fields.accessTokenSeconds),
  refreshTokenDays: Type.Optional(fields.refreshTokenDays),
}

const params = Type.Object({ ...inEnvironment, appId: AppId })
const { projectId, environment, appId } = exampleIds

export const appOperations = {
  createApp: {
    method: 'POST',
    path: `${environmentPath}/apps`,
    summary: 'Create an app',
    access: { project: 'developer', production: 'admin', scope: 'apps:write' },
    params: Type.Object(inEnvironment),
    body: bodyOf({ name: fields.name, kind: AppKind, ...optional }),
    status: 201,
    returns: WithSecret,
    errors: ['environmentUnknown', 'redirectUriRefused', 'appSettingsRefused', 'scopeUnknown', 'tooManyApps'],
    idempotent: true,
    example: {
      params: { projectId, environment },
      body: { name: 'Shop', kind: 'web', redirectUris: ['https://shop.example.com/callback'] },
    },
  },
  listApps: {
    method: 'GET',
    path: `${environmentPath}/apps`,
    summary: 'Apps of the environment, newest first',
    access: { project: 'viewer', scope: 'apps:read' },
    params: Type.Object(inEnvironment),
    query: Type.Object(pageQuery),
    returns: pageOf(App),
    errors: ['environmentUnknown', 'cursorInvalid'],
    example: { params: { projectId, environment } },
  },
  getApp: {
    method: 'GET',
    path: `${environmentPath}/apps/:appId`,
    summary: 'One app',
    access: { project: 'viewer', scope: 'apps:read' },
    params,
    returns: App,
    etag: 'version',
    errors: ['environmentUnknown'],
    example: { params: { projectId, environment, appId } },
  },
  changeApp: {
    method: 'PATCH',
    path: `${environmentPath}/apps/:appId`,
    summary: 'Change an app',
    description: 'Fields left out stay as they are. Takes effect at once, on every process.',
    access: { project: 'developer', production: 'admin', scope: 'apps:write' },
    ifMatch: true,
    params,
    body: Type.Object(
      { name: Type.Optional(fields.name), ...optional },
      { additionalProperties: false, minProperties: 1 },
    ),
    returns: App,
    etag: 'version',
    errors: ['environmentUnknown', 'redirectUriRefused', 'appSettingsRefused', 'scopeUnknown'],
    example: { params: { projectId, environment, appId }, body: { name: 'Shop' } },
  },
  rotateAppSecret: {
    method: 'POST',
    path: `${environmentPath}/apps/:appId/rotate-secret`,
    summary: 'A new client secret',
    description: 'The secret before works on for the given hours, so that the app can be changed over.',
    access: { project: 'developer', production: 'admin', scope: 'apps:write' },
    params,
    body: bodyOf({
      overlapHours: Type.Optional(
        Type.Integer({ minimum: 0, maximum: 168, default: 24, description: '0: it stops working at once' }),
      ),
    }),
    returns: WithSecret,
    errors: ['environmentUnknown', 'appHasNoSecret'],
    example: { params: { projectId, environment, appId }, body: { overlapHours: 24 } },
  },
  deleteApp: {
    method: 'DELETE',
    path: `${environmentPath}/apps/:appId`,
    summary: 'Delete an app; its tokens stop working at once',
    access: { project: 'developer', production: 'admin', scope: 'apps:write' },
    params,
    errors: ['environmentUnknown'],
    example: { params: { projectId, environment, appId } },
  },
} as const satisfies Record<string, Operation>
