/**
 * A contract is data: what a service offers (operations), announces (events), pushes (topics), refuses with
 * (errors) and guards (permissions). Routes, clients, documents and checks are all derived from it.
 */
import { type Static, type TSchema, Type } from 'typebox'
import { versionTrouble } from './event-versions.ts'

export { newVersion } from './event-versions.ts'
export { type PlatformErrorCode, platformErrors } from './platform-errors.ts'
export { type Static, type TSchema, Type }

/** What a member may do in a project, the least first: each role may do all that the ones before it may. */
export const projectRoles = ['viewer', 'developer', 'admin', 'owner'] as const
export type ProjectRole = (typeof projectRoles)[number]

/** Whether a member with `role` may do what takes `needed`. */
export function hasRole(role: ProjectRole, needed: ProjectRole): boolean {
  return projectRoles.indexOf(role) >= projectRoles.indexOf(needed)
}

/** Who may call an operation. Programs pass only where a scope is named; everything else is for people. */
export type Access =
  /** Anybody. */
  | 'public'
  /** Anybody signed in. */
  | 'user'
  /** A signed-in person with the named permission. */
  | { readonly permission: string }
  /**
   * A signed-in member of the project that `:projectId` names, with at least this role; with `scope` also a program
   * of that project that has the scope. Others get `notFound` (not a member) or `forbidden` (role or scope missing).
   * `production` is the role it takes where `:environment` is production.
   */
  | { readonly project: ProjectRole; readonly production?: ProjectRole; readonly scope?: string }
  /** Only a program with the scope: a project key, or an access token of the project's issuer. */
  | { readonly scope: string }

/** Rate classes; their budgets are settings of the gateway (`platform/gateway/limits.ts`). */
export type RateClass = 'default' | 'auth' | 'heavy'

export interface Operation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path below `/api/v<version>/<service>`, with `:name` parameters; from the origin's root when `root` is set. */
  readonly path: string
  readonly root?: true
  /** Version of the API the path belongs to. Default 1; a second version stands beside the first. */
  readonly version?: number
  readonly summary: string
  readonly description?: string
  readonly access: Access
  readonly params?: TSchema
  readonly query?: TSchema
  readonly body?: TSchema
  /** Success status. Default 200, or 204 when `returns` is absent. */
  readonly status?: number
  readonly returns?: TSchema
  /** Codes from the contract's `errors` that this operation can fail with. */
  readonly errors?: readonly string[]
  readonly rate?: RateClass
  /**
   * How old what a GET shows may be, in milliseconds: it may then be read from a standby (`DATABASE_READ_URLS`). For
   * what nobody looks at because it has just changed: catalogues, charts, histories, searches.
   */
  readonly maxStalenessMs?: number
  /** Takes `Idempotency-Key`: the first status and body are replayed for 24 hours. */
  readonly idempotent?: true
  /** The field of the answer that is the resource's version; it is sent as `ETag`. */
  readonly etag?: string
  /** `If-Match` is required; the handler gets its value as `ifMatch`. Implies `preconditionFailed`. */
  readonly ifMatch?: true
  /** The data the permission-matrix test needs no more than a syntactically valid request; examples make it so. */
  readonly example?: { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown }
}

export interface ErrorKind {
  readonly status: number
  /** One sentence for a person: what happened. */
  readonly title: string
  /** What it means and how to mend it; goes to the error catalogue. */
  readonly description: string
}

export interface EventKind {
  readonly version: number
  readonly description: string
  readonly data: TSchema
  /** The field of `data` that identifies the aggregate; order is kept per key where a handler asks for it. */
  readonly key: string
  readonly example: unknown
  /** On a version beside an older one (`newVersion`): the data as the version before has it. */
  readonly down?: (data: never) => unknown
  /** The version before's data as this one has it, for what still waits when a handler moves on to this version. */
  readonly up?: (data: never) => unknown
}

export interface TopicKind {
  readonly description: string
  /** It goes to everybody who holds this and has subscribed (`pushToHolders`); without, to one person (`push`). */
  readonly permission?: string
  readonly data: TSchema
}

export interface Contract {
  /** Lower-case name; also the folder, the database schema and the first segment of the paths. */
  readonly name: string
  readonly version: string
  readonly summary: string
  readonly operations: Readonly<Record<string, Operation>>
  /** By type; a version beside an older one has it as a suffix: `order.confirmed@2`. */
  readonly events?: Readonly<Record<string, EventKind>>
  readonly errors?: Readonly<Record<string, ErrorKind>>
  /** `orders:confirm` → what it lets its holder do. */
  readonly permissions?: Readonly<Record<string, string>>
  /** `vault:read` → what it lets a program of a project do. Project keys and apps are given scopes of these. */
  readonly scopes?: Readonly<Record<string, string>>
  /** Live topics, which reach the connections of one person or of all who hold a permission. */
  readonly topics?: Readonly<Record<string, TopicKind>>
}

