/**
 * A contract is data: what a service offers (operations), announces (events), pushes (topics), refuses with
 * (errors) and guards (permissions). Routes, clients, documents and checks are all derived from it.
 */
import { type Static, type TSchema, Type } from 'typebox'

export { type Static, type TSchema, Type }

/** Who may call an operation: anybody, anybody signed in, or a signed-in caller with the named permission. */
export type Access = 'public' | 'user' | { readonly permission: string }

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
}

export interface TopicKind {
  readonly description: string
  readonly data: TSchema
}

export interface Contract {
  /** Lower-case name; also the folder, the database schema and the first segment of the paths. */
  readonly name: string
  readonly version: string
  readonly summary: string
  readonly operations: Readonly<Record<string, Operation>>
  readonly events?: Readonly<Record<string, EventKind>>
  readonly errors?: Readonly<Record<string, ErrorKind>>
  /** `orders:confirm` → what it lets its holder do. */
  readonly permissions?: Readonly<Record<string, string>>
  /** Live topics that reach a signed-in person's own connections. */
  readonly topics?: Readonly<Record<string, TopicKind>>
}

/** Failures the platform itself answers with; every operation may meet the ones its declaration implies. */
export const platformErrors = {
  malformedRequest: {
    status: 400,
    title: 'The request cannot be read.',
    description:
      'The body, path or a header is not well formed; `detail` says where. Mend it and send it again.',
  },
  validationFailed: {
    status: 400,
    title: 'Some fields are not right.',
    description: '`errors` lists every bad field with its place and what is expected there.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first.',
    description: 'The access token is missing, expired or not valid. Sign in or refresh, then repeat.',
  },
  forbidden: {
    status: 403,
    title: 'You may not do this.',
    description:
      'The caller lacks the permission that the operation declares, or the object belongs to somebody else.',
  },
  foreignOrigin: {
    status: 403,
    title: 'This origin is not allowed.',
    description:
      'A browser page of another origin sent a request that changes something. Add the origin to CORS_ORIGINS if it is yours.',
  },
  notFound: {
    status: 404,
    title: 'There is nothing here.',
    description: 'No operation or object has this address.',
  },
  methodNotAllowed: {
    status: 405,
    title: 'This method is not offered here.',
    description: '`Allow` lists the methods this address offers.',
  },
  conflict: {
    status: 409,
    title: 'This clashes with what is already there.',
    description: 'The database refused the write because it breaks a uniqueness or reference rule.',
  },
  idempotencyInFlight: {
    status: 409,
    title: 'The same request is still being worked on.',
    description: 'Another request with this Idempotency-Key has not finished. Repeat after `Retry-After`.',
  },
  preconditionFailed: {
    status: 412,
    title: 'It was changed meanwhile.',
    description: '`If-Match` names an older version. Load the current one, apply the change again.',
  },
  payloadTooLarge: {
    status: 413,
    title: 'The request is too large.',
    description: 'The body is over the limit that `detail` names.',
  },
  unsupportedMediaType: {
    status: 415,
    title: 'This content type is not understood.',
    description: 'Send JSON with `Content-Type: application/json`.',
  },
  idempotencyMismatch: {
    status: 422,
    title: 'This Idempotency-Key was used for another request.',
    description: 'A key belongs to one request with one set of parameters. Use a new key.',
  },
  preconditionRequired: {
    status: 428,
    title: 'If-Match is required.',
    description: 'Send the `ETag` you last read as `If-Match`, so that nobody’s change is overwritten.',
  },
  rateLimited: {
    status: 429,
    title: 'Too many requests.',
    description: 'The budget of this address or person is spent. Repeat after `Retry-After` seconds.',
  },
  headersTooLarge: {
    status: 431,
    title: 'The headers are too large.',
    description: 'All headers together may take 16 KiB.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side.',
    description: 'Nothing was written. The answer’s `requestId` finds the log line.',
  },
  unavailable: {
    status: 503,
    title: 'A part of the system is not available.',
    description:
      'The database or a service did not answer in time. Nothing was written; repeat after `Retry-After`.',
  },
} as const satisfies Record<string, ErrorKind>

export type PlatformErrorCode = keyof typeof platformErrors

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
    if (
      typeof operation.access === 'object' &&
      !(operation.access.permission in (contract.permissions ?? {}))
    )
      wrong(`${name}: permission ${operation.access.permission} is not declared in permissions`)
    const named = [...operation.path.matchAll(/:(\w+)/g)].map((match) => match[1])
    const declared = Object.keys((operation.params as { properties?: object } | undefined)?.properties ?? {})
    if (named.sort().join() !== declared.sort().join())
      wrong(`${name}: params must declare exactly ${named.join(', ')}`)
  }
  return contract
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
export type EventData<C extends Contract, N extends EventName<C>> = NonNullable<C['events']>[N] extends {
  readonly data: infer S extends TSchema
}
  ? Static<S>
  : never
export type TopicName<C extends Contract> = Extract<keyof NonNullable<C['topics']>, string>
export type TopicData<C extends Contract, N extends TopicName<C>> = NonNullable<C['topics']>[N] extends {
  readonly data: infer S extends TSchema
}
  ? Static<S>
  : never
