/**
 * The permission matrix: every operation of every service, called as everybody who must not succeed: nobody, somebody
 * who is signed in, the holder of every permission but the one it takes, and somebody else than the owner of the
 * object. The contracts say what is called, so a new operation is in the matrix without an edit here; a success that
 * is neither declared nor listed below fails.
 */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { notifications } from '@pleiad/notifications/contract'
import { type Operation, pathOf } from '@pleiad/platform/contract'
import { discoverServices } from '@pleiad/platform/discover'
import { startTestPlatform } from '@pleiad/platform/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const services = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')
const operations = services.flatMap(({ contract }) =>
  Object.entries(contract.operations).map(([name, operation]: [string, Operation]) => ({
    id: `${contract.name}.${name}`,
    contract,
    operation,
  })),
)
const permissions = services.flatMap(({ contract }) => Object.keys(contract.permissions ?? {}))

/** What anybody who is signed in may see of somebody else: their public profile. */
const publicObjects = new Set(['users.getProfile', 'users.getProfileByUsername'])

type Platform = Awaited<ReturnType<typeof startTestPlatform>>
let platform: Platform
let owner: { id: string; token: string }
let stranger: { id: string; token: string }
/** The owner's objects, by the parameter that names them. */
const owned: Record<string, string> = {}

beforeAll(async () => {
  platform = await startTestPlatform({ services, env: { AUTH_SIGN_UP: 'immediate', LOG_LEVEL: 'silent' } })
  owner = await register('anna')
  stranger = await register('boris')
  await platform.settled()
  const sessions = await platform.client(auth, owner.token).listSessions()
  const made = await platform.client(auth, owner.token).createToken({ body: { name: 'backup', scopes: [] } })
  const passkey = crypto.randomUUID()
  const { store } = platform.host.running.find(({ service }) => service.contract === auth)!
  await store.sql`
    insert into passkeys (id, account_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
    values (${passkey}, ${owner.id}, ${randomBytes(32)}, ${randomBytes(32)}, 0, '{}', false, 'key', now())`
  const inbox = await platform.client(notifications, owner.token).listNotifications()
  Object.assign(owned, {
    userId: owner.id,
    username: 'anna',
    sid: sessions.items[0]!.sid,
    tokenId: made.token.id,
    passkeyId: passkey,
    notificationId: inbox.items[0]!.notificationId,
  })
})
afterAll(() => platform.stop())

async function register(username: string): Promise<{ id: string; token: string }> {
  const answer = await platform.client(auth).register({
    body: {
      email: `${username}@example.org`,
      password: 'correct horse battery staple',
      username,
      displayName: username,
    },
  })
  if (answer.status !== 'signedIn' || !answer.accessToken) throw new Error('not signed in')
  const me = await platform.client(auth, answer.accessToken).getMe()
  return { id: me.userId, token: answer.accessToken }
}

/** Calls an operation with its contract's example, the named objects being the owner's. */
async function call(
  { contract, operation }: (typeof operations)[number],
  token?: string,
): Promise<{ status: number; text: string }> {
  const example = operation.example as
    | { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown }
    | undefined
  const path = pathOf(contract, operation).replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(owned[name] ?? example?.params?.[name] ?? name),
  )
  const query = new URLSearchParams(
    Object.entries(example?.query ?? {}).map(([name, value]) => [name, String(value)]),
  )
  const response = await fetch(`${platform.url}${path}${query.size ? `?${query}` : ''}`, {
    method: operation.method,
    redirect: 'manual',
    headers: {
      ...(token ? { authorization: `Bearer ${token}` } : {}),
      ...(operation.body ? { 'content-type': 'application/json' } : {}),
      ...(operation.ifMatch ? { 'if-match': '"1"' } : {}),
    },
    ...(operation.body ? { body: JSON.stringify(example?.body ?? {}) } : {}),
  })
  return { status: response.status, text: await response.text() }
}

describe('nobody', () => {
  test.for(operations.filter(({ operation }) => operation.access !== 'public'))(
    'may not call $id',
    async (row) => {
      expect(await call(row)).toMatchObject({ status: 401 })
    },
  )
})

describe('somebody who is signed in and has no permission', () => {
  test.for(operations.filter(({ operation }) => typeof operation.access === 'object'))(
    'may not call $id',
    async (row) => {
      const { status, text } = await call(row, stranger.token)
      expect(status).toBe(403)
      expect(JSON.parse(text).code).toBe('forbidden')
    },
  )
})

describe('the holder of every permission but the one it takes', () => {
  test.for(operations.filter(({ operation }) => typeof operation.access === 'object'))(
    'may not call $id',
    async (row) => {
      const needed = (row.operation.access as { permission: string }).permission
      const token = platform.tokenFor({
        id: stranger.id,
        permissions: permissions.filter((permission) => permission !== needed),
      })
      const { status, text } = await call(row, token)
      expect({ status, ...JSON.parse(text) }).toMatchObject({
        status: 403,
        code: 'forbidden',
        permission: needed,
      })
    },
  )
})

describe('somebody else than the owner', () => {
  const named = operations.filter(
    ({ operation }) => operation.access === 'user' && operation.path.includes(':'),
  )
  test('there are operations on somebody’s objects', () => expect(named.length).toBeGreaterThan(5))

  test.for(named.filter(({ id }) => !publicObjects.has(id)))('gets nothing from $id', async (row) => {
    const { status, text } = await call(row, stranger.token)
    // Refused for what it is, not for a request that was wrong anyway.
    expect([403, 404], text).toContain(status)
    expect(text).not.toContain('anna@example.org')
  })

  test.for(named.filter(({ id }) => publicObjects.has(id)))(
    'sees only what is public from $id',
    async (row) => {
      const { status, text } = await call(row, stranger.token)
      expect(status).toBe(200)
      expect(text).not.toContain('anna@example.org')
    },
  )

  test('and the owner’s objects are all still there', async () => {
    const client = platform.client(auth, owner.token)
    expect((await client.listSessions()).items.map(({ sid }) => sid)).toContain(owned['sid'])
    expect((await client.listTokens()).items.map(({ id }) => id)).toContain(owned['tokenId'])
    expect((await client.listPasskeys()).items.map(({ id }) => id)).toContain(owned['passkeyId'])
    const inbox = await platform.client(notifications, owner.token).listNotifications()
    const notification = inbox.items.find(({ notificationId }) => notificationId === owned['notificationId'])
    expect(notification).toBeDefined()
    expect(notification!.readAt).toBeUndefined()
  })
})

describe('the holder of the permission', () => {
  // The reading ones: they can be called without taking anything away from the tests around them.
  const reading = operations.filter(
    ({ operation }) => typeof operation.access === 'object' && operation.method === 'GET',
  )
  test.for(reading)('may call $id', async (row) => {
    const token = platform.tokenFor({
      id: stranger.id,
      roles: ['admin'],
      permissions: [(row.operation.access as { permission: string }).permission],
    })
    const { status, text } = await call(row, token)
    expect([200, 404], text).toContain(status)
  })
})
