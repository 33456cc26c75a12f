/**
 * `npm test`: installs what the tests need, builds the web app, and runs all tests with coverage of the server code.
 * When a few files of the whole run fail, those are run once more, alone; what passes only then is named.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { buildWeb } from './build-web.mjs'
import { ensureChromium } from './chromium.mjs'
import { install, root, run } from './install.mjs'
import { filesToTryAgain, slowest, tell, verdict } from './second-try.mjs'

await install()
await buildWeb()
const chromium = await ensureChromium().catch((error) => {
  console.error(error.message)
  process.exit(1)
})

const vitest = ['node_modules/vitest/vitest.mjs', 'run']
const only = process.argv.slice(2)
if (only.length > 0) process.exit(await run([...vitest, ...only], { CHROMIUM: chromium }))

const inCoverage = (file) => path.join(root, 'coverage', file)
const read = (file) => {
  try {
    return JSON.parse(readFileSync(inCoverage(file), 'utf8'))
  } catch {
    return undefined
  }
}
/** Runs tests and says what came of them. */
async function outcomeOf(file, args) {
  rmSync(inCoverage(file), { force: true })
  const code = await run(
    [...vitest, '--reporter=default', '--reporter=./tools/outcome-reporter.mjs', ...args],
    {
      CHROMIUM: chromium,
      TEST_OUTCOME: inCoverage(file),
    },
  )
  return { ...(read(file) ?? { finished: false, errors: 0, broken: [], tests: [] }), code }
}

rmSync(inCoverage('coverage-summary.json'), { force: true })
const first = await outcomeOf('first.json', ['--coverage'])
const covered = read('coverage-summary.json')?.total.lines.pct
const again = filesToTryAgain(first)
let second
if (again.length > 0) {
  console.log(`\nOnce more, alone: ${again.join(', ')}`)
  second = await outcomeOf('second.json', ['--maxWorkers=1', ...again])
}
const said = verdict(first, covered, second)
writeFileSync(inCoverage('verdict.json'), JSON.stringify(said))
if (first.seconds) console.log(`\n${slowest(first.seconds)}`)
console.log(`\n${tell(said).join('\n')}`)
process.exit(said.holds ? 0 : 1)
