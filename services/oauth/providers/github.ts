/** GitHub, OAuth apps and GitHub Apps. https://docs.github.com/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps */
import { type Json, type Provider, subjectAt, textAt } from '../provider.ts'

interface Email {
  readonly email: string
  readonly primary: boolean
  readonly verified: boolean
}

export const github: Provider = {
  catalogue: 'github',
  name: 'GitHub',
  kind: 'oauth2',
  icon: {
    path: 'M12 .297c-6.63 0-12 5.373-12 12 0 5.303 3.438 9.8 8.205 11.385.6.113.82-.258.82-.577 0-.285-.01-1.04-.015-2.04-3.338.724-4.042-1.61-4.042-1.61C4.422 18.07 3.633 17.7 3.633 17.7c-1.087-.744.084-.729.084-.729 1.205.084 1.838 1.236 1.838 1.236 1.07 1.835 2.809 1.305 3.495.998.108-.776.417-1.305.76-1.605-2.665-.3-5.466-1.332-5.466-5.93 0-1.31.465-2.38 1.235-3.22-.135-.303-.54-1.523.105-3.176 0 0 1.005-.322 3.3 1.23.96-.267 1.98-.399 3-.405 1.02.006 2.04.138 3 .405 2.28-1.552 3.285-1.23 3.285-1.23.645 1.653.24 2.873.12 3.176.765.84 1.23 1.91 1.23 3.22 0 4.61-2.805 5.625-5.475 5.92.42.36.81 1.096.81 2.22 0 1.606-.015 2.896-.015 3.286 0 .315.21.69.825.57C20.565 22.092 24 17.592 24 12.297c0-6.627-5.373-12-12-12',
    color: '#181717',
  },
  documentation: 'https://github.com/settings/developers',
  notes: [
    'Tokens of OAuth apps do not expire; those of GitHub Apps live 8 hours and come with a refresh token that is replaced by each refresh.',
    'The profile hides the address of many people: it is read from the list of addresses, which needs user:email.',
  ],
  scopes: ['read:user', 'user:email'],
  endpoints: () => ({
    authorization: 'https://github.com/login/oauth/authorize',
    token: 'https://github.com/login/oauth/access_token',
    userinfo: 'https://api.github.com/user',
    revocation: 'https://api.github.com/applications',
  }),
  clientAuth: 'post',
  pkce: true,
  refresh: 'sometimes',
  // Granted scopes come joined with commas, though they are asked for with spaces.
  readTokenAnswer: (answer) =>
    typeof answer['scope'] === 'string' ? { ...answer, scope: answer['scope'].replaceAll(',', ' ') } : answer,
  refusedForGood: (_status, answer) => answer['error'] === 'bad_refresh_token',
  fetchProfile: async ({ accessToken }, _client, ask, endpoint) => {
    const headers = { authorization: `Bearer ${accessToken}`, 'user-agent': 'Pleiad' }
    const user = (await ask(endpoint, { headers })) as Json
    // Without the scope the list is refused; the person can still sign in.
    const emails = await ask(`${endpoint}/emails`, { headers }).catch(() => [])
    return { ...user, emails: Array.isArray(emails) ? emails : [] }
  },
  identity: (user) => {
    const emails = user['emails'] as readonly Email[]
    const best =
      emails.find(({ primary, verified }) => primary && verified) ?? emails.find(({ verified }) => verified)
    return {
      subject: subjectAt(user, 'id'),
      email: best?.email ?? textAt(user, 'email'),
      emailVerified: best !== undefined,
      name: textAt(user, 'name') ?? textAt(user, 'login'),
      picture: textAt(user, 'avatar_url'),
    }
  },
  revoke: async ({ accessToken }, { clientId, secret }, ask, { revocation }) => {
    const basic = Buffer.from(`${clientId}:${secret ?? ''}`).toString('base64')
    await ask(`${revocation}/${encodeURIComponent(clientId)}/token`, {
      method: 'DELETE',
      headers: { authorization: `Basic ${basic}`, 'user-agent': 'Pleiad' },
      json: { access_token: accessToken },
    })
  },
}
