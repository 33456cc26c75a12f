/** The sign-in page: codes from mails, which prove an address or set a password. */
import { normalizeEmail } from '@pleiad/platform/emails'
import { weaknessOf } from '@pleiad/platform/password-strength'
import type { signInOperations } from './contract-signin.ts'
import type { Part } from './routes-part.ts'
import { keyedHash, newMailCode } from './secrets.ts'
import { countOther } from './service-attempts.ts'
import {
  byPassword,
  CODE_MS,
  type Confirming,
  codeFits,
  createdBySignUp,
  waitForProof,
} from './service-codes.ts'
import { endEverything, mail, proveAddress } from './service-people.ts'
import { letIn, recordFailure, signInAt } from './service-signin.ts'
import * as people from './store-endusers.ts'
import { putPending, takePending, tryPending } from './store-signin.ts'

export const codeRoutes: Part<
  Pick<typeof signInOperations, 'confirmEmail' | 'forgotPassword' | 'resetPassword'>
> = (own) => ({
  async confirmEmail(call) {
    const signIn = await signInAt(call, own)
    const { pendingId, issuer } = signIn
    const pending = await tryPending(call.sql, pendingId, 'confirmEmail', call.now())
    if (!pending || !codeFits(own, pendingId, pending.codeHash, call.body.code)) {
      await recordFailure(call, issuer, signIn.appId, 'signUp', 'codeRefused')
      return call.fail('codeRefused')
    }
    const id = pending.endUserId!
    const { method, create, email, identity } = pending.data as unknown as Confirming
    if (identity) {
      // Whoever reads the mail may know what there is at its address.
      const same = await people.findEndUserByEmail(call.sql, issuer.issuerId, email)
      if (same || issuer.settings.signUp === 'closed') {
        if (!(await takePending(call.sql, pendingId, 'confirmEmail'))) return call.fail('codeRefused')
        if (same) return waitForProof(call, own, signIn, same.end_user_id, identity)
        await recordFailure(call, issuer, signIn.appId, method, 'signUpClosed')
        return call.fail('signUpClosed')
      }
    }
    const proof = { method, amr: identity ? ['fed'] : ['pwd'] }
    const step = await letIn(call, own, signIn, id, proof, [], async (tx) => {
      if (!(await takePending(tx, pendingId, 'confirmEmail'))) return call.fail('codeRefused')
      if (!create) return people.verifyAddress(tx, id, call.now())
      const person = { id, issuerId: issuer.issuerId, email, emailVerified: true, ...create }
      if (!(await createdBySignUp(tx, signIn, person, call.now(), method))) return call.fail('codeRefused')
      if (identity)
        await people.insertIdentity(tx, {
          ...identity,
          id: call.newId(),
          end_user_id: id,
          issuer_id: issuer.issuerId,
          linked_at: call.now(),
        })
    })
    if (identity?.connection_id) await own.attach(identity.connection_id, id)
    return step
  },

  async forgotPassword(call) {
    const signIn = await signInAt(call, own)
    const { issuer, pendingId } = signIn
    if (!issuer.settings.password) return call.fail('methodOff')
    const email = normalizeEmail(call.body.email)
    await countOther(call, own, issuer, 'forgotPassword', email)
    const person = await people.findEndUserByEmail(call.sql, issuer.issuerId, email)
    const code = newMailCode()
    const expiresAt = new Date(call.now().getTime() + CODE_MS)
    const known = person?.state === 'active' ? person : undefined
    await call.transact(async (tx) => {
      await putPending(tx, pendingId, 'resetPassword', {
        endUserId: known?.end_user_id ?? null,
        codeHash: known ? keyedHash(own.keys.codes, pendingId.toString('hex'), code) : null,
        data: { email },
        expiresAt,
      })
      if (known)
        mail(
          tx,
          call,
          issuer,
          { id: known.end_user_id, email, name: known.name },
          'resetPassword',
          call.body.locale,
          {
            code,
            expiresAt,
          },
        )
    })
  },

  async resetPassword(call) {
    const signIn = await signInAt(call, own)
    const { issuer, pendingId } = signIn
    const pending = await tryPending(call.sql, pendingId, 'resetPassword', call.now())
    if (!pending || !codeFits(own, pendingId, pending.codeHash, call.body.code)) {
      await recordFailure(call, issuer, signIn.appId, 'password', 'codeRefused')
      return call.fail('codeRefused')
    }
    const weakness = weaknessOf(call.body.password, [String(pending.data['email'])])
    if (weakness) return call.fail('passwordTooWeak', undefined, { reason: weakness })
    const id = pending.endUserId!
    const passwordHash = await own.hashing.hash(call.body.password)
    return letIn(call, own, signIn, id, byPassword, [], async (tx) => {
      if (!(await takePending(tx, pendingId, 'resetPassword'))) return call.fail('codeRefused')
      await people.setPasswordHash(tx, id, passwordHash)
      // Whoever reads the mail has proved the address.
      await proveAddress(tx, own, issuer, id)
      await endEverything(tx, own, issuer, id)
      const person = await people.findEndUser(tx, issuer.issuerId, id)
      if (person?.email)
        mail(tx, call, issuer, { id, email: person.email, name: person.name }, 'passwordChanged', undefined)
    })
  },
})
