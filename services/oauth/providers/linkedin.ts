/** LinkedIn. https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2 */
import { openIdIdentity, type Provider } from '../provider.ts'

export const linkedin: Provider = {
  catalogue: 'linkedin',
  name: 'LinkedIn',
  // It speaks OpenID Connect, but puts no nonce into ID tokens: the identity comes from the userinfo endpoint.
  kind: 'oauth2',
  icon: {
    path: 'M3 0h18a3 3 0 0 1 3 3v18a3 3 0 0 1-3 3H3a3 3 0 0 1-3-3V3a3 3 0 0 1 3-3Zm1.500 9v11h3.300V9H4.500ZM6.150 3.800a1.950 1.950 0 1 0 0 3.900 1.950 1.950 0 0 0 0-3.900ZM9.700 9v11H13v-5.800c0-1.500.7-2.500 2.100-2.500 1.300 0 1.900.9 1.900 2.500V20h3.300v-6.500c0-3.100-1.500-4.700-3.900-4.700-1.600 0-2.700.8-3.300 1.800V9H9.700Z',
    color: '#0a66c2',
  },
  documentation: 'https://www.linkedin.com/developers/apps',
  notes: [
    'The app needs the product “Sign In with LinkedIn using OpenID Connect”.',
    'Access tokens live 60 days. Refresh tokens are given to approved partners only; others connect again.',
    'LinkedIn refuses PKCE for apps with a secret, so it is not used.',
  ],
  scopes: ['openid', 'profile', 'email'],
  endpoints: () => ({
    authorization: 'https://www.linkedin.com/oauth/v2/authorization',
    token: 'https://www.linkedin.com/oauth/v2/accessToken',
    userinfo: 'https://api.linkedin.com/v2/userinfo',
    revocation: 'https://www.linkedin.com/oauth/v2/revoke',
  }),
  clientAuth: 'post',
  pkce: false,
  refresh: 'sometimes',
  // Granted scopes come joined with commas.
  readTokenAnswer: (answer) =>
    typeof answer['scope'] === 'string' ? { ...answer, scope: answer['scope'].replaceAll(',', ' ') } : answer,
  identity: (claims) => openIdIdentity(claims),
}
