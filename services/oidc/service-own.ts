/** What lives as long as the process: read models in memory, live issuers, keys, the hashing queue. */

import { type Hashing, openHashing } from '@pleiad/platform/passwords'
import type { Answer, Caller, RequestInfo, Tools } from '@pleiad/platform/service'
import type { App } from './apps.ts'
import type { Issuer } from './issuers.ts'
import { createRemembered, type Remembered } from './remembered.ts'
import { type Batches, createBatches } from './service-batches.ts'
import { attachConnection, offeredProviders } from './service-federation.ts'
import { createIssuers, type Issuers } from './service-issuers.ts'
import { createRevoked, REVOKED, type Revoked } from './service-revocation.ts'
import { reader } from './service-unit.ts'
import type { OidcConfig } from './settings.ts'
import { findApp, findIssuerByHandle } from './store-issuers.ts'

/** Told to every process when something of an issuer changed: `{ projectId }`, `{ issuerId }` or `{ appId }`. */
export const CHANGED = 'oidc.changed'

/** What was read is read again after this, in case a broadcast got lost. */
const FRESH_MS = 30_000

export interface Own {
  readonly tools: Tools<OidcConfig>
  readonly config: OidcConfig
  readonly hashing: Hashing
  readonly issuers: Issuers
  readonly batches: Batches
  readonly revoked: Revoked
  readonly issuerByHandle: (handle: string) => Promise<Issuer | undefined>
  readonly app: (issuerId: string, appId: string) => Promise<App | undefined>
  /** Scopes of the installation's API, and whether apps may ask for them on behalf of a person. */
  readonly installationScopes: ReadonlyMap<string, { forPeople: boolean; description: string }>
  /** Providers people of an issuer can sign in with. */
  readonly providers: (issuer: Issuer) => ReturnType<typeof offeredProviders>
  /** Gives a connection at a provider to an end user. */
  readonly attach: (connectionId: string, endUserId: string) => Promise<void>
  readonly keys: {
    readonly cookies: string
    readonly codes: Buffer
    readonly throttle: Buffer
    readonly devices: string
  }
}

/** What helpers use of the call of any operation. */
export type AnyCall = Tools & {
  readonly request: RequestInfo
  readonly answer: Answer
  readonly caller?: Caller | undefined
}

export async function start(tools: Tools<OidcConfig>): Promise<Own> {
  const { config } = tools
  const issuers: Remembered<Issuer> = createRemembered(2_000, FRESH_MS)
  const apps: Remembered<App> = createRemembered(2_000, FRESH_MS)
  const revoked = createRevoked()
  const own: Own = {
    tools,
    config,
    hashing: await openHashing(config),
    issuers: createIssuers(() => own),
    batches: createBatches(tools.sql),
    revoked,
    issuerByHandle: (handle) => issuers.get(handle, () => findIssuerByHandle(tools.sql, handle)),
    app: (issuerId, appId) =>
      apps.get(`${issuerId} ${appId}`, () => reader(own).then((sql) => findApp(sql, issuerId, appId))),
    installationScopes: scopesOf(tools),
    providers: (issuer) => offeredProviders(tools, issuer),
    attach: (connectionId, endUserId) => attachConnection(tools, connectionId, endUserId),
    keys: {
      cookies: tools.deriveKey('cookies').toString('base64url'),
      codes: tools.deriveKey('codes'),
      throttle: tools.deriveKey('throttles'),
      devices: tools.deriveKey('device codes').toString('base64url'),
    },
  }
  tools.onBroadcast(CHANGED, (message) => {
    const { projectId, issuerId, appId } = message as Record<string, string | undefined>
    if (appId) apps.forget((app) => app.appId === appId)
    else {
      issuers.forget((issuer) => issuer.projectId === projectId || issuer.issuerId === issuerId)
      own.issuers.forget((issuer) => issuer.projectId === projectId || issuer.issuerId === issuerId)
    }
  })
  tools.onBroadcast(REVOKED, (message) => revoked.add(message))
  return own
}

/**
 * A scope that opens operations of members too (such as creating apps) is for machines: a person who signs in to an app
 * must never get power over the project.
 */
function scopesOf(tools: Tools): Own['installationScopes'] {
  const scopes = new Map<string, { forPeople: boolean; description: string }>()
  for (const { contract } of tools.services) {
    for (const [name, description] of Object.entries(contract.scopes ?? {}))
      scopes.set(name, { forPeople: true, description })
  }
  for (const { contract } of tools.services)
    for (const { access } of Object.values(contract.operations))
      if (typeof access === 'object' && 'project' in access && access.scope && scopes.has(access.scope))
        scopes.set(access.scope, { ...scopes.get(access.scope)!, forPeople: false })
  return scopes
}