/** An RFC 9457 problem as it travels; `code` is the catalogue's key, `errors` the bad fields. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail?: string
  readonly instance?: string
  readonly requestId?: string
  readonly errors?: readonly { readonly path: string; readonly message: string }[]
  readonly [extension: string]: unknown
}

/** Checks what the types cannot (names exist, paths are well formed) and returns the contract unchanged. */
export function defineContract<const C extends Contract>(contract: C): C {
  const wrong = (what: string): never => {
    throw new Error(`Contract ${contract.name}: ${what}`)
  }
  if (!/^[a-z][a-z0-9-]{1,30}$/.test(contract.name))
    wrong('the name must be lower case letters, digits and dashes')
  for (const [name, operation] of Object.entries(contract.operations)) {
    if (operation.path !== '' && !operation.path.startsWith('/')) wrong(`${name}: the path must start with /`)
    for (const code of operation.errors ?? [])
      if (!(code in (contract.errors ?? {}))) wrong(`${name}: error ${code} is not declared in errors`)
    const stale = stalenessTrouble(operation)
    if (stale) wrong(`${name}: ${stale}`)
    const { permission, scope } = needsOf(operation.access)
    if (permission !== undefined && !(permission in (contract.permissions ?? {})))
      wrong(`${name}: permission ${permission} is not declared in permissions`)
    if (scope !== undefined && !(scope in (contract.scopes ?? {})))
      wrong(`${name}: scope ${scope} is not declared in scopes`)
    const named = [...operation.path.matchAll(/:(\w+)/g)].map((match) => match[1])
    if (needsOf(operation.access).project !== undefined && !named.includes('projectId'))
      wrong(`${name}: its access is by project, so the path must have :projectId`)
    if (needsOf(operation.access).production !== undefined && !named.includes('environment'))
      wrong(`${name}: its access differs in production, so the path must have :environment`)
    const declared = Object.keys((operation.params as { properties?: object } | undefined)?.properties ?? {})
    if (named.sort().join() !== declared.sort().join())
      wrong(`${name}: params must declare exactly ${named.join(', ')}`)
  }
  for (const [topic, { permission }] of Object.entries(contract.topics ?? {}))
    if (permission !== undefined && !(permission in (contract.permissions ?? {})))
      wrong(`topic ${topic}: permission ${permission} is not declared in permissions`)
  const trouble = versionTrouble(contract)
  if (trouble) wrong(trouble)
  return contract
}

/** A standby is measured each second: what may be less than two seconds old would hardly ever find one. */
function stalenessTrouble({ method, etag, maxStalenessMs }: Operation): string | undefined {
  if (maxStalenessMs === undefined) return undefined
  if (method !== 'GET') return 'only a GET may have maxStalenessMs'
  if (etag !== undefined) return 'an old version would be refused as If-Match: no maxStalenessMs with etag'
  if (Number.isInteger(maxStalenessMs) && maxStalenessMs >= 2_000 && maxStalenessMs <= 60_000)
    return undefined
  return 'maxStalenessMs is a whole number from 2,000 to 60,000'
}

/** What an access asks for, each absent when it does not matter. */
export function needsOf(access: Access): {
  readonly permission?: string
  readonly project?: ProjectRole
  readonly production?: ProjectRole
  readonly scope?: string
} {
  return typeof access === 'object' ? access : {}
}

/** The full path of an operation, with `:name` parameters. */
export function pathOf(contract: Contract, operation: Operation): string {
  return operation.root ? operation.path : `/api/v${operation.version ?? 1}/${contract.name}${operation.path}`
}

/** The success status of an operation. */
export function statusOf(operation: Operation): number {
  return operation.status ?? (operation.returns ? 200 : 204)
}

/** One page of a list: `items` and the cursor of the next page, absent on the last. */
export function pageOf<const S extends TSchema>(item: S) {
  return Type.Object({
    items: Type.Array(item),
    next: Type.Optional(Type.String({ description: 'Cursor of the next page' })),
  })
}

/** Query fields every list takes. */
export const pageQuery = {
  cursor: Type.Optional(
    Type.String({ maxLength: 400, description: 'Where the page starts: `next` of the page before' }),
  ),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: 100, default: 25, description: 'How many items' }),
  ),
}

export const Uuid = Type.String({ format: 'uuid', description: 'UUIDv7' })
export const Timestamp = Type.String({ format: 'date-time', description: 'ISO 8601, UTC' })

type Of<T, Key extends string> = T extends { readonly [K in Key]: infer S }
  ? S extends TSchema
    ? Static<S>
    : undefined
  : undefined
export type ParamsOf<O extends Operation> = Of<O, 'params'>
export type QueryOf<O extends Operation> = Of<O, 'query'>
export type BodyOf<O extends Operation> = Of<O, 'body'>
export type ReturnsOf<O extends Operation> = O extends { readonly returns: infer S extends TSchema }
  ? Static<S>
  : void
export type ErrorsOf<O extends Operation> =
  | (O extends { readonly errors: readonly (infer E)[] } ? Extract<E, string> : never)
  | (O extends { readonly ifMatch: true } ? 'preconditionFailed' : never)
  | 'forbidden'
  | 'notFound'
export type EventName<C extends Contract> = Extract<keyof NonNullable<C['events']>, string>
/** The events a service emits: of each the newest version, of which the platform makes the older ones. */
export type NewestEventName<C extends Contract> = {
  [N in EventName<C>]: Extract<EventName<C>, `${N}@${string}`> extends never ? N : never
}[EventName<C>]
export type EventData<C extends Contract, N extends EventName<C>> = NonNullable<C['events']>[N] extends {
  readonly data: infer S extends TSchema
}
  ? Static<S>
  : never
export type TopicName<C extends Contract> = Extract<keyof NonNullable<C['topics']>, string>
/** Topics for all who hold a permission. */
export type HeldTopicName<C extends Contract> = {
  [N in TopicName<C>]: NonNullable<C['topics']>[N] extends { readonly permission: string } ? N : never
}[TopicName<C>]
export type TopicData<C extends Contract, N extends TopicName<C>> = NonNullable<C['topics']>[N] extends {
  readonly data: infer S extends TSchema
}
  ? Static<S>
  : never
