/** Makes one service run: its role, schema and pool, the tools its code gets, its events. */
import { fileURLToPath } from 'node:url'
import type { Logger } from 'pino'
import type { TObject } from 'typebox'
import { uuidv7 } from 'uuidv7'
import type { CacheDriver } from '../cache/cache.ts'
import type { BusDriver } from '../events/driver.ts'
import { createEvents, type ServiceEvents } from '../events/events.ts'
import { operationsOf, type ServiceOperations } from '../events/operations.ts'
import { type ObjectStore, objectStoreOf } from '../files/store.ts'
import type { Metrics } from '../observe/metrics.ts'
import type { Allowance } from '../outbound/addresses.ts'
import { createOutbound } from '../outbound/outbound.ts'
import { migrate } from '../store/migrate.ts'
import { prepareSchema, roleUrl, type SchemaOwner } from '../store/roles.ts'
import { guardSealedColumns } from '../store/sealed-columns.ts'
import type { Standbys } from '../store/standbys.ts'
import { openStore, type Store } from '../store/store.ts'
import { closedVault, openVault } from '../store/vault.ts'
import { databaseOf, refuseToBeginEmpty } from './databases.ts'
import type { Installation } from './installation.ts'
import type { PlatformConfig } from './platform-settings.ts'
import { openSealed, sealFor } from './sealed.ts'
import type { Service, Tools } from './service.ts'
import { eventMetrics } from './system-routes.ts'

/** How long another process may take to collect what it keeps about a person. */
const EXPORT_MS = 60_000
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
  readonly now: () => Date
  readonly log: Logger
  readonly metrics: Metrics
  readonly driver: BusDriver
  readonly cache: CacheDriver
  readonly files: ObjectStore
  /** Private networks that requests to the outside may reach. */
  readonly allowance: Allowance
  readonly installation: Installation
  readonly platform: PlatformConfig
  /** Of the PostgreSQL of all services that have none of their own. */
  readonly adminUrl: string
  /** The standbys of a service's PostgreSQL. */
  readonly standbysOf: (service: string) => Standbys | undefined
  readonly deriveKey: (purpose: string) => Buffer
  readonly publicUrl: string
  readonly running: Running[]
  push: (topic: string, userId: string | undefined, data: unknown) => void
}

export interface Prepared {
  readonly service: Service
  readonly store: Store
  readonly tools: Tools
  readonly onCommit: { wake: () => void }
}

/** The database role of a service: its password follows from the installation's secret, so nothing has to be kept. */
export function roleFor({ contract }: Service, deriveKey: (purpose: string) => Buffer): SchemaOwner {
  const schema = contract.name.replaceAll('-', '_')
  return { schema, password: deriveKey(`database:${schema}`).toString('base64url') }
}

/** What the key is derived for that the vault's keys of a service are encrypted under. */
export function vaultPurpose(service: string): string {
  return `${service}:vault`
}

/** Brings a service's schema up to date; `url` is that of its role. Throws as `migrate` does. */
export function migrateService(
  service: Service,
  url: string,
  schema: string,
  log: { info(message: string): void },
): Promise<number> {
  return migrate({
    url,
    schema,
    folders: [platformMigrations, fileURLToPath(new URL('./migrations/', service.url))],
    log,
    finish: (sql) => guardSealedColumns(sql, schema, service.sealed ?? []),
  })
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
  const adminUrl = databaseOf(contract.name, shared.platform, shared.adminUrl)
  if (adminUrl !== shared.adminUrl) await refuseToBeginEmpty(contract.name, schema, adminUrl, shared.adminUrl)
  await prepareSchema(adminUrl, role)
  const url = roleUrl(adminUrl, role)
  await migrateService(service, url, schema, shared.log)
  const onCommit = { wake: () => {} }
  const retries = shared.metrics.counter('pleiad_db_transaction_retries_total', contract.name)
  const standbys = shared.standbysOf(contract.name)
  const store = openStore({
    url,
    schema,
    poolSize: shared.platform.DATABASE_POOL,
    statementTimeoutMs: shared.platform.STATEMENT_TIMEOUT_MS,
    wake: () => onCommit.wake(),
    onRetry: () => retries.inc(),
    push: (topic, userId, data) => shared.push(topic, userId, data),
    ...(service.constraints ? { constraints: service.constraints } : {}),
    ...(standbys ? { standbys: { watched: standbys, urlOn: (standby) => roleUrl(standby, role) } } : {}),
  })
  const vault = service.sealed?.length
    ? await openVault(store.sql, shared.deriveKey(vaultPurpose(contract.name))).catch(async (error) => {
        await store.close()
        throw error
      })
    : closedVault
  const tools: Tools = {
    config: pick(config, service.settings),
    log: shared.log.child({ service: contract.name }),
    now: shared.now,
    newId: uuidv7,
    sql: store.sql,
    transact: store.transact,
    rpc: shared.installation.rpc,
    deriveKey: (purpose) => shared.deriveKey(`${contract.name}:${purpose}`),
    sealFor: (receiver, plain) => sealFor(shared.deriveKey, receiver, plain),
    openSealed: (sealed) => openSealed(shared.deriveKey, contract.name, sealed),
    cache: shared.cache.cacheOf(contract.name),
    files: objectStoreOf(shared.files, contract.name),
    vault,
    fetchOutside: createOutbound({
      service: contract.name,
      allowance: shared.allowance,
      metrics: shared.metrics,
    }),
    broadcast: (channel, message) => shared.driver.broadcast(channel, message),
    onBroadcast: (channel, receive) => shared.driver.onBroadcast(channel, receive),
    count: shared.metrics.service(contract.name, service.metrics ?? {}),
    publicUrl: shared.publicUrl,
    services: shared.installation.all,
    peers: () => [
      ...shared.running.map(({ service: peer, events }): ServiceOperations => operationsOf(events, peer)),
      ...shared.installation.operations(),
    ],
    personalData: async (userId) => {
      const { missed, ask } = shared.installation
      const parts = await Promise.all([
        ...shared.running.map(async ({ service: peer, tools: theirs, own }) => [
          peer.contract.name,
          await peer.personalData?.(theirs, own, userId),
        ]),
        ...missed()
          .filter(({ personalData }) => personalData)
          .map(async ({ contract: { name } }) => [
            name,
            await ask(name, 'personalData', [userId], EXPORT_MS),
          ]),
      ])
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
