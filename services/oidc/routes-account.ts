/** What end users do with their own accounts. The session of the issuer says who they are. */

import { CHALLENGE_MS, checkRegistration, registrationOptions, relyingParty } from '@pleiad/platform/passkeys'
import { weaknessOf } from '@pleiad/platform/password-strength'
import type { accountOperations } from './contract-account.ts'
import { brandOf, type Issuer } from './issuers.ts'
import { consentsOf, detailsOf, eraseEndUser, revokeConsent, sessionsOf } from './routes-endusers.ts'
import type { Part } from './routes-part.ts'
import { hashSecret, newToken } from './secrets.ts'
import { countOther, forget } from './service-attempts.ts'
import { beginProvider, detachConnection, redeem } from './service-federation.ts'
import type { AnyCall, Own } from './service-own.ts'
import { endSessions, identityView, mail, passkeyView } from './service-people.ts'
import { issuerAt, sessionAt } from './service-signin.ts'
import * as people from './store-endusers.ts'
import { putChallenge, takeChallenge } from './store-signin.ts'

/** What is sensitive needs a sign-in of so many seconds ago. */
const RECENT_SECONDS = 600

export const accountRoutes: Part<typeof accountOperations> = (own) => ({
  async getAccount(call) {
    const { issuer, person } = await personAt(call, own)
    const [account, providers] = await Promise.all([detailsOf(own, person), own.providers(issuer)])
    const { password, passkey } = issuer.settings
    return { brand: brandOf(issuer), account, methods: { password, passkey, providers } }
  },

  async changeAccount(call) {
    const { person } = await personAt(call, own)
    const changed = await call.transact((tx) =>
      people.renameEndUser(tx, person.end_user_id, call.body.name.trim(), call.now()),
    )
    return detailsOf(own, changed)
  },

  async changeOwnPassword(call) {
    const { issuer, person, uid } = await recentPersonAt(call, own)
    if (!issuer.settings.password) return call.fail('methodOff')
    const counted = await countOther(call, own, issuer, 'ownPassword', person.end_user_id)
    if (person.password_hash !== null) {
      const right = await own.hashing.verify(call.body.password ?? '', person.password_hash)
      if (!right) return call.fail('signInRefused')
    }
    const weakness = weaknessOf(call.body.newPassword, [person.email ?? '', person.name])
    if (weakness) return call.fail('passwordTooWeak', undefined, { reason: weakness })
    const hash = await own.hashing.hash(call.body.newPassword)
    await call.transact(async (tx) => {
      await forget(tx, counted)
      await people.setPasswordHash(tx, person.end_user_id, hash)
      await endSessions(tx, own, issuer, person.end_user_id, (session) => session.uid !== uid)
      const { email } = person
      if (email)
        mail(
          tx,
          call,
          issuer,
          { id: person.end_user_id, email, name: person.name },
          'passwordChanged',
          call.body.locale,
        )
    })
  },

  async beginPasskey(call) {
    const { issuer, person } = await recentPersonAt(call, own)
    if (!issuer.settings.passkey) return call.fail('methodOff')
    const label = person.email ?? (person.name || issuer.name)
    const known = await people.listPasskeys(call.sql, person.end_user_id)
    const rp = relyingParty(call.publicUrl, issuer.name)
    const options = await registrationOptions(rp, { id: person.end_user_id, label }, known)
    const flowId = newToken()
    await putChallenge(call.sql, {
      hash: hashSecret(flowId),
      issuerId: issuer.issuerId,
      endUserId: person.end_user_id,
      challenge: options.challenge,
      expiresAt: new Date(call.now().getTime() + CHALLENGE_MS),
    })
    return { flowId, options: { ...options } }
  },

  async finishPasskey(call) {
    const { issuer, person } = await recentPersonAt(call, own)
    if (!issuer.settings.passkey) return call.fail('methodOff')
    const { flowId, name, response } = call.body
    const id = person.end_user_id
    const challenge = await takeChallenge(call.sql, hashSecret(flowId), issuer.issuerId, id, call.now())
    if (!challenge) return call.fail('challengeExpired')
    const passkey = await checkRegistration(relyingParty(call.publicUrl, issuer.name), challenge, response)
    if (!passkey) return call.fail('passkeyRefused')
    const row = await call.transact((tx) =>
      people.insertPasskey(
        tx,
        {
          id: call.newId(),
          end_user_id: id,
          issuer_id: issuer.issuerId,
          credential_id: passkey.credentialId,
          public_key: passkey.publicKey,
          counter: passkey.counter,
          transports: passkey.transports,
          name: name.trim(),
        },
        call.now(),
      ),
    )
    return row ? passkeyView(row) : call.fail('passkeyKnown')
  },

  async deletePasskey(call) {
    const { issuer, person } = await recentPersonAt(call, own)
    const refused = await call.transact(async (tx) => {
      const { passkeys, ways } = await waysIn(tx, issuer, person.end_user_id)
      if (!passkeys.some(({ id }) => id === call.params.id)) return 'notFound' as const
      if (ways === 1) return 'lastWayIn' as const
      await people.deletePasskey(tx, person.end_user_id, call.params.id)
      return undefined
    })
    if (refused) call.fail(refused)
  },

  async beginLink(call) {
    const { issuer } = await recentPersonAt(call, own)
    const { handle, provider } = call.params
    return beginProvider(call, issuer, {
      provider,
      returnPath: `/oidc/${handle}/account`,
      purpose: 'link',
      loginHint: '',
    })
  },

  async finishLink(call) {
    const { issuer, person } = await recentPersonAt(call, own)
    const redeemed = await redeem(call, issuer, call.body.ticket)
    if (redeemed?.purpose !== 'link') return call.fail('ticketRefused')
    const { provider, subject, email, name, connectionId } = redeemed
    const row = await call.transact((tx) =>
      people.insertIdentity(tx, {
        id: call.newId(),
        end_user_id: person.end_user_id,
        issuer_id: issuer.issuerId,
        provider,
        subject,
        email: email || null,
        name: name || null,
        connection_id: connectionId || null,
        linked_at: call.now(),
      }),
    )
    const linked = row ?? (await people.findIdentity(call.sql, issuer.issuerId, provider, subject))
    if (linked?.end_user_id !== person.end_user_id) return call.fail('identityTaken')
    if (connectionId) await own.attach(connectionId, person.end_user_id)
    return identityView(linked)
  },

  async deleteIdentity(call) {
    const { issuer, person } = await recentPersonAt(call, own)
    const result = await call.transact(async (tx) => {
      const { identities, ways } = await waysIn(tx, issuer, person.end_user_id)
      if (!identities.some(({ id }) => id === call.params.id)) return 'notFound' as const
      if (ways === 1) return 'lastWayIn' as const
      return people.deleteIdentity(tx, person.end_user_id, call.params.id)
    })
    if (typeof result === 'string') return call.fail(result)
    if (result?.connection_id) await detachConnection(call, result.connection_id, person.end_user_id)
  },

  async listOwnSessions(call) {
    const { person, uid } = await personAt(call, own)
    return sessionsOf(own, person, uid)
  },

  async revokeOwnSession(call) {
    const { issuer, person } = await personAt(call, own)
    const ended = await call.transact((tx) =>
      endSessions(tx, own, issuer, person.end_user_id, ({ uid }) => uid === call.params.id),
    )
    if (ended === 0) call.fail('notFound')
  },

  async listOwnConsents(call) {
    const { person } = await personAt(call, own)
    return consentsOf(own, person)
  },

  async revokeOwnConsent(call) {
    const { person } = await personAt(call, own)
    if (!(await revokeConsent(own, person, call.params.id))) call.fail('notFound')
  },

  async deleteOwnAccount(call) {
    const { issuer, person } = await recentPersonAt(call, own)
    await call.transact((tx) => eraseEndUser(tx, own, issuer, person.end_user_id, undefined))
  },
})

