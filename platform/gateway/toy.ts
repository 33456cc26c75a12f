/** A small service behind a real gateway and database, for the gateway's own tests. */
import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { createSigner } from 'fast-jwt'
import { type Logger, pino } from 'pino'
import { uuidv7 } from 'uuidv7'
import type { ProjectRole } from '../contract/contract.ts'
import { createMemoryDriver } from '../events/memory.ts'
import { createIdentity } from '../identity/identity.ts'
import { createMemberships } from '../identity/memberships.ts'
import type { Caller, Revocation, Tools } from '../service/service.ts'
import { connect as connectDatabase } from '../store/connect.ts'
import { openStore, type Store } from '../store/store.ts'
import { testDatabase } from '../testing/postgres.ts'
import { createGateway, type Gateway, type GatewayOptions } from './gateway.ts'
import { toy } from './toy-contract.ts'
import { type Hooks, rawMount, routesOf } from './toy-routes.ts'

export { toy } from './toy-contract.ts'

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
  readonly hooks: Hooks
  /** Roles by project and person, `p ada`, as the owner of projects knows them; `asked` are the questions it got. */
  readonly members: { readonly roles: Map<string, ProjectRole>; readonly asked: string[] }
  /** Callers behind tokens that begin with `plk_` or are JWTs of `ISSUER/oidc/...`. */
  readonly programs: Map<string, Caller>
  readonly broadcast: (channel: string, message: unknown) => void
  readonly stop: () => Promise<void>
}

export const ISSUER = 'http://localhost:8080'

export async function startToy(options: Partial<GatewayOptions> = {}): Promise<Toy> {
  const database = await testDatabase()
  const admin = connectDatabase(database.adminUrl, { max: 1, onnotice: () => {} })
  const tables = ['0001-events.sql', '0003-idempotency-lease.sql'].map((file) =>
    readFileSync(new URL(`../store/migrations/${file}`, import.meta.url), 'utf8'),
  )
  await admin.unsafe(`create schema toy; set search_path = toy;
    ${tables.join(';')};
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
  const programs = new Map<string, Caller>()
  const members: Toy['members'] = { roles: new Map(), asked: [] }
  const roleOf = async (projectId: string, userId: string) => {
    members.asked.push(`${projectId} ${userId}`)
    return members.roles.get(`${projectId} ${userId}`)
  }
  let offset = 0
  const now = () => new Date(Date.now() + offset)
  const identity = createIdentity({
    issuer: ISSUER,
    now,
    loadKeys: async () => ({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1' }] }),
    resolveToken: async (token) => opaque.get(token),
    sources: [
      { prefix: 'plk_', resolve: async (token) => programOf(programs.get(token)) },
      { issuer: `${ISSUER}/oidc/`, resolve: async (token) => programOf(programs.get(token)) },
    ],
    loadRevocations: async () => [],
    onBroadcast: driver.onBroadcast,
  })
  const gateway = await createGateway({
    log,
    publicUrl: ISSUER,
    identity,
    memberships: createMemberships({ source: { roleOf }, onBroadcast: driver.onBroadcast }),
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
  const hooks: Hooks = { during: async () => {}, after: async () => {} }
  const tools = {
    now,
    newId: uuidv7,
    log,
    sql: store.sql,
    transact: store.transact,
    publicUrl: ISSUER,
    deriveKey: (purpose: string) => createHash('sha256').update(purpose).digest(),
  } as unknown as Tools
  gateway.mount({ contract: toy, routes: routesOf(hooks), tools, store, mounts: { '/raw/': rawMount } })
  await gateway.listen({ host: '127.0.0.1', port: 0 })
  return {
    gateway,
    url: gateway.url(),
    store,
    logged,
    keys,
    opaque,
    hooks,
    members,
    programs,
    broadcast: driver.broadcast,
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

const programOf = (caller: Caller | undefined) => caller && { caller }

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
