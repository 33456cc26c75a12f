/** Operations on connections: for the console, and for programs of a project. */
import { type Operation, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import {
  bodyOf,
  Connection,
  ConnectionState,
  EndUserId,
  ProviderKey,
  place,
  Scopes,
  Token,
} from './contract-schemas.ts'

const project = '01938a5e-7c00-7000-8000-0000000000b1'
const connectionId = '01938a5e-7c00-7000-8000-0000000000c1'
const params = { projectId: project, environment: 'production' }
const root = '/projects/:projectId/environments/:environment/connections'
const listed = Type.Object({
  ...pageQuery,
  cursor: Type.Optional(Type.String({ format: 'uuid', description: '`next` of the page before' })),
  endUserId: Type.Optional(EndUserId),
  provider: Type.Optional(ProviderKey),
  state: Type.Optional(ConnectionState),
})
const own = Type.Object({ connectionId: Uuid })

export const connectionOperations = {
  listConnections: {
    method: 'GET',
    path: root,
    summary: 'Connections of an environment, newest first',
    access: { project: 'viewer' },
    params: Type.Object(place),
    query: listed,
    returns: pageOf(Connection),
    example: { params, query: { state: 'broken' } },
  },
  getConnection: {
    method: 'GET',
    path: `${root}/:connectionId`,
    summary: 'One connection of an environment',
    access: { project: 'viewer' },
    params: Type.Object({ ...place, connectionId: Uuid }),
    returns: Connection,
    example: { params: { ...params, connectionId } },
  },
  revokeConnection: {
    method: 'DELETE',
    path: `${root}/:connectionId`,
    summary: 'End a connection of an end user',
    description: 'Its tokens are revoked at the provider where it offers that, and erased here.',
    access: { project: 'developer', production: 'admin' },
    params: Type.Object({ ...place, connectionId: Uuid }),
    example: { params: { ...params, connectionId } },
  },
  openConnectSession: {
    method: 'POST',
    path: '/connect-sessions',
    summary: 'Begin to connect an end user’s account at a provider',
    description:
      'Answers with an address to open in the end user’s browser, once, within ten minutes. The browser comes back to `returnUrl` with `connection` and `connectSession`, or with `error`. Check that the person who comes back is the one you opened the session for.',
    access: { scope: 'connections:write' },
    body: bodyOf({
      provider: ProviderKey,
      endUserId: EndUserId,
      returnUrl: Type.String({
        minLength: 1,
        maxLength: 500,
        description: 'One of the provider’s returnUrls',
      }),
      scopes: Type.Optional(Scopes),
      state: Type.Optional(
        Type.String({ maxLength: 500, description: 'Comes back unchanged with the browser' }),
      ),
      loginHint: Type.Optional(
        Type.String({ maxLength: 200, description: 'The person’s address at the provider, if known' }),
      ),
    }),
    status: 201,
    returns: Type.Object({
      connectSessionId: Uuid,
      url: Type.String({ description: 'Open it in the end user’s browser' }),
      expiresAt: Type.String({ format: 'date-time', description: 'Must be opened before' }),
    }),
    errors: ['providerDisabled', 'projectArchived', 'returnUrlNotAllowed'],
    example: {
      body: { provider: 'google', endUserId: 'user-42', returnUrl: 'https://app.example.org/connected' },
    },
  },
  listOwnConnections: {
    method: 'GET',
    path: '/connections',
    summary: 'Connections of the program’s environment, newest first',
    description: 'A token of an end user sees that end user’s connections only.',
    access: { scope: 'connections:read' },
    query: listed,
    returns: pageOf(Connection),
    example: { query: { endUserId: 'user-42' } },
  },
  getOwnConnection: {
    method: 'GET',
    path: '/connections/:connectionId',
    summary: 'One connection of the program’s environment',
    access: { scope: 'connections:read' },
    params: own,
    returns: Connection,
    example: { params: { connectionId } },
  },
  revokeOwnConnection: {
    method: 'DELETE',
    path: '/connections/:connectionId',
    summary: 'End a connection',
    description: 'Its tokens are revoked at the provider where it offers that, and erased here.',
    access: { scope: 'connections:write' },
    params: own,
    example: { params: { connectionId } },
  },
  getToken: {
    method: 'GET',
    path: '/connections/:connectionId/token',
    summary: 'A valid access token of the provider',
    description:
      'Valid for at least `minValidity` seconds; refreshed if need be, once for however many ask at the same time. `reconnectRequired` when that is not possible any more.',
    access: { scope: 'vault:read' },
    params: own,
    query: Type.Object({
      minValidity: Type.Optional(
        Type.Integer({
          minimum: 0,
          maximum: 86_400,
          default: 60,
          description: 'Seconds for which the token must be valid',
        }),
      ),
    }),
    returns: Token,
    errors: [
      'reconnectRequired',
      'tokenNotOffered',
      'validityNotOffered',
      'tokenUnavailable',
      'projectArchived',
    ],
    example: { params: { connectionId }, query: { minValidity: 300 } },
  },
  replaceToken: {
    method: 'POST',
    path: '/connections/:connectionId/token/replace',
    summary: 'Another token, because the provider refused this one',
    description:
      'For a token that should be valid and is answered with 401, because the person or the provider ended it early. Answers with a newer token if there is one already, refreshes otherwise, at most twice a minute; `reconnectRequired` when that is not possible.',
    access: { scope: 'vault:read' },
    params: own,
    body: bodyOf({
      accessToken: Type.String({
        minLength: 1,
        maxLength: 20_000,
        description: 'The token that was refused',
      }),
    }),
    returns: Token,
    errors: [
      'reconnectRequired',
      'tokenNotOffered',
      'validityNotOffered',
      'tokenUnavailable',
      'projectArchived',
    ],
    example: { params: { connectionId }, body: { accessToken: 'ya29.refused' } },
  },
} as const satisfies Record<string, Operation>
