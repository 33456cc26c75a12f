/** Any OAuth 2 provider, by its endpoints. */
import { isTrue, type Provider, subjectAt, textAt } from '../provider.ts'

const PATH = /^[\w-]+(\.[\w-]+){0,5}$/

export const oauth2: Provider = {
  catalogue: 'oauth2',
  name: 'OAuth 2',
  kind: 'oauth2',
  generic: true,
  icon: {
    path: 'M12 1a5 5 0 0 1 5 5v3h1.500A1.500 1.500 0 0 1 20 10.500v11A1.500 1.500 0 0 1 18.500 23h-13A1.500 1.500 0 0 1 4 21.500v-11A1.500 1.500 0 0 1 5.500 9H7V6a5 5 0 0 1 5-5Zm0 2a3 3 0 0 0-3 3v3h6V6a3 3 0 0 0-3-3Zm0 10a2 2 0 0 0-1 3.730V19h2v-2.270A2 2 0 0 0 12 13Z',
    color: '#5c6370',
  },
  documentation: 'https://oauth.net/2/grant-types/authorization-code/',
  secretOptional: true,
  fields: [
    { key: 'authorizationUrl', label: 'Authorization endpoint', kind: 'url', required: true },
    { key: 'tokenUrl', label: 'Token endpoint', kind: 'url', required: true },
    {
      key: 'userinfoUrl',
      label: 'Profile endpoint',
      kind: 'url',
      required: true,
      hint: 'Answers JSON to a bearer token',
    },
    { key: 'revocationUrl', label: 'Revocation endpoint', kind: 'url', required: false, hint: 'RFC 7009' },
    {
      key: 'issuer',
      label: 'Issuer',
      kind: 'url',
      required: false,
      hint: 'Checked when the redirect has iss',
    },
    {
      key: 'clientAuth',
      label: 'Client authentication',
      kind: 'choice',
      required: false,
      choices: ['basic', 'post', 'none'],
      default: 'basic',
    },
    {
      key: 'pkce',
      label: 'PKCE',
      kind: 'choice',
      required: false,
      choices: ['S256', 'none'],
      default: 'S256',
    },
    {
      key: 'scopeSeparator',
      label: 'Between scopes',
      kind: 'choice',
      required: false,
      choices: ['space', 'comma'],
      default: 'space',
    },
    {
      key: 'subjectField',
      label: 'Field of the person’s id',
      kind: 'text',
      required: false,
      default: 'id',
      pattern: PATH,
    },
    {
      key: 'emailField',
      label: 'Field of the address',
      kind: 'text',
      required: false,
      default: 'email',
      pattern: PATH,
    },
    {
      key: 'emailVerifiedField',
      label: 'Field that says the address is verified',
      kind: 'text',
      required: false,
      hint: 'Without it no address counts as verified',
      pattern: PATH,
    },
    {
      key: 'nameField',
      label: 'Field of the name',
      kind: 'text',
      required: false,
      default: 'name',
      pattern: PATH,
    },
    {
      key: 'pictureField',
      label: 'Field of the picture',
      kind: 'text',
      required: false,
      default: 'picture',
      pattern: PATH,
    },
  ],
  notes: ['Fields of the profile may lie deeper: user.profile.email.'],
  scopes: [],
  endpoints: ({ authorizationUrl, tokenUrl, userinfoUrl, revocationUrl }) => ({
    authorization: authorizationUrl!,
    token: tokenUrl!,
    userinfo: userinfoUrl!,
    revocation: revocationUrl,
  }),
  clientAuth: ({ clientAuth = 'basic' }) => clientAuth as 'basic',
  pkce: ({ pkce }) => pkce !== 'none',
  refresh: 'sometimes',
  identity: (profile, { settings }) => ({
    subject: subjectAt(profile, settings['subjectField'] ?? 'id'),
    email: textAt(profile, settings['emailField'] ?? 'email'),
    emailVerified: isTrue(valueAt(profile, settings['emailVerifiedField'])),
    name: textAt(profile, settings['nameField'] ?? 'name'),
    picture: textAt(profile, settings['pictureField'] ?? 'picture'),
  }),
}

function valueAt(json: unknown, path: string | undefined): unknown {
  if (path === undefined) return undefined
  return path
    .split('.')
    .reduce<unknown>(
      (value, part) =>
        typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[part] : undefined,
      json,
    )
}
