/**
 * The permission matrix: every operation of every service, called as everybody who must not succeed: nobody, somebody
 * who is signed in, the holder of every permission but the one it takes, somebody else than the owner of the object,
 * members of another project and those with a lower role, programs of another project and those without the scope.
 * The contracts say what is called, so a new operation is in the matrix without an edit here; a success that
 * is neither declared nor listed below fails.
 */
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { auth } from '@pleiad/auth/contract'
import { editor } from '@pleiad/editor/contract'
import { files } from '@pleiad/files/contract'
import { notifications } from '@pleiad/notifications/contract'
import { needsOf, type Operation, pathOf, projectRoles } from '@pleiad/platform/contract'
import { discoverServices } from '@pleiad/platform/discover'
import { startTestPlatform } from '@pleiad/platform/testing'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const services = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')
const operations = services.flatMap(({ contract }) =>
  Object.entries(contract.operations).map(([name, operation]: [string, Operation]) => ({
    id: `${contract.name}.${name}`,
    contract,
    operation,
  })),
)
type Row = (typeof operations)[number]
const withPermission = operations.filter(({ operation }) => needsOf(operation.access).permission)
const inProject = operations.filter(({ operation }) => needsOf(operation.access).project)
const forPrograms = operations.filter(({ operation }) => needsOf(operation.access).scope)
const scopes = [...new Set(services.flatMap(({ contract }) => Object.keys(contract.scopes ?? {})))]
const permissions = services.flatMap(({ contract }) => Object.keys(contract.permissions ?? {}))

/** What anybody who is signed in may see of somebody else: their public profile. */
const publicObjects = new Set(['users.getProfile', 'users.getProfileByUsername'])

type Platform = Awaited<ReturnType<typeof startTestPlatform>>
let platform: Platform
let owner: { id: string; token: string }
let stranger: { id: string; token: string }
/** The project the operations are called on, and another one; made up where no service makes projects. */
let project = uuidv7()
let foreign = uuidv7()
/** The owner's objects, by the parameter that names them. */
const owned: Record<string, string> = { environment: 'production' }
/** Operations that make objects in a project, in this order; those of services that are not here are left out. */
const makers = [
  'projects.createKey',
  'projects.inviteMember',
  'oauth.configureProvider',
  'oidc.createApp',
  'oidc.createEndUser',
  'webhooks.createEndpoint',
].flatMap((id) => operations.filter((row) => row.id === id))
/** What follows from the names in the path alone, and is nobody's: where a provider sends its answers to. */
const derived = new Set(['oauth.getRedirectUri'])

beforeAll(async () => {
  platform = await startTestPlatform({ services, env: { AUTH_SIGN_UP: 'immediate', LOG_LEVEL: 'silent' } })
  owner = await register('anna')
  stranger = await register('boris')
  await platform.settled()
  await makeProjects()
  const sessions = await platform.client(auth, owner.token).listSessions()
  const made = await platform.client(auth, owner.token).createToken({ body: { name: 'backup', scopes: [] } })
  const passkey = crypto.randomUUID()
  const { store } = platform.host.running.find(({ service }) => service.contract === auth)!
  await store.sql`
    insert into passkeys (id, account_id, credential_id, public_key, counter, transports, backed_up, name, created_at)
    values (${passkey}, ${owner.id}, ${randomBytes(32)}, ${randomBytes(32)}, 0, '{}', false, 'key', now())`
  const inbox = await platform.client(notifications, owner.token).listNotifications()
  const upload = await platform
    .client(files, owner.token)
    .createUpload({ body: { name: 'mine.stl', size: 1, purpose: 'model' } })
  const part = await platform
    .client(files, owner.token)
    .createUpload({ body: { name: 'part.stl', size: 1, purpose: 'model' } })
  await fetch(part.uploadUrl.replace('http://localhost:8080', platform.url), {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'content-type': 'application/offset+octet-stream',
      'upload-offset': '0',
    },
    body: 'x',
  })
  const model = await platform.client(editor, owner.token).createModel({ body: { fileId: part.file.fileId } })
  Object.assign(owned, {
    fileId: upload.file.fileId,
    modelId: model.modelId,
    version: '1',
    userId: owner.id,
    username: 'anna',
    sid: sessions.items[0]!.sid,
    tokenId: made.token.id,
    passkeyId: passkey,
    notificationId: inbox.items[0]!.notificationId,
  })
})
afterAll(() => platform.stop())

