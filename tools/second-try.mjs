/**
 * What becomes of a whole run of the tests: which files are run once more, alone, and whether the run holds. Pure;
 * `test.mjs` runs, `outcome-reporter.mjs` writes down what came of it. Plain JavaScript, as `test.mjs` needs it on Node 20.
 */

/** Lines of the server that the first run has to cover, in percent. */
export const COVERED_LINES = 95

/** More files than this that fail together are no accident. */
export const MOST_FILES = 3

/** The files to run once more, alone; none when nothing failed, or when a second try could hide something. */
export function filesToTryAgain(first) {
  const files = [
    ...new Set([
      ...first.broken,
      ...first.tests.filter(({ state }) => state === 'failed').map(({ file }) => file),
    ]),
  ]
  return files.length > MOST_FILES || first.errors > 0 || !first.finished ? [] : files
}

/**
 * Counts the tests of a run. What was run a second time counts as it was then; what it does not pass there has
 * failed. `covered` is what the first run covered of the lines, in percent, undefined when that is not known.
 */
export function verdict(first, covered, second) {
  const again = second ? filesToTryAgain(first) : []
  const tests = [
    ...first.tests.filter(({ file }) => !again.includes(file)),
    ...(second?.tests.filter(({ file }) => again.includes(file)) ?? []),
  ]
  const nameOf = ({ file, name }) => `${file}: ${name}`
  const inState = (list, wanted) => list.filter(({ state }) => state === wanted).map(nameOf)
  const passed = inState(tests, 'passed')
  const passedBefore = new Set(inState(first.tests, 'passed'))
  // A file whose second try does not tell of every test of the first has not passed.
  const seen = new Set(tests.map(nameOf))
  const failed = [
    ...inState(tests, 'failed'),
    ...first.tests.map(nameOf).filter((name) => !seen.has(name)),
    ...(second ?? first).broken.map((file) => `${file}: the file itself`),
  ]
  const troubles = [first, second].flatMap((run, index) => {
    if (!run) return []
    const which = index === 0 ? 'the run' : 'the second try'
    return [
      ...(run.errors > 0 ? [`${run.errors} errors outside of tests in ${which}`] : []),
      ...(run.finished ? [] : [`${which} did not finish`]),
    ]
  })
  if (covered === undefined) troubles.push('it is not known which lines the run covered')
  else if (covered < COVERED_LINES)
    troubles.push(`${covered} % of the lines are covered, ${COVERED_LINES} % are needed`)
  const { code } = second ?? first
  if (code !== 0) troubles.push(`Vitest ended with ${code}`)
  if (passed.length === 0) troubles.push('no test passed')
  return {
    passed: passed.length,
    atSecondTry: passed.filter((name) => !passedBefore.has(name)),
    failed,
    skipped: tests.filter(({ state }) => state === 'skipped').length,
    troubles,
    holds: failed.length === 0 && troubles.length === 0,
  }
}

/** The files that took longest, as a line to read: where a run that has become slow is to be mended. */
export function slowest(seconds, count = 12) {
  const first = [...seconds].sort((a, b) => b.seconds - a.seconds).slice(0, count)
  return `Took longest: ${first.map(({ file, seconds }) => `${file} ${seconds} s`).join(', ')}`
}

/** The verdict, as lines to read; the last one counts. */
export function tell({ passed, atSecondTry, failed, troubles }) {
  const unsteady = atSecondTry.length > 0 ? `, of which ${atSecondTry.length} at the second try` : ''
  return [
    ...atSecondTry.map((name) => `passed at the second try: ${name}`),
    ...failed.map((name) => `failed: ${name}`),
    ...troubles,
    `${passed} passed${unsteady}, ${failed.length} failed`,
  ]
}
