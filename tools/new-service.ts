/**
 * `npm run new-service NAME [NOUN]`: writes `services/NAME` from `tools/service-template/` (a whole, tested service),
 * links it and writes its documents. The next start finds it by its folder; there is nothing else to edit.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '')
const template = fileURLToPath(new URL('./service-template', import.meta.url))
const [name = '', given] = process.argv.slice(2)

const refuse = (why: string): never => {
  console.error(why)
  process.exit(2)
}
if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name) || name.length < 2 || name.length > 31)
  refuse(
    'Usage: npm run new-service NAME [NOUN], NAME in lower case letters, digits and dashes, such as: shop order',
  )
if (existsSync(join(folder, 'services', name))) refuse(`services/${name} is already there`)
const last = name.split('-').at(-1)!
const noun = given ?? (/[^s]s$/.test(last) ? last.replace(/ies$/, 'y').replace(/s$/, '') : 'item')
if (!/^[a-z]{2,20}$/.test(noun)) refuse('NOUN must be one lower-case word in the singular, such as: order')
const plural = noun.endsWith('y') ? noun.replace(/y$/, 'ies') : `${noun}s`
if (reserved().has(noun)) refuse(`${noun} is a reserved word; name another NOUN`)

const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase())
const pascal = (word: string) => word[0]!.toUpperCase() + word.slice(1)
/** The template speaks of a workshop and its gadgets. */
const renamed = (text: string) =>
  text
    // A service named after its only thing needs no second segment in its paths.
    .replaceAll("path: '/gadgets", plural === name ? "path: '" : `path: '/${plural}`)
    .replaceAll('Gadgets', pascal(plural))
    .replaceAll('gadgets', plural)
    .replaceAll('Gadget', pascal(noun))
    .replaceAll('gadget', noun)
    .replace(
      /@pleiad\/workshop|name: 'workshop'|toolsOf\('workshop'\)|# workshop|SQL of workshop/g,
      (match) => match.replace('workshop', name),
    )
    .replaceAll('workshop', camel)

for (const path of readdirSync(template, { recursive: true, encoding: 'utf8' })) {
  if (!/\.\w+$/.test(path)) continue
  const target = join(
    folder,
    'services',
    name,
    path
      .replace('gadgets', plural)
      .replace('workshop.test', `${name === plural ? `${name}-service` : name}.test`),
  )
  mkdirSync(dirname(target), { recursive: true })
  writeFileSync(target, renamed(readFileSync(join(template, path), 'utf8')))
}
link()
run('biome', ['check', '--write', `services/${name}`])
run('node', ['tools/generate.ts'])
console.log(`services/${name} is ready: npm run check, npx vitest run services/${name}, npm start`)

/** What `npm install` would do for a workspace, without asking the registry. */
function link(): void {
  const target = join(folder, 'node_modules/@pleiad', name)
  mkdirSync(dirname(target), { recursive: true })
  if (!existsSync(target)) symlinkSync(`../../services/${name}`, target)
  const path = join(folder, 'package-lock.json')
  const lock = JSON.parse(readFileSync(path, 'utf8')) as { packages: Record<string, unknown> }
  const manifest = JSON.parse(readFileSync(join(folder, 'services', name, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >
  lock.packages[`node_modules/@pleiad/${name}`] = { resolved: `services/${name}`, link: true }
  lock.packages[`services/${name}`] = {
    name: manifest['name'],
    version: manifest['version'],
    license: manifest['license'],
    dependencies: manifest['dependencies'],
  }
  lock.packages = Object.fromEntries(
    Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
  )
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`)
}

function run(program: string, args: readonly string[]): void {
  const bin = join(folder, 'node_modules/.bin', program)
  const { status } = spawnSync(bin, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  if (status !== 0) refuse(`${program} ${args.join(' ')} failed`)
}

/** Words that cannot name a variable, a table or a type of the template. */
function reserved(): Set<string> {
  return new Set([
    'order',
    'user',
    'table',
    'class',
    'function',
    'import',
    'export',
    'default',
    'return',
    'package',
    'name',
    'event',
    'row',
    'page',
    'view',
    'store',
    'service',
    'route',
    'handler',
  ])
}