/** A project of the owner with an object of each kind, and a project of the stranger. */
async function makeProjects(): Promise<void> {
  const create = operations.find(({ id }) => id === 'projects.createProject')
  if (create) {
    project = JSON.parse((await call(create, owner.token)).text).projectId
    const other = {
      ...create,
      operation: { ...create.operation, example: { body: { name: 'Other', slug: 'other' } } },
    }
    foreign = JSON.parse((await call(other, stranger.token)).text).projectId
    await platform.settled()
  } else {
    platform.setRole(project, owner.id, 'owner')
    platform.setRole(foreign, stranger.id, 'owner')
  }
  owned['projectId'] = project
  for (const maker of makers) {
    const { status, text } = await call(maker, owner.token)
    if (status >= 300) throw new Error(`${maker.id} answered ${status}: ${text}`)
    JSON.parse(text, (name, value) => {
      if (typeof value === 'string' && (name.endsWith('Id') || name === 'provider')) owned[name] ??= value
      return value
    })
  }
  await platform.settled()
}

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
  { contract, operation }: Row,
  token?: string,
  named: Record<string, string> = owned,
): Promise<{ status: number; text: string }> {
  const example = operation.example as
    | { params?: Record<string, string>; query?: Record<string, unknown>; body?: unknown }
    | undefined
  const path = pathOf(contract, operation).replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(named[name] ?? example?.params?.[name] ?? name),
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
  test.for(withPermission)('may not call $id', async (row) => {
    const { status, text } = await call(row, stranger.token)
    expect(status).toBe(403)
    expect(JSON.parse(text).code).toBe('forbidden')
  })
})

describe('the holder of every permission but the one it takes', () => {
  test.for(withPermission)('may not call $id', async (row) => {
    const needed = needsOf(row.operation.access).permission!
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
  })
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
    const kept = (await platform.client(files, owner.token).listFiles()).items.map(({ fileId }) => fileId)
    expect(kept).toContain(owned['fileId'])
    const inbox = await platform.client(notifications, owner.token).listNotifications()
    const notification = inbox.items.find(({ notificationId }) => notificationId === owned['notificationId'])
    expect(notification).toBeDefined()
    expect(notification!.readAt).toBeUndefined()
  })
})

describe('the holder of the permission', () => {
  // The reading ones: they can be called without taking anything away from the tests around them.
  const reading = withPermission.filter(({ operation }) => operation.method === 'GET')
  test.for(reading)('may call $id', async (row) => {
    const token = platform.tokenFor({
      id: stranger.id,
      roles: ['admin'],
      permissions: [needsOf(row.operation.access).permission!],
    })
    const { status, text } = await call(row, token)
    expect([200, 404], text).toContain(status)
  })
})

/** Refused, and told with this code why. */
async function refused(row: Row, token: string, expected: Record<string, unknown>, named = owned) {
  const { status, text } = await call(row, token, named)
  expect({ status, ...JSON.parse(text) }).toMatchObject(expected)
}
/** The role that opens an operation; what is about an environment is called on production. */
function roleFor({ access, path }: Operation) {
  const { project: role, production } = needsOf(access)
  return (path.includes(':environment') ? production : undefined) ?? role!
}
const absent = { status: 404, code: 'notFound' }
const forbidden = { status: 403, code: 'forbidden' }

