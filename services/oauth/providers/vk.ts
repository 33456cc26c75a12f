/** VK ID, OAuth 2.1. https://id.vk.com/about/business/go/docs/ru/vkid/latest/vk-id/connection/api-integration/api-description */
import { type Json, type Provider, subjectAt, textAt } from '../provider.ts'

export const vk: Provider = {
  catalogue: 'vk',
  name: 'VK',
  kind: 'oauth2',
  icon: {
    path: 'm9.489.004.729-.003h3.564l.73.003.914.01.433.007.418.011.403.014.388.016.374.021.36.025.345.03.333.033c1.74.196 2.933.616 3.833 1.516.9.9 1.32 2.092 1.516 3.833l.034.333.029.346.025.36.02.373.025.588.012.41.013.644.009.915.004.98-.001 3.313-.003.73-.01.914-.007.433-.011.418-.014.403-.016.388-.021.374-.025.36-.03.345-.033.333c-.196 1.74-.616 2.933-1.516 3.833-.9.9-2.092 1.32-3.833 1.516l-.333.034-.346.029-.36.025-.373.02-.588.025-.41.012-.644.013-.915.009-.98.004-3.313-.001-.73-.003-.914-.01-.433-.007-.418-.011-.403-.014-.388-.016-.374-.021-.36-.025-.345-.03-.333-.033c-1.74-.196-2.933-.616-3.833-1.516-.9-.9-1.32-2.092-1.516-3.833l-.034-.333-.029-.346-.025-.36-.02-.373-.025-.588-.012-.41-.013-.644-.009-.915-.004-.98.001-3.313.003-.73.01-.914.007-.433.011-.418.014-.403.016-.388.021-.374.025-.36.03-.345.033-.333c.196-1.74.616-2.933 1.516-3.833.9-.9 2.092-1.32 3.833-1.516l.333-.034.346-.029.36-.025.373-.02.588-.025.41-.012.644-.013.915-.009ZM6.79 7.3H4.05c.13 6.24 3.25 9.99 8.72 9.99h.31v-3.57c2.01.2 3.53 1.67 4.14 3.57h2.84c-.78-2.84-2.83-4.41-4.11-5.01 1.28-.74 3.08-2.54 3.51-4.98h-2.58c-.56 1.98-2.22 3.78-3.8 3.95V7.3H10.5v6.92c-1.6-.4-3.62-2.34-3.71-6.92Z',
    color: '#0077ff',
  },
  documentation: 'https://id.vk.com/about/business/go',
  clientIdLabel: 'App ID',
  secretLabel: 'Protected key',
  secretOptional: true,
  notes: [
    'The browser comes back with a device_id, which every token request must repeat; it is kept with the tokens.',
    'Access tokens live one hour; each refresh replaces the refresh token.',
    'VK does not say whether an address is verified, so it counts as not verified.',
  ],
  scopes: ['vkid.personal_info', 'email'],
  endpoints: () => ({
    authorization: 'https://id.vk.com/authorize',
    token: 'https://id.vk.com/oauth2/auth',
    userinfo: 'https://id.vk.com/oauth2/user_info',
    revocation: 'https://id.vk.com/oauth2/revoke',
  }),
  clientAuth: 'post',
  pkce: true,
  refresh: 'rotated',
  remember: ({ device_id }): Record<string, string> => (device_id ? { device_id } : {}),
  tokenParameters: ({ device_id = '' }) => ({ device_id }),
  fetchProfile: async ({ accessToken }, { clientId }, ask, endpoint) =>
    (await ask(endpoint, {
      method: 'POST',
      form: { client_id: clientId, access_token: accessToken },
    })) as Json,
  identity: (info) => ({
    subject: subjectAt(info, 'user.user_id'),
    email: textAt(info, 'user.email'),
    emailVerified: false,
    name:
      [textAt(info, 'user.first_name'), textAt(info, 'user.last_name')].filter(Boolean).join(' ') ||
      undefined,
    picture: textAt(info, 'user.avatar'),
  }),
  revoke: async ({ accessToken }, { clientId }, ask, { revocation }) => {
    await ask(revocation!, { method: 'POST', form: { client_id: clientId, access_token: accessToken } })
  },
}
