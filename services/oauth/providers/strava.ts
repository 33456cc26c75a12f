/** Strava. https://developers.strava.com/docs/authentication/ */
import { type Json, type Provider, subjectAt, textAt } from '../provider.ts'

export const strava: Provider = {
  catalogue: 'strava',
  name: 'Strava',
  kind: 'oauth2',
  icon: {
    path: 'M15.387 17.944l-2.089-4.116h-3.065L15.387 24l5.15-10.172h-3.066m-7.008-5.599l2.836 5.598h4.172L10.463 0l-7 13.828h4.169',
    color: '#fc4c02',
  },
  documentation: 'https://www.strava.com/settings/api',
  notes: [
    'People may untick scopes; only the redirect says which they left, and that is what the connection shows.',
    'Access tokens live 6 hours; a refresh may replace the refresh token, and the former one is over at once.',
    'Strava gives no e-mail address.',
  ],
  scopes: ['read'],
  scopeSeparator: ',',
  endpoints: () => ({
    authorization: 'https://www.strava.com/oauth/authorize',
    token: 'https://www.strava.com/oauth/token',
    userinfo: 'https://www.strava.com/api/v3/athlete',
    revocation: 'https://www.strava.com/oauth/deauthorize',
  }),
  clientAuth: 'post',
  pkce: false,
  refresh: 'rotated',
  parameters: (purpose) => ({ approval_prompt: purpose === 'connect' ? 'force' : 'auto' }),
  // The end is an absolute time; while a token is reused, that is the one which counts.
  readTokenAnswer: (answer) =>
    typeof answer['expires_at'] === 'number' ? { ...answer, expires_at_epoch: answer['expires_at'] } : answer,
  grantedScopes: ({ scope }) => (scope === undefined ? undefined : scope.split(/[ ,]+/).filter(Boolean)),
  identity: (athlete) => ({
    subject: subjectAt(athlete, 'id'),
    emailVerified: false,
    name: [textAt(athlete, 'firstname'), textAt(athlete, 'lastname')].filter(Boolean).join(' ') || undefined,
    picture: /^https:/.test(textAt(athlete, 'profile') ?? '') ? textAt(athlete, 'profile') : undefined,
  }),
  refusedForGood: (status, answer) =>
    (status === 400 || status === 401) &&
    ((answer['errors'] as readonly Json[] | undefined) ?? []).some(
      ({ field, code }) => field === 'refresh_token' && code === 'invalid',
    ),
  revoke: async ({ accessToken }, _client, ask, { revocation }) => {
    await ask(revocation!, { method: 'POST', form: { access_token: accessToken } })
  },
}
