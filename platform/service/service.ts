/**
 * A service is data too: `defineService` says what it consists of, the host (`host.ts`) runs it.
 * Everything a handler needs arrives as its one argument; there is nothing to inject or look up.
 */

import type { DescService } from '@bufbuild/protobuf'
import type { ConnectRouter, Client as RpcClient } from '@connectrpc/connect'
import type { Logger } from 'pino'
import type { Static, TObject } from 'typebox'
import type { Cache } from '../cache/cache.ts'
import type {
  BodyOf,
  Contract,
  ErrorsOf,
  EventData,
  EventName,
  HeldTopicName,
  NewestEventName,
  Operation,
  ParamsOf,
  ProjectRole,
  QueryOf,
  ReturnsOf,
  TopicData,
  TopicName,
} from '../contract/contract.ts'
import { allVersions } from '../contract/event-versions.ts'
import type { Lane } from '../events/envelope.ts'
import type { ServiceOperations } from '../events/operations.ts'
import type { ObjectStore } from '../files/store.ts'
import type { FetchOutside } from '../outbound/outbound.ts'
import type { Sql, Tx } from '../store/store.ts'
import type { SealedColumn, Vault } from '../store/vault.ts'
import type {
  Caller,
  CredentialSource,
  IdentitySource,
  MembershipSource,
  Mount,
  ProjectOfCaller,
} from './callers.ts'

export type {
  Caller,
  CredentialSource,
  IdentitySource,
  MembershipSource,
  Mount,
  ProjectOfCaller,
  Revocation,
  TokenHolder,
} from './callers.ts'

/** What every part of a running service can use. */
export interface Tools<Config = unknown> {
  readonly config: Config
  readonly log: Logger
  /** The current time; tests set it. Domain functions take it as an argument. */
  readonly now: () => Date
  /** A new UUIDv7. */
  readonly newId: () => string
  /** Reads outside a transaction. */
  readonly sql: Sql
  /**
   * Runs `work` in a transaction and retries it whole on serialization failure or deadlock (so it must have no
   * effect but through `tx`). Events emitted in it leave only if it commits.
   */
  readonly transact: <T>(work: (tx: Tx) => Promise<T>) => Promise<T>
  /**
   * The client of another service's internal RPC: in memory when it runs in this process, over HTTP otherwise. An
   * answer's Connect code is the same either way; a service that is not there is `Unavailable`, which a caller leaves
   * to become `serviceUnavailable`.
   */
  readonly rpc: <D extends DescService>(service: D) => RpcClient<D>
  /** A key of 32 bytes for `purpose`, derived from the installation's secret; the same on every process. */
  readonly deriveKey: (purpose: string) => Buffer
  /** Seals what gives access (a link, a code) to travel in an event: only the service named `receiver` can open it. */
  readonly sealFor: (receiver: string, plain: string) => string
  /** Opens what another service sealed for this one. Throws when it was sealed for another, or was changed. */
  readonly openSealed: (sealed: string) => string
  /** What may be forgotten: namespaced by service, in process or in Redis. */
  readonly cache: Cache
  /** Files of this service: in the data folder, or in S3. Namespaced by service. */
  readonly files: ObjectStore
  /** Encrypts what the database keeps, in the columns that the service declares in `sealed`. */
  readonly vault: Vault
  /**
   * The only way to an address that a person gave: no private networks, bounded time and size. Rejects with an
   * `OutboundError` (`@pleiad/platform/outbound`), whose `reason` is stable.
   */
  readonly fetchOutside: FetchOutside
  /** Reaches every process at once and is not stored: for invalidation, never for facts. */
  readonly broadcast: (channel: string, message: unknown) => void
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
  /** Counts a thing that happened: one Prometheus counter, described in the service's `metrics`. */
  readonly count: (metric: string, labels?: Record<string, string>, by?: number) => void
  /** The services of the installation, for the operations pages. */
  readonly peers: () => readonly ServiceOperations[]
  /** Every service of the installation: the contracts are what the system map and the role editor show. */
  readonly services: readonly Service[]
  /** Everything the services keep about a person, by service. Rejects when one of them cannot be asked. */
  readonly personalData: (userId: string) => Promise<Record<string, unknown>>
  /** The public address of the installation, without a trailing slash. */
  readonly publicUrl: string
}

