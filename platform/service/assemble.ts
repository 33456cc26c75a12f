/** Makes one service run: its role, schema and pool, the tools its code gets, its events. */
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { TObject } from 'typebox'
import { uuidv7 } from 'uuidv7'
import type { BusDriver } from '../events/driver.ts'
import { createEvents, type ServiceEvents } from '../events/events.ts'
import { operationsOf, type ServiceOperations } from '../events/operations.ts'
import type { Metrics } from '../observe/metrics.ts'
import { migrate } from '../store/migrate.ts'
import { prepareSchema, roleUrl, type SchemaOwner } from '../store/roles.ts'
import { openStore, type Store } from '../store/store.ts'
import type { PlatformConfig } from './config.ts'
import type { InternalCalls } from './internal-calls.ts'
import type { Service, Tools } from './service.ts'
import { eventMetrics } from './system-routes.ts'

const platformMigrations = fileURLToPath(new URL('../store/migrations/', import.meta.url))

/** One service as it runs in this process. */
export interface Running {
  readonly service: Service
  readonly store: Store
  readonly events: ServiceEvents
  readonly tools: Tools
  readonly own: unknown
}

/** What all services of the process share. */
export interface Shared {
  readonly services: readonly Service[]
  readonly now: () => Date
  readonly log: Logger
  readonly metrics: Metrics
  readonly driver: BusDriver
  readonly calls: InternalCalls
  readonly platform: PlatformConfig
  readonly adminUrl: string
  readonly deriveKey: (purpose: string) => Buffer
  readonly publicUrl: string
  readonly running: Running[]
  push: (topic: string, userId: string, data: unknown) => void
}

export interface Prepared {
  readonly service: Service
  readonly store: Store
  readonly tools: Tools
  readonly onCommit: { wake: () => void }
}

/** The database role of a service: its password follows from the installation's secret, so nothing has to be kept. */
function roleFor({ contract }: Service, deriveKey: (purpose: string) => Buffer): SchemaOwner {
  const schema = contract.name.replaceAll('-', '_')
  return { schema, password: deriveKey(`database:${schema}`).toString('base64url') }
}

/** Role, schema, migrations and pool of one service, and the tools its code will get. */
export async function prepareService(
  service: Service,
  shared: Shared,
  config: Readonly<Record<string, unknown>>,
): Promise<Prepared> {
  const { contract } = service
  const role = roleFor(service, shared.deriveKey)
  const { schema } = role
  await prepareSchema(shared.adminUrl, role)
  const url = roleUrl(shared.adminUrl, role)
  await migrate({
    url,
    schema,
    folders: [platformMigrations, fileURLToPath(new URL('./migrations/', service.url))],
    log: shared.log,
  })
  const onCommit = { wake: () => {} }
  const retries = shared.metrics.counter('pleiad_db_transaction_retries_total', contract.name)
  const store = openStore({
    url,
    schema,
    poolSize: shared.platform.DATABASE_POOL,
    statementTimeoutMs: shared.platform.STATEMENT_TIMEOUT_MS,
    wake: () => onCommit.wake(),
    onRetry: () => retries.inc(),
    push: (topic, userId, data) => shared.push(topic, userId, data),
    ...(service.constraints ? { constraints: service.constraints } : {}),
  })
  const tools: Tools = {
    config: pick(config, service.settings),
    log: shared.log.child({ service: contract.name }),
    now: shared.now,
    newId: uuidv7,
    sql: store.sql,
    transact: store.transact,
    rpc: shared.calls.rpc,
    deriveKey: (purpose) => shared.deriveKey(`${contract.name}:${purpose}`),
    broadcast: (channel, message) => shared.driver.broadcast(channel, message),
    onBroadcast: (channel, receive) => shared.driver.onBroadcast(channel, receive),
    count: shared.metrics.service(contract.name, service.metrics ?? {}),
    publicUrl: shared.publicUrl,
    services: shared.services,
    peers: () =>
      shared.running.map(({ service: peer, events }): ServiceOperations => operationsOf(events, peer)),
    personalData: async (userId) => {
      const parts = await Promise.all(
        shared.running.map(async ({ service: peer, tools: theirs, own }) => [
          peer.contract.name,
          await peer.personalData?.(theirs, own, userId),
        ]),
      )
      return Object.fromEntries(parts.filter(([, part]) => part !== undefined))
    },
  }
  return { service, store, tools, onCommit }
}

/** Runs the service's `start` and makes its events; nothing moves before `events.start`. */
export async function startService(
  { service, store, tools, onCommit }: Prepared,
  shared: Shared,
): Promise<Running> {
  const own = await service.start?.(tools)
  const events = createEvents({
    service,
    store,
    tools,
    log: tools.log,
    driver: shared.driver,
    own: () => own,
    settings: {
      retentionDays: shared.platform.OUTBOX_RETENTION_DAYS,
      // Handlers leave connections for the relay, the inbox and requests.
      parallel: Math.max(1, shared.platform.DATABASE_POOL - 3),
    },
    metrics: eventMetrics(shared.metrics, service.contract.name),
  })
  onCommit.wake = () => events.wake()
  return { service, store, events, tools, own }
}

/** The fields of `config` that the service declared. */
function pick(config: Readonly<Record<string, unknown>>, settings: TObject | undefined): unknown {
  return Object.fromEntries(Object.keys(settings?.properties ?? {}).map((name) => [name, config[name]]))
}
