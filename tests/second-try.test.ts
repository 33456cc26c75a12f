/** A second try tells an unsteady test from a broken one, and hides neither. */
import { describe, expect, test } from 'vitest'
import { filesToTryAgain, MOST_FILES, type Outcome, slowest, tell, verdict } from '../tools/second-try.mjs'

type State = Outcome['tests'][number]['state']
/** `{ 'a.test.ts': { opens: 'passed' } }` as what came of a run. */
function outcome(files: Record<string, Record<string, State>>, more: Partial<Outcome> = {}): Outcome {
  const tests = Object.entries(files).flatMap(([file, states]) =>
    Object.entries(states).map(([name, state]) => ({ file, name, state })),
  )
  const code = tests.some(({ state }) => state === 'failed') ? 1 : 0
  return { finished: true, code, errors: 0, broken: [], tests, ...more }
}
const steady = { 'a.test.ts': { opens: 'passed', closes: 'passed' } } as const
const unsteady = outcome({ ...steady, 'b.test.ts': { saves: 'failed', loads: 'passed' } })
const better = outcome({ 'b.test.ts': { saves: 'passed', loads: 'passed' } })

describe('a second try', () => {
  test('is for the files that failed', () => {
    expect(filesToTryAgain(unsteady)).toEqual(['b.test.ts'])
    expect(filesToTryAgain(outcome(steady, { broken: ['c.test.ts'] }))).toEqual(['c.test.ts'])
  })

  test('is not needed when all is well', () => {
    expect(filesToTryAgain(outcome(steady))).toEqual([])
  })

  test('is refused to more than three files, to errors outside of tests and to a run without an end', () => {
    const files = Array.from({ length: MOST_FILES + 1 }, (_, index) => `${index}.test.ts`)
    const many = (count: number) =>
      outcome(Object.fromEntries(files.slice(0, count).map((file) => [file, { works: 'failed' as const }])))
    expect(filesToTryAgain(many(MOST_FILES))).toHaveLength(MOST_FILES)
    expect(filesToTryAgain(many(MOST_FILES + 1))).toEqual([])
    expect(filesToTryAgain({ ...unsteady, errors: 1 })).toEqual([])
    expect(filesToTryAgain({ ...unsteady, finished: false })).toEqual([])
  })
})

describe('a run', () => {
  test('in which all passed holds', () => {
    const said = verdict(outcome(steady), 96)
    expect(said).toMatchObject({ passed: 2, holds: true, failed: [], atSecondTry: [] })
    expect(tell(said)).toEqual(['2 passed, 0 failed'])
  })

  test('holds when what failed passes alone, and says so by name', () => {
    const said = verdict(unsteady, 96, better)
    expect(said).toMatchObject({ passed: 4, holds: true })
    expect(tell(said)).toEqual([
      'passed at the second try: b.test.ts: saves',
      '4 passed, of which 1 at the second try, 0 failed',
    ])
  })

  test.each<[string, Outcome, number | undefined, Outcome | undefined]>([
    ['failed and was not tried again', unsteady, 96, undefined],
    ['failed twice', unsteady, 96, outcome({ 'b.test.ts': { saves: 'failed', loads: 'passed' } })],
    ['failed in another test', unsteady, 96, outcome({ 'b.test.ts': { saves: 'passed', loads: 'failed' } })],
    ['lost a test on the way', unsteady, 96, outcome({ 'b.test.ts': { loads: 'passed' } })],
    ['ran nothing the second time', unsteady, 96, outcome({})],
    ['broke the second time', unsteady, 96, { ...better, broken: ['b.test.ts'] }],
    ['broke twice', outcome(steady, { broken: ['c.test.ts'] }), 96, outcome({}, { broken: ['c.test.ts'] })],
    ['had errors outside of tests', outcome(steady, { errors: 1 }), 96, undefined],
    ['had errors outside of tests the second time', unsteady, 96, { ...better, errors: 1 }],
    ['was interrupted', outcome(steady, { finished: false }), 96, undefined],
    ['was interrupted the second time', unsteady, 96, { ...better, finished: false }],
    ['covered too little', outcome(steady), 94.9, undefined],
    ['covered too little, although what failed passes now', unsteady, 94.9, better],
    ['told nothing of what it covered', outcome(steady), undefined, undefined],
    ['failed without a reason', outcome(steady, { code: 1 }), 96, undefined],
    ['failed the second time without a reason', unsteady, 96, { ...better, code: 1 }],
    ['ran no test', outcome({}), 96, undefined],
  ])('that %s does not hold', (_, first, covered, second) => {
    expect(verdict(first, covered, second).holds).toBe(false)
  })

  test('counts what was skipped', () => {
    expect(verdict(outcome({ 'a.test.ts': { opens: 'passed', closes: 'skipped' } }), 96).skipped).toBe(1)
  })
})

test('the slowest files are named, slowest first', () => {
  const took = [
    { file: 'a.test.ts', seconds: 3 },
    { file: 'b.test.ts', seconds: 70 },
    { file: 'c.test.ts', seconds: 12 },
  ]
  expect(slowest(took, 2)).toBe('Took longest: b.test.ts 70 s, c.test.ts 12 s')
})