/** Sends to the live connections of one person after the commit. Made by `push(contract, tx, ...)`. */
export function push<C extends Contract, N extends Exclude<TopicName<C>, HeldTopicName<C>>>(
  tx: Tx,
  _contract: C,
  topic: N,
  userId: string,
  data: TopicData<C, N>,
): void {
  tx.pushAfterCommit(topic, userId, data)
}

/** Sends after the commit to everybody who listens to the topic and holds its permission. */
export function pushToHolders<C extends Contract, N extends HeldTopicName<C>>(
  tx: Tx,
  _contract: C,
  topic: N,
  data: TopicData<C, N>,
): void {
  tx.pushAfterCommit(topic, undefined, data)
}

/**
 * Emits an event of the service's own contract: a row in the outbox, in the same transaction. Where the contract has
 * several versions of it, the newest is emitted and those who read an older one get theirs.
 */
export function emit<C extends Contract, N extends NewestEventName<C>>(
  tx: Tx,
  contract: C,
  type: N,
  data: EventData<C, N>,
  options: { at?: Date; lane?: Lane } = {},
): void {
  tx.emit(...allVersions(contract, type, data).map((each) => ({ ...each, ...options })))
}

export interface RequestInfo {
  readonly id: string
  readonly ip: string
  readonly userAgent: string
  readonly cookies: Readonly<Record<string, string>>
  /** Set when the browser marks the request as coming from the app (cookie sessions). */
  readonly origin: string | undefined
}

export interface Answer {
  header(name: string, value: string): void
  /** `cookie` is a whole `Set-Cookie` value. */
  cookie(cookie: string): void
}

/** Programs pass only where the access names a scope. */
type CallerOf<O extends Operation> = O['access'] extends 'public'
  ? Caller | undefined
  : O['access'] extends { readonly project: ProjectRole } | { readonly scope: string }
    ? Caller & { readonly project: ProjectOfCaller }
    : Caller & { readonly kind: 'session' | 'token' }

export type Call<O extends Operation, Config = unknown> = Tools<Config> & {
  readonly params: ParamsOf<O>
  readonly query: QueryOf<O>
  readonly body: BodyOf<O>
  readonly caller: CallerOf<O>
  /** The value of `If-Match` without quotes, on operations that require it. */
  readonly ifMatch: string
  readonly request: RequestInfo
  readonly answer: Answer
  /** Ends the operation with one of its declared errors. */
  readonly fail: (code: ErrorsOf<O>, detail?: string, extensions?: Record<string, unknown>) => never
}

export type Routes<C extends Contract, Own = void> = (own: Own) => {
  readonly [K in keyof C['operations']]: (
    call: Call<C['operations'][K]>,
  ) => Promise<ReturnsOf<C['operations'][K]>>
}

/** The operations of `contract`, by name. `own` is what the service's `start` returned. */
export function defineRoutes<C extends Contract, Own = void>(
  _contract: C,
  routes: Routes<C, Own>,
): Routes<C, Own> {
  return routes
}

export interface Received<Data> {
  readonly id: string
  readonly type: string
  readonly key: string
  readonly time: Date
  readonly data: Data
  readonly attempt: number
}

export interface HandlerOptions {
  /** Events of one key are handled in the order they were emitted. */
  readonly ordered?: true
  /** Attempts before the event is parked as a dead letter. Default 8. */
  readonly maxAttempts?: number
  /** Events handled at once in this process, each in its own transaction. Default: batches, one after another. */
  readonly concurrency?: number
  /** Days a dead letter is kept. Default 30. */
  readonly deadLetterDays?: number
  /** Milliseconds an attempt may take; then it is rolled back and counts as failed. Default 30,000. */
  readonly timeoutMs?: number
}

export interface Handler<Own = void> extends HandlerOptions {
  readonly source: Contract
  readonly type: string
  readonly version: number
  readonly handle: (
    own: Own,
    call: Tools & { readonly event: Received<never>; readonly tx: Tx },
  ) => Promise<void>
}

