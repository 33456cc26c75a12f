/** How the board, the plan and the weeks are arranged, without any page. */
import { describe, expect, it } from 'vitest'
import { cardsOf, fitOf, linesOf } from './columns.ts'
import type { Machine, Planned, WholeBoard, Work } from './data.ts'
import { dayOf, daysFrom, shiftTimes, weekOf } from './days.ts'
import { lateOf, nextOn, takenBy } from './plan.ts'

const work = (workId: string, more: Partial<Work> = {}) =>
  ({ workId, lineId: workId, technique: 'fdm', material: 'pla', quantity: 1, dueAt: '', ...more }) as Work
const machine = (more: Partial<Machine> = {}) =>
  ({ machineId: 'm', technique: 'fdm', materials: [], state: 'ready', ...more }) as unknown as Machine
const board = (started: Work[]): WholeBoard => ({
  free: [work('free')],
  claimed: [],
  started,
  paused: [],
  qualityCheck: [],
  passed: [],
  packed: [],
  shipped: [],
})

describe('the board', () => {
  const others = [work('theirs', { operatorId: 'b' }), work('mine', { operatorId: 'a' })]
  it('shows one’s own work before that of others, or alone; what is free stays', () => {
    const ids = (me: string | undefined, only: boolean) =>
      cardsOf(board(others), me, only).started.map(({ id }) => id)
    expect([ids('a', false), ids('a', true), ids(undefined, false)]).toEqual([
      ['mine', 'theirs'],
      ['mine'],
      ['theirs', 'mine'],
    ])
    expect(cardsOf(board(others), 'a', true).free).toHaveLength(1)
  })

  it('counts a line once, however often part of it is made again', () => {
    const items = [
      work('1', { lineId: 'x', quantity: 4 }),
      work('2', { lineId: 'x', quantity: 1, remakeOf: '1' }),
      work('3', { lineId: 'y', quantity: 2 }),
    ]
    expect(linesOf(items).map(({ lineId, quantity }) => [lineId, quantity])).toEqual([
      ['x', 4],
      ['y', 2],
    ])
  })

  it.each([
    [machine(), 'fits'],
    [machine({ technique: 'sla' }), undefined],
    [machine({ state: 'retired' }), undefined],
    [machine({ state: 'down' }), 'down'],
    [machine({ materials: ['abs'] }), 'material'],
    [machine({ work: { workId: 'other' } as never }), 'busy'],
    [machine({ work: { workId: 'w' } as never }), 'fits'],
  ])('%o for a work: %s', (one, fit) => expect(fitOf(work('w'), one)).toBe(fit))
})

describe('the plan', () => {
  const planned = (workId: string, more: Partial<Planned> = {}) =>
    ({ workId, machineId: 'm', dueAt: '2026-11-21T10:00:00Z', late: false, ...more }) as Planned
  it('of a machine is in order, without what it makes now', () => {
    const plan = [
      planned('2', { startsAt: '2026-11-21T12:00:00Z' }),
      planned('1', { startsAt: '2026-11-21T08:00:00Z' }),
      planned('now', { startsAt: '2026-11-21T06:00:00Z' }),
      planned('elsewhere', { machineId: 'n' }),
    ]
    const one = machine({ work: { workId: 'now' } as never })
    expect(nextOn(plan, one).map(({ workId }) => workId)).toEqual(['1', '2'])
  })
  it('names what will be late, the most urgent first, but not what cannot be planned', () => {
    const plan = [
      planned('b', { late: true }),
      planned('a', { late: true, dueAt: '2026-11-20T10:00:00Z' }),
      planned('c', { late: true, lacking: 'machine' }),
      planned('d'),
    ]
    expect(lateOf(plan).map(({ workId }) => workId)).toEqual(['a', 'b'])
  })
  it('shows the materials that a machine takes', () => {
    const materials = ['pla', 'abs'].map((material) => ({ material })) as never
    expect(takenBy(machine(), materials)).toHaveLength(2)
    expect(takenBy(machine({ materials: ['abs'] }), materials)).toEqual([{ material: 'abs' }])
  })
})

describe('shifts', () => {
  it('are shown by weeks from Monday on', () => {
    expect(dayOf(weekOf(new Date(2026, 10, 22, 23)))).toBe('2026-11-16')
    expect(dayOf(weekOf(new Date(2026, 10, 16)))).toBe('2026-11-16')
    expect(daysFrom(new Date(2026, 10, 16), 7).map(dayOf)[7]).toBe('2026-11-30')
  })
  it('that end before they begin end on the next day', () => {
    const hours = (from: string, until: string) => {
      const times = shiftTimes('2026-11-21', from, until)!
      return (Date.parse(times.endsAt) - Date.parse(times.startsAt)) / 3_600_000
    }
    expect([hours('08:00', '16:00'), hours('22:00', '06:00')]).toEqual([8, 8])
    expect(shiftTimes('', '08:00', '16:00')).toBeUndefined()
  })
})
