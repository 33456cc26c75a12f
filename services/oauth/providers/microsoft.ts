/** Microsoft Entra ID and personal accounts. https://learn.microsoft.com/entra/identity-platform/v2-protocols-oidc */
import { isTrue, openIdIdentity, type Provider } from '../provider.ts'

const HOST = 'https://login.microsoftonline.com'
/** The tenant of all personal accounts. */
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad'
const GUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

export const microsoft: Provider = {
  catalogue: 'microsoft',
  name: 'Microsoft',
  kind: 'openid',
  icon: {
    path: 'M1 1h10.5v10.5H1V1Zm11.5 0H23v10.5H12.5V1ZM1 12.5h10.5V23H1V12.5Zm11.5 0H23V23H12.5V12.5Z',
    color: '#00a4ef',
  },
  documentation: 'https://learn.microsoft.com/entra/identity-platform/quickstart-register-app',
  clientIdLabel: 'Application (client) ID',
  secretLabel: 'Client secret value',
  fields: [
    {
      key: 'tenant',
      label: 'Directory (tenant)',
      kind: 'text',
      required: false,
      default: 'common',
      hint: 'common: everybody; organizations: work and school; consumers: personal accounts; or the tenant’s id',
      pattern: /^[A-Za-z0-9][A-Za-z0-9.-]{1,253}$/,
    },
  ],
  notes: [
    'The issuer names the tenant of the person; it is checked against the tenant configured here.',
    'Addresses count as verified only where the token says so (xms_edov): in Entra anybody can write anything there.',
    'A refresh token needs the scope offline_access. It is replaced by each refresh; the former one stays good.',
  ],
  scopes: ['openid', 'email', 'profile', 'offline_access'],
  issuer: ({ tenant }) => `${HOST}/${tenant}/v2.0`,
  clientAuth: 'post',
  pkce: true,
  refresh: 'kept',
  issuerFits: (issuer, { tid }, { tenant = 'common' }) => {
    if (typeof tid !== 'string' || !GUID.test(tid) || issuer !== `${HOST}/${tid}/v2.0`) return false
    if (tenant === 'organizations') return tid !== PERSONAL
    if (tenant === 'consumers') return tid === PERSONAL
    // A tenant named by its domain is compared by discovery, whose issuer has the id.
    return tenant === 'common' || !GUID.test(tenant.toLowerCase()) || tid === tenant.toLowerCase()
  },
  identity: (claims) => ({
    ...openIdIdentity(claims),
    emailVerified: isTrue(claims['xms_edov']) || isTrue(claims['email_verified']),
  }),
}
