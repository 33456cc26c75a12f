/** The last events of each person, so that a connection that was cut off can be told what it missed. */
import { createVerdicts } from '../identity/verdicts.ts'

export interface Kept {
  readonly id: string
  readonly topic: string
  /** The whole message, encoded once for all connections. */
  readonly message: Buffer
  readonly at: number
}

interface Ring {
  /** Id that stands for the moment before the first event; void once an event was dropped. */
  readonly base: string
  complete: boolean
  readonly events: Kept[]
}

export interface Rings {
  add(userId: string, event: Kept): void
  /** The id of the latest event, or of the empty beginning. */
  lastId(userId: string): string
  /** What came after `lastId`, or undefined when that is not known here. May repeat the last moments before. */
  since(userId: string, lastId: string): readonly Kept[] | undefined
}

/** Events from several processes may arrive here in another order than there: that far back is repeated. */
const OVERLAP_MS = 2_000

export function createRings(newId: () => string, people = 5_000, length = 64): Rings {
  const rings = createVerdicts<Ring>(people)
  const ringOf = (userId: string): Ring => {
    let ring = rings.get(userId)
    if (!ring) {
      ring = { base: newId(), complete: true, events: [] }
      rings.set(userId, ring)
    }
    return ring
  }
  return {
    add: (userId, event) => {
      const ring = ringOf(userId)
      ring.events.push(event)
      if (ring.events.length > length) {
        ring.events.shift()
        ring.complete = false
      }
    },
    lastId: (userId) => {
      const ring = ringOf(userId)
      return ring.events.at(-1)?.id ?? ring.base
    },
    since: (userId, lastId) => {
      const ring = rings.get(userId)
      if (!ring) return undefined
      if (lastId === ring.base) return ring.complete ? ring.events : undefined
      const position = ring.events.findIndex(({ id }) => id === lastId)
      if (position === -1) return undefined
      const { at } = ring.events[position]!
      return ring.events.filter(
        (event, index) => index > position || (index < position && event.at > at - OVERLAP_MS),
      )
    },
  }
}
