/** Facebook. https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow */
import { createHmac } from 'node:crypto'
import { type Json, type Provider, subjectAt, textAt } from '../provider.ts'

const GRAPH = 'https://graph.facebook.com/v23.0'

/** Shows Facebook that the caller knows the app's secret, so that a stolen token alone is of no use. */
function proofOf(accessToken: string, secret: string | undefined): string {
  return createHmac('sha256', secret ?? '')
    .update(accessToken)
    .digest('hex')
}

export const facebook: Provider = {
  catalogue: 'facebook',
  name: 'Facebook',
  kind: 'oauth2',
  icon: {
    path: 'M9.101 23.691v-7.98H6.627v-3.667h2.474v-1.58c0-4.085 1.848-5.978 5.858-5.978.401 0 .955.042 1.468.103a8.68 8.68 0 0 1 1.141.195v3.325a8.623 8.623 0 0 0-.653-.036 26.805 26.805 0 0 0-.733-.009c-.707 0-1.259.096-1.675.309a1.686 1.686 0 0 0-.679.622c-.258.42-.374.995-.374 1.752v1.297h3.919l-.386 2.103-.287 1.564h-3.246v8.245C19.396 23.238 24 18.179 24 12.044c0-6.627-5.373-12-12-12s-12 5.373-12 12c0 5.628 3.874 10.35 9.101 11.647Z',
    color: '#0866ff',
  },
  documentation: 'https://developers.facebook.com/docs/facebook-login/web',
  clientIdLabel: 'App ID',
  secretLabel: 'App secret',
  notes: [
    'There are no refresh tokens: the short-lived token is exchanged for one of about 60 days, after which the person connects again.',
    'People may withhold their address. Facebook does not say whether it is verified, so it counts as not verified.',
  ],
  scopes: ['public_profile', 'email'],
  scopeSeparator: ',',
  endpoints: () => ({
    authorization: 'https://www.facebook.com/v23.0/dialog/oauth',
    token: `${GRAPH}/oauth/access_token`,
    userinfo: `${GRAPH}/me`,
    revocation: `${GRAPH}/me/permissions`,
  }),
  clientAuth: 'post',
  pkce: false,
  refresh: 'never',
  afterTokens: async (tokens, { clientId, secret }, ask) => {
    const form = {
      grant_type: 'fb_exchange_token',
      client_id: clientId,
      client_secret: secret ?? '',
      fb_exchange_token: tokens.accessToken,
    }
    const answer = (await ask(`${GRAPH}/oauth/access_token`, { method: 'POST', form })) as Json
    const accessToken = textAt(answer, 'access_token')
    if (!accessToken) return tokens
    // Sometimes without an end: then it lives as long as Facebook says it does, 60 days.
    return { ...tokens, accessToken, expiresIn: Number(answer['expires_in'] ?? 60 * 86_400) }
  },
  fetchProfile: async ({ accessToken }, { secret }, ask, endpoint) => {
    const query = new URLSearchParams({
      fields: 'id,name,email,picture.width(200)',
      appsecret_proof: proofOf(accessToken, secret),
    })
    return (await ask(`${endpoint}?${query}`, {
      headers: { authorization: `Bearer ${accessToken}` },
    })) as Json
  },
  identity: (me) => ({
    subject: subjectAt(me, 'id'),
    email: textAt(me, 'email'),
    emailVerified: false,
    name: textAt(me, 'name'),
    picture: textAt(me, 'picture.data.url'),
  }),
  revoke: async ({ accessToken }, { secret }, ask, { revocation }) => {
    await ask(`${revocation}?appsecret_proof=${proofOf(accessToken, secret)}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${accessToken}` },
    })
  },
}
