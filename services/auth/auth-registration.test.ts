import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import { startTestPlatform } from '@pleiad/platform/testing'
import usersService from '@pleiad/users'
import { users } from '@pleiad/users/contract'
import { Profiles } from '@pleiad/users/rpc'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { auth } from './contract.ts'
import authService from './service.ts'
import { type AuthTest, PASSWORD, refusal, startAuth } from './testing-people.ts'

/** bcrypt of 'an old password', cost 4. */
const OLD_HASH = '$2b$04$62teUS.1RUNhhr8OzSyBjuNugXG/fCzFIHZ8gSzBLmes2NDu/bfQ.'

let confirming: AuthTest
let immediate: AuthTest
beforeAll(async () => {
  confirming = await startAuth({})
  immediate = await startAuth()
})
afterAll(async () => {
  await confirming?.stop()
  await immediate?.stop()
})

const bodyOf = (name: string, more: object = {}) => ({
  email: `${name}@example.com`,
  password: PASSWORD,
  username: name,
  displayName: name,
  ...more,
})

describe('registering with confirmation', () => {
  test('the account and its profile begin when the mailed link is followed', async () => {
    const { nobody, linkFor, signIn, platform } = confirming
    expect(await nobody.register({ body: bodyOf('anna') })).toEqual({ status: 'confirmEmail' })
    expect((await refusal(signIn('anna@example.com'))).code).toBe('signInRefused')

    const token = await linkFor('anna@example.com', 'verify-email')
    expect(await nobody.verifyEmail({ body: { token } })).toEqual({ email: 'anna@example.com' })
    expect((await refusal(nobody.verifyEmail({ body: { token } }))).code).toBe('linkInvalid')

    const anna = await signIn('anna@example.com')
    expect(await anna.me.getMe()).toMatchObject({
      email: 'anna@example.com',
      emailVerified: true,
      roles: ['member'],
    })
    await platform.settled()
    const profile = await platform.client(users, anna.accessToken).getMe()
    expect(profile).toMatchObject({ userId: anna.userId, username: 'anna', state: 'active' })
  })

  test('an address that has an account is answered the same, and its owner is told', async () => {
    const { nobody, mails, linkFor } = confirming
    await nobody.register({ body: bodyOf('boris') })
    await nobody.verifyEmail({ body: { token: await linkFor('boris@example.com', 'verify-email') } })

    const again = await nobody.register({
      body: bodyOf('boris', { username: 'boris2', email: 'BORIS@example.com' }),
    })
    expect(again).toEqual({ status: 'confirmEmail' })
    expect(await mails('boris@example.com', 'account-exists')).toHaveLength(1)
    expect(await mails('boris@example.com', 'verify-email')).toHaveLength(1)
    // Signing in with the new password does not tell either.
    const wrong = await refusal(confirming.signIn('boris@example.com', 'another password'))
    const unknown = await refusal(confirming.signIn('nobody-at-all@example.com', 'another password'))
    expect({ ...wrong, requestId: '' }).toEqual({ ...unknown, requestId: '' })
  })

  test('of two registrations of one address the first that is confirmed becomes the account', async () => {
    const { nobody, mails } = confirming
    await nobody.register({ body: bodyOf('carol') })
    await nobody.register({ body: bodyOf('carol', { username: 'carol2', password: 'a different password' }) })
    const tokens = (await mails('carol@example.com', 'verify-email')).map(
      (mail) => mail.data.url!.split('#token=')[1]!,
    )
    expect(tokens).toHaveLength(2)
    await nobody.verifyEmail({ body: { token: tokens[1]! } })
    expect((await refusal(nobody.verifyEmail({ body: { token: tokens[0]! } }))).code).toBe('linkInvalid')
    expect((await confirming.signIn('carol@example.com', 'a different password')).email).toBe(
      'carol@example.com',
    )
  })

  test('the link can be sent again, once a minute, and the older one stops working', async () => {
    const { nobody, mails, linkFor, advance } = confirming
    await nobody.register({ body: bodyOf('dora') })
    const first = await linkFor('dora@example.com', 'verify-email')
    await nobody.resendVerification({ body: { email: 'dora@example.com' } })
    expect(await mails('dora@example.com')).toHaveLength(1)
    advance(61_000)
    await nobody.resendVerification({ body: { email: 'dora@example.com' } })
    const second = await linkFor('dora@example.com', 'verify-email')
    expect(second).not.toBe(first)
    expect((await refusal(nobody.verifyEmail({ body: { token: first } }))).code).toBe('linkInvalid')
    expect(await nobody.verifyEmail({ body: { token: second } })).toEqual({ email: 'dora@example.com' })
    await nobody.resendVerification({ body: { email: 'nobody@example.com' } })
    expect(await mails('nobody@example.com')).toHaveLength(0)
  })

  test('a link expires after a day', async () => {
    const { nobody, linkFor, advance } = confirming
    await nobody.register({ body: bodyOf('edgar') })
    const token = await linkFor('edgar@example.com', 'verify-email')
    advance(24 * 3_600_000 + 1000)
    expect((await refusal(nobody.verifyEmail({ body: { token } }))).code).toBe('linkInvalid')
  })

  test('a username that is taken may be told, because usernames are public', async () => {
    const { nobody } = confirming
    await nobody.register({ body: bodyOf('fanny') })
    expect(
      (await refusal(nobody.register({ body: bodyOf('fanny', { email: 'other@example.com' }) }))).code,
    ).toBe('usernameTaken')
    expect((await refusal(nobody.register({ body: bodyOf('admin') }))).code).toBe('usernameNotAllowed')
  })

  test('weak passwords are refused with the reason', async () => {
    const { nobody } = confirming
    expect(
      await refusal(nobody.register({ body: bodyOf('gina', { password: 'password123' }) })),
    ).toMatchObject({ code: 'weakPassword', reason: 'tooCommon' })
    expect(
      await refusal(nobody.register({ body: bodyOf('georgina', { password: 'georgina01' }) })),
    ).toMatchObject({ reason: 'containsYourName' })
  })

  test('registering costs the same for an address that has an account', async () => {
    const { nobody, linkFor, sql, hashing, platform } = confirming
    await nobody.register({ body: bodyOf('timed') })
    await nobody.verifyEmail({ body: { token: await linkFor('timed@example.com', 'verify-email') } })
    const hash = vi.spyOn(hashing, 'hash')
    const rows = async () => {
      const [row] = await sql`
        select (select count(*)::int from registrations) as registrations,
          (select count(*)::int from audit_log) as audit,
          (select count(*)::int from outbox_log where type = 'email.requested') as mails`
      return row as Record<string, number>
    }
    const work = async (email: string, username: string) => {
      const before = await rows()
      hash.mockClear()
      await nobody.register({ body: bodyOf('timed', { email, username }) })
      await platform.settled()
      const after = await rows()
      const made = Object.entries(after).map(([what, count]) => [what, count - before[what]!])
      return { ...Object.fromEntries(made), hashed: hash.mock.calls.length }
    }
    const once = { registrations: 1, audit: 1, mails: 1, hashed: 1 }
    expect(await work('timed@example.com', 'known1')).toEqual(once)
    expect(await work('fresh1@example.com', 'fresh1')).toEqual(once)
    hash.mockRestore()
  })
})

