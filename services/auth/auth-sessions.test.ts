import { perOrigin } from '@pleiad/platform/lockout'
import { decodeProtectedHeader } from 'jose'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { auth } from './contract.ts'
import { countAttempt, forgetAttempts } from './store-throttles.ts'
import { type AuthTest, PASSWORD, type Person, refusal, startAuth } from './testing-people.ts'

let t: AuthTest
beforeAll(async () => {
  t = await startAuth()
})
afterAll(() => t?.stop())

const refresh = (refreshToken: string) => t.nobody.refresh({ body: { refreshToken } })
const refused = async (person: Person) => (await refusal(person.me.getMe())).status

describe('signing in', () => {
  test('the access token names person, session, roles and permissions, and lives ten minutes', async () => {
    const ada = await t.join('ada')
    const [, payload] = ada.accessToken.split('.')
    const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString())
    expect(claims).toMatchObject({
      sub: ada.userId,
      sid: ada.sid,
      roles: ['member'],
      permissions: [],
      iss: 'http://localhost:8080',
    })
    expect(claims.exp - claims.iat).toBe(600)
    const { keys } = await t.nobody.getJwks()
    expect(keys).toHaveLength(2)
    expect(keys.map((key) => key.kid)).toContain(decodeProtectedHeader(ada.accessToken).kid)
    expect(JSON.stringify(keys)).not.toContain('"d"')
  })

  test('upper case in the address does not matter; a wrong password and an unknown address are answered alike', async () => {
    await t.join('bert')
    expect((await t.signIn('BERT@EXAMPLE.com')).sid).toMatch(/-/)
    const wrong = await refusal(t.signIn('bert@example.com', 'wrong password'))
    const unknown = await refusal(t.signIn('unknown@example.com', 'wrong password'))
    expect({ ...wrong, requestId: '' }).toEqual({ ...unknown, requestId: '' })
    expect(wrong).toMatchObject({ status: 401, code: 'signInRefused' })
  })

  test('a wrong password costs the same for an account, an imported account and an unknown address', async () => {
    await t.join('tim')
    const verify = vi.spyOn(t.hashing, 'verify')
    const work = async (email: string) => {
      verify.mockClear()
      await refusal(t.signIn(email, 'wrong password'))
      expect(verify).toHaveBeenCalledTimes(1)
      return verify.mock.calls[0]!
    }
    expect(await work('tim@example.com')).toEqual(['wrong password', expect.any(String), []])
    const passwordHash = `$2b$04$${'.'.repeat(53)}`
    await t.platform.client(auth, { permissions: ['auth:accounts'] }).importAccount({
      body: { email: 'old@example.com', username: 'old', displayName: 'Old', passwordHash },
    })
    // What is done is known from the profiles alone (platform/identity/passwords.test.ts): whose hash it is adds nothing.
    expect(await work('old@example.com')).toEqual(['wrong password', passwordHash, ['$2b$04$']])
    expect(await work('tim@example.com')).toEqual(['wrong password', expect.any(String), ['$2b$04$']])
    expect(await work('tom@example.com')).toEqual(['wrong password', undefined, ['$2b$04$']])
    verify.mockRestore()
  })

  test('guessing is slowed down alike for accounts that exist and that do not, and never for good', async () => {
    await t.join('carl')
    for (const email of ['carl@example.com', 'nobody@example.com']) {
      const codes = []
      for (let turn = 0; turn < 7; turn++) codes.push((await refusal(t.signIn(email, 'wrong password'))).code)
      expect(codes).toEqual([...Array(5).fill('signInRefused'), 'tryLater', 'tryLater'])
      const response = await fetch(`${t.platform.url}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: PASSWORD }),
      })
      expect(response.status).toBe(429)
      expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0)
      expect(await response.json()).toMatchObject({ code: 'tryLater', retryAfter: 1 })
    }
    t.advance(2000)
    expect((await t.signIn('carl@example.com')).email).toBe('carl@example.com')
    // Signing in forgot the wrong attempts.
    expect((await refusal(t.signIn('carl@example.com', 'wrong password'))).code).toBe('signInRefused')
  })

  test('a burst of guesses gets no more than one after another', async () => {
    await t.join('cleo')
    const burst = await Promise.all(
      Array.from({ length: 20 }, () => refusal(t.signIn('cleo@example.com', 'wrong password'))),
    )
    expect(burst.filter((problem) => problem.code === 'signInRefused')).toHaveLength(5)
  })

  test('an attempt is counted though another one succeeds and forgets them meanwhile', async () => {
    const key = Buffer.from('a key of this test')
    const { sql, transact } = t.platform.host.running.find(
      ({ service }) => service.contract.name === 'auth',
    )!.store
    await transact((tx) => countAttempt(tx, key, perOrigin, t.now()))
    let forgetting: Promise<void> | undefined
    const counted = await transact((tx) => {
      /** The transaction, with the other one coming in after its first statement: done, or waiting for ours. */
      const disturbed = async (text: TemplateStringsArray, ...values: never[]) => {
        const rows = await tx(text, ...values)
        forgetting ??= forgetAttempts(sql, [key])
        const waits = vi.waitFor(
          async () => expect(await sql`select from pg_locks where not granted`).not.toHaveLength(0),
          20_000,
        )
        await Promise.race([forgetting, waits])
        return rows
      }
      return countAttempt(disturbed as unknown as typeof tx, key, perOrigin, t.now())
    })
    await forgetting
    expect(counted).toMatchObject({ kind: 'counted' })
  })

  test('the owner hears of a sign-in with a new program, not of the first or of a known one', async () => {
    await t.join('dina')
    await t.signIn('dina@example.com')
    expect(await t.mails('dina@example.com', 'new-sign-in')).toHaveLength(0)
    const response = await fetch(`${t.platform.url}/api/v1/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'user-agent': 'Strange/1.0' },
      body: JSON.stringify({ email: 'dina@example.com', password: PASSWORD }),
    })
    expect(response.status).toBe(200)
    const [mail] = await t.mails('dina@example.com', 'new-sign-in')
    expect(mail!.data).toMatchObject({ what: 'newSignIn', userAgent: 'Strange/1.0' })
  })
})