/**
 * Says that a service handles an event, in the version that `type` names (`order.confirmed@2`). The handler runs in the
 * transaction that marks the event as done, so its effects through `tx` happen exactly once; anything else it does may
 * happen again after a crash.
 */
export function on<C extends Contract, N extends EventName<C>, Own = void>(
  source: C,
  type: N,
  handle: (
    call: Tools & { readonly event: Received<EventData<C, N>>; readonly tx: Tx },
    own: Own,
  ) => Promise<void>,
  options: HandlerOptions = {},
): Handler<Own> {
  const version = source.events![type]!.version
  return { ...options, source, type, version, handle: (own, call) => handle(call as never, own) }
}

export interface Job<Own = void> {
  readonly description: string
  /** Cron expression, UTC. Each due time runs once in the whole installation, with the retries of an event. */
  readonly schedule: string
  /** Milliseconds a run may take; then it is rolled back and tried again. Default 300,000. */
  readonly timeoutMs?: number
  readonly run: (call: Tools & { readonly tx: Tx }, own: Own) => Promise<void>
}

export interface MetricKind {
  readonly description: string
  readonly labels?: readonly string[]
}

export interface ServiceDefinition<
  C extends Contract = Contract,
  Settings extends TObject = TObject,
  Own = unknown,
> {
  readonly contract: C
  /** `import.meta.url` of service.ts: where `migrations/` and `README.md` lie. */
  readonly url: string
  /** Environment variables of this service: a TypeBox object; every field has a description and a default or is optional. */
  readonly settings?: Settings
  /** Constraint names of the database → the contract's error that a violation means. */
  readonly constraints?: Readonly<Record<string, string>>
  readonly metrics?: Readonly<Record<string, MetricKind>>
  /** Makes what lives as long as the process (pools, caches). Runs after the migrations. */
  readonly start?: (tools: Tools<Static<Settings>>) => Own | Promise<Own>
  readonly stop?: (own: Own) => void | Promise<void>
  readonly routes: Routes<C, Own>
  readonly handlers?: Readonly<Record<string, Handler<Own>>>
  readonly jobs?: Readonly<Record<string, Job<Own>>>
  /** Adds the service's internal RPC. */
  readonly rpc?: (router: ConnectRouter, tools: Tools<Static<Settings>>, own: Own) => void
  /** Makes this service the one that the gateway asks who a caller is. */
  readonly identity?: (tools: Tools<Static<Settings>>, own: Own) => IdentitySource
  /** Tokens of programs that this service issues. */
  readonly credentials?: (tools: Tools<Static<Settings>>, own: Own) => readonly CredentialSource[]
  /** Makes this service the one that the gateway asks who is a member of a project. */
  readonly membership?: (tools: Tools<Static<Settings>>, own: Own) => MembershipSource
  /** Raw handlers by prefix, such as `/oidc/`: for protocols that bring an implementation of their own. */
  readonly mounts?: (tools: Tools<Static<Settings>>, own: Own) => Readonly<Record<string, Mount>>
  /** Columns that hold what `tools.vault` sealed, so that its keys can be rotated. */
  readonly sealed?: readonly SealedColumn[]
  /** What this service keeps about a person, for their export. */
  readonly personalData?: (tools: Tools<Static<Settings>>, own: Own, userId: string) => Promise<unknown>
  /** Lines to print once everything is ready, such as how to become the first administrator. */
  readonly greeting?: (tools: Tools<Static<Settings>>, own: Own) => Promise<readonly string[]>
  /** Internal RPCs of other services it calls, for the manifest. */
  readonly calls?: readonly DescService[]
}

/** A service as the host sees it: the generics are checked where it is defined. */
// biome-ignore lint/suspicious/noExplicitAny: the host treats all services alike; their types are checked in defineService.
export type Service = ServiceDefinition<Contract, any, any>

export function defineService<C extends Contract, Settings extends TObject, Own = void>(
  definition: ServiceDefinition<C, Settings, Own>,
): Service {
  return definition as unknown as Service
}
