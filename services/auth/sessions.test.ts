import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  GRACE_MS,
  issuedAt,
  PROOF_MS,
  provedUntil,
  refreshSession,
  revocationOfOne,
  type SessionState,
  sessionExpiry,
} from './sessions.ts'
import { hashToken } from './tokens.ts'

const day = 86_400_000
const at = new Date('2026-11-21T10:00:00Z')
const later = (ms: number) => new Date(at.getTime() + ms)
const [one, two, three] = ['one', 'two', 'three'].map(hashToken) as [Buffer, Buffer, Buffer]
const fresh: SessionState = { kind: 'fresh', current: one, createdAt: at, expiresAt: later(30 * day) }
const rotated: SessionState = {
  kind: 'rotated',
  current: two,
  previous: one,
  rotatedAt: at,
  createdAt: at,
  expiresAt: later(30 * day),
}

describe('refreshSession', () => {
  test('the current token is exchanged and the session prolonged', () => {
    expect(refreshSession(fresh, one, later(day), 30 * day)).toEqual({
      kind: 'rotate',
      expiresAt: later(31 * day),
    })
  })

  test('within the grace the token before gets the same successor', () => {
    expect(refreshSession(rotated, one, later(GRACE_MS), 30 * day)).toEqual({ kind: 'repeat' })
  })

  test('after the grace the token before is a copy', () => {
    expect(refreshSession(rotated, one, later(GRACE_MS + 1), 30 * day)).toEqual({ kind: 'stolen' })
  })

  test('an older token is a copy even within the grace', () => {
    expect(refreshSession(rotated, three, later(1), 30 * day)).toEqual({ kind: 'stolen' })
  })

  test('an ended or expired session refuses every token', () => {
    expect(refreshSession({ kind: 'ended' }, one, at, 30 * day)).toEqual({ kind: 'refuse' })
    expect(refreshSession(fresh, one, later(30 * day), 30 * day)).toEqual({ kind: 'refuse' })
  })

  /** Plays a session as the store does: an exchange makes the next token current. */
  test('property: whoever keeps to the newest token is never refused, whoever repeats an older one ends the session', () => {
    const steps = fc.array(
      fc.record({ wait: fc.integer({ min: GRACE_MS + 1, max: 5 * day }), replay: fc.boolean() }),
      { maxLength: 20 },
    )
    fc.assert(
      fc.property(steps, (run) => {
        let now = at.getTime()
        let state: SessionState = fresh
        let [previous, current] = [undefined as Buffer | undefined, one]
        for (const [index, { wait, replay }] of run.entries()) {
          now += wait
          if (replay && previous) {
            expect(refreshSession(state, previous, new Date(now), 30 * day).kind).toBe('stolen')
            return
          }
          const outcome = refreshSession(state, current, new Date(now), 30 * day)
          if (outcome.kind !== 'rotate') throw new Error(`refused with ${outcome.kind}`)
          previous = current
          current = hashToken(`token ${index}`)
          state = {
            kind: 'rotated',
            current,
            previous,
            rotatedAt: new Date(now),
            createdAt: at,
            expiresAt: outcome.expiresAt,
          }
        }
      }),
    )
  })
})

test('a session does not outlive its absolute end, however often it is used', () => {
  expect(sessionExpiry(at, later(179 * day), 30 * day)).toEqual(later(180 * day))
})

test('a proof counts for ten minutes', () => {
  expect(provedUntil(at, later(PROOF_MS - 1))).toEqual(later(PROOF_MS))
  expect(provedUntil(at, later(PROOF_MS))).toBeUndefined()
})

test('a token issued in the second of a revocation is dated after it, otherwise to its own second', () => {
  const second = Math.floor(at.getTime() / 1000)
  expect(issuedAt(later(900), second)).toBe(second + 1)
  expect(issuedAt(later(5_000), second)).toBe(second + 5)
})

test('the end of one session refuses its tokens whatever their date, until the last has expired', () => {
  const { before, until } = revocationOfOne(at)
  expect(before).toBe(until)
  expect(until).toBe(at.getTime() / 1000 + 660)
})
