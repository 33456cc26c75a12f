/** `npm run bench`: every benchmark, one after another, so that none disturbs the others. `npm run bench start` runs one. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const benchmarks = [
  'start',
  'gateway',
  'events',
  'auth',
  'projects',
  'vault',
  'oidc',
  'mesh',
  'print',
  'estimate',
  'mes',
  'forge',
  'board',
]
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !benchmarks.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}; there are ${benchmarks.join(', ')}.`)
  process.exit(1)
}
let failed = 0
for (const name of wanted.length > 0 ? wanted : benchmarks) {
  console.log(`\n== ${name}`)
  const { status } = spawnSync(process.execPath, [fileURLToPath(new URL(`./${name}.ts`, import.meta.url))], {
    stdio: 'inherit',
  })
  if (status !== 0) failed++
}
process.exit(failed === 0 ? 0 : 1)
