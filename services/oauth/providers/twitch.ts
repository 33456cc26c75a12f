/** Twitch. https://dev.twitch.tv/docs/authentication/getting-tokens-oauth */
import { type Json, type Provider, subjectAt, textAt } from '../provider.ts'

export const twitch: Provider = {
  catalogue: 'twitch',
  name: 'Twitch',
  kind: 'oauth2',
  icon: {
    path: 'M11.571 4.714h1.715v5.143H11.57zm4.715 0H18v5.143h-1.714zM6 0L1.714 4.286v15.428h5.143V24l4.286-4.286h3.428L22.286 12V0zm14.571 11.143l-3.428 3.428h-3.429l-3 3v-3H6.857V1.714h13.714Z',
    color: '#9146ff',
  },
  documentation: 'https://dev.twitch.tv/console/apps',
  notes: [
    'Access tokens live about 4 hours. A refresh may replace the refresh token.',
    'An address is only given when it is verified.',
  ],
  scopes: ['user:read:email'],
  endpoints: () => ({
    authorization: 'https://id.twitch.tv/oauth2/authorize',
    token: 'https://id.twitch.tv/oauth2/token',
    userinfo: 'https://api.twitch.tv/helix/users',
    revocation: 'https://id.twitch.tv/oauth2/revoke',
  }),
  clientAuth: 'post',
  pkce: false,
  refresh: 'kept',
  // Scopes come as an array.
  readTokenAnswer: (answer) =>
    Array.isArray(answer['scope']) ? { ...answer, scope: answer['scope'].join(' ') } : answer,
  // Errors have a status and a message instead of a code.
  refusedForGood: (status, answer) =>
    (status === 400 || status === 401) && /invalid refresh token/i.test(String(answer['message'])),
  fetchProfile: async ({ accessToken }, { clientId }, ask, endpoint) =>
    (await ask(endpoint, {
      headers: { authorization: `Bearer ${accessToken}`, 'client-id': clientId },
    })) as Json,
  identity: ({ data }) => {
    const user = (Array.isArray(data) ? data[0] : undefined) as Json | undefined
    const email = textAt(user, 'email')
    return {
      subject: subjectAt(user, 'id'),
      email,
      emailVerified: email !== undefined,
      name: textAt(user, 'display_name') ?? textAt(user, 'login'),
      picture: textAt(user, 'profile_image_url'),
    }
  },
  revoke: async ({ accessToken }, { clientId }, ask, { revocation }) => {
    await ask(revocation!, { method: 'POST', form: { client_id: clientId, token: accessToken } })
  },
}
