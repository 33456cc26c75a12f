/** The sign-in page: what it shows, password, sign-up, consent. */
import { normalizeEmail } from '@pleiad/platform/emails'
import { weaknessOf } from '@pleiad/platform/password-strength'
import type { signInOperations } from './contract-signin.ts'
import { brandOf } from './issuers.ts'
import type { Part } from './routes-part.ts'
import { countOther, countSignInAttempt } from './service-attempts.ts'
import { askForCode, byPassword, CODE_MS, countedOrRecorded, createdBySignUp } from './service-codes.ts'
import { consentScopes, grantAsked } from './service-consent.ts'
import { mail } from './service-people.ts'
import { letIn, recordFailure, save, signInAt } from './service-signin.ts'
import * as people from './store-endusers.ts'
import { findPending, putPending } from './store-signin.ts'

type Names = 'getSignIn' | 'signInWithPassword' | 'signUp' | 'acceptConsent' | 'cancelSignIn'

export const signInRoutes: Part<Pick<typeof signInOperations, Names>> = (own) => ({
  async getSignIn(call) {
    const signIn = await signInAt(call, own)
    const { issuer, interaction, live } = signIn
    const { settings } = issuer
    const client = await live.provider.Client.find(signIn.appId)
    const accountId = interaction.session?.accountId
    const person = accountId ? await people.findEndUser(call.sql, issuer.issuerId, accountId) : undefined
    const linking = await findPending(call.sql, signIn.pendingId, 'link', call.now())
    const hint = interaction.params['login_hint']
    return {
      prompt: interaction.prompt.name === 'consent' ? ('consent' as const) : ('login' as const),
      brand: brandOf(issuer),
      appName: client?.clientName ?? signIn.appId,
      methods: {
        password: settings.password,
        passkey: settings.passkey,
        signUp: settings.signUp === 'open' && settings.password,
        providers: await own.providers(issuer),
      },
      ...(typeof hint === 'string' && hint.length <= 254 ? { loginHint: hint } : {}),
      ...(person ? { account: { name: person.name, ...(person.email ? { email: person.email } : {}) } } : {}),
      ...(linking
        ? {
            linking: { provider: String(linking.data['providerName']), email: String(linking.data['email']) },
          }
        : {}),
      scopes: consentScopes(own, signIn),
      returnsTo: hostOf(interaction.params['redirect_uri']),
    }
  },

  async signInWithPassword(call) {
    const signIn = await signInAt(call, own)
    const { issuer } = signIn
    if (!issuer.settings.password) return call.fail('methodOff')
    const email = normalizeEmail(call.body.email)
    const counted = await countedOrRecorded(call, signIn, 'password', () =>
      countSignInAttempt(call, own, issuer, email),
    )
    const person = await people.findEndUserByEmail(call.sql, issuer.issuerId, email)
    const kinds = await people.listForeignProfiles(call.sql, issuer.issuerId)
    const right = await own.hashing.verify(call.body.password, person?.password_hash ?? undefined, kinds)
    if (!person || !right || person.state !== 'active') {
      const reason = person && right ? 'blocked' : 'wrongCredentials'
      await recordFailure(call, issuer, signIn.appId, 'password', reason)
      return call.fail('signInRefused')
    }
    const rehashed = own.hashing.needsRehash(person.password_hash!)
      ? await own.hashing.hash(call.body.password)
      : undefined
    if (issuer.settings.verifyEmail && !person.email_verified) {
      await askForCode(call, own, signIn, person, call.body.locale, { method: 'password' })
      return { step: 'enterCode' as const, email }
    }
    return letIn(call, own, signIn, person.end_user_id, byPassword, counted, async (tx) => {
      if (rehashed) await people.setPasswordHash(tx, person.end_user_id, rehashed)
    })
  },

  async signUp(call) {
    const signIn = await signInAt(call, own)
    const { issuer } = signIn
    const { settings } = issuer
    if (!settings.password) return call.fail('methodOff')
    if (settings.signUp === 'closed') {
      await recordFailure(call, issuer, signIn.appId, 'signUp', 'signUpClosed')
      return call.fail('signUpClosed')
    }
    const email = normalizeEmail(call.body.email)
    const name = (call.body.name ?? '').trim()
    const weakness = weaknessOf(call.body.password, [email, name])
    if (weakness) return call.fail('passwordTooWeak', undefined, { reason: weakness })
    const counted = await countedOrRecorded(call, signIn, 'signUp', () =>
      countOther(call, own, issuer, 'signUp', email),
    )
    const passwordHash = await own.hashing.hash(call.body.password)
    const known = await people.findEndUserByEmail(call.sql, issuer.issuerId, email)
    const fresh = {
      id: call.newId(),
      issuerId: issuer.issuerId,
      email,
      emailVerified: false,
      name,
      passwordHash,
    }
    if (!settings.verifyEmail) {
      if (known) return call.fail('endUserExists')
      return letIn(call, own, signIn, fresh.id, { ...byPassword, method: 'signUp' }, counted, async (tx) => {
        if (!(await createdBySignUp(tx, signIn, fresh, call.now()))) call.fail('endUserExists')
      })
    }
    // The same steps and a mail, whether or not somebody has the address; without an account nothing is made yet.
    const locale = call.body.locale
    if (known) {
      const expiresAt = new Date(call.now().getTime() + CODE_MS)
      await call.transact(async (tx) => {
        await putPending(tx, signIn.pendingId, 'confirmEmail', {
          endUserId: null,
          codeHash: null,
          data: {},
          expiresAt,
        })
        mail(
          tx,
          call,
          issuer,
          { id: known.end_user_id, email, name: known.name },
          'alreadyRegistered',
          locale,
        )
      })
    } else
      await askForCode(call, own, signIn, { end_user_id: fresh.id, email, name }, locale, {
        method: 'signUp',
        create: { name, passwordHash },
      })
    return { step: 'enterCode' as const, email }
  },

  async acceptConsent(call) {
    const signIn = await signInAt(call, own)
    if (signIn.interaction.prompt.name !== 'consent') return call.fail('signInGone')
    return { step: 'continue' as const, url: await grantAsked(own, signIn) }
  },

  async cancelSignIn(call) {
    const signIn = await signInAt(call, own)
    const denied = signIn.interaction.prompt.name === 'consent'
    signIn.interaction.result = { error: 'access_denied', error_description: 'the person cancelled' }
    const url = await save(own, signIn)
    await recordFailure(call, signIn.issuer, signIn.appId, '', denied ? 'consentDenied' : 'cancelled')
    return { step: 'continue' as const, url }
  },
})

function hostOf(uri: unknown): string {
  return typeof uri === 'string' && URL.canParse(uri) ? new URL(uri).host : ''
}