describe('in a project', () => {
  test('there are operations of projects', () => expect(inProject.length).toBeGreaterThan(50))

  test.for(inProject)('a member of another project finds nothing at $id', async (row) => {
    await refused(row, stranger.token, absent)
  })

  test.for(inProject)('somebody who was a member finds nothing at $id', async (row) => {
    const former = uuidv7()
    platform.setRole(project, former, 'owner')
    platform.setRole(project, former, undefined)
    await refused(row, platform.tokenFor({ id: former, permissions }), absent)
  })

  test.for(
    inProject.flatMap((row) => {
      const needed = roleFor(row.operation)
      return projectRoles.slice(0, projectRoles.indexOf(needed)).map((role) => ({ ...row, role, needed }))
    }),
  )('$role may not call $id', async (row) => {
    const id = uuidv7()
    platform.setRole(project, id, row.role)
    await refused(row, platform.tokenFor({ id, permissions }), { ...forbidden, role: row.needed })
  })

  test.for(inProject.filter(({ operation }) => operation.method === 'GET'))(
    'the role it takes opens $id',
    async (row) => {
      const id = uuidv7()
      platform.setRole(project, id, roleFor(row.operation))
      const { status, text } = await call(row, platform.tokenFor({ id }))
      expect([200, 404], text).toContain(status)
    },
  )

  const deeper = inProject.filter(({ operation }) =>
    [...operation.path.matchAll(/:(\w+)/g)].some(([, name]) => !['projectId', 'environment'].includes(name!)),
  )
  test.for(deeper.filter(({ id }) => !derived.has(id)))(
    'the owner of another project reaches no object of this one by $id',
    async (row) => {
      const { status, text } = await call(row, stranger.token, { ...owned, projectId: foreign })
      expect(status, text).toBeGreaterThanOrEqual(400)
      expect(status, text).toBeLessThan(500)
    },
  )

  // Those whose objects were made above.
  const there = deeper.filter(
    ({ operation }) => operation.method === 'GET' && /:(appId|endUserId|provider)$/.test(operation.path),
  )
  test.for(there)('and to its own owner $id still shows it', async (row) => {
    expect(await call(row, owner.token)).toMatchObject({ status: 200 })
  })
})

describe('a program', () => {
  const closed = operations.filter(
    ({ operation }) => operation.access !== 'public' && !needsOf(operation.access).scope,
  )
  test.for(closed)('may not call $id, which is for people', async (row) => {
    await refused(row, platform.programFor({ projectId: project, scopes }), forbidden)
  })

  test.for(inProject)('of another project finds nothing at $id', async (row) => {
    await refused(row, platform.programFor({ projectId: foreign, scopes }), absent)
  })

  test.for(inProject.filter(({ operation }) => operation.path.includes(':environment')))(
    'of another environment finds nothing at $id',
    async (row) => {
      const token = platform.programFor({ projectId: project, environment: 'development', scopes })
      await refused(row, token, absent)
    },
  )

  test.for(forPrograms)('without the scope may not call $id', async (row) => {
    const { scope } = needsOf(row.operation.access)
    const others = scopes.filter((other) => other !== scope)
    const token = platform.programFor({ projectId: project, scopes: others })
    await refused(row, token, { ...forbidden, scope })
  })

  test.for(forPrograms.filter(({ operation }) => !needsOf(operation.access).project))(
    'is the only one who may call $id',
    async (row) => refused(row, platform.tokenFor({ id: owner.id, permissions }), forbidden),
  )

  test.for(
    forPrograms.filter(({ operation }) => !needsOf(operation.access).project && operation.path.includes(':')),
  )('of another project reaches no object of this one by $id', async (row) => {
    const { status, text } = await call(row, platform.programFor({ projectId: foreign, scopes }))
    expect(status, text).toBeGreaterThanOrEqual(400)
    expect(status, text).toBeLessThan(500)
  })

  test.for(operations.filter(({ operation }) => operation.access === 'public' && operation.method === 'GET'))(
    'is nobody to $id',
    async (row) => {
      const as = await call(row, platform.programFor({ projectId: project, scopes }))
      expect(as.status).toBe((await call(row)).status)
    },
  )
})
