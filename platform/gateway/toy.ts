/** A small service behind a real gateway and database, for the gateway's own tests. */
import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createSigner } from 'fast-jwt'
import { type Logger, pino } from 'pino'
import { uuidv7 } from 'uuidv7'
import { defineContract, pageQuery, Type, Uuid } from '../contract/contract.ts'
import { createMemoryDriver } from '../events/memory.ts'
import { createIdentity } from '../identity/identity.ts'
import type { Call, Caller, Revocation, Tools } from '../service/service.ts'
import { connect as connectDatabase } from '../store/connect.ts'
import { openStore, type Store } from '../store/store.ts'
import { testDatabase } from '../testing/postgres.ts'
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'

const Thing = Type.Object({ id: Uuid, name: Type.String(), count: Type.Integer(), version: Type.Integer() })
const NewThing = Type.Object({
  name: Type.String({ minLength: 2, maxLength: 40 }),
  count: Type.Integer({ minimum: 0, maximum: 100 }),
  tags: Type.Optional(Type.Array(Type.Object({ label: Type.String() }), { maxItems: 3 })),
  kind: Type.Optional(Type.Union([Type.Literal('round'), Type.Literal('square')])),
})

export const toy = defineContract({
  name: 'toy',
  version: '1.0.0',
  summary: 'Things, for tests of the gateway.',
  permissions: { 'toy:break': 'Break things.' },
  errors: { broken: { status: 410, title: 'It is broken.', description: 'Make a new one.' } },
  topics: { 'toy.changed': { description: 'A thing changed.', data: Type.Object({ n: Type.Integer() }) } },
  operations: {
    makeThing: {
      method: 'POST',
      path: '/things',
      summary: 'Make',
      access: 'user',
      status: 201,
      idempotent: true,
      body: NewThing,
      returns: Thing,
      errors: ['broken'],
    },
    seeThing: {
      method: 'GET',
      path: '/things/:id',
      summary: 'See',
      access: 'public',
      params: Type.Object({ id: Uuid }),
      returns: Thing,
      etag: 'version',
    },
    listThings: {
      method: 'GET',
      path: '/things',
      summary: 'List',
      access: 'public',
      query: Type.Object({ ...pageQuery, loud: Type.Optional(Type.Boolean()) }),
      returns: Type.Object({ limit: Type.Integer(), loud: Type.Boolean(), who: Type.String() }),
    },
    changeThing: {
      method: 'PATCH',
      path: '/things/:id',
      summary: 'Change',
      access: 'user',
      params: Type.Object({ id: Uuid }),
      body: Type.Object({ count: Type.Integer() }),
      ifMatch: true,
      etag: 'version',
      returns: Thing,
    },
    breakThing: {
      method: 'DELETE',
      path: '/things/:id',
      summary: 'Break',
      access: { permission: 'toy:break' },
      params: Type.Object({ id: Uuid }),
      errors: ['broken'],
    },
    signIn: {
      method: 'POST',
      path: '/sign-in',
      summary: 'Sign in',
      access: 'public',
      rate: 'auth',
      body: Type.Object({ name: Type.String() }),
      returns: Type.Object({ who: Type.String() }),
    },
    lookAround: {
      method: 'GET',
      path: '/look',
      summary: 'What the handler sees',
      access: 'public',
      returns: Type.Object({
        ip: Type.String(),
        id: Type.String(),
        userAgent: Type.String(),
        cookies: Type.Record(Type.String(), Type.String()),
        origin: Type.Optional(Type.String()),
      }),
    },
    stumble: {
      method: 'POST',
      path: '/stumble',
      summary: 'Fail',
      access: 'public',
      idempotent: true,
      body: Type.Object({ how: Type.String() }),
      returns: Type.Object({ ok: Type.Boolean() }),
    },
    lookAgain: {
      method: 'GET',
      path: '/look',
      version: 2,
      summary: 'The second version',
      access: 'public',
      returns: Type.Object({ second: Type.Boolean() }),
    },
    wellKnown: {
      method: 'GET',
      path: '/.well-known/toy',
      root: true,
      summary: 'At the root',
      access: 'public',
      returns: Type.Object({ root: Type.Boolean() }),
    },
  },
})

export type ToyCall<N extends keyof (typeof toy)['operations']> = Call<(typeof toy)['operations'][N]>
type Row = { id: string; name: string; count: number; version: number }

export interface Toy {
  readonly gateway: Gateway
  readonly url: string
  readonly store: Store
  readonly logged: Record<string, unknown>[]
  readonly revoke: (revocation: Revocation) => void
  /** Signs a token; `claims` override the usual ones. */
  readonly token: (claims?: Record<string, unknown>) => string
  readonly keys: { publicKey: KeyObject; privateKey: KeyObject }
  readonly opaque: Map<string, Caller>
  readonly advance: (ms: number) => void
  /** How many things there are. */
  readonly things: () => Promise<number>
  /** Runs inside the transaction of `makeThing`, and between its commit and its answer. */
  readonly hooks: { during: () => Promise<void>; after: () => Promise<void> }
  readonly stop: () => Promise<void>
}

export const ISSUER = 'http://localhost:8080'

