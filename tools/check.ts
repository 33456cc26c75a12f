/**
 * `npm run check`: every habit that a machine can watch over, in one table. Guards are in `tools/guards/`; each has a
 * test in `tests/guards/` that shows it failing. Names as arguments run only those: `npm run check -- types lint`.
 */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { compatibility, loadServices, platformSettingKinds, staleDocuments } from './documents.ts'
import { boundaryTroubles } from './guards/boundaries.ts'
import { licenceTroubles, pinTroubles } from './guards/dependencies.ts'
import { descriptionTroubles } from './guards/descriptions.ts'
import { environmentTroubles } from './guards/environment.ts'
import { lengthHints } from './guards/lengths.ts'
import { outboundTroubles } from './guards/outbound.ts'
import { protobufTroubles } from './guards/protobuf.ts'

interface Check {
  readonly name: string
  /** What is wrong, one line each; empty when all is well. */
  readonly run: () => Promise<string[]> | string[]
  /** Its findings do not fail the check. */
  readonly hint?: true
}

const folder = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const services = () => loadServices(folder)

const checks: readonly Check[] = [
  { name: 'types', run: () => tool('tsc', ['-p', '.', '--pretty', 'false']) },
  {
    name: 'web types',
    run: async () =>
      existsSync(join(folder, 'web/tsconfig.json')) ? tool('tsc', ['-p', 'web', '--pretty', 'false']) : [],
  },
  { name: 'lint', run: () => tool('biome', ['check', '--error-on-warnings', '.']) },
  { name: 'boundaries', run: () => boundaryTroubles(folder) },
  { name: 'dead code', run: () => tool('knip', ['--no-progress', '--no-config-hints']) },
  {
    name: 'dead code in production',
    run: () => tool('knip', ['--no-progress', '--no-config-hints', '--production']),
  },
  { name: 'environment', run: () => environmentTroubles(folder) },
  { name: 'outbound', run: () => outboundTroubles(folder) },
  { name: 'descriptions', run: async () => descriptionTroubles(await services(), platformSettingKinds()) },
  { name: 'protobuf', run: () => protobufTroubles(folder) },
  { name: 'documents', run: async () => staleDocuments(folder, await services()) },
  { name: 'compatibility', run: async () => compatibility(folder, await services()).troubles },
  { name: 'licences', run: () => licenceTroubles(folder) },
  { name: 'pinned versions', run: () => pinTroubles(folder) },
  { name: 'lengths', run: () => lengthHints(folder), hint: true },
]

const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !checks.some((check) => check.name === name))
if (unknown.length > 0) {
  console.error(
    `There is no check ${unknown.join(', ')}; there are ${checks.map(({ name }) => name).join(', ')}`,
  )
  process.exit(2)
}
const chosen = wanted.length > 0 ? checks.filter(({ name }) => wanted.includes(name)) : checks

const results: { check: Check; troubles: string[]; seconds: number }[] = []
for (const check of chosen) {
  const started = performance.now()
  const troubles = await Promise.resolve()
    .then(() => check.run())
    .catch((error: unknown) => [String(error instanceof Error ? (error.stack ?? error.message) : error)])
  results.push({ check, troubles, seconds: (performance.now() - started) / 1000 })
  if (troubles.length > 0) {
    console.log(`\n${check.name}`)
    for (const trouble of troubles) console.log(`  ${trouble}`)
  }
}

console.log('')
for (const { check, troubles, seconds } of results) {
  const outcome = troubles.length === 0 ? 'ok' : check.hint ? `${troubles.length} hints` : 'FAILED'
  console.log(`${check.name.padEnd(26)}${outcome.padEnd(12)}${seconds.toFixed(1).padStart(6)} s`)
}
process.exitCode = results.some(({ check, troubles }) => troubles.length > 0 && !check.hint) ? 1 : 0

/** Runs a tool of node_modules; its output is the trouble when it fails. */
function tool(name: string, args: readonly string[]): Promise<string[]> {
  return new Promise((resolve) => {
    const bin = join(folder, 'node_modules/.bin', name)
    const child = spawn(bin, args, { cwd: folder, env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' } })
    let output = ''
    child.stdout.on('data', (chunk) => {
      output += chunk
    })
    child.stderr.on('data', (chunk) => {
      output += chunk
    })
    child.on('error', (error) => resolve([error.message]))
    child.on('close', (code) =>
      resolve(code === 0 ? [] : [...output.trim().split('\n'), `${name} ended with ${code}`]),
    )
  })
}
