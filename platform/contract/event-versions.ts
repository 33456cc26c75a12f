/**
 * Versions of one event side by side: `order.confirmed` and, beside it, `order.confirmed@2`. Each is a type of its own on
 * the bus; the emitter emits the newest and the platform makes the older ones of it, under the same event id.
 */
import type { Static, TSchema } from 'typebox'
import type { Contract, EventKind } from './contract.ts'

/** The name that all versions of an event share. */
export function eventNameOf(type: string): string {
  return type.split('@', 1)[0]!
}

/** The type as documents name a part by it: their formats allow no `@`. */
export function partName(type: string): string {
  return type.replace('@', '.v')
}

interface NewVersion<Old extends EventKind, S extends TSchema> extends Omit<EventKind, 'version' | 'data'> {
  readonly data: S
  readonly example: Static<S>
  readonly down: (data: Static<S>) => Static<Old['data']>
  readonly up?: (data: Static<Old['data']>) => Static<S>
}

/**
 * The next version of `old`: `'order.confirmed@2': newVersion(confirmed, { ... })`. `down` is how those who read the old
 * version get theirs; `up`, where it can be told, is how a handler that moved on reads what waited for it in the old one.
 */
export function newVersion<const Old extends EventKind, const S extends TSchema>(
  old: Old,
  kind: NewVersion<Old, S>,
): Omit<NewVersion<Old, S>, 'down' | 'up'> & Pick<EventKind, 'version' | 'down' | 'up'> {
  return { ...kind, version: old.version + 1 } as never
}

interface Version {
  readonly type: string
  readonly kind: EventKind
}

const known = new WeakMap<NonNullable<Contract['events']>, ReadonlyMap<string, readonly Version[]>>()

/** All versions of the event that `type` is one of, the oldest first; none when the contract has no such event. */
export function versionsOf(contract: Contract, type: string): readonly Version[] {
  const events = contract.events ?? {}
  let byName = known.get(events)
  if (!byName) {
    const made = new Map<string, Version[]>()
    for (const [each, kind] of Object.entries(events))
      made.set(eventNameOf(each), [...(made.get(eventNameOf(each)) ?? []), { type: each, kind }])
    for (const versions of made.values()) versions.sort((a, b) => a.kind.version - b.kind.version)
    byName = made
    known.set(events, made)
  }
  return byName.get(eventNameOf(type)) ?? []
}

interface Emitted {
  readonly type: string
  readonly version: number
  readonly key: string
  readonly data: unknown
}

/** What is emitted for `data` of the newest version: that, and each older one made of the next. The newest comes first. */
export function allVersions(contract: Contract, type: string, data: unknown): Emitted[] {
  const versions = versionsOf(contract, type)
  if (versions.at(-1)?.type !== type)
    throw new Error(
      `${contract.name} emits ${type} as ${versions.at(-1)?.type}: readers of the older version get theirs of it`,
    )
  const emitted: Emitted[] = []
  let current = data
  for (let at = versions.length - 1; at >= 0; at--) {
    const { type: name, kind } = versions[at]!
    emitted.push({
      type: name,
      version: kind.version,
      key: String((current as Record<string, unknown>)[kind.key]),
      data: current,
    })
    if (at > 0) current = kind.down!(current as never)
  }
  return emitted
}

/** `data` of one version as another has it; undefined when there is no way between the two. */
export function convert(
  contract: Contract,
  from: { readonly type: string; readonly version: number; readonly data: unknown },
  to: { readonly type: string; readonly version: number },
): { readonly data: unknown } | undefined {
  const versions = versionsOf(contract, to.type)
  const place = (of: typeof to) =>
    versions.findIndex(({ type, kind }) => type === of.type && kind.version === of.version)
  const end = place(to)
  let at = place(from)
  if (at < 0 || end < 0) return undefined
  let { data } = from
  for (; at < end; at++) {
    const { up } = versions[at + 1]!.kind
    if (!up) return undefined
    data = up(data as never)
  }
  for (; at > end; at--) data = versions[at]!.kind.down!(data as never)
  return { data }
}

/** What is wrong with the versions of a contract's events; the first trouble, for `defineContract`. */
export function versionTrouble(contract: Contract): string | undefined {
  for (const [type, kind] of Object.entries(contract.events ?? {})) {
    const [, suffix] = type.split('@')
    if (suffix !== undefined && suffix !== String(kind.version))
      return `event ${type}: its version is ${kind.version}`
    const versions = versionsOf(contract, type)
    const at = versions.findIndex((each) => each.type === type)
    if (at > 0 && versions[at - 1]!.kind.version === kind.version)
      return `event ${type}: ${versions[at - 1]!.type} has the same version`
    if (at > 0 && !kind.down)
      return `event ${type}: \`down\` must say how readers of ${versions[at - 1]!.type} get theirs`
  }
  return undefined
}
