import { users } from '@pleiad/users/contract'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auth } from './contract.ts'
import { type AuthTest, PASSWORD, type Person, refusal, startAuth } from './testing-people.ts'

let t: AuthTest
beforeAll(async () => {
  t = await startAuth()
})
afterAll(() => t?.stop())

const NEW = 'a brand new password'
const statusOf = async (person: Person) =>
  person.me.getMe().then(
    () => 200,
    (error) => error.status,
  )

describe('the password', () => {
  test('is changed with the current one; other sessions end, this one stays', async () => {
    const ann = await t.join('ann')
    const other = await t.signIn(ann.email)
    const wrong = await refusal(
      ann.me.changePassword({ body: { currentPassword: 'wrong password', newPassword: NEW } }),
    )
    expect(wrong.code).toBe('proofRefused')
    expect((await refusal(ann.me.changePassword({ body: { newPassword: NEW } }))).code).toBe('proofRefused')
    const weak = await refusal(
      ann.me.changePassword({ body: { currentPassword: PASSWORD, newPassword: 'short' } }),
    )
    expect(weak).toMatchObject({ code: 'weakPassword', reason: 'tooShort' })
    await ann.me.changePassword({ body: { currentPassword: PASSWORD, newPassword: NEW } })
    expect([await statusOf(ann), await statusOf(other)]).toEqual([200, 401])
    expect((await refusal(t.signIn(ann.email))).code).toBe('signInRefused')
    expect((await t.signIn(ann.email, NEW)).userId).toBe(ann.userId)
    expect((await t.mails(ann.email, 'security-notice')).at(-1)!.data.what).toBe('passwordChanged')
  })

  test('is reset by a mailed link that works once; all sessions and tokens end, the second factor stays', async () => {
    const ben = await t.join('ben')
    await t.enrol(ben)
    const { secret } = await ben.me.createToken({ body: { name: 'Script', scopes: [] } })
    await t.nobody.requestPasswordReset({ body: { email: 'BEN@example.com' } })
    const token = await t.linkFor(ben.email, 'reset-password')
    expect(JSON.stringify(await t.sql`select * from links`)).not.toContain(token)
    expect((await refusal(t.nobody.resetPassword({ body: { token, password: 'password' } }))).code).toBe(
      'weakPassword',
    )
    await t.nobody.resetPassword({ body: { token, password: NEW } })
    expect((await refusal(t.nobody.resetPassword({ body: { token, password: NEW } }))).code).toBe(
      'linkInvalid',
    )
    expect(await statusOf(ben)).toBe(401)
    expect((await refusal(t.platform.client(auth, secret).getMe())).status).toBe(401)
    expect((await t.nobody.login({ body: { email: ben.email, password: NEW } })).status).toBe(
      'secondFactorRequired',
    )
    const [row] = await t.sql<
      { email_verified: boolean }[]
    >`select email_verified from accounts where id = ${ben.userId}`
    expect(row!.email_verified).toBe(true)
  })

  test('asking for a reset answers the same for an unknown address, and mails once a minute', async () => {
    const cay = await t.join('cay')
    await t.nobody.requestPasswordReset({ body: { email: 'unknown@example.com' } })
    expect(await t.mails('unknown@example.com')).toEqual([])
    await t.nobody.requestPasswordReset({ body: { email: cay.email } })
    await t.platform.settled()
    await t.nobody.requestPasswordReset({ body: { email: cay.email } })
    expect(await t.mails(cay.email, 'reset-password')).toHaveLength(1)
    const token = await t.linkFor(cay.email, 'reset-password')
    t.advance(3_600_000 + 1000)
    expect((await refusal(t.nobody.resetPassword({ body: { token, password: NEW } }))).code).toBe(
      'linkInvalid',
    )
  })
})

