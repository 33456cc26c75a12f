/** Signing in and out, refresh, the list of sessions. */
import { normalizeEmail } from '@pleiad/platform/emails'
import { CHALLENGE_MS, loginOptions } from '@pleiad/platform/passkeys'
import { seal, unseal } from '@pleiad/platform/sealing'
import type { sessionOperations } from './contract-sessions.ts'
import type { Part } from './routes-part.ts'
import { type Counted, countProof, countSignIn, forget } from './service-attempts.ts'
import { answerSession, clearCookies, type Issued, openSession, REFRESH_COOKIE } from './service-issue.ts'
import { type Person, programOf, record, tell } from './service-notices.ts'
import type { AnyCall, Own } from './service-own.ts'
import { requireSession, verifyFactor, verifyPasskey } from './service-proofs.ts'
import { revokeOthers, revokeSession } from './service-revocation.ts'
import { refreshSession } from './sessions.ts'
import { findAccount, findAccountByEmail, listHashProfiles, setPassword } from './store-accounts.ts'
import { findChallenge, listPasskeyRows, putChallenge, takeChallenge, tryChallenge } from './store-factors.ts'
import { listLiveSessions, lockSession, rotateSession, stateOf } from './store-sessions.ts'
import { hashToken, newRefreshToken, newToken, readRefreshToken, successorKey } from './tokens.ts'

export const sessionRoutes: Part<typeof sessionOperations> = (own) => ({
  async login(call) {
    const email = normalizeEmail(call.body.email)
    const counted = await countSignIn(call, own, email)
    const account = await findAccountByEmail(call.sql, email)
    const profiles = await listHashProfiles(call.sql)
    const right = await own.hashing.verify(call.body.password, account?.password_hash ?? undefined, profiles)
    if (!account || !right || account.locked_at) {
      const details = { reason: account?.locked_at && right ? 'locked' : 'wrong' }
      await call.transact((tx) => record(tx, call, 'signIn.refused', { subjectId: account?.id, details }))
      return call.fail('signInRefused')
    }
    const rehashed = own.hashing.needsRehash(account.password_hash!)
      ? await own.hashing.hash(call.body.password)
      : undefined
    if (account.totp) return askSecondFactor(call, account, counted, rehashed)
    const issued = await call.transact(async (tx) => {
      await forget(tx, counted)
      if (rehashed) await setPassword(tx, account.id, rehashed)
      return openSession(tx, call, own, account, 'password')
    })
    return answerSession(call, own, issued, call.body.transport)
  },

  async loginSecondFactor(call) {
    const hash = hashToken(call.body.challenge)
    const asked = await tryChallenge(call.sql, hash, call.now())
    const account = asked?.accountId ? await findAccount(call.sql, asked.accountId) : undefined
    if (!account || account.locked_at) return call.fail('challengeExpired')
    const counted = await countProof(call, own, 'secondFactor', account.id)
    const issued = await call.transact(async (tx) => {
      if (!(await verifyFactor(tx, call, own, account, call.body.proof))) {
        await record(tx, call, 'secondFactor.refused', {
          subjectId: account.id,
          details: { method: call.body.proof.method },
        })
        // Whoever gets here knows the password: the owner should hear of it, once.
        if (counted.failures === 5) tell(tx, call, account, 'secondFactorAttacked')
        return undefined
      }
      if (!(await takeChallenge(tx, hash, 'secondFactor', call.now()))) return undefined
      await forget(tx, counted)
      return openSession(tx, call, own, account, call.body.proof.method)
    })
    return issued ? answerSession(call, own, issued, call.body.transport) : call.fail('proofRefused')
  },

  async startPasskeyLogin(call) {
    const { challenge } = call.body
    const asked = challenge ? await findChallenge(call.sql, hashToken(challenge), call.now()) : undefined
    if (challenge && !asked) return call.fail('challengeExpired')
    const accountId = asked?.accountId ?? call.caller?.id
    const options = await loginOptions(
      own.rp,
      accountId ? await listPasskeyRows(call.sql, accountId) : undefined,
    )
    const flowId = newToken()
    const expiresAt = new Date(call.now().getTime() + CHALLENGE_MS)
    await putChallenge(call.sql, {
      hash: hashToken(flowId),
      purpose: 'passkeyLogin',
      accountId,
      challenge: options.challenge,
      expiresAt,
    })
    return { flowId, options: { ...options } }
  },

  async loginPasskey(call) {
    const issued = await call.transact(async (tx) => {
      const owner = await verifyPasskey(tx, call, own, call.body.flowId, call.body.response, undefined)
      const account = owner ? await findAccount(tx, owner) : undefined
      if (account && !account.locked_at) return openSession(tx, call, own, account, 'passkey')
      await record(tx, call, 'signIn.refused', {
        subjectId: account?.id,
        details: { reason: account ? 'locked' : 'passkey' },
      })
      return undefined
    })
    return issued ? answerSession(call, own, issued, call.body.transport) : call.fail('proofRefused')
  },

  async refresh(call) {
    const { transport } = call.body
    const token = transport === 'cookie' ? call.request.cookies[REFRESH_COOKIE] : call.body.refreshToken
    const issued = token ? await exchange(call, own, token) : undefined
    if (issued) return answerSession(call, own, issued, transport)
    if (transport === 'cookie') clearCookies(call)
    return call.fail('refreshRefused')
  },

  async logout(call) {
    const token = call.body.refreshToken ?? call.request.cookies[REFRESH_COOKIE]
    const named = token ? readRefreshToken(token, own.keys.refresh) : undefined
    await call.transact(async (tx) => {
      const row = named ? await lockSession(tx, named.sid) : undefined
      const holds =
        row && token && [row.token_hash, row.previous_hash].some((hash) => hash?.equals(hashToken(token)))
      const session = holds
        ? { userId: row.account_id, sid: row.id }
        : call.caller?.kind === 'session' && { userId: call.caller.id, sid: call.caller.sid }
      if (!session || !(await revokeSession(tx, call, session.userId, session.sid, 'logout'))) return
      await record(tx, call, 'signOut', {
        actorId: session.userId,
        subjectId: session.userId,
        details: { sid: session.sid },
      })
    })
    clearCookies(call)
  },

  async listSessions(call) {
    const rows = await listLiveSessions(call.sql, call.caller.id, call.now())
    return {
      items: rows.map((row) => ({
        sid: row.id,
        current: row.id === call.caller.sid,
        ip: row.ip,
        userAgent: row.user_agent,
        method: row.method,
        createdAt: row.created_at.toISOString(),
        lastSeenAt: row.last_seen_at.toISOString(),
        expiresAt: row.expires_at.toISOString(),
      })),
    }
  },

  async revokeSession(call) {
    requireSession(call)
    const { id } = call.caller
    const { sid } = call.params
    const found = await call.transact(async (tx) => {
      if (!(await revokeSession(tx, call, id, sid, 'revoked'))) return false
      await record(tx, call, 'session.revoked', { subjectId: id, details: { sid } })
      return true
    })
    if (!found) call.fail('notFound')
  },

  async revokeOtherSessions(call) {
    requireSession(call)
    const { id, sid } = call.caller
    return call.transact(async (tx) => {
      const revoked = await revokeOthers(tx, call, id, sid, 'revoked')
      await record(tx, call, 'session.revokedOthers', { subjectId: id, details: { revoked } })
      return { revoked }
    })
  },

  async getJwks(call) {
    call.answer.header('cache-control', 'public, max-age=300')
    return { keys: await own.keyring.publicKeys() }
  },
})

