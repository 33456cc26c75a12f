/** Which sessions, people and tokens were revoked, while tokens issued before could still be alive. */
import type { Revocation } from '../service/service.ts'

/** The ids a token can be revoked by; those of a personal access token are its own and its owner's. */
export interface TokenIds {
  readonly sid?: string | undefined
  readonly sub: string
  readonly tokenId?: string | undefined
}

export interface Revocations {
  add(revocation: Revocation): void
  /** Whether a token with these ids, issued at `issued` (epoch seconds), was revoked. */
  covers(ids: TokenIds, issued: number): boolean
  /** Whether something was revoked by these ids after `generation`. */
  touched(ids: TokenIds, generation: number): boolean
  /** Grows with each change, so that a verdict knows whether it was made before the last one. */
  generation(): number
  forget(nowSeconds: number): void
  size(): number
}

interface Entry {
  readonly before: number
  readonly until: number
  readonly generation: number
}

const kinds = ['sid', 'sub', 'tokenId'] as const

export function createRevocations(): Revocations {
  const lists = {
    sid: new Map<string, Entry>(),
    sub: new Map<string, Entry>(),
    tokenId: new Map<string, Entry>(),
  }
  let generation = 0
  const some = (ids: TokenIds, matches: (entry: Entry) => boolean): boolean =>
    kinds.some((kind) => {
      const id = ids[kind]
      const entry = id === undefined ? undefined : lists[kind].get(id)
      return entry !== undefined && matches(entry)
    })
  return {
    add: (revocation) => {
      generation++
      for (const kind of kinds) {
        const id = revocation[kind]
        if (id === undefined) continue
        const known = lists[kind].get(id)
        lists[kind].set(id, {
          before: Math.max(revocation.before, known?.before ?? 0),
          until: Math.max(revocation.until, known?.until ?? 0),
          generation,
        })
      }
    },
    covers: (ids, issued) => some(ids, (entry) => entry.before >= issued),
    touched: (ids, since) => some(ids, (entry) => entry.generation > since),
    generation: () => generation,
    forget: (nowSeconds) => {
      for (const kind of kinds)
        for (const [id, { until }] of lists[kind]) if (until < nowSeconds) lists[kind].delete(id)
    },
    size: () => lists.sid.size + lists.sub.size + lists.tokenId.size,
  }
}

/** Reads a revocation from a broadcast; undefined when it is none. */
export function revocationOf(message: unknown): Revocation | undefined {
  const { sid, sub, tokenId, before, until } = (message ?? {}) as Record<string, unknown>
  const ids = [sid, sub, tokenId]
  if (typeof before !== 'number' || typeof until !== 'number') return undefined
  if (
    !ids.some((id) => typeof id === 'string') ||
    ids.some((id) => id !== undefined && typeof id !== 'string')
  )
    return undefined
  return message as Revocation
}