describe('refreshing', () => {
  test('each token works once; two requests at once get the same successor', async () => {
    const eva = await t.join('eva')
    const answers = await Promise.all([
      refresh(eva.refreshToken),
      refresh(eva.refreshToken),
      refresh(eva.refreshToken),
    ])
    expect(new Set(answers.map((answer) => answer.refreshToken)).size).toBe(1)
    expect(answers[0]!.refreshToken).not.toBe(eva.refreshToken)
    const next = await refresh(answers[0]!.refreshToken!)
    expect(next.refreshToken).not.toBe(answers[0]!.refreshToken)
    expect(next.sid).toBe(eva.sid)
  })

  test('a token that comes back after the grace ends the session everywhere, and the owner is told', async () => {
    const fay = await t.join('fay')
    const next = await refresh(fay.refreshToken)
    t.advance(11_000)
    expect(await refusal(refresh(fay.refreshToken))).toMatchObject({ status: 401, code: 'refreshRefused' })
    expect((await refusal(refresh(next.refreshToken!))).code).toBe('refreshRefused')
    expect((await refusal(t.platform.client(auth, next.accessToken!).getMe())).status).toBe(401)
    expect((await t.mails('fay@example.com', 'security-notice')).at(-1)!.data.what).toBe('sessionStolen')
    expect(await t.audit('session.stolen')).toContainEqual(
      expect.objectContaining({ subject_id: fay.userId }),
    )
  })

  test('a token older than the one before ends the session at once', async () => {
    const gus = await t.join('gus')
    const second = await refresh(gus.refreshToken)
    const third = await refresh(second.refreshToken!)
    expect((await refusal(refresh(gus.refreshToken))).code).toBe('refreshRefused')
    expect((await refusal(refresh(third.refreshToken!))).code).toBe('refreshRefused')
  })

  test('made-up tokens do nothing to anybody', async () => {
    const hal = await t.join('hal')
    const forged = `${hal.refreshToken.slice(0, -4)}AAAA`
    expect((await refusal(refresh(forged))).code).toBe('refreshRefused')
    expect((await refusal(t.nobody.refresh({ body: {} }))).code).toBe('refreshRefused')
    expect((await refresh(hal.refreshToken)).sid).toBe(hal.sid)
  })

  test('a session that is not used ends after thirty days', async () => {
    const ian = await t.join('ian')
    t.advance(30 * 86_400_000 + 1000)
    expect((await refusal(refresh(ian.refreshToken))).code).toBe('refreshRefused')
  })

  test('neither tokens nor their hashes show up in the database in clear', async () => {
    const jan = await t.join('jan')
    const next = await refresh(jan.refreshToken)
    const [row] = await t.sql`select * from sessions where id = ${jan.sid}`
    const stored = JSON.stringify(row, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString('latin1') : value,
    )
    for (const token of [jan.refreshToken, next.refreshToken!]) expect(stored).not.toContain(token)
  })
})

