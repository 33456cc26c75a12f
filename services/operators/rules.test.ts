/** The rules of production, without any service. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Open, planWorks } from './schedule.ts'
import { canStep, canTake, machineTrouble, shareOf, worksOf } from './work.ts'

const printer = { name: 'P1', technique: 'fdm', materials: [], state: 'ready' } as const

describe('worksOf', () => {
  test('a made line is of its technology, a ready-made item is picked', () => {
    const options = {
      technology: 'sla',
      material: 'tough',
      color: 'grey',
      layerHeightMm: 0.05,
      infillPercent: 100,
      supports: 'auto',
      finish: 'none',
      quantity: 3,
    } as const
    const [made, ready] = worksOf([
      {
        lineId: 'a',
        kind: 'made',
        name: 'ring',
        options,
        quantity: 3,
        unitPrice: 1,
        total: 3,
        machineSeconds: 60.4,
        materialG: 9,
      },
      { lineId: 'b', kind: 'ready', name: 'box', sku: 'BOX', quantity: 1, unitPrice: 1, total: 1 },
    ])
    expect(made).toMatchObject({ technique: 'sla', material: 'tough', machineSeconds: 60, materialG: 9 })
    expect(ready).toMatchObject({ technique: 'pick', material: null, sku: 'BOX' })
    expect(shareOf(made!, 1)).toMatchObject({ quantity: 1, machineSeconds: 20, materialG: 3 })
  })
})

describe('steps', () => {
  test.each([
    ['free', 'claim', true],
    ['claimed', 'start', true],
    ['free', 'start', false],
    ['finished', 'finish', false],
    ['withdrawn', 'start', false],
    ['paused', 'resume', true],
  ] as const)('a work that is %s: %s? %s', (state, step, allowed) => {
    expect(canStep(state, step)).toBe(allowed)
  })
  test.each([
    ['qualityCheck', 'check', true],
    ['inProduction', 'pack', false],
    ['withdrawn', 'ship', false],
    ['delivered', 'return', true],
  ] as const)('an order at %s: %s? %s', (stage, step, allowed) => {
    expect(canTake(stage, step)).toBe(allowed)
  })
})

describe('machineTrouble', () => {
  const work = { technique: 'fdm', material: 'pla' } as const
  test('a machine that fits has none', () => expect(machineTrouble(work, printer)).toBeUndefined())
  test.each([
    [undefined, /which machine/],
    [{ ...printer, state: 'down' } as const, /P1 is down/],
    [{ ...printer, technique: 'sla' } as const, /makes sla/],
    [{ ...printer, materials: ['abs'] }, /does not take pla/],
  ])('%o: says why not', (machine, words) => expect(machineTrouble(work, machine)).toMatch(words))
  test('what is picked needs none', () => {
    expect(machineTrouble({ technique: 'pick', material: null }, undefined)).toBeUndefined()
    expect(machineTrouble({ technique: 'pick', material: null }, printer)).toMatch(/shelf/)
  })
})

describe('planWorks', () => {
  const now = new Date('2026-11-21T08:00:00Z')
  const open = (over: Partial<Open> & { workId: string }): Open => ({
    technique: 'fdm',
    material: 'pla',
    color: 'white',
    materialG: 10,
    seconds: 3600,
    dueAt: new Date('2026-11-22T08:00:00Z'),
    machineId: null,
    running: false,
    ...over,
  })
  const machines = [
    { ...printer, machineId: 'a' },
    { ...printer, machineId: 'b', materials: ['pla'] },
  ]

  test('the most urgent first, on the machine that is free first; late says so', () => {
    const soon = new Date('2026-11-21T09:30:00Z')
    const places = planWorks(
      [
        open({ workId: '1' }),
        open({ workId: '2', dueAt: soon }),
        open({ workId: '3', dueAt: soon, seconds: 7200 }),
      ],
      machines,
      new Map(),
      now,
    )
    expect(
      places.map(({ machineId, startsAt, late }) => [machineId, startsAt?.toISOString().slice(11, 16), late]),
    ).toEqual([
      ['a', '09:00', false],
      ['a', '08:00', false],
      ['b', '08:00', true],
    ])
  })

  test('what runs stays; material that does not last, and no machine, are named', () => {
    const places = planWorks(
      [
        open({ workId: '1', running: true, machineId: 'b', seconds: 60 }),
        open({ workId: '2', materialG: 95 }),
        open({ workId: '3', technique: 'sls', material: 'pa12' }),
        open({ workId: '4', technique: 'pick', material: null }),
      ],
      machines,
      new Map([['pla/white', 100]]),
      now,
    )
    expect(places).toMatchObject([
      { machineId: 'b' },
      { lacking: 'material' },
      { lacking: 'machine' },
      { startsAt: now },
    ])
  })

  test('property: no machine makes two things at once, and nothing is forgotten', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            seconds: fc.integer({ min: 0, max: 9_999 }),
            due: fc.integer({ min: 0, max: 99_999 }),
          }),
          {
            maxLength: 40,
          },
        ),
        (jobs) => {
          const works = jobs.map(({ seconds, due }, i) =>
            open({ workId: `${i}`, seconds, dueAt: new Date(now.getTime() + due * 1000) }),
          )
          const places = planWorks(works, machines, new Map(), now)
          expect(places.map(({ workId }) => workId)).toEqual(works.map(({ workId }) => workId))
          for (const { machineId } of machines) {
            const on = places
              .filter((place) => place.machineId === machineId)
              .sort(
                (a, b) =>
                  a.startsAt!.getTime() - b.startsAt!.getTime() || a.endsAt!.getTime() - b.endsAt!.getTime(),
              )
            for (let i = 1; i < on.length; i++)
              expect(on[i]!.startsAt!.getTime()).toBeGreaterThanOrEqual(on[i - 1]!.endsAt!.getTime())
          }
        },
      ),
    )
  })
})