describe('the address', () => {
  test('changes when the new one is confirmed; both are told, and users follows', async () => {
    const dee = await t.join('dee')
    await dee.me.requestEmailChange({ body: { email: 'Dee@New.example' } })
    const token = await t.linkFor('dee@new.example', 'change-email')
    expect((await dee.me.getMe()).pendingEmail).toBe('dee@new.example')
    expect((await t.signIn(dee.email)).userId).toBe(dee.userId)
    expect(await t.nobody.confirmEmailChange({ body: { token } })).toEqual({ email: 'dee@new.example' })
    expect((await refusal(t.nobody.confirmEmailChange({ body: { token } }))).code).toBe('linkInvalid')
    expect(await dee.me.getMe()).toMatchObject({ email: 'dee@new.example', emailVerified: true })
    expect((await refusal(t.signIn(dee.email))).code).toBe('signInRefused')
    for (const email of [dee.email, 'dee@new.example'])
      expect((await t.mails(email, 'security-notice')).at(-1)!.data.what).toBe('emailChanged')
    const { items } = await t.platform
      .client(users, { permissions: ['users:read'] })
      .listProfiles({ query: { search: 'dee@new' } })
    expect(items).toMatchObject([{ userId: dee.userId, email: 'dee@new.example' }])
  })

  test('of somebody else is answered the same, and they are told', async () => {
    const eli = await t.join('eli')
    const flo = await t.join('flo')
    await eli.me.requestEmailChange({ body: { email: flo.email } })
    expect(await t.mails(flo.email, 'account-exists')).toHaveLength(1)
    expect(await t.mails(flo.email, 'change-email')).toHaveLength(0)
  })

  test('that got an account meanwhile cannot be taken any more', async () => {
    const gia = await t.join('gia')
    await gia.me.requestEmailChange({ body: { email: 'late@example.com' } })
    const token = await t.linkFor('late@example.com', 'change-email')
    await t.join('late')
    expect((await refusal(t.nobody.confirmEmailChange({ body: { token } }))).code).toBe('linkInvalid')
    // Asked again within the minute: no second mail.
    await gia.me.requestEmailChange({ body: { email: 'later@example.com' } })
    await gia.me.requestEmailChange({ body: { email: 'latest@example.com' } })
    expect(
      (await t.mails('later@example.com')).length + (await t.mails('latest@example.com')).length,
    ).toBeLessThan(2)
  })

  test('a verification link of the old address does not confirm the new one', async () => {
    const hap = await t.join('hap')
    const token = await t.linkFor(hap.email, 'verify-email')
    await t.sql`update accounts set email = 'hap@new.example' where id = ${hap.userId}`
    expect((await refusal(t.nobody.verifyEmail({ body: { token } }))).code).toBe('linkInvalid')
  })
})