export async function startToy(options: Partial<GatewayOptions> = {}): Promise<Toy> {
  const database = await testDatabase()
  const admin = connectDatabase(database.adminUrl, { max: 1, onnotice: () => {} })
  await admin.unsafe(`create schema toy; set search_path = toy;
    ${readFileSync(new URL('../store/migrations/0001-events.sql', import.meta.url), 'utf8')};
    create table things (id uuid primary key, name text not null constraint things_name unique, count int not null, version int not null)`)
  await admin.end()
  const store = openStore({ url: database.adminUrl, schema: 'toy', poolSize: 8, statementTimeoutMs: 2_000 })
  const keys = generateKeyPairSync('ed25519')
  const sign = createSigner({
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    algorithm: 'EdDSA',
    kid: 'k1',
  })
  const driver = createMemoryDriver()
  const logged: Record<string, unknown>[] = []
  const log: Logger = pino(
    { level: 'debug' },
    { write: (line: string) => void logged.push(JSON.parse(line)) },
  )
  const opaque = new Map<string, Caller>()
  let offset = 0
  const now = () => new Date(Date.now() + offset)
  const identity = createIdentity({
    issuer: ISSUER,
    now,
    loadKeys: async () => ({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1' }] }),
    resolveToken: async (token) => opaque.get(token),
    loadRevocations: async () => [],
    onBroadcast: driver.onBroadcast,
  })
  const gateway = await createGateway({
    log,
    publicUrl: ISSUER,
    identity,
    now,
    newId: uuidv7,
    broadcast: driver.broadcast,
    onBroadcast: driver.onBroadcast,
    ...options,
    settings: {
      RATE_LIMIT: 0,
      AUTH_RATE_LIMIT: 0,
      CORS_ORIGINS: 'https://friend.example',
      ...options.settings,
    },
  })
  const hooks: Toy['hooks'] = { during: async () => {}, after: async () => {} }
  const tools = {
    now,
    newId: uuidv7,
    log,
    sql: store.sql,
    transact: store.transact,
    publicUrl: ISSUER,
  } as unknown as Tools
  const find = async (call: {
    sql: Store['sql']
    params: { id: string }
    fail: (code: 'notFound') => never
  }) => {
    const [row] = await call.sql<Row[]>`select * from things where id = ${call.params.id}`
    return row ?? call.fail('notFound')
  }
  const routes = {
    makeThing: async (call: ToyCall<'makeThing'>) => {
      const thing = await call.transact(async (tx) => {
        const [row] = await tx<
          Row[]
        >`insert into things (id, name, count, version) values (${call.newId()}, ${call.body.name}, ${call.body.count}, 1) returning *`
        await hooks.during()
        return row!
      })
      await hooks.after()
      return thing
    },
    seeThing: (call: ToyCall<'seeThing'>) => find(call),
    listThings: async ({ query, caller }: ToyCall<'listThings'>) => ({
      limit: query.limit ?? -1,
      loud: query.loud ?? false,
      who: caller?.id ?? 'nobody',
    }),
    changeThing: async (call: ToyCall<'changeThing'>) =>
      call.transact(async (tx) => {
        const [row] = await tx<
          Row[]
        >`update things set count = ${call.body.count}, version = version + 1 where id = ${call.params.id} and version = ${Number(call.ifMatch)} returning *`
        return row ?? call.fail('preconditionFailed')
      }),
    breakThing: async (call: ToyCall<'breakThing'>) => {
      await call.transact(async (tx) => void (await tx`delete from things where id = ${call.params.id}`))
      if (call.params.id.startsWith('00000000')) call.fail('broken', 'It fell.', { height: 3 })
    },
    signIn: async ({ body, answer }: ToyCall<'signIn'>) => {
      answer.cookie('pleiad_access=abc; Path=/')
      answer.cookie('pleiad_refresh=def; Path=/')
      answer.header('x-toy', 'yes')
      return { who: body.name }
    },
    lookAround: async ({ request }: ToyCall<'lookAround'>) => ({ ...request }),
    stumble: async (call: ToyCall<'stumble'>) => stumble(call),
    lookAgain: async () => ({ second: true }),
    wellKnown: async () => ({ root: true }),
  }
  gateway.mount({ contract: toy, routes, tools, store })
  await gateway.listen({ host: '127.0.0.1', port: 0 })
  return {
    gateway,
    url: gateway.url(),
    store,
    logged,
    keys,
    opaque,
    hooks,
    token: (claims = {}) => {
      const issued = Math.floor(now().getTime() / 1000)
      return sign({
        iss: ISSUER,
        sub: 'ada',
        sid: 's1',
        roles: ['member'],
        permissions: [],
        iat: issued,
        exp: issued + 600,
        ...claims,
      })
    },
    revoke: (revocation) => driver.broadcast('auth.revoked', revocation),
    advance: (ms) => {
      offset += ms
    },
    things: async () => (await store.sql<{ n: number }[]>`select count(*) as n from things`)[0]!.n,
    stop: async () => {
      await gateway.close()
      await driver.close()
      await store.close()
      await database.drop()
    },
  }
}

/** Fails as the body asks. */
async function stumble({ body, transact, sql }: ToyCall<'stumble'>): Promise<{ ok: boolean }> {
  switch (body.how) {
    case 'bug':
      throw new TypeError('secret inner detail')
    case 'undeclared':
      throw Object.assign(new (await import('../contract/problem.ts')).Refusal('nobodyDeclaredThis'))
    case 'unfit':
      return { ok: true, extra: 1 } as never
    case 'missing':
      return {} as never
    case 'slow':
      await sql`select pg_sleep(3)`
      return { ok: true }
    case 'clash':
      await transact(async (tx) => {
        for (const id of [1, 2])
          await tx`insert into things (id, name, count, version) values (${`00000000-0000-7000-8000-00000000000${id}`}, 'same', 0, 1)`
      })
  }
  return { ok: true }
}

/** Sends bytes as they are and returns what comes back until the server closes, or `ms` of silence. */
export function sendRaw(url: string, bytes: string | Buffer, ms = 500): Promise<string> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve) => {
    let received = ''
    const socket = connect(Number(port), hostname, () => socket.write(bytes))
    socket.setTimeout(ms, () => socket.destroy())
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => resolve(received))
  })
}
