import { type SoftwareAuthenticator, softwareAuthenticator } from '@pleiad/platform/testing-authenticator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auth } from './contract.ts'
import { type AuthTest, PASSWORD, type Person, refusal, startAuth } from './testing-people.ts'

let t: AuthTest
beforeAll(async () => {
  t = await startAuth()
})
afterAll(() => t?.stop())

const origin = 'http://localhost:8080'

async function challengeOf(email: string) {
  const answer = await t.nobody.login({ body: { email, password: PASSWORD } })
  if (answer.status !== 'secondFactorRequired') throw new Error(answer.status)
  return answer
}

async function addPasskey(person: Person, device: SoftwareAuthenticator, name = 'Phone') {
  const { flowId, options } = await person.me.startPasskeyRegistration()
  return person.me.registerPasskey({ body: { flowId, name, response: device.create(options) } })
}

async function passkeyLogin(device: SoftwareAuthenticator) {
  const { flowId, options } = await t.nobody.startPasskeyLogin({ body: {} })
  return t.nobody.loginPasskey({ body: { flowId, response: device.get(options) } })
}

describe('the authenticator app', () => {
  test('is asked for at sign-in once it is on; a code works once', async () => {
    const ada = await t.join('ada')
    const { codeAt, recoveryCodes } = await t.enrol(ada)
    expect(recoveryCodes).toHaveLength(10)
    expect(await ada.me.getMe()).toMatchObject({ totp: true, recoveryCodesLeft: 10 })
    const { challenge, methods } = await challengeOf('ada@example.com')
    expect(methods).toEqual(['totp', 'recoveryCode'])
    const code = codeAt(0)
    const signedIn = await t.nobody.loginSecondFactor({
      body: { challenge, proof: { method: 'totp', code } },
    })
    expect((await t.platform.client(auth, signedIn.accessToken!).getMe()).email).toBe('ada@example.com')
    // Neither the challenge nor the code works twice.
    const spent = await refusal(
      t.nobody.loginSecondFactor({ body: { challenge, proof: { method: 'totp', code: codeAt(1) } } }),
    )
    expect(spent.code).toBe('challengeExpired')
    const second = await challengeOf('ada@example.com')
    const replay = await refusal(
      t.nobody.loginSecondFactor({ body: { challenge: second.challenge, proof: { method: 'totp', code } } }),
    )
    expect(replay.code).toBe('proofRefused')
  })

  test('two requests with one code sign in once', async () => {
    const bob = await t.join('bob')
    const { codeAt } = await t.enrol(bob)
    const challenges = [await challengeOf(bob.email), await challengeOf(bob.email)]
    const proof = { method: 'totp' as const, code: codeAt(0) }
    const outcomes = await Promise.allSettled(
      challenges.map(({ challenge }) => t.nobody.loginSecondFactor({ body: { challenge, proof } })),
    )
    expect(outcomes.map((outcome) => outcome.status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  test('is on only after a right code, and what was begun expires', async () => {
    const cat = await t.join('cat')
    expect((await refusal(cat.me.confirmTotp({ body: { code: '000000' } }))).code).toBe('totpNotStarted')
    await cat.me.startTotp()
    expect((await refusal(cat.me.confirmTotp({ body: { code: '000000' } }))).code).toBe('proofRefused')
    expect((await cat.me.getMe()).totp).toBe(false)
    t.advance(16 * 60_000)
    const again = await t.signIn(cat.email)
    expect((await refusal(again.me.confirmTotp({ body: { code: '000000' } }))).code).toBe('totpNotStarted')
    await t.enrol(again)
    expect((await refusal(again.me.startTotp())).code).toBe('totpAlreadyOn')
  })

  test('a challenge takes five attempts, guessing is slowed, and the owner is told', async () => {
    const dan = await t.join('dan')
    const { codeAt } = await t.enrol(dan)
    const { challenge } = await challengeOf(dan.email)
    const wrong = { method: 'totp' as const, code: codeAt(-20) }
    for (let turn = 0; turn < 5; turn++)
      expect((await refusal(t.nobody.loginSecondFactor({ body: { challenge, proof: wrong } }))).code).toBe(
        'proofRefused',
      )
    expect((await refusal(t.nobody.loginSecondFactor({ body: { challenge, proof: wrong } }))).code).toBe(
      'challengeExpired',
    )
    const next = await challengeOf(dan.email)
    const right = { method: 'totp' as const, code: codeAt(0) }
    expect(
      (await refusal(t.nobody.loginSecondFactor({ body: { challenge: next.challenge, proof: right } }))).code,
    ).toBe('tryLater')
    expect((await t.mails(dan.email, 'security-notice')).at(-1)!.data.what).toBe('secondFactorAttacked')
    t.advance(3000)
    const proof = { method: 'totp' as const, code: codeAt(0) }
    expect((await t.nobody.loginSecondFactor({ body: { challenge: next.challenge, proof } })).status).toBe(
      'signedIn',
    )
  })

  test('turned off, it is not asked for, and its recovery codes are gone', async () => {
    const eve = await t.join('eve')
    await t.enrol(eve)
    await eve.me.disableTotp()
    await eve.me.disableTotp()
    expect(await eve.me.countRecoveryCodes()).toEqual({ left: 0 })
    expect((await t.signIn(eve.email)).sid).not.toBe(eve.sid)
    expect((await t.audit('totp.disabled')).filter((row) => row.subject_id === eve.userId)).toHaveLength(1)
  })

  test('its secret is encrypted in the database', async () => {
    const fred = await t.join('fred')
    const { secret } = await fred.me.startTotp()
    const [row] = await t.sql<{ secret: Buffer }[]>`select secret from totp where account_id = ${fred.userId}`
    expect(row!.secret.toString('latin1')).not.toContain(secret)
  })
})

describe('recovery codes', () => {
  test('work once each, however typed, and can be made anew', async () => {
    const gil = await t.join('gil')
    const { recoveryCodes } = await t.enrol(gil)
    const use = async (code: string) => {
      const { challenge } = await challengeOf(gil.email)
      return t.nobody.loginSecondFactor({ body: { challenge, proof: { method: 'recoveryCode', code } } })
    }
    expect((await use(recoveryCodes[0]!.toUpperCase().replace('-', ' '))).status).toBe('signedIn')
    expect((await refusal(use(recoveryCodes[0]!))).code).toBe('proofRefused')
    expect(await gil.me.countRecoveryCodes()).toEqual({ left: 9 })
    expect((await t.mails(gil.email, 'security-notice')).at(-1)!.data.what).toBe('recoveryCodeUsed')

    const renewed = await gil.me.regenerateRecoveryCodes()
    expect((await refusal(use(recoveryCodes[1]!))).code).toBe('proofRefused')
    expect((await use(renewed.recoveryCodes[0]!)).status).toBe('signedIn')
    const without = await t.join('without')
    expect((await refusal(without.me.regenerateRecoveryCodes())).code).toBe('totpNotStarted')
  })
})

describe('passkeys', () => {
  test('sign in without address or password, and are both factors', async () => {
    const hana = await t.join('hana')
    await t.enrol(hana)
    const device = softwareAuthenticator({ origin })
    const passkey = await addPasskey(hana, device)
    expect(passkey).toMatchObject({ name: 'Phone', backedUp: false })
    const signedIn = await passkeyLogin(device)
    expect(signedIn.userId).toBe(hana.userId)
    expect((await hana.me.listPasskeys()).items[0]!.lastUsedAt).toBeDefined()
    expect((await hana.me.listSessions()).items[0]!.method).toBe('passkey')
  })

  test('answer the second factor of their own account only', async () => {
    const ida = await t.join('ida')
    const jim = await t.join('jim')
    const [hers, his] = [softwareAuthenticator({ origin }), softwareAuthenticator({ origin })]
    await addPasskey(ida, hers)
    await addPasskey(jim, his)
    await t.enrol(ida)
    const answer = async (device: SoftwareAuthenticator, own: boolean) => {
      const { challenge, methods } = await challengeOf(ida.email)
      expect(methods).toContain('passkey')
      const { flowId, options } = await t.nobody.startPasskeyLogin({ body: { challenge } })
      const asked = own ? options : { ...options, allowCredentials: undefined }
      return t.nobody.loginSecondFactor({
        body: { challenge, proof: { method: 'passkey', flowId, response: device.get(asked) } },
      })
    }
    expect((await answer(hers, true)).userId).toBe(ida.userId)
    expect((await refusal(answer(his, false))).code).toBe('proofRefused')
    const unknown = await refusal(t.nobody.startPasskeyLogin({ body: { challenge: 'x'.repeat(43) } }))
    expect(unknown.code).toBe('challengeExpired')
  })

  test('an answer works once; a copied device, another origin and a device that did not check its user are refused', async () => {
    const ken = await t.join('ken')
    const device = softwareAuthenticator({ origin })
    await addPasskey(ken, device)
    const { flowId, options } = await t.nobody.startPasskeyLogin({ body: {} })
    const response = device.get(options)
    await t.nobody.loginPasskey({ body: { flowId, response } })
    expect((await refusal(t.nobody.loginPasskey({ body: { flowId, response } }))).code).toBe('proofRefused')
    device.rewind()
    expect((await refusal(passkeyLogin(device))).code).toBe('proofRefused')
    expect(await t.audit('passkey.refused')).toContainEqual(
      expect.objectContaining({ subject_id: ken.userId }),
    )

    for (const bad of [
      softwareAuthenticator({ origin: 'https://evil.example' }),
      softwareAuthenticator({ origin, verifiesUser: false }),
    ])
      expect((await refusal(addPasskey(ken, bad))).code).toBe('proofRefused')
  })

  test('challenges expire, and belong to who asked', async () => {
    const lea = await t.join('lea')
    const mia = await t.join('mia')
    const device = softwareAuthenticator({ origin })
    const asked = await lea.me.startPasskeyRegistration()
    const body = { flowId: asked.flowId, name: 'Key', response: device.create(asked.options) }
    expect((await refusal(mia.me.registerPasskey({ body }))).code).toBe('challengeExpired')
    await addPasskey(lea, device)
    const { flowId, options } = await t.nobody.startPasskeyLogin({ body: {} })
    const response = device.get(options)
    t.advance(5 * 60_000 + 1000)
    expect((await refusal(t.nobody.loginPasskey({ body: { flowId, response } }))).code).toBe('proofRefused')
  })

  test('answers that make no sense are refused, not failed on', async () => {
    for (const response of [
      {},
      { id: 'x' },
      { id: 7 },
      { id: 'not base64url!', type: 'public-key' },
      { id: 'AAAA', rawId: 'AAAA', type: 'public-key', response: {} },
    ]) {
      const { flowId } = await t.nobody.startPasskeyLogin({ body: {} })
      expect((await refusal(t.nobody.loginPasskey({ body: { flowId, response } }))).status).toBe(403)
    }
  })

  test('are renamed and deleted by their owner only; the last one of an account without password stays', async () => {
    const ned = await t.join('ned')
    const ole = await t.join('ole')
    const device = softwareAuthenticator({ origin })
    const { id: passkeyId } = await addPasskey(ned, device)
    expect(
      (await refusal(ole.me.renamePasskey({ params: { passkeyId }, body: { name: 'Mine' } }))).code,
    ).toBe('notFound')
    expect((await refusal(ole.me.deletePasskey({ params: { passkeyId } }))).code).toBe('notFound')
    expect((await ned.me.renamePasskey({ params: { passkeyId }, body: { name: 'Laptop' } })).name).toBe(
      'Laptop',
    )
    await t.sql`update accounts set password_hash = null where id = ${ned.userId}`
    expect((await refusal(ned.me.deletePasskey({ params: { passkeyId } }))).code).toBe('lastFactor')
    await ned.me.changePassword({ body: { newPassword: 'a brand new password' } })
    await ned.me.deletePasskey({ params: { passkeyId } })
    expect((await ned.me.listPasskeys()).items).toEqual([])
    expect((await refusal(passkeyLogin(device))).code).toBe('proofRefused')
  })

  test('one passkey belongs to one account', async () => {
    const pam = await t.join('pam')
    const rex = await t.join('rex')
    const device = softwareAuthenticator({ origin })
    const { id } = await addPasskey(pam, device)
    const { flowId, options } = await pam.me.startPasskeyRegistration()
    expect((options as { excludeCredentials: unknown[] }).excludeCredentials).toHaveLength(1)
    const body = { flowId, name: 'Same', response: device.create(options, 'again') }
    expect((await refusal(pam.me.registerPasskey({ body }))).code).toBe('passkeyKnown')
    const his = await rex.me.startPasskeyRegistration()
    const stolen = { flowId: his.flowId, name: 'Same', response: device.create(his.options, 'again') }
    expect((await refusal(rex.me.registerPasskey({ body: stolen }))).code).toBe('passkeyKnown')
    expect((await pam.me.listPasskeys()).items.map((passkey) => passkey.id)).toEqual([id])
  })
})

describe('a recent proof', () => {
  test('is needed for sensitive changes, and given by password, code or passkey', async () => {
    const quin = await t.join('quin')
    const device = softwareAuthenticator({ origin })
    await addPasskey(quin, device)
    const { codeAt } = await t.enrol(quin)
    const stale = async () => {
      t.advance(10 * 60_000 + 1000)
      const next = await t.nobody.refresh({ body: { refreshToken: token } })
      token = next.refreshToken!
      return t.platform.client(auth, next.accessToken!)
    }
    let token = quin.refreshToken
    let me = await stale()
    for (const change of [
      () => me.startTotp(),
      () => me.disableTotp(),
      () => me.startPasskeyRegistration(),
      () => me.regenerateRecoveryCodes(),
      () => me.createToken({ body: { name: 'x', scopes: [] } }),
      () => me.requestEmailChange({ body: { email: 'new@example.com' } }),
      () => me.deleteAccount(),
    ])
      expect((await refusal(change())).code).toBe('reauthenticationRequired')
    expect((await me.getMe()).session.provedUntil).toBeUndefined()

    expect(
      (await refusal(me.reauthenticate({ body: { method: 'password', password: 'wrong password' } }))).code,
    ).toBe('proofRefused')
    const { provedUntil } = await me.reauthenticate({ body: { method: 'password', password: PASSWORD } })
    expect(new Date(provedUntil).getTime()).toBeGreaterThan(t.now().getTime() + 590_000)
    await me.regenerateRecoveryCodes()

    me = await stale()
    await me.reauthenticate({ body: { method: 'totp', code: codeAt(0) } })
    await me.regenerateRecoveryCodes()

    me = await stale()
    const { flowId, options } = await me.startPasskeyLogin({ body: {} })
    await me.reauthenticate({ body: { method: 'passkey', flowId, response: device.get(options) } })
    await me.regenerateRecoveryCodes()
  })

  test('guessing it is slowed down', async () => {
    const rob = await t.join('rob')
    const codes = []
    for (let turn = 0; turn < 6; turn++)
      codes.push((await refusal(rob.me.reauthenticate({ body: { method: 'totp', code: '123456' } }))).code)
    expect(codes).toEqual([...Array(5).fill('proofRefused'), 'tryLater'])
  })
})

describe('personal access tokens', () => {
  test('carry what their owner still has, cannot touch credentials, and are refused once revoked', async () => {
    const sam = await t.join('sam')
    await t.sql`insert into roles (name, description, permissions) values ('auditor', 'Reads', ${['auth:audit', 'auth:roles']})`
    await t.sql`insert into account_roles (account_id, role) values (${sam.userId}, 'auditor')`
    const { me } = await t.signIn(sam.email)
    const lacking = await refusal(
      me.createToken({ body: { name: 'Script', scopes: ['auth:audit', 'auth:keys'] } }),
    )
    expect(lacking).toMatchObject({ code: 'scopeNotHeld', scopes: ['auth:keys'] })
    const { secret, token } = await me.createToken({
      body: { name: 'Script', scopes: ['auth:audit'], expiresInDays: 10 },
    })
    const program = t.platform.client(auth, secret)
    expect((await program.listAudit()).items.length).toBeGreaterThan(0)
    expect((await refusal(program.listRoles())).status).toBe(403)
    expect(await program.getMe()).toMatchObject({ session: { kind: 'token', sid: token.id } })
    for (const change of [
      () =>
        program.changePassword({ body: { currentPassword: PASSWORD, newPassword: 'a brand new password' } }),
      () => program.revokeOtherSessions(),
      () => program.startTotp(),
      () => program.createToken({ body: { name: 'Child', scopes: [] } }),
      () => program.reauthenticate({ body: { method: 'password', password: PASSWORD } }),
    ])
      expect((await refusal(change())).code).toBe('sessionRequired')

    const [listed] = (await me.listTokens()).items
    expect(listed).toMatchObject({ name: 'Script', hint: secret.slice(0, 9), scopes: ['auth:audit'] })
    expect(listed!.lastUsedAt).toBeDefined()
    expect(JSON.stringify(await t.sql`select * from access_tokens`)).not.toContain(secret)

    await me.revokeToken({ params: { tokenId: token.id } })
    expect((await refusal(program.getMe())).status).toBe(401)
    expect((await refusal(me.revokeToken({ params: { tokenId: token.id } }))).code).toBe('notFound')
  })

  test('expire, and there are fifty at most', async () => {
    const tea = await t.join('tea')
    const { secret } = await tea.me.createToken({ body: { name: 'Short', scopes: [], expiresInDays: 1 } })
    await t.sql`
      insert into access_tokens (id, account_id, name, token_hash, hint, scopes, created_at)
      select gen_random_uuid(), ${tea.userId}, 'n', sha256(n::text::bytea), 'plt_', '{}', now() from generate_series(1, 49) n`
    expect((await refusal(tea.me.createToken({ body: { name: 'Too many', scopes: [] } }))).code).toBe(
      'tooManyTokens',
    )
    t.advance(86_400_000 + 1000)
    expect((await refusal(t.platform.client(auth, secret).getMe())).status).toBe(401)
  })
})
