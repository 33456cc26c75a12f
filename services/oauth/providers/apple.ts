/** Sign in with Apple. https://developer.apple.com/documentation/signinwithapplerestapi */
import { importPKCS8, SignJWT } from 'jose'
import { openIdIdentity, type Provider, textAt } from '../provider.ts'

const ISSUER = 'https://appleid.apple.com'

/** The form field `user`, which Apple sends with the very first sign-in and never again. */
function nameOf(user: string | undefined): string | undefined {
  try {
    const name = JSON.parse(user ?? '{}')?.name
    return (
      [name?.firstName, name?.lastName].filter((part) => typeof part === 'string' && part).join(' ') ||
      undefined
    )
  } catch {
    return undefined
  }
}

export const apple: Provider = {
  catalogue: 'apple',
  name: 'Apple',
  kind: 'openid',
  icon: {
    path: 'M12.152 6.896c-.948 0-2.415-1.078-3.96-1.04-2.04.027-3.91 1.183-4.961 3.014-2.117 3.675-.546 9.103 1.519 12.09 1.013 1.454 2.208 3.09 3.792 3.039 1.52-.065 2.09-.987 3.935-.987 1.831 0 2.35.987 3.96.948 1.637-.026 2.676-1.48 3.676-2.948 1.156-1.688 1.636-3.325 1.662-3.415-.039-.013-3.182-1.221-3.22-4.857-.026-3.04 2.48-4.494 2.597-4.559-1.429-2.09-3.623-2.324-4.39-2.376-2-.156-3.675 1.09-4.61 1.09zM15.53 3.83c.843-1.012 1.4-2.427 1.245-3.83-1.207.052-2.662.805-3.532 1.818-.78.896-1.454 2.338-1.273 3.714 1.338.104 2.715-.688 3.559-1.701',
    color: '#000000',
  },
  documentation:
    'https://developer.apple.com/help/account/capabilities/configure-sign-in-with-apple-for-the-web',
  clientIdLabel: 'Services ID',
  secretLabel: 'Private key (.p8)',
  secretKind: 'multiline',
  fields: [
    {
      key: 'teamId',
      label: 'Team ID',
      kind: 'text',
      required: true,
      hint: 'Ten characters, in the membership details',
      pattern: /^[A-Z0-9]{10}$/,
    },
    {
      key: 'keyId',
      label: 'Key ID',
      kind: 'text',
      required: true,
      hint: 'Ten characters, beside the key',
      pattern: /^[A-Z0-9]{10}$/,
    },
  ],
  notes: [
    'The client secret is a JWT that is signed with the private key for each request.',
    'The answer comes as a form post, and the person’s name only with the first sign-in.',
    'People may hide their address behind one of privaterelay.appleid.com.',
    'Apple takes redirect URIs with https and a public name only.',
  ],
  scopes: ['openid', 'email', 'name'],
  issuer: () => ISSUER,
  endpoints: () => ({
    authorization: `${ISSUER}/auth/authorize`,
    token: `${ISSUER}/auth/token`,
    revocation: `${ISSUER}/auth/revoke`,
    jwks: `${ISSUER}/auth/keys`,
  }),
  clientAuth: 'post',
  pkce: false,
  refresh: 'kept',
  // Apple insists on a form post as soon as the name or the address is asked for.
  parameters: () => ({ response_mode: 'form_post' }),
  clientSecret: async ({ clientId, secret, settings }, now) => {
    const issued = Math.floor(now.getTime() / 1000)
    return new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: settings['keyId']! })
      .setIssuer(settings['teamId']!)
      .setSubject(clientId)
      .setAudience(ISSUER)
      .setIssuedAt(issued)
      .setExpirationTime(issued + 300)
      .sign(await importPKCS8(secret ?? '', 'ES256'))
  },
  identity: (claims, _client, parameters) => ({
    ...openIdIdentity(claims),
    name: nameOf(parameters['user']) ?? textAt(claims, 'name'),
  }),
}