describe('cookies', () => {
  const post = (path: string, body: object, cookie = '') =>
    fetch(`${t.platform.url}/api/v1/auth${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-pleiad-csrf': '1', cookie },
      body: JSON.stringify(body),
    })
  const jar = (response: Response) =>
    Object.fromEntries(response.headers.getSetCookie().map((line) => [line.split('=')[0], line]))
  const pairs = (response: Response) =>
    response.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')

  test('carry the tokens out of reach of scripts, and sign out clears them', async () => {
    await t.join('kim')
    const login = await post('/login', { email: 'kim@example.com', password: PASSWORD, transport: 'cookie' })
    const body = await login.json()
    expect(body).not.toHaveProperty('accessToken')
    expect(body).not.toHaveProperty('refreshToken')
    expect(jar(login)['pleiad_access']).toMatch(/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=600$/)
    expect(jar(login)['pleiad_refresh']).toMatch(
      /; Path=\/api\/v1\/auth; HttpOnly; SameSite=Strict; Max-Age=(2592000|2591999)$/,
    )

    const me = await fetch(`${t.platform.url}/api/v1/auth/me`, { headers: { cookie: pairs(login) } })
    expect(await me.json()).toMatchObject({ email: 'kim@example.com' })
    const refreshed = await post('/refresh', { transport: 'cookie' }, pairs(login))
    expect(refreshed.status).toBe(200)
    expect(pairs(refreshed)).not.toBe(pairs(login))

    const out = await post('/logout', {}, pairs(refreshed))
    expect(out.status).toBe(204)
    expect(jar(out)['pleiad_access']).toMatch(/Max-Age=0/)
    const again = await post('/refresh', { transport: 'cookie' }, pairs(refreshed))
    expect(again.status).toBe(401)
    expect(jar(again)['pleiad_refresh']).toMatch(/Max-Age=0/)
  })
})

describe('ending sessions', () => {
  test('signing out refuses the access token at once, by itself or by the refresh token', async () => {
    const leo = await t.join('leo')
    await leo.me.logout({ body: {} })
    expect(await refused(leo)).toBe(401)
    const again = await t.signIn('leo@example.com')
    await t.nobody.logout({ body: { refreshToken: again.refreshToken } })
    expect(await refused(again)).toBe(401)
    await t.nobody.logout({ body: {} })
    await t.nobody.logout({ body: { refreshToken: again.refreshToken } })
  })

  test('one session, the others, and nobody else’s', async () => {
    const max = await t.join('max')
    const second = await t.signIn('max@example.com')
    const third = await t.signIn('max@example.com')
    const nora = await t.join('nora')
    const { items } = await max.me.listSessions()
    expect(items.map((session) => session.sid)).toEqual([third.sid, second.sid, max.sid])
    expect(items.find((session) => session.current)?.sid).toBe(max.sid)

    expect((await refusal(nora.me.revokeSession({ params: { sid: max.sid } }))).code).toBe('notFound')
    await max.me.revokeSession({ params: { sid: second.sid } })
    expect(await refused(second)).toBe(401)
    expect((await refusal(refresh(second.refreshToken))).code).toBe('refreshRefused')
    expect((await refusal(max.me.revokeSession({ params: { sid: second.sid } }))).code).toBe('notFound')
    expect(await max.me.revokeOtherSessions()).toEqual({ revoked: 1 })
    expect(await refused(third)).toBe(401)
    expect((await max.me.listSessions()).items).toHaveLength(1)
  })

  test('a process that starts later learns of it from the list', async () => {
    const olga = await t.join('olga')
    await olga.me.logout({ body: {} })
    const { service, tools, own } = t.platform.host.running.find(
      (one) => one.service.contract.name === 'auth',
    )!
    const list = await service.identity!(tools, own).loadRevocations()
    expect(list).toContainEqual(expect.objectContaining({ sid: olga.sid }))
  })
})

describe('keys', () => {
  test('rotation signs nobody out: old tokens stay good, new ones are signed by the key that was published ahead', async () => {
    const pia = await t.join('pia')
    const admin = await t.join('keyadmin')
    await t.sql`insert into account_roles (account_id, role) values (${admin.userId}, 'admin')`
    const boss = await t.signIn('keyadmin@example.com')
    const before = (await t.nobody.getJwks()).keys.map((key) => key.kid)
    const { kid } = await boss.me.rotateSigningKey({ body: {} })
    expect(before).toContain(kid)
    expect((await pia.me.getMe()).email).toBe('pia@example.com')
    const next = await refresh(pia.refreshToken)
    expect(decodeProtectedHeader(next.accessToken!).kid).toBe(kid)
    expect((await t.platform.client(auth, next.accessToken!).getMe()).email).toBe('pia@example.com')
    expect((await t.nobody.getJwks()).keys).toHaveLength(3)

    const fresh = await boss.me.rotateSigningKey({ body: { compromised: true } })
    expect((await refusal(t.platform.client(auth, next.accessToken!).getMe())).status).toBe(401)
    const after = (await t.nobody.getJwks()).keys.map((key) => key.kid)
    expect(after).toHaveLength(2)
    expect(after).toContain(fresh.kid)
    expect(after).not.toContain(kid)
    expect((await refresh(next.refreshToken!)).sid).toBe(pia.sid)
  })

  test('the job rotates a key that has served thirty days', async () => {
    const { service, store, tools, own } = t.platform.host.running.find(
      (one) => one.service.contract.name === 'auth',
    )!
    const active = async () =>
      (await t.sql<{ kid: string }[]>`select kid from signing_keys where state = 'active'`)[0]!.kid
    const before = await active()
    const run = () => store.transact((tx) => service.jobs!['rotateKeys']!.run({ ...tools, tx } as never, own))
    await run()
    expect(await active()).toBe(before)
    t.advance(31 * 86_400_000)
    await run()
    expect(await active()).not.toBe(before)
    await store.transact((tx) => service.jobs!['sweep']!.run({ ...tools, tx } as never, own))
    expect(await t.sql`select id from revocations`).toHaveLength(0)
    expect(await t.sql`select token_hash from links`).toHaveLength(0)
  })
})