type ByPerson<Code extends string = 'issuerUnknown' | 'notSignedIn'> = AnyCall & {
  readonly params: { readonly handle: string }
  readonly fail: (code: Code, detail?: string) => never
}

/** The person who is signed in to the issuer in this browser. */
async function personAt(call: ByPerson, own: Own) {
  const issuer = await issuerAt(call, own)
  const live = await own.issuers.live(issuer)
  const { session } = await sessionAt(call, live)
  const person = session.accountId
    ? await people.findEndUser(call.sql, issuer.issuerId, session.accountId)
    : undefined
  if (person?.state !== 'active') return call.fail('notSignedIn')
  return { issuer, person, uid: session.uid, signedInAt: session.loginTs ?? 0 }
}

/** The same, for what nobody should do at somebody else's unlocked computer. */
async function recentPersonAt(call: ByPerson<'issuerUnknown' | 'notSignedIn' | 'signInAgain'>, own: Own) {
  const found = await personAt(call, own)
  if (Date.now() / 1000 - found.signedInAt > RECENT_SECONDS) call.fail('signInAgain')
  return found
}

/** In how many ways a person can sign in; their row stays locked, so that two requests do not remove the last two at once. */
async function waysIn(tx: Parameters<typeof people.lockEndUser>[0], issuer: Issuer, endUserId: string) {
  const person = await people.lockEndUser(tx, issuer.issuerId, endUserId)
  const passkeys = await people.listPasskeys(tx, endUserId)
  const identities = await people.listIdentities(tx, endUserId)
  return { passkeys, identities, ways: passkeys.length + identities.length + (person?.password_hash ? 1 : 0) }
}
