/** The processes of an installation find each other in its database: each keeps a row alive and reads those of the others. */
import { fileURLToPath } from 'node:url'
import type postgres from 'postgres'
import { connect } from '../store/connect.ts'
import { migrate } from '../store/migrate.ts'
import { prepareSchema, roleUrl, type SchemaOwner } from '../store/roles.ts'

/** What a process answers for. */
export interface About {
  readonly services: readonly string[]
  /** Names of RPC services, such as `pleiad.users.v1.Profiles`. */
  readonly rpc: readonly string[]
  /** Prefixes of raw handlers, and the service of each. */
  readonly mounts: Readonly<Record<string, string>>
  /** Tokens it recognises: by their prefix, or by their issuer. */
  readonly credentials: readonly {
    readonly service: string
    readonly prefix?: string
    readonly issuer?: string
  }[]
}

export interface Peer {
  readonly id: string
  /** Of its internal listener, without a trailing slash. */
  readonly address: string
  readonly about: About
  /** Whether its last sign of life is young. */
  readonly alive: boolean
  /** Changes with each sign of life. */
  readonly beat: string
}

export interface PeersOptions {
  readonly id: string
  readonly adminUrl: string
  readonly deriveKey: (purpose: string) => Buffer
  readonly log: { info(message: string): void; warn(about: unknown, message: string): void }
  readonly broadcast: (channel: string, message: unknown) => void
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
}

export interface Peers {
  /** The others as they were read last; of those that are gone, for a week the last one for the same services. */
  readonly others: () => readonly Peer[]
  /** Reads them now, once for all who wait; keeps what it knows when the database is away. */
  readonly refresh: () => Promise<void>
  /** From now on others find this process. */
  readonly join: (address: string, about: About) => Promise<void>
  /** From now on others do not look for it. */
  readonly leave: () => Promise<void>
  readonly close: () => Promise<void>
}

const SCHEMA = 'platform'
const CHANNEL = 'platform.peers'
const BEAT_MS = 5_000
/** A process that says nothing for so long is gone: two beats may be lost. */
const LIFE_SECONDS = 15

/** Makes the table where it is missing and reads it. */
export async function openPeers(options: PeersOptions): Promise<Peers> {
  const { id, adminUrl, log } = options
  const owner: SchemaOwner = {
    schema: SCHEMA,
    password: options.deriveKey(`database:${SCHEMA}`).toString('base64url'),
  }
  await prepareSchema(adminUrl, owner)
  const url = roleUrl(adminUrl, owner)
  const folder = fileURLToPath(new URL('./migrations/', import.meta.url))
  await migrate({ url, schema: SCHEMA, folders: [folder, ''], log })
  const sql = connect(url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    connection: { application_name: 'pleiad-peers', search_path: SCHEMA, statement_timeout: 5_000 },
  })
  let others: readonly Peer[] = []
  let reading: Promise<void> | undefined
  let own: { address: string; about: About } | undefined
  let closed = false

  async function read(): Promise<void> {
    if (closed) return
    const rows = await sql<Peer[]>`
      (select id, address, about, true as alive, expires_at::text as beat from peers
        where id <> ${id} and expires_at > now() order by id limit 1000)
      union all
      (select distinct on (about -> 'services') id, address, about, false, expires_at::text from peers
        where id <> ${id} and expires_at <= now() order by about -> 'services', expires_at desc limit 1000)`
    others = [...rows]
  }

  const refresh = (): Promise<void> => {
    reading ??= read()
      .catch((error) => log.warn({ err: error }, 'the other processes cannot be looked up now'))
      .finally(() => {
        reading = undefined
      })
    return reading
  }

  async function beat(): Promise<void> {
    if (!own || closed) return
    await sql`
      insert into peers (id, address, about, expires_at)
      values (${id}, ${own.address}, ${sql.json(own.about as unknown as postgres.JSONValue)},
        now() + make_interval(secs => ${LIFE_SECONDS}))
      on conflict (id) do update set expires_at = excluded.expires_at`
    // What is forgotten here is no longer missed: no health page and no export speaks of it.
    await sql`delete from peers where expires_at < now() - interval '7 days'`
  }

  options.onBroadcast(CHANNEL, () => void refresh())
  await read()
  const timer = setInterval(() => {
    beat().catch((error) => log.warn({ err: error }, 'this process cannot say that it lives'))
    void refresh()
  }, BEAT_MS)
  timer.unref()

  return {
    others: () => others,
    refresh,
    join: async (address, about) => {
      own = { address, about }
      await beat()
      options.broadcast(CHANNEL, {})
    },
    leave: async () => {
      if (!own) return
      own = undefined
      await sql`update peers set expires_at = now() where id = ${id}`.catch(() => {})
      options.broadcast(CHANNEL, {})
    },
    close: async () => {
      closed = true
      clearInterval(timer)
      await sql.end({ timeout: 2 })
    },
  }
}
