/** Yandex ID. https://yandex.com/dev/id/doc/en/ */
import { type Json, type Provider, subjectAt, textAt } from '../provider.ts'

export const yandex: Provider = {
  catalogue: 'yandex',
  name: 'Yandex',
  kind: 'oauth2',
  icon: {
    path: 'M12 0a12 12 0 1 0 0 24 12 12 0 0 0 0-24Zm1.9 19.5V6.4h-1.3c-2.1 0-3.2 1.1-3.2 2.6 0 1.8.8 2.6 2.3 3.6l1.3.9-3.6 5.9H6.5l3.4-5c-1.9-1.4-3-2.8-3-5.100 0-2.900 2-4.800 5.700-4.800h3.800v15h-2.500Z',
    color: '#fc3f1d',
  },
  documentation: 'https://oauth.yandex.com/client/new',
  clientIdLabel: 'ClientID',
  secretLabel: 'Client secret',
  notes: [
    'Each refresh replaces the refresh token; the access token may stay the same while it has long to live.',
    'An address counts as verified when its mailbox is at Yandex.',
  ],
  scopes: ['login:email', 'login:info', 'login:avatar'],
  endpoints: () => ({
    authorization: 'https://oauth.yandex.ru/authorize',
    token: 'https://oauth.yandex.ru/token',
    userinfo: 'https://login.yandex.ru/info?format=json',
    revocation: 'https://oauth.yandex.ru/revoke_token',
  }),
  clientAuth: 'basic',
  pkce: true,
  refresh: 'rotated',
  // The scheme is `OAuth`, not `Bearer`.
  fetchProfile: async ({ accessToken }, _client, ask, endpoint) =>
    (await ask(endpoint, { headers: { authorization: `OAuth ${accessToken}` } })) as Json,
  identity: (info) => {
    const email = textAt(info, 'default_email')
    const avatar = info['is_avatar_empty'] === true ? undefined : textAt(info, 'default_avatar_id')
    return {
      subject: subjectAt(info, 'id'),
      email,
      emailVerified: /@(yandex\.[a-z.]{2,6}|ya\.ru)$/i.test(email ?? ''),
      name: textAt(info, 'real_name') ?? textAt(info, 'display_name') ?? textAt(info, 'login'),
      picture: avatar && `https://avatars.yandex.net/get-yapic/${avatar}/islands-200`,
    }
  },
  revoke: async ({ accessToken }, { clientId, secret }, ask, { revocation }) => {
    const form = { access_token: accessToken, client_id: clientId, client_secret: secret ?? '' }
    await ask(revocation!, { method: 'POST', form })
  },
}