describe('erasure', () => {
  const leftovers = async (userId: string, email: string) => {
    const dump = await t.sql<{ found: string }[]>`
      select 'accounts' as found from accounts where id = ${userId} or email = ${email}
      union all select 'sessions' from sessions where account_id = ${userId}
      union all select 'tokens' from access_tokens where account_id = ${userId}
      union all select 'passkeys' from passkeys where account_id = ${userId}
      union all select 'links' from links where subject_id = ${userId} or email = ${email}
      union all select 'registrations' from registrations where email = ${email}
      union all select 'audit' from audit_log where actor_id = ${userId} or subject_id = ${userId}`
    return dump.map((row) => row.found)
  }

  test('by its owner: nothing is left, here or in users, and the log keeps what happened to nobody in particular', async () => {
    const ira = await t.join('ira')
    await t.enrol(ira)
    const { secret } = await ira.me.createToken({ body: { name: 'Script', scopes: [] } })
    const before = (await t.audit('account.registered')).length
    await ira.me.deleteAccount()
    await t.platform.settled()
    expect(await statusOf(ira)).toBe(401)
    expect((await refusal(t.platform.client(auth, secret).getMe())).status).toBe(401)
    expect(await leftovers(ira.userId, ira.email)).toEqual([])
    const registered = await t.audit('account.registered')
    expect(registered).toHaveLength(before)
    const deleted = (await t.audit('account.deleted')).at(-1)!
    expect(deleted.subject_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8/)
    expect(deleted.details).toEqual({})
    const reader = t.platform.client(users, { permissions: ['users:read'] })
    expect((await refusal(reader.getProfile({ params: { userId: ira.userId } }))).status).toBe(404)
    // The name and the address are free again for somebody new.
    expect((await refusal(t.signIn(ira.email))).code).toBe('signInRefused')
  })

  test('begun in users it reaches auth, once', async () => {
    const jon = await t.join('jon')
    const eraser = t.platform.client(users, { permissions: ['users:erase'] })
    await eraser.eraseUser({ params: { userId: jon.userId }, body: { username: 'jon' } })
    await t.platform.settled()
    expect(await leftovers(jon.userId, jon.email)).toEqual([])
    expect(await statusOf(jon)).toBe(401)
    const [row] = await t.sql<{ n: number }[]>`
      select count(*)::int as n from (select type, data from outbox union all select type, data from outbox_log) e
      where type = 'account.deleted' and data->>'userId' = ${jon.userId}`
    expect(row!.n).toBe(1)
  })

  test('a person who is deactivated in users is out at once, and in again when reactivated', async () => {
    const kay = await t.join('kay')
    const boss = t.platform.client(users, { permissions: ['users:manage'] })
    await boss.deactivateUser({ params: { userId: kay.userId } })
    await t.platform.settled()
    expect(await statusOf(kay)).toBe(401)
    expect((await refusal(t.signIn(kay.email))).code).toBe('signInRefused')
    await boss.reactivateUser({ params: { userId: kay.userId } })
    await t.platform.settled()
    expect((await t.signIn(kay.email)).userId).toBe(kay.userId)
  })

  test('mails follow the language of the profile', async () => {
    const lis = await t.join('lis')
    const me = t.platform.client(users, lis.accessToken)
    const { version } = await me.getMe()
    await me.updateProfile({ params: { userId: lis.userId }, ifMatch: version, body: { locale: 'ru' } })
    await t.platform.settled()
    expect((await lis.me.getMe()).locale).toBe('ru')
  })

  test('the export holds what auth knows, and no secret', async () => {
    const mo = await t.join('mo-export')
    const { codeAt } = await t.enrol(mo)
    expect(codeAt(0)).toHaveLength(6)
    await mo.me.createToken({ body: { name: 'Script', scopes: [] } })
    const { service, tools, own } = t.platform.host.running.find(
      (one) => one.service.contract.name === 'auth',
    )!
    const data = await service.personalData!(tools, own, mo.userId)
    expect(data).toMatchObject({
      account: { email: mo.email },
      secondFactor: { on: true },
      tokens: [{ name: 'Script' }],
      sessions: [{ method: 'password' }],
    })
    expect(JSON.stringify(data)).not.toMatch(/hash|secret|plt_|\$argon/i)
    expect(await service.personalData!(tools, own, '01890a5d-ac96-774b-bcce-b302099a8057')).toBeUndefined()
  })
})

test('when too many passwords wait to be hashed, the answer is 503 with Retry-After', async () => {
  const small = await startAuth({
    AUTH_SIGN_UP: 'immediate',
    AUTH_HASH_QUEUE: '1',
    AUTH_HASH_CONCURRENCY: '1',
  })
  try {
    const login = (turn: number) =>
      fetch(`${small.platform.url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email: `p${turn}@example.com`, password: 'whatever it is' }),
      })
    const answers = await Promise.all(Array.from({ length: 12 }, (_, turn) => login(turn)))
    const busy = answers.filter((answer) => answer.status === 503)
    expect(busy.length).toBeGreaterThan(0)
    expect(busy[0]!.headers.get('retry-after')).toBe('3')
    expect(answers.some((answer) => answer.status === 401)).toBe(true)
    expect((await login(99)).status).toBe(401)
  } finally {
    await small.stop()
  }
})
