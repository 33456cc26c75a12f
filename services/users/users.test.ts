import { Code, ConnectError } from '@connectrpc/connect'
import { auth } from '@pleiad/auth/contract'
import { AuthInternal } from '@pleiad/auth/rpc'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, emit } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { users } from './contract.ts'
import { Profiles } from './profiles_pb.ts'
import usersService from './service.ts'

const DAY_MS = 86_400_000

/** Who may more than everybody; others have no permissions. */
const standings = new Map<string, { permissions: string[]; administrator: boolean; others: string[] }>()

/** Announces what auth would announce, and answers what it would answer. */
const announcer = defineService({
  contract: defineContract({
    name: 'auth',
    version: '1.0.0',
    summary: 'Announces, in tests.',
    operations: {},
    events: auth.events,
  }),
  url: new URL('./announcer/service.ts', import.meta.url).href,
  routes: () => ({}),
  rpc: (router) => {
    router.service(AuthInternal, {
      getStanding: ({ userId }) => {
        if (userId === silent) throw new ConnectError('down', Code.Unavailable)
        const { others = [], ...standing } = standings.get(userId) ?? {}
        return { ...standing, otherAdministrators: others }
      },
    })
  },
})
/** Somebody about whom auth does not answer. */
const silent = uuidv7()

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform({ services: [usersService, announcer] })
})
afterAll(() => platform?.stop())

function toolsOf(name: string) {
  return platform.host.running.find(({ service }) => service.contract.name === name)!.tools
}

const profiles = () => toolsOf('auth').rpc(Profiles)

type Announced = 'account.registered' | 'account.deleted' | 'email.changed'
async function announce(type: Announced, data: object) {
  await toolsOf('auth').transact(async (tx) => emit(tx, auth, type, data as never))
  await platform.settled()
}

let counter = 0
/** Somebody who has joined; the client is theirs. */
async function join(username = `person${++counter}x`, displayName = 'Some Person', userId = uuidv7()) {
  await announce('account.registered', {
    userId,
    email: `${username}@example.com`,
    username,
    displayName,
    locale: 'en',
  })
  return { userId, username, me: platform.client(users, { id: userId }) }
}

/** The same person with a token of now: the clock has moved. */
const anew = (userId: string) => platform.client(users, { id: userId })

const admin = (...permissions: string[]) => platform.client(users, { id: uuidv7(), permissions })

/** What users announced about a person, oldest first. */
async function eventsOf(userId: string) {
  const rows = await toolsOf('users').sql<{ type: string; data: Record<string, unknown> }[]>`
    select type, data from outbox_log where key = ${userId} order by sequence`
  return rows.map(({ type, data }) => ({ type, data }))
}

