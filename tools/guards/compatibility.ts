/** What has been published keeps working: compares the contracts with `docs/generated/published.json`. */
import { type Contract, hasRole, type Operation, type ProjectRole } from '@pleiad/platform/contract'
import { type Schema, widerThan } from './schemas.ts'

interface PublishedOperation {
  readonly method: string
  readonly path: string
  readonly access: unknown
  readonly input: { readonly params?: Schema; readonly query?: Schema; readonly body?: Schema }
  readonly ifMatch: boolean
  readonly status: number
  readonly returns?: Schema
}

interface PublishedEvent {
  readonly version: number
  readonly key: string
  readonly data: Schema
}

/** What others may rely on, of all services. */
export interface Published {
  readonly services: Readonly<
    Record<
      string,
      {
        readonly version: string
        readonly operations: Readonly<Record<string, PublishedOperation>>
        readonly events: Readonly<Record<string, PublishedEvent>>
        readonly topics: Readonly<Record<string, Schema>>
        readonly errors: Readonly<Record<string, number>>
      }
    >
  >
}

const plain = <T>(value: unknown) => JSON.parse(JSON.stringify(value)) as T

/** The contracts as they would be published. `address` is the contract module's `pathOf`. */
export function publish(
  contracts: readonly Contract[],
  address: (contract: Contract, operation: Operation) => string,
): Published {
  const each = <T, U>(kinds: Readonly<Record<string, T>> | undefined, of: (kind: T) => U) =>
    Object.fromEntries(Object.entries(kinds ?? {}).map(([name, kind]) => [name, of(kind)]))
  return plain({
    services: Object.fromEntries(
      contracts.map((contract) => [
        contract.name,
        {
          version: contract.version,
          operations: each(contract.operations, (operation) => ({
            method: operation.method,
            path: address(contract, operation),
            access: operation.access,
            input: { params: operation.params, query: operation.query, body: operation.body },
            ifMatch: operation.ifMatch === true,
            status: operation.status ?? (operation.returns ? 200 : 204),
            returns: operation.returns,
          })),
          events: each(contract.events, ({ version, key, data }) => ({ version, key, data })),
          topics: each(contract.topics, ({ data }) => data),
          errors: each(contract.errors, ({ status }) => status),
        },
      ]),
    ),
  })
}

/**
 * Changes that break callers or readers, one line each. Allowed: anything in a service whose major version has grown.
 * A new version of an event stands beside the old one (`order.confirmed@2`); the old one stays as it is.
 */
export function breakingChanges(before: Published, after: Published): string[] {
  const troubles: string[] = []
  for (const [name, old] of Object.entries(before.services)) {
    const now = after.services[name]
    const say = (what: string) => void troubles.push(`${name}: ${what}`)
    if (!now) {
      say('the service is gone')
      continue
    }
    if (major(now.version) > major(old.version)) continue
    for (const [key, operation] of Object.entries(old.operations)) {
      const next = now.operations[key]
      if (!next) say(`operation ${key} is gone`)
      else for (const change of operationChanges(operation, next)) say(`operation ${key}: ${change}`)
    }
    for (const [type, event] of Object.entries(old.events)) {
      const next = now.events[type]
      if (!next) say(`event ${type} is gone`)
      else if (next.version < event.version)
        say(`event ${type} went back from version ${event.version} to ${next.version}`)
      else if (next.version > event.version)
        say(
          `event ${type}: version ${event.version} is gone; put version ${next.version} beside it, as ${type.split('@')[0]}@${next.version}`,
        )
      else for (const change of eventChanges(event, next)) say(`event ${type}: ${change}`)
    }
    for (const [topic, data] of Object.entries(old.topics)) {
      const next = now.topics[topic]
      if (!next) say(`topic ${topic} is gone`)
      else for (const change of outputChanges(data, next)) say(`topic ${topic}: ${change}`)
    }
    for (const [code, status] of Object.entries(old.errors)) {
      const next = now.errors[code]
      if (next === undefined) say(`error ${code} is gone`)
      else if (next !== status) say(`error ${code}: status ${status} became ${next}`)
    }
  }
  return troubles
}

function operationChanges(old: PublishedOperation, now: PublishedOperation): string[] {
  const changes: string[] = []
  if (`${old.method} ${old.path}` !== `${now.method} ${now.path}`)
    changes.push(`its address ${old.method} ${old.path} became ${now.method} ${now.path}`)
  if (
    old.access !== now.access &&
    JSON.stringify(old.access) !== JSON.stringify(now.access) &&
    !opens(old.access, now.access)
  )
    changes.push('fewer may call it')
  if (old.status !== now.status) changes.push(`its status ${old.status} became ${now.status}`)
  if (now.ifMatch && !old.ifMatch) changes.push('If-Match became required')
  for (const part of ['params', 'query', 'body'] as const) {
    // No schema is no fields: whatever was sent before must still be taken.
    const inner = old.input[part] ?? { type: 'object', properties: {} }
    const outer = now.input[part] ?? { type: 'object', properties: {} }
    if (part === 'body' && !old.input.body && now.input.body) changes.push('a body became required')
    else for (const trouble of widerThan(inner, outer, true)) changes.push(`${part} is narrower: ${trouble}`)
  }
  if (old.returns && !now.returns) changes.push('it answers nothing now')
  if (old.returns && now.returns) changes.push(...outputChanges(old.returns, now.returns))
  return changes
}

function eventChanges(old: PublishedEvent, now: PublishedEvent): string[] {
  return [
    ...(old.key === now.key ? [] : [`its key ${old.key} became ${now.key}`]),
    ...outputChanges(old.data, now.data),
  ]
}

/** Readers ignore fields they do not know, but rely on those that were promised. */
function outputChanges(old: Schema, now: Schema): string[] {
  return [
    ...widerThan(now, old, false).map((trouble) => `the data promises less: ${trouble}`),
    ...removedFields(old, now),
  ]
}

function removedFields(old: Schema, now: Schema, path = ''): string[] {
  if (old.items && now.items) return removedFields(old.items, now.items, `${path}[]`)
  return Object.entries(old.properties ?? {}).flatMap(([name, field]) => {
    const place = path === '' ? name : `${path}.${name}`
    if (!now.properties) return []
    const next = now.properties[name]
    return next ? removedFields(field, next, place) : [`the field ${place} is gone`]
  })
}

/**
 * Whether all who might call before still may: from a permission or a role in a project to signed in to anybody, from
 * a role to a lower one. Programs must keep the scope they came with.
 */
function opens(old: unknown, now: unknown): boolean {
  const rank = (access: unknown) => (access === 'public' ? 2 : access === 'user' ? 1 : 0)
  const { project: before, scope: had } = (old ?? {}) as { project?: ProjectRole; scope?: string }
  const { project: after, scope: has } = (now ?? {}) as { project?: ProjectRole; scope?: string }
  if (now !== 'public' && had !== undefined && had !== has) return false
  if (after !== undefined) return before === undefined ? had !== undefined : hasRole(before, after)
  return rank(now) > rank(old)
}

const major = (version: string) => Number.parseInt(version, 10)
