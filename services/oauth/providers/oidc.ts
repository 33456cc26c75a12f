/** Any OpenID Connect provider, by its discovery document. */
import { openIdIdentity, type Provider } from '../provider.ts'

export const oidc: Provider = {
  catalogue: 'oidc',
  name: 'OpenID Connect',
  kind: 'openid',
  generic: true,
  icon: {
    path: 'M14.54.889l-3.63 1.773v18.17c-4.15-.52-7.27-2.78-7.27-5.5 0-2.58 2.8-4.75 6.63-5.41v-2.31C4.42 8.322 0 11.502 0 15.332c0 3.96 4.74 7.24 10.91 7.78l3.63-1.71V.888m.64 6.724v2.31c1.43.25 2.71.7 3.76 1.31l-1.97 1.11 7.03 1.53-.5-5.21-1.87 1.06c-1.74-1.06-3.96-1.81-6.45-2.11z',
    color: '#f78c40',
  },
  documentation: 'https://openid.net/developers/how-connect-works/',
  secretOptional: true,
  fields: [
    {
      key: 'issuer',
      label: 'Issuer',
      kind: 'url',
      required: true,
      hint: 'The address before /.well-known/openid-configuration',
    },
    {
      key: 'clientAuth',
      label: 'Client authentication',
      kind: 'choice',
      required: false,
      choices: ['discovered', 'basic', 'post', 'none'],
      default: 'discovered',
      hint: 'discovered: as the provider’s metadata says',
    },
  ],
  notes: [
    'Endpoints and keys come from discovery and are looked up again every hour.',
    'Many providers give a refresh token only with the scope offline_access.',
  ],
  scopes: ['openid', 'email', 'profile'],
  issuer: ({ issuer }) => issuer!,
  clientAuth: ({ clientAuth = 'discovered' }) => clientAuth as 'discovered',
  pkce: true,
  refresh: 'sometimes',
  identity: openIdIdentity,
}