describe('registration', () => {
  test('a reserved name is nobody else’s, and becomes a profile when the account exists', async () => {
    const userId = uuidv7()
    const request = { userId, username: 'Zoe.B', displayName: 'Zoe', locale: 'ru' }
    expect(await profiles().reserveProfile(request)).toMatchObject({ username: 'zoe.b', locale: 'ru' })
    expect(await profiles().reserveProfile(request)).toMatchObject({ username: 'zoe.b' })
    await expect(
      profiles().reserveProfile({ ...request, userId: uuidv7(), username: 'zoe_b' }),
    ).rejects.toMatchObject({
      code: Code.AlreadyExists,
    })
    await expect(platform.client(users, { id: userId }).getMe()).rejects.toMatchObject({ code: 'notFound' })

    await announce('account.registered', {
      userId,
      email: 'zoe@example.com',
      username: 'zoe.b',
      displayName: 'Zoe',
      locale: 'ru',
    })
    expect(await platform.client(users, { id: userId }).getMe()).toMatchObject({
      username: 'zoe.b',
      locale: 'ru',
      state: 'active',
      version: 1,
    })
    expect(await eventsOf(userId)).toEqual([
      {
        type: 'user.created',
        data: { userId, username: 'zoe.b', displayName: 'Zoe', locale: 'ru', timeZone: 'UTC', version: 1 },
      },
    ])
    expect(await profiles().reserveProfile({ ...request, username: 'other' })).toMatchObject({
      username: 'zoe.b',
    })
  })

  test('of ten who ask for one name at once, one gets it', async () => {
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        profiles().reserveProfile({ userId: uuidv7(), username: 'contested', displayName: '', locale: 'en' }),
      ),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: Code.AlreadyExists })
  })

  test('who asks for another name gives the first back', async () => {
    const userId = uuidv7()
    await profiles().reserveProfile({ userId, username: 'first-wish', displayName: '', locale: 'en' })
    await profiles().reserveProfile({ userId, username: 'second-wish', displayName: '', locale: 'en' })
    expect(
      (await platform.client(users).checkUsername({ params: { username: 'first-wish' } })).available,
    ).toBe(true)
    expect(
      (await platform.client(users).checkUsername({ params: { username: 'second-wish' } })).available,
    ).toBe(false)
    await profiles().releaseProfile({ userId })
    await profiles().releaseProfile({ userId })
    expect(
      (await platform.client(users).checkUsername({ params: { username: 'second-wish' } })).available,
    ).toBe(true)
  })

  test('an account whose reservation expired and was taken gets the next name', async () => {
    const late = uuidv7()
    await profiles().reserveProfile({
      userId: late,
      username: 'latecomer',
      displayName: 'Late',
      locale: 'en',
    })
    platform.advance(61 * 60_000)
    const quick = await join('latecomer')
    expect((await quick.me.getMe()).username).toBe('latecomer')
    await announce('account.registered', {
      userId: late,
      email: 'late@example.com',
      username: 'latecomer',
      displayName: 'Late',
      locale: 'en',
    })
    expect((await platform.client(users, { id: late }).getMe()).username).toBe('latecomer2')
  })

  test('an account without any reservation gets a profile, once', async () => {
    const { userId, username, me } = await join()
    await announce('account.registered', {
      userId,
      email: 'x@example.com',
      username: 'else',
      displayName: 'Else',
      locale: 'en',
    })
    expect((await me.getMe()).username).toBe(username)
    expect(await eventsOf(userId)).toHaveLength(1)
  })

  test('an account with a name that is not allowed still gets a profile', async () => {
    const { me } = await join('admin')
    expect((await me.getMe()).username).toBe('admin2')
    const { me: other } = await join('???')
    expect((await other.getMe()).username).toMatch(/^user[0-9a-f]{12}$/)
  })

  test('expired reservations are purged', async () => {
    const userId = uuidv7()
    await profiles().reserveProfile({ userId, username: 'never-came', displayName: '', locale: 'en' })
    platform.advance(61 * 60_000)
    const tools = toolsOf('users')
    await tools.transact((tx) => usersService.jobs!['purgeExpired']!.run({ ...tools, tx }, undefined))
    expect(await tools.sql`select 1 from profiles where user_id = ${userId}`).toHaveLength(0)
    expect(await tools.sql`select 1 from usernames where username = 'never-came'`).toHaveLength(0)
  })

  test('refuses names that are not allowed, and ids that are none', async () => {
    await expect(
      profiles().reserveProfile({ userId: uuidv7(), username: 'аnna', displayName: '', locale: 'en' }),
    ).rejects.toMatchObject({
      code: Code.InvalidArgument,
      rawMessage: 'mixedScripts',
    })
    await expect(profiles().getProfiles({ userIds: ['x'] })).rejects.toMatchObject({
      code: Code.InvalidArgument,
    })
    await expect(
      profiles().getProfiles({ userIds: Array.from({ length: 201 }, () => uuidv7()) }),
    ).rejects.toMatchObject({
      code: Code.InvalidArgument,
    })
  })

  test('other services find people by id and by name', async () => {
    const { userId, username } = await join()
    const found = await profiles().getProfiles({ userIds: [userId, uuidv7()] })
    expect(found.profiles).toMatchObject([{ userId, username, active: true }])
    expect((await profiles().findByUsername({ username: username.toUpperCase() })).profile).toMatchObject({
      userId,
    })
    await expect(profiles().findByUsername({ username: 'nobody-here' })).rejects.toMatchObject({
      code: Code.NotFound,
    })
  })
})

