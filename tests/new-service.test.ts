/** `npm run new-service` in a copy of the repository: what it writes passes the checks and its own tests. */
import { execFileSync, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
let copy: string

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'pleiad-new-service-'))
  const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
  })
  for (const path of files
    .trim()
    .split('\n')
    .filter((file) => existsSync(join(root, file)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true })
    cpSync(join(root, path), join(copy, path))
  }
  // Packages are shared; our own are links into the copy.
  mkdirSync(join(copy, 'node_modules/@pleiad'), { recursive: true })
  for (const name of readdirSync(join(root, 'node_modules')).filter((entry) => entry !== '@pleiad'))
    symlinkSync(join(root, 'node_modules', name), join(copy, 'node_modules', name))
  for (const name of readdirSync(join(root, 'node_modules/@pleiad'))) {
    const target = readlinkSync(join(root, 'node_modules/@pleiad', name))
    symlinkSync(target, join(copy, 'node_modules/@pleiad', name))
  }
  execFileSync('git', ['init', '-q'], { cwd: copy })
})
afterAll(() => rmSync(copy, { recursive: true, force: true }))

function run(program: string, ...args: string[]) {
  const path = `${join(root, 'node_modules/.bin')}:${process.env['PATH']}`
  const { VITEST: _vitest, ...env } = process.env
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: copy,
    encoding: 'utf8',
    env: { ...env, PATH: path },
  })
  return { status, output: stdout + stderr }
}

test('a new service is complete, checked, tested and known to the system', { timeout: 240_000 }, () => {
  const made = run('node', 'tools/new-service.ts', 'recipes')
  expect(made.output).toContain('services/recipes is ready')
  expect(made.status).toBe(0)

  const tests = run('vitest', 'run', 'services/recipes')
  expect(tests.output).toMatch(/2 passed/)
  expect(tests.status).toBe(0)

  const checked = run('node', 'tools/check.ts')
  expect(checked.output).toMatch(/^types +ok/m)
  expect(checked.output).toMatch(/^documents +ok/m)
  // Whatever else may be wrong in the tree, nothing is wrong with the new service.
  expect(checked.output.split('\n').filter((line) => /recipe/.test(line))).toEqual([])

  const api = JSON.parse(readFileSync(join(copy, 'docs/generated/openapi.json'), 'utf8'))
  expect(Object.keys(api.paths)).toEqual(
    expect.arrayContaining(['/api/v1/recipes', '/api/v1/recipes/{recipeId}']),
  )
  expect(readFileSync(join(copy, 'package-lock.json'), 'utf8')).toContain('"node_modules/@pleiad/recipes"')
})

test('a name with a dash and a noun of its own', { timeout: 60_000 }, () => {
  expect(run('node', 'tools/new-service.ts', 'reading-room', 'book').status).toBe(0)
  expect(readFileSync(join(copy, 'services/reading-room/contract.ts'), 'utf8')).toMatch(
    /export const readingRoom = [\s\S]*name: 'reading-room'[\s\S]*path: '\/books'/,
  )
  expect(run('biome', 'check', 'services/reading-room').status).toBe(0)
  expect(run('tsc', '-p', '.').output).not.toMatch(/reading-room/)
})

test.each([
  ['Shop', /lower case/],
  ['', /Usage/],
  ['users', /already there/],
])('refuses the name %j', (name, why) => {
  const { status, output } = run('node', 'tools/new-service.ts', name)
  expect(status).toBe(2)
  expect(output).toMatch(why)
})

test('refuses a noun that the language has taken', () => {
  expect(run('node', 'tools/new-service.ts', 'school', 'class').output).toMatch(/reserved word/)
})
