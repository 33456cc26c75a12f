/** Slack, tokens of people. https://docs.slack.dev/authentication/installing-with-oauth */
import { isTrue, type Json, type Provider, subjectAt, textAt } from '../provider.ts'

/** Slack answers 200 to everything; the body says whether it went well. */
function unwrapped(answer: Json): Json {
  return answer['ok'] === false ? { error: answer['error'] ?? 'unknown_error' } : answer
}

export const slack: Provider = {
  catalogue: 'slack',
  name: 'Slack',
  kind: 'oauth2',
  icon: {
    path: 'M8.800 1a2.200 2.200 0 0 0 0 4.400H11V3.200A2.200 2.200 0 0 0 8.800 1Zm0 6H3.200a2.200 2.200 0 0 0 0 4.400h5.600a2.200 2.200 0 0 0 0-4.400ZM23 9.200a2.200 2.200 0 0 0-4.400 0v2.200h2.200A2.200 2.200 0 0 0 23 9.200Zm-6 0V3.200a2.200 2.200 0 0 0-4.400 0v6a2.200 2.200 0 0 0 4.400 0ZM14.800 23a2.200 2.200 0 0 0 0-4.400h-2.200v2.200a2.200 2.200 0 0 0 2.200 2.200Zm0-6h6a2.200 2.200 0 0 0 0-4.400h-6a2.200 2.200 0 0 0 0 4.400ZM1 14.800a2.200 2.200 0 0 0 4.400 0v-2.200H3.200A2.200 2.200 0 0 0 1 14.800Zm5.600 0v6a2.200 2.200 0 0 0 4.400 0v-6a2.200 2.200 0 0 0-4.400 0Z',
    color: '#4a154b',
  },
  documentation: 'https://api.slack.com/apps',
  notes: [
    'The scopes are user scopes: the tokens act for the person, not for a bot.',
    'Tokens do not expire unless token rotation is on in the app; then they live 12 hours and each refresh replaces the refresh token.',
    'People of different workspaces are different accounts.',
  ],
  scopes: ['users:read', 'users:read.email'],
  scopeSeparator: ',',
  scopeParameter: 'user_scope',
  endpoints: () => ({
    authorization: 'https://slack.com/oauth/v2/authorize',
    token: 'https://slack.com/api/oauth.v2.access',
    userinfo: 'https://slack.com/api/users.info',
    revocation: 'https://slack.com/api/auth.revoke',
  }),
  clientAuth: 'post',
  pkce: false,
  refresh: 'sometimes',
  // The person's token lies inside `authed_user`; the outer one, if any, is the bot's. A refresh answers without it.
  readTokenAnswer: (answer) => {
    const own = unwrapped(answer)
    const person = own['authed_user'] as Json | undefined
    if (typeof person?.['access_token'] !== 'string') return own
    const scope = textAt(person, 'scope')?.replaceAll(',', ' ')
    return { ...person, token_type: 'Bearer', ...(scope ? { scope } : {}), user: textAt(person, 'id') }
  },
  refusedForGood: (_status, answer) =>
    ['invalid_refresh_token', 'token_revoked', 'token_expired', 'account_inactive'].includes(
      String(answer['error']),
    ),
  fetchProfile: async ({ accessToken }, _client, ask, endpoint) => {
    const headers = { authorization: `Bearer ${accessToken}` }
    const who = unwrapped((await ask('https://slack.com/api/auth.test', { method: 'POST', headers })) as Json)
    const query = new URLSearchParams({ user: textAt(who, 'user_id') ?? '' })
    return unwrapped((await ask(`${endpoint}?${query}`, { headers })) as Json)
  },
  identity: (info) => ({
    subject: `${subjectAt(info, 'user.team_id')}-${subjectAt(info, 'user.id')}`,
    email: textAt(info, 'user.profile.email'),
    emailVerified: isTrue((info['user'] as Json)['is_email_confirmed']),
    name:
      textAt(info, 'user.profile.real_name') ?? textAt(info, 'user.real_name') ?? textAt(info, 'user.name'),
    picture: textAt(info, 'user.profile.image_192'),
  }),
  revoke: async ({ accessToken }, _client, ask, { revocation }) => {
    await ask(revocation!, { method: 'POST', headers: { authorization: `Bearer ${accessToken}` } })
  },
}