describe('profile', () => {
  test('others see the public part, by id and by username; nobody finds nobody', async () => {
    const { userId, username } = await join()
    const { me: other } = await join()
    const seen = await other.getProfile({ params: { userId } })
    expect(Object.keys(seen).sort()).toEqual([
      'bio',
      'createdAt',
      'displayName',
      'links',
      'userId',
      'username',
    ])
    expect(await other.getProfileByUsername({ params: { username: username.toUpperCase() } })).toEqual(seen)
    await expect(other.getProfile({ params: { userId: uuidv7() } })).rejects.toMatchObject({
      code: 'notFound',
    })
    await expect(platform.client(users).getProfile({ params: { userId } })).rejects.toMatchObject({
      code: 'unauthenticated',
    })
  })

  test('updateProfile: the owner changes it with the current version, once', async () => {
    const { userId, me } = await join()
    const changed = await me.updateProfile({
      params: { userId },
      ifMatch: 1,
      body: {
        displayName: 'New Name',
        timeZone: 'Asia/Tokyo',
        links: [{ label: 'Site', url: 'https://example.com' }],
      },
    })
    expect(changed).toMatchObject({ displayName: 'New Name', timeZone: 'Asia/Tokyo', version: 2 })
    await expect(
      me.updateProfile({ params: { userId }, ifMatch: 1, body: { bio: 'x' } }),
    ).rejects.toMatchObject({ code: 'preconditionFailed' })
    expect(
      await me.updateProfile({ params: { userId }, ifMatch: 2, body: { displayName: 'New Name' } }),
    ).toEqual(changed)
    expect(await me.getMe()).toEqual(changed)
    await platform.settled()
    expect((await eventsOf(userId)).map(({ type, data }) => [type, data['changed']])).toEqual([
      ['user.created', undefined],
      ['user.updated', ['displayName', 'timeZone', 'links']],
    ])
  })

  test('updateProfile: nobody else may, not even an administrator', async () => {
    const { userId } = await join()
    const other = admin('users:read', 'users:manage')
    await expect(
      other.updateProfile({ params: { userId }, ifMatch: 1, body: { bio: 'x' } }),
    ).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      other.changeUsername({ params: { userId }, ifMatch: 1, body: { username: 'mine-now' } }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('updateProfile: names every bad field', async () => {
    const { userId, me } = await join()
    const failure = await me
      .updateProfile({ params: { userId }, ifMatch: 1, body: { timeZone: 'Nowhere', displayName: '!!' } })
      .catch((error) => error)
    expect(failure).toMatchObject({ code: 'profileNotRight', status: 422 })
    expect(failure.problem.errors.map(({ path }: { path: string }) => path)).toEqual([
      '/body/displayName',
      '/body/timeZone',
    ])
  })

  test('a change by somebody who is not there any more is refused', async () => {
    const ghost = uuidv7()
    const client = platform.client(users, { id: ghost })
    await expect(
      client.updateProfile({ params: { userId: ghost }, ifMatch: 1, body: { bio: 'x' } }),
    ).rejects.toMatchObject({ code: 'notFound' })
    await expect(
      client.changeUsername({ params: { userId: ghost }, ifMatch: 1, body: { username: 'ghost-1' } }),
    ).rejects.toMatchObject({ code: 'notFound' })
  })
})

describe('username', () => {
  test('changeUsername: the former name is held, leads to its owner and can be taken back', async () => {
    const { userId, username, me } = await join()
    const { userId: otherId, me: other } = await join()
    const changed = await me.changeUsername({
      params: { userId },
      ifMatch: 1,
      body: { username: 'brand-new' },
    })
    expect(changed).toMatchObject({
      username: 'brand-new',
      version: 2,
      usernameChangeableAt: expect.any(String),
    })
    expect((await other.getProfileByUsername({ params: { username } })).userId).toBe(userId)
    expect(await other.checkUsername({ params: { username } })).toMatchObject({
      available: false,
      reason: 'taken',
    })
    expect(await me.checkUsername({ params: { username } })).toMatchObject({ available: true })
    await expect(
      other.changeUsername({ params: { userId: otherId }, ifMatch: 1, body: { username } }),
    ).rejects.toMatchObject({ code: 'usernameTaken' })
    await expect(
      me.changeUsername({ params: { userId }, ifMatch: 2, body: { username } }),
    ).rejects.toMatchObject({ code: 'usernameChangedTooSoon' })
    expect((await me.listUsernames({ params: { userId } })).items).toMatchObject([{ username }])
    await expect(other.listUsernames({ params: { userId } })).rejects.toMatchObject({ code: 'forbidden' })
    expect((await admin('users:read').listUsernames({ params: { userId } })).items).toHaveLength(1)

    platform.advance(15 * DAY_MS)
    expect(
      await anew(userId).changeUsername({ params: { userId }, ifMatch: 2, body: { username } }),
    ).toMatchObject({
      username,
      version: 3,
    })
    platform.advance(91 * DAY_MS)
    expect(
      await anew(otherId).changeUsername({
        params: { userId: otherId },
        ifMatch: 1,
        body: { username: 'brand-new' },
      }),
    ).toMatchObject({ username: 'brand-new' })
  })

  test('changeUsername: a name that only looks different, the same name, an old version, a bad name', async () => {
    const { userId, me } = await join('plain.name')
    expect(
      await me.changeUsername({ params: { userId }, ifMatch: 1, body: { username: 'Plain.Name' } }),
    ).toMatchObject({ version: 1 })
    await expect(
      me.changeUsername({ params: { userId }, ifMatch: 7, body: { username: 'other.name' } }),
    ).rejects.toMatchObject({ code: 'preconditionFailed' })
    expect(
      await me.changeUsername({ params: { userId }, ifMatch: 1, body: { username: 'plain-name' } }),
    ).toMatchObject({ username: 'plain-name' })
    const failure = await me
      .changeUsername({ params: { userId }, ifMatch: 2, body: { username: 'root' } })
      .catch((error) => error)
    expect(failure.problem).toMatchObject({ code: 'usernameNotAllowed', status: 422, reason: 'reserved' })
    expect((await me.getMe()).username).toBe('plain-name')
  })

  test('checkUsername: anybody may ask, and learns why not', async () => {
    expect(await platform.client(users).checkUsername({ params: { username: 'Some.One' } })).toEqual({
      available: true,
      normalized: 'some.one',
    })
    expect(await platform.client(users).checkUsername({ params: { username: 'A_' } })).toEqual({
      available: false,
      reason: 'length',
      normalized: 'a_',
    })
  })
})

describe('administration', () => {
  test('listProfiles: pages newest first, and finds by parts of name and address', async () => {
    const people = []
    for (let i = 0; i < 5; i++) people.push(await join(`lister${i}q`, `Ёлка Quux${i}`))
    const list = admin('users:read')
    const first = await list.listProfiles({ query: { search: 'quux', limit: 2 } })
    expect(first.items.map(({ userId }) => userId)).toEqual([people[4]!.userId, people[3]!.userId])
    const second = await list.listProfiles({ query: { search: 'quux', limit: 2, cursor: first.next! } })
    const third = await list.listProfiles({ query: { search: 'quux', limit: 2, cursor: second.next! } })
    expect(second.items).toHaveLength(2)
    expect(third.items.map(({ userId }) => userId)).toEqual([people[0]!.userId])
    expect(third.next).toBeUndefined()
    const count = async (search: string) => (await list.listProfiles({ query: { search } })).items.length
    expect(await count('елк')).toBe(5)
    expect(await count('ёл')).toBe(5)
    expect(await count('uux3')).toBe(1)
    expect(await count('lister2q@exam')).toBe(1)
    expect(await count('quux1 ЁЛКА')).toBe(1)
    expect(await count('%')).toBeGreaterThanOrEqual(5)
    expect(await count('uxuq')).toBe(0)
    expect((await list.listProfiles({ query: { search: 'lister2q' } })).items[0]).toMatchObject({
      email: 'lister2q@example.com',
    })
    await expect(people[0]!.me.listProfiles()).rejects.toMatchObject({ code: 'forbidden' })
    await expect(list.listProfiles({ query: { cursor: 'nonsense' } })).rejects.toMatchObject({
      code: 'validationFailed',
    })
  })

  test('search uses the index', async () => {
    const plan = await toolsOf('users').transact(async (tx) => {
      await tx`set local enable_seqscan = off`
      await tx`set local enable_indexscan = off`
      return tx`explain select * from profiles where state <> 'reserved' and search_grams @> array['qux']`
    })
    expect(JSON.stringify(plan)).toContain('profiles_search')
  })

  test('deactivateUser hides the profile, reactivateUser shows it again; twice changes nothing', async () => {
    const { userId, me } = await join()
    const { me: other } = await join()
    const manager = admin('users:manage', 'users:read')
    expect(await manager.deactivateUser({ params: { userId } })).toMatchObject({
      state: 'deactivated',
      version: 2,
    })
    expect(await manager.deactivateUser({ params: { userId } })).toMatchObject({ version: 2 })
    await expect(other.getProfile({ params: { userId } })).rejects.toMatchObject({ code: 'notFound' })
    expect((await manager.getProfile({ params: { userId } })).userId).toBe(userId)
    expect((await profiles().getProfiles({ userIds: [userId] })).profiles[0]!.active).toBe(false)
    await expect(
      me.updateProfile({ params: { userId }, ifMatch: 2, body: { bio: 'x' } }),
    ).rejects.toMatchObject({ code: 'profileNotActive' })
    await expect(
      me.changeUsername({ params: { userId }, ifMatch: 2, body: { username: 'let-me-in' } }),
    ).rejects.toMatchObject({ code: 'profileNotActive' })
    expect(
      (await manager.listProfiles({ query: { state: 'deactivated' } })).items.map((item) => item.userId),
    ).toContain(userId)
    expect(await manager.reactivateUser({ params: { userId } })).toMatchObject({
      state: 'active',
      version: 3,
    })
    expect((await other.getProfile({ params: { userId } })).userId).toBe(userId)
    await platform.settled()
    expect((await eventsOf(userId)).map(({ type }) => type)).toEqual([
      'user.created',
      'user.deactivated',
      'user.reactivated',
    ])
    await expect(manager.deactivateUser({ params: { userId: uuidv7() } })).rejects.toMatchObject({
      code: 'notFound',
    })
    await expect(other.deactivateUser({ params: { userId } })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(
      platform
        .client(users, { id: userId, permissions: ['users:manage'] })
        .deactivateUser({ params: { userId } }),
    ).rejects.toMatchObject({ code: 'notYourself' })
  })
})

describe('export and erasure', () => {
  test('exportUser: everything about the person, for them and for who may', async () => {
    const { userId, username, me } = await join()
    const exported = await me.exportUser({ params: { userId } })
    expect(exported).toMatchObject({
      format: 'pleiad-export/1',
      userId,
      services: {
        users: { profile: { userId, username, email: `${username}@example.com` }, formerUsernames: [] },
      },
    })
    const { me: other } = await join()
    await expect(other.exportUser({ params: { userId } })).rejects.toMatchObject({ code: 'forbidden' })
    expect((await admin('users:export').exportUser({ params: { userId } })).userId).toBe(userId)
    await expect(admin('users:export').exportUser({ params: { userId: uuidv7() } })).rejects.toMatchObject({
      code: 'notFound',
    })
    const response = await fetch(`${platform.url}/api/v1/users/${userId}/export`, {
      headers: { authorization: `Bearer ${platform.tokenFor({ id: userId })}` },
    })
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename="pleiad-export-${userId}.json"`,
    )
  })

  test('nobody shuts out, lets in or erases who may do more than they', async () => {
    const { userId, username } = await join()
    standings.set(userId, { permissions: ['auth:keys', 'users:manage'], administrator: false, others: [] })
    const weaker = platform.client(users, { permissions: ['users:manage', 'users:erase'] })
    const params = { userId }
    const beyond = { code: 'beyondOwnPermissions', problem: { permissions: ['auth:keys'] } }
    await expect(weaker.deactivateUser({ params })).rejects.toMatchObject(beyond)
    await expect(weaker.reactivateUser({ params })).rejects.toMatchObject(beyond)
    await expect(weaker.eraseUser({ params, body: { username } })).rejects.toMatchObject(beyond)
    const equal = platform.client(users, { permissions: ['users:manage', 'users:erase', 'auth:keys'] })
    await equal.deactivateUser({ params })
    await equal.reactivateUser({ params })
    await equal.eraseUser({ params, body: { username } })
    await expect(equal.getProfile({ params })).rejects.toMatchObject({ code: 'notFound' })
  })

  test('the last administrator is neither shut out nor erased, and of two at least one stays', async () => {
    const [one, two] = [await join(), await join()]
    const administrator = platform.client(users, { permissions: ['users:manage', 'users:erase'] })
    const standing = { permissions: ['users:manage'], administrator: true }
    standings.set(one.userId, { ...standing, others: [] })
    const last = { code: 'lastAdministrator' }
    const params = { userId: one.userId }
    await expect(administrator.deactivateUser({ params })).rejects.toMatchObject(last)
    await expect(administrator.eraseUser({ params, body: { username: one.username } })).rejects.toMatchObject(
      last,
    )
    // auth never hears of either: what counts is what users itself has done.
    standings.set(one.userId, { ...standing, others: [two.userId] })
    standings.set(two.userId, { ...standing, others: [one.userId] })
    const outcomes = await Promise.allSettled([
      administrator.deactivateUser({ params }),
      administrator.eraseUser({ params: { userId: two.userId }, body: { username: two.username } }),
    ])
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    const refused = outcomes.find((outcome) => outcome.status === 'rejected')!
    expect((refused as PromiseRejectedResult).reason).toMatchObject(last)
  })

  test('while auth does not answer nobody is shut out', async () => {
    const { userId } = await join(undefined, undefined, silent)
    const manager = platform.client(users, { permissions: ['users:manage'] })
    await expect(manager.deactivateUser({ params: { userId } })).rejects.toMatchObject({ status: 503 })
  })

  test('eraseUser: nothing is left but a held name without the name', async () => {
    const { userId, username } = await join()
    const { me: other } = await join()
    const eraser = admin('users:erase')
    await expect(eraser.eraseUser({ params: { userId }, body: { username: 'wrong' } })).rejects.toMatchObject(
      { code: 'confirmationMismatch' },
    )
    await expect(other.eraseUser({ params: { userId }, body: { username } })).rejects.toMatchObject({
      code: 'forbidden',
    })
    await expect(
      platform
        .client(users, { id: userId, permissions: ['users:erase'] })
        .eraseUser({ params: { userId }, body: { username } }),
    ).rejects.toMatchObject({ code: 'notYourself' })
    await eraser.eraseUser({ params: { userId }, body: { username } })
    await expect(eraser.eraseUser({ params: { userId }, body: { username } })).rejects.toMatchObject({
      code: 'notFound',
    })
    await expect(other.getProfile({ params: { userId } })).rejects.toMatchObject({ code: 'notFound' })
    await platform.settled()
    expect((await eventsOf(userId)).map(({ type }) => type)).toEqual(['user.created', 'user.deleted'])
    const { sql } = toolsOf('users')
    const rest = await sql`select * from usernames where username = ${username} or user_id = ${userId}`
    expect(rest).toHaveLength(0)
    expect(await other.checkUsername({ params: { username } })).toMatchObject({ reason: 'taken' })

    // What arrives late does not bring anybody back.
    await announce('account.registered', {
      userId,
      email: 'x@example.com',
      username,
      displayName: 'Ghost',
      locale: 'en',
    })
    await announce('email.changed', { userId, email: 'y@example.com' })
    await announce('account.deleted', { userId })
    await expect(other.getProfile({ params: { userId } })).rejects.toMatchObject({ code: 'notFound' })
    await expect(
      profiles().reserveProfile({ userId, username: 'ghostly', displayName: '', locale: 'en' }),
    ).rejects.toMatchObject({ code: Code.FailedPrecondition })
    expect((await eventsOf(userId)).map(({ type }) => type)).toEqual(['user.created', 'user.deleted'])
    platform.advance(91 * DAY_MS)
    expect(await platform.client(users).checkUsername({ params: { username } })).toMatchObject({
      available: true,
    })
  })

  test('an account that is deleted takes its profile along', async () => {
    const { userId } = await join()
    await announce('account.deleted', { userId })
    expect((await eventsOf(userId)).at(-1)).toEqual({ type: 'user.deleted', data: { userId, by: userId } })
  })

  test('a new address is found by administrators', async () => {
    const { userId } = await join()
    await announce('email.changed', { userId, email: 'moved-house@example.org' })
    const found = await admin('users:read').listProfiles({ query: { search: 'moved-house@example.org' } })
    expect(found.items).toMatchObject([{ userId, email: 'moved-house@example.org' }])
  })
})