describe('registering without waiting', () => {
  test('signs in at once; the address is confirmed later', async () => {
    const { nobody, join, linkFor } = immediate
    const anna = await join('anna')
    expect((await anna.me.getMe()).emailVerified).toBe(false)
    await nobody.verifyEmail({ body: { token: await linkFor('anna@example.com', 'verify-email') } })
    expect((await anna.me.getMe()).emailVerified).toBe(true)
    expect(await nobody.register({ body: bodyOf('anna', { username: 'anna2' }) })).toEqual({
      status: 'confirmEmail',
    })
  })

  test('two registrations of one address at once make one account', async () => {
    const { nobody, sql } = immediate
    const answers = await Promise.all([
      nobody.register({ body: bodyOf('twin', { username: 'twin1' }) }),
      nobody.register({ body: bodyOf('twin', { username: 'twin2' }) }),
    ])
    expect(answers.map((answer) => answer.status).sort()).toEqual(['confirmEmail', 'signedIn'])
    expect(await sql`select id from accounts where email = 'twin@example.com'`).toHaveLength(1)
  })

  test('the verification mail of an account can be sent again', async () => {
    const { nobody, join, mails, advance } = immediate
    await join('henry')
    advance(61_000)
    await nobody.resendVerification({ body: { email: 'henry@example.com' } })
    expect(await mails('henry@example.com', 'verify-email')).toHaveLength(2)
  })
})