/** The password was right, but the account has a second factor. */
async function askSecondFactor(
  call: AnyCall,
  account: Person,
  counted: Counted,
  rehashed: string | undefined,
) {
  const challenge = newToken()
  const expiresAt = new Date(call.now().getTime() + CHALLENGE_MS)
  const passkeys = await listPasskeyRows(call.sql, account.id)
  await call.transact(async (tx) => {
    await forget(tx, counted)
    if (rehashed) await setPassword(tx, account.id, rehashed)
    await putChallenge(tx, {
      hash: hashToken(challenge),
      purpose: 'secondFactor',
      accountId: account.id,
      challenge: '',
      expiresAt,
    })
    await record(tx, call, 'secondFactor.asked', { subjectId: account.id })
  })
  return {
    status: 'secondFactorRequired' as const,
    challenge,
    expiresAt: expiresAt.toISOString(),
    methods: [
      'totp' as const,
      'recoveryCode' as const,
      ...(passkeys.length > 0 ? (['passkey'] as const) : []),
    ],
  }
}

/** Exchanges a refresh token for its successor, or ends the session if it was copied. */
async function exchange(call: AnyCall, own: Own, token: string): Promise<Issued | undefined> {
  const named = readRefreshToken(token, own.keys.refresh)
  if (!named) return undefined
  const now = call.now()
  const key = successorKey(own.keys.refresh, token)
  return call.transact(async (tx) => {
    const row = await lockSession(tx, named.sid)
    if (!row) return undefined
    const decision = refreshSession(stateOf(row), hashToken(token), now, own.idleMs)
    const issued = { userId: row.account_id, sid: row.id, expiresAt: row.expires_at }
    switch (decision.kind) {
      case 'rotate': {
        const refreshToken = newRefreshToken(row.id, own.keys.refresh)
        const from = { ip: call.request.ip, userAgent: programOf(call.request.userAgent) }
        const successor = seal(key, refreshToken, row.id)
        await rotateSession(
          tx,
          row,
          { ...from, hash: hashToken(refreshToken), successor, expiresAt: decision.expiresAt },
          now,
        )
        return { ...issued, refreshToken, expiresAt: decision.expiresAt }
      }
      case 'repeat':
        return { ...issued, refreshToken: unseal(key, row.successor!, row.id).toString() }
      case 'stolen': {
        await revokeSession(tx, call, row.account_id, row.id, 'stolen')
        await record(tx, call, 'session.stolen', { subjectId: row.account_id, details: { sid: row.id } })
        const owner = await findAccount(tx, row.account_id)
        if (owner) tell(tx, call, owner, 'sessionStolen')
        return undefined
      }
      case 'refuse':
        return undefined
    }
  })
}
