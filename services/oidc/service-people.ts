/** What happens to end users from several places: mails, ending sessions, how they are shown. */

import type { Tools } from '@pleiad/platform/service'
import { emit } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { oidc } from './contract.ts'
import { brandOf, type Issuer } from './issuers.ts'
import { modelId } from './secrets.ts'
import { ACCOUNT_APP } from './service-account-app.ts'
import { detachConnection } from './service-federation.ts'
import type { Own } from './service-own.ts'
import { tellRevoked } from './service-revocation.ts'
import {
  type EndUserRow,
  type IdentityRow,
  lockEndUser,
  type PasskeyRow,
  verifyAddress,
} from './store-endusers.ts'
import {
  deleteGrants,
  deleteSessions,
  deleteWays,
  type GrantRow,
  listGrantIds,
  lockSessions,
  type SessionRow,
} from './store-people.ts'

export type MailKind =
  | 'confirmEmail'
  | 'resetPassword'
  | 'setPassword'
  | 'alreadyRegistered'
  | 'passwordChanged'

export interface Addressee {
  readonly id: string
  readonly email: string
  readonly name: string
}

/** Asks notifications for a mail in the name of the project. */
export function mail(
  tx: Tx,
  tools: Tools,
  issuer: Issuer,
  to: Addressee,
  kind: MailKind,
  locale: 'en' | 'ru' | undefined,
  secret?: { readonly code?: string; readonly url?: string; readonly expiresAt: Date },
): void {
  const { environment: _, logoUrl: __, ...project } = brandOf(issuer)
  emit(
    tx,
    oidc,
    'enduser.mail.requested',
    {
      projectId: issuer.projectId,
      environment: issuer.environment,
      endUserId: to.id,
      email: to.email,
      name: to.name,
      locale: locale ?? 'en',
      kind,
      project,
      ...(secret
        ? {
            expiresAt: secret.expiresAt.toISOString(),
            sealed: tools.sealFor(
              'notifications',
              JSON.stringify(secret.code ? { code: secret.code } : { url: secret.url }),
            ),
          }
        : {}),
    },
    { lane: 'high' },
  )
}

export const personOf = (issuer: Issuer, endUserId: string) => ({
  projectId: issuer.projectId,
  environment: issuer.environment,
  endUserId,
})

/** Ends sessions of a person, with the grants that were given in them; apps that want to know are told. */
export async function endSessions(
  tx: Tx,
  own: Own,
  issuer: Issuer,
  endUserId: string,
  which: (session: SessionRow) => boolean,
): Promise<number> {
  const sessions = (await lockSessions(tx, endUserId)).filter(which)
  const grants = sessions.flatMap(({ payload }) =>
    Object.values(payload.authorizations ?? {}).flatMap(({ grantId, persistsLogout }) =>
      grantId && !persistsLogout ? [modelId(issuer.issuerId, 'Grant', grantId)] : [],
    ),
  )
  await deleteSessions(
    tx,
    sessions.map(({ id }) => id),
  )
  const gone = await deleteGrants(tx, endUserId, grants)
  tx.afterCommit(() => {
    tellRevoked(own.tools, { grants: gone, sessions: sessions.map(({ uid }) => uid) })
    void tellApps(own, issuer, endUserId, sessions)
  })
  return sessions.length
}

/** Ends everything a person is signed in to: sessions, and grants that outlive them. */
export async function endEverything(tx: Tx, own: Own, issuer: Issuer, endUserId: string): Promise<void> {
  await endSessions(tx, own, issuer, endUserId, () => true)
  const gone = await deleteGrants(tx, endUserId, await listGrantIds(tx, endUserId))
  tx.afterCommit(() => tellRevoked(own.tools, { grants: gone, people: [endUserId] }))
}

/**
 * Notes that somebody proved the address of an account by a mail. What was added to the account before anybody had done
 * so may be a stranger's, who signed up with the address and waits for its owner: it goes.
 */
export async function proveAddress(tx: Tx, own: Own, issuer: Issuer, endUserId: string): Promise<void> {
  const person = await lockEndUser(tx, issuer.issuerId, endUserId)
  if (person && !person.email_verified) {
    const connections = await deleteWays(tx, endUserId)
    tx.afterCommit(() => {
      for (const id of connections) void detachConnection(own.tools, id, endUserId)
    })
  }
  await verifyAddress(tx, endUserId, own.tools.now())
}

/** Back-channel logout. An app that does not answer is counted; its tokens have ended all the same. */
async function tellApps(
  own: Own,
  issuer: Issuer,
  endUserId: string,
  sessions: readonly SessionRow[],
): Promise<void> {
  try {
    const { provider } = await own.issuers.live(issuer)
    for (const { payload } of sessions)
      for (const [appId, { sid }] of Object.entries(payload.authorizations ?? {})) {
        const client = await provider.Client.find(appId)
        if (!client?.backchannelLogoutUri || !sid) continue
        await (client as unknown as { backchannelLogout: (sub: string, sid: string) => Promise<void> })
          .backchannelLogout(endUserId, sid)
          .then(
            () => own.tools.count('oidc_logouts_told_total', { outcome: 'told' }),
            () => own.tools.count('oidc_logouts_told_total', { outcome: 'failed' }),
          )
      }
  } catch (error) {
    own.tools.log.warn({ err: error }, 'apps could not be told of a logout')
  }
}

export function endUserView(row: EndUserRow) {
  return {
    endUserId: row.end_user_id,
    ...(row.email ? { email: row.email } : {}),
    emailVerified: row.email_verified,
    name: row.name,
    state: row.state,
    ...(row.blocked_reason ? { blockedReason: row.blocked_reason } : {}),
    hasPassword: row.password_hash !== null,
    createdAt: row.created_at.toISOString(),
    ...(row.last_sign_in_at ? { lastSignInAt: row.last_sign_in_at.toISOString() } : {}),
  }
}

export function passkeyView(row: PasskeyRow) {
  return {
    id: row.id,
    name: row.name,
    createdAt: row.created_at.toISOString(),
    ...(row.last_used_at ? { lastUsedAt: row.last_used_at.toISOString() } : {}),
  }
}

export function identityView(row: IdentityRow) {
  return {
    id: row.id,
    provider: row.provider,
    ...(row.email ? { email: row.email } : {}),
    ...(row.name ? { name: row.name } : {}),
    linkedAt: row.linked_at.toISOString(),
  }
}

export function sessionView(row: SessionRow, names: ReadonlyMap<string, string>, current?: string) {
  const { amr = [], authorizations = {} } = row.payload
  // The account page is an app only to the protocol.
  const apps = Object.keys(authorizations).filter((appId) => appId !== ACCOUNT_APP)
  return {
    id: row.uid,
    current: row.uid === current,
    ip: row.ip,
    userAgent: row.user_agent,
    methods: [...amr],
    apps,
    appNames: apps.map((appId) => names.get(appId) ?? appId),
    createdAt: row.created_at.toISOString(),
    lastSeenAt: row.last_seen_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}

export function consentView(row: GrantRow, names: ReadonlyMap<string, string>) {
  const texts = [row.payload.openid?.scope, ...Object.values(row.payload.resources ?? {})]
  return {
    id: row.id.toString('base64url'),
    appId: row.app_id,
    appName: names.get(row.app_id)!,
    scopes: [...new Set(texts.flatMap((text) => (text ? text.split(' ') : [])))],
    grantedAt: row.created_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
  }
}
