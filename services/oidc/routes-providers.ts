/** The sign-in page: passkeys and providers. */

import {
  CHALLENGE_MS,
  checkLogin,
  credentialIdOf,
  loginOptions,
  relyingParty,
} from '@pleiad/platform/passkeys'
import type { signInOperations } from './contract-signin.ts'
import type { Part } from './routes-part.ts'
import { hashSecret, newToken } from './secrets.ts'
import { countOther } from './service-attempts.ts'
import { askForCode, countedOrRecorded, createdBySignUp, waitForProof } from './service-codes.ts'
import { beginProvider, redeem } from './service-federation.ts'
import { letIn, recordFailure, signInAt } from './service-signin.ts'
import * as people from './store-endusers.ts'
import { putChallenge, takeChallenge } from './store-signin.ts'

type Names = 'beginPasskeySignIn' | 'finishPasskeySignIn' | 'beginProviderSignIn' | 'finishProviderSignIn'

export const providerRoutes: Part<Pick<typeof signInOperations, Names>> = (own) => ({
  async beginPasskeySignIn(call) {
    const { issuer } = await signInAt(call, own)
    if (!issuer.settings.passkey) return call.fail('methodOff')
    const options = await loginOptions(relyingParty(call.publicUrl, issuer.name))
    const flowId = newToken()
    await putChallenge(call.sql, {
      hash: hashSecret(flowId),
      issuerId: issuer.issuerId,
      endUserId: null,
      challenge: options.challenge,
      expiresAt: new Date(call.now().getTime() + CHALLENGE_MS),
    })
    return { flowId, options: { ...options } }
  },

  async finishPasskeySignIn(call) {
    const signIn = await signInAt(call, own)
    const { issuer } = signIn
    if (!issuer.settings.passkey) return call.fail('methodOff')
    const challenge = await takeChallenge(
      call.sql,
      hashSecret(call.body.flowId),
      issuer.issuerId,
      null,
      call.now(),
    )
    if (!challenge) return call.fail('challengeExpired')
    const credentialId = credentialIdOf(call.body.response)
    const owner = await call.transact(async (tx) => {
      const passkey = credentialId && (await people.lockPasskey(tx, issuer.issuerId, credentialId))
      if (!passkey) return undefined
      const rp = relyingParty(call.publicUrl, issuer.name)
      const checked = await checkLogin(rp, challenge, call.body.response, passkey)
      if (!checked) return undefined
      await people.usePasskey(tx, passkey.id, checked.counter, call.now())
      return people.findEndUser(tx, issuer.issuerId, passkey.end_user_id)
    })
    if (owner?.state === 'active')
      return letIn(call, own, signIn, owner.end_user_id, { method: 'passkey', amr: ['hwk', 'user'] }, [])
    await recordFailure(call, issuer, signIn.appId, 'passkey', owner ? 'blocked' : 'wrongCredentials')
    return call.fail('signInRefused')
  },

  async beginProviderSignIn(call) {
    const { issuer, interaction } = await signInAt(call, own)
    const { handle, uid, provider } = call.params
    const hint = interaction.params['login_hint']
    // A flow that fails is told of by oauth, however it fails: `recordProviderFailure` in handlers.ts.
    return beginProvider(call, issuer, {
      provider,
      returnPath: `/oidc/${handle}/sign-in/${uid}`,
      purpose: 'sign_in',
      loginHint: typeof hint === 'string' ? hint : '',
    })
  },

  async finishProviderSignIn(call) {
    const signIn = await signInAt(call, own)
    const { issuer } = signIn
    const redeemed = await redeem(call, issuer, call.body.ticket)
    if (redeemed?.purpose !== 'sign_in') {
      await recordFailure(call, issuer, signIn.appId, 'provider', 'ticketRefused')
      return call.fail('ticketRefused')
    }
    const { provider, subject, email, name, connectionId } = redeemed
    const proof = { method: provider, amr: ['fed'] }
    const identity = {
      provider,
      subject,
      email: email || null,
      name: name || null,
      connection_id: connectionId || null,
    }
    const linked = await people.findIdentity(call.sql, issuer.issuerId, provider, subject)
    if (linked) {
      const owner = await people.findEndUser(call.sql, issuer.issuerId, linked.end_user_id)
      if (owner?.state !== 'active') {
        await recordFailure(call, issuer, signIn.appId, provider, 'blocked')
        return call.fail('signInRefused')
      }
      const step = await letIn(call, own, signIn, owner.end_user_id, proof, [])
      if (connectionId) await own.attach(connectionId, owner.end_user_id)
      return step
    }
    if (email && !redeemed.emailVerified && issuer.settings.verifyEmail) {
      // Anybody may write any address at such a provider: whether it has an account here is said to who reads its mail.
      await countedOrRecorded(call, signIn, provider, () => countOther(call, own, issuer, 'signUp', email))
      await askForCode(call, own, signIn, { end_user_id: call.newId(), email, name }, call.body.locale, {
        method: provider,
        create: { name, passwordHash: null },
        identity,
      })
      return { step: 'enterCode' as const, email }
    }
    const same = email ? await people.findEndUserByEmail(call.sql, issuer.issuerId, email) : undefined
    if (same) return waitForProof(call, own, signIn, same.end_user_id, identity)
    if (issuer.settings.signUp === 'closed') {
      await recordFailure(call, issuer, signIn.appId, provider, 'signUpClosed')
      return call.fail('signUpClosed')
    }
    const id = call.newId()
    const step = await letIn(call, own, signIn, id, proof, [], async (tx) => {
      const person = {
        id,
        issuerId: issuer.issuerId,
        email: email || null,
        emailVerified: redeemed.emailVerified,
        name,
        passwordHash: null,
      }
      const made = await createdBySignUp(tx, signIn, person, call.now(), provider)
      const taken =
        made &&
        (await people.insertIdentity(tx, {
          ...identity,
          id: call.newId(),
          end_user_id: id,
          issuer_id: issuer.issuerId,
          linked_at: call.now(),
        }))
      // Two windows at once: the other one has made the account.
      if (!taken) call.fail('ticketRefused')
    })
    if (connectionId) await own.attach(connectionId, id)
    return step
  },
})
