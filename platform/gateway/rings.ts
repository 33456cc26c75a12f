/** The last events of each person and of each shared topic, so that a connection that was cut off can be told what it missed. */
import { createVerdicts } from '../identity/verdicts.ts'

export interface Kept {
  readonly id: string
  readonly topic: string
  /** The whole message, encoded once for all connections. */
  readonly message: Buffer
  readonly at: number
}

interface Ring {
  /** Id that stands for the moment before the first event. */
  readonly base: Pick<Kept, 'id' | 'at'>
  /** When the last event came that is not kept any more. */
  droppedAt: number
  readonly events: Kept[]
}

export interface Rings {
  add(userId: string, event: Kept): void
  /** Keeps an event that is for everybody who may listen to its topic. */
  addShared(topic: string, event: Kept): void
  /** The id of the person's latest event, or of the empty beginning. */
  lastId(userId: string): string
  /**
   * What came after `lastId` to a person and on shared topics, or undefined when that is not known here. May repeat the
   * last moments before.
   */
  since(userId: string, topics: readonly string[], lastId: string): readonly Kept[] | undefined
}

export interface RingsOptions {
  readonly newId: () => string
  readonly now?: () => number
  readonly people?: number
  readonly length?: number
}

/** Events from several processes may arrive here in another order than there: that far back is repeated. */
const OVERLAP_MS = 2_000

export function createRings(options: RingsOptions): Rings {
  const { newId, now = () => performance.now(), people = 5_000, length = 64 } = options
  const own = createVerdicts<Ring>(people)
  const shared = new Map<string, Ring>()
  const ringOf = (
    rings: Pick<Map<string, Ring>, 'get'> & { set(key: string, ring: Ring): unknown },
    key: string,
  ) => {
    let ring = rings.get(key)
    if (!ring) {
      ring = { base: { id: newId(), at: now() }, droppedAt: Number.NEGATIVE_INFINITY, events: [] }
      rings.set(key, ring)
    }
    return ring
  }
  const keep = (ring: Ring, event: Kept) => {
    ring.events.push(event)
    if (ring.events.length > length) ring.droppedAt = ring.events.shift()!.at
  }
  return {
    add: (userId, event) => keep(ringOf(own, userId), event),
    addShared: (topic, event) => keep(ringOf(shared, topic), event),
    lastId: (userId) => {
      const ring = ringOf(own, userId)
      return (ring.events.at(-1) ?? ring.base).id
    },
    since: (userId, topics, lastId) => {
      const mine = own.get(userId)
      if (!mine) return undefined
      const rings = [mine, ...topics.flatMap((topic) => shared.get(topic) ?? [])]
      const from = rings.flatMap(({ base, events }) => [base, ...events]).find(({ id }) => id === lastId)
      if (!from || rings.some(({ droppedAt }) => droppedAt > from.at)) return undefined
      return rings
        .flatMap(({ events }) => events)
        .filter(({ id, at }) => id !== lastId && at > from.at - OVERLAP_MS)
        .sort((one, other) => one.at - other.at)
    },
  }
}
