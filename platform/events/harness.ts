/** What the tests of the events stand on: a fresh database, services made of handlers, and a wait that is no guess. */
import { readFile } from 'node:fs/promises'
import { pino } from 'pino'
import { type Contract, Type } from '../contract/contract.ts'
import {
  defineService,
  emit,
  type Handler,
  type Job,
  on,
  type Service,
  type Tools,
} from '../service/service.ts'
import { connect } from '../store/connect.ts'
import { openStore, type Store, type Tx } from '../store/store.ts'
import { testDatabase } from '../testing/postgres.ts'
import type { BusDriver } from './driver.ts'
import { createEvents, type ServiceEvents } from './events.ts'
import { createMemoryDriver } from './memory.ts'
import type { EventMetrics } from './metrics.ts'
import type { EventSettings } from './settings.ts'

export interface TestDatabase {
  readonly url: string
  drop(): Promise<void>
}

/** A database of its own with the schemas given, each with the platform's tables. */
export async function createTestDatabase(schemas: readonly string[]): Promise<TestDatabase> {
  const { adminUrl, drop } = await testDatabase()
  const sql = connect(adminUrl, { max: 1, onnotice: () => {} })
  const tables = await readFile(new URL('../store/migrations/0001-events.sql', import.meta.url), 'utf8')
  for (const schema of schemas)
    await sql.unsafe(`create schema ${schema}; set search_path = ${schema}; ${tables}`)
  await sql.end()
  return { url: adminUrl, drop }
}

/** A contract with one event, `thing.happened {id, n}`, keyed by id. */
export const source = {
  name: 'source',
  version: '1.0.0',
  summary: 'Emits in tests.',
  operations: {},
  events: {
    'thing.happened': {
      version: 1,
      description: 'Something happened.',
      data: Type.Object({ id: Type.String(), n: Type.Integer() }),
      key: 'id',
      example: { id: 'a', n: 1 },
    },
  },
} as const satisfies Contract

export interface Peer {
  readonly url: string
  readonly service: Service
  readonly store: Store
  readonly events: ServiceEvents
  readonly log: string[]
}

export interface PeerOptions {
  readonly url: string
  readonly name: string
  readonly driver?: BusDriver
  readonly handlers?: Readonly<Record<string, Handler>>
  readonly jobs?: Readonly<Record<string, Job>>
  readonly settings?: Partial<EventSettings>
  readonly metrics?: EventMetrics
  readonly poolSize?: number
}

/** A running service with its own store; `start` it by `events.start()`. */
export function createPeer(options: PeerOptions): Peer {
  const lines: string[] = []
  let events: ServiceEvents | undefined
  const store = openStore({
    url: options.url,
    schema: options.name,
    poolSize: options.poolSize ?? 6,
    statementTimeoutMs: 10_000,
    wake: () => events?.wake(),
  })
  const log = pino({ level: 'debug' }, { write: (line: string) => void lines.push(line) })
  const service: Service = defineService({
    contract: { name: options.name, version: '1.0.0', summary: 'A test.', operations: {} },
    url: import.meta.url,
    routes: () => ({}),
    handlers: options.handlers ?? {},
    jobs: options.jobs ?? {},
  })
  const tools = { log, transact: store.transact, sql: store.sql } as Partial<Tools> as Tools
  events = createEvents({
    service,
    store,
    driver: options.driver ?? createMemoryDriver(),
    tools,
    own: () => undefined,
    log,
    settings: {
      pollMs: 200,
      backoff: { baseMs: 5, capMs: 50, factor: 2 },
      // A test that names the size of a batch means just that.
      ...(options.settings?.batchSize ? { largestBatch: options.settings.batchSize } : {}),
      ...options.settings,
    },
    ...(options.metrics ? { metrics: options.metrics } : {}),
  })
  return { url: options.url, service, store, events, log: lines }
}

/** Emits `thing.happened`. */
export function happen(
  tx: Tx,
  id: string,
  n: number,
  options: { at?: Date; lane?: 'high' | 'normal' | 'low' } = {},
): void {
  emit(tx, source, 'thing.happened', { id, n }, options)
}

export { on }

/** Resolves when `check` does; rejects with what it last threw when `ms` have passed. */
export async function until(check: () => Promise<void> | void, ms = 25_000): Promise<void> {
  const end = Date.now() + ms
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > end) throw error
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
}
