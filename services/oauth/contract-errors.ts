/** What oauth refuses, and why. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const oauthErrors = {
  providerUnknown: {
    status: 422,
    title: 'The catalogue has no such provider.',
    description:
      '`listCatalogue` says which there are; for any other use oidc (discovery) or oauth2 (endpoints).',
  },
  providerConfigured: {
    status: 409,
    title: 'This provider is configured already.',
    description:
      'Change the configuration that is there, or choose another key for a second generic provider.',
  },
  configurationNotRight: {
    status: 422,
    title: 'Some fields of the configuration are not right.',
    description: '`errors` lists the fields and what is expected there.',
  },
  providerDisabled: {
    status: 409,
    title: 'This provider is disabled.',
    description: 'Enable it in the project’s providers; connections that exist go on working.',
  },
  projectArchived: {
    status: 409,
    title: 'The project is archived.',
    description: 'Nothing flows while it is archived. Restore the project first.',
  },
  returnUrlNotAllowed: {
    status: 422,
    title: 'The return address is not allowed.',
    description:
      'It must be one of the provider’s `returnUrls`, character by character: no fragment, no user info, no wildcard.',
  },
  reconnectRequired: {
    status: 409,
    title: 'The person must connect again.',
    description:
      'The provider’s tokens are over or refused (`reason`) and cannot be refreshed. Open a connect session for the person.',
  },
  tokenNotOffered: {
    status: 409,
    title: 'This provider gives no tokens.',
    description: 'It only signs people in; there is nothing that a program could use.',
  },
  validityNotOffered: {
    status: 422,
    title: 'The provider’s tokens do not live that long.',
    description: '`longest` says how many seconds a fresh token lives. Ask for less.',
  },
  tokenUnavailable: {
    status: 503,
    title: 'The token cannot be refreshed right now.',
    description:
      'The provider fails; the refresh is repeated later, and the connection is kept. Repeat after `Retry-After`.',
  },
} as const satisfies Record<string, ErrorKind>
