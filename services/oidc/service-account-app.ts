/** The account page of an issuer as an app: it exists in every issuer and in no table. */
import { type App, defaultAppSettings } from './apps.ts'
import { type Issuer, issuerUrl } from './issuers.ts'

export const ACCOUNT_APP = 'account'

export function accountApp(publicUrl: string, issuer: Issuer): App {
  return {
    appId: ACCOUNT_APP,
    issuerId: issuer.issuerId,
    name: issuer.name,
    kind: 'browser',
    settings: { ...defaultAppSettings, redirectUris: [`${issuerUrl(publicUrl, issuer.handle)}/account`] },
    secretHash: null,
    secretHint: null,
    previousHash: null,
    previousUntil: null,
    version: 1,
    createdAt: new Date(0),
    changedAt: new Date(0),
  }
}