test('closed registration refuses, except by the setup code', async () => {
  const closed = await startAuth({ AUTH_SIGN_UP: 'closed' })
  try {
    const { nobody, platform } = closed
    expect((await refusal(nobody.register({ body: bodyOf('iris') }))).code).toBe('registrationClosed')
    const code = await closed.setupCode()
    expect(
      (await refusal(nobody.register({ body: bodyOf('iris', { setupCode: 'not-the-code' }) }))).code,
    ).toBe('setupCodeInvalid')

    const answer = await nobody.register({ body: bodyOf('iris', { setupCode: code }) })
    if (answer.status !== 'signedIn') throw new Error(answer.status)
    const me = await platform.client(auth, answer.accessToken!).getMe()
    expect(me.roles).toEqual(['admin', 'member'])
    expect(me.emailVerified).toBe(true)
    expect(me.permissions).toEqual(expect.arrayContaining(['auth:audit', 'users:manage']))
    // The code works once.
    expect((await refusal(nobody.register({ body: bodyOf('judas', { setupCode: code }) }))).code).toBe(
      'setupCodeInvalid',
    )
    expect((await platform.host.greeting()).join('\n')).not.toContain('setup?code=')
  } finally {
    await closed.stop()
  }
})

test('an imported account signs in with its old password, which is then hashed anew', async () => {
  const { platform, sql, signIn } = immediate
  const administrator = platform.client(auth, {
    permissions: ['auth:accounts'],
  })
  const passwordHash = OLD_HASH
  const body = { email: 'Kate@example.com', username: 'kate', displayName: 'Kate', passwordHash }
  const account = await administrator.importAccount({ body })
  expect(account).toMatchObject({ email: 'kate@example.com', emailVerified: true, state: 'active' })
  expect((await refusal(signIn('kate@example.com', 'a wrong password'))).code).toBe('signInRefused')
  const hashOf = async () =>
    (
      await sql<{ password_hash: string }[]>`select password_hash from accounts where id = ${account.userId}`
    )[0]!.password_hash
  expect(await hashOf()).toBe(passwordHash)
  await signIn('kate@example.com', 'an old password')
  expect(await hashOf()).toMatch(/^\$argon2id\$/)
  await signIn('kate@example.com', 'an old password')

  expect((await refusal(administrator.importAccount({ body: { ...body, username: 'kate2' } }))).code).toBe(
    'emailTaken',
  )
  expect(
    (await refusal(administrator.importAccount({ body: { ...body, email: 'l@example.com' } }))).code,
  ).toBe('usernameTaken')
  const md5 = {
    ...body,
    email: 'm@example.com',
    username: 'max',
    passwordHash: '5f4dcc3b5aa765d61d8327deb882cf99',
  }
  expect((await refusal(administrator.importAccount({ body: md5 }))).code).toBe('hashUnsupported')
})

test('hashes of a few kinds can be imported at a time: every sign-in pays for each', async () => {
  const administrator = immediate.platform.client(auth, { permissions: ['auth:accounts'] })
  const importOf = (name: string, cost: string) =>
    administrator.importAccount({
      body: {
        email: `${name}@example.com`,
        username: name,
        displayName: name,
        passwordHash: `$2b$${cost}$${'.'.repeat(53)}`,
      },
    })
  await importOf('kindone', '04')
  await importOf('kindtwo', '05')
  await importOf('kindthree', '06')
  await importOf('kindtwoagain', '05')
  expect((await refusal(importOf('kindfour', '07'))).code).toBe('hashUnsupported')
  await immediate.sql`update accounts set password_hash = null, hash_profile = null where hash_profile = '$2b$06$'`
  await importOf('kindfour', '07')
})

test('while users does not answer nothing is written, and the answer is 503', async () => {
  const down = () => {
    throw new ConnectError('down', Code.Unavailable)
  }
  const usersDown = {
    ...usersService,
    rpc: (router: ConnectRouter) => void router.service(Profiles, { reserveProfile: down }),
  }
  const platform = await startTestPlatform({
    services: [authService, usersDown],
    env: { AUTH_SIGN_UP: 'immediate', LOG_LEVEL: 'silent' },
  })
  try {
    const problem = await refusal(platform.client(auth).register({ body: bodyOf('lone') }))
    expect(problem).toMatchObject({ status: 503, code: 'unavailable' })
    const { sql } = platform.host.running.find((one) => one.service.contract.name === 'auth')!.store
    expect(await sql`select id from accounts union all select id from registrations`).toEqual([])
  } finally {
    await platform.stop()
  }
})
