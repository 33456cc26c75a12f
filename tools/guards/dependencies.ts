/** What we take from others: licences that let everybody use the platform, versions that do not move by themselves. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { sourceFiles } from './files.ts'

const allowed = new Set([
  'MIT',
  'MIT-0',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'ISC',
  'MPL-2.0',
  'Unlicense',
  'BlueOak-1.0.0',
  'CC0-1.0',
  'Python-2.0',
  'PostgreSQL',
  'WTFPL',
  'Zlib',
])

/** Licences that are data, not code: character tables and fonts. */
const allowedData = new Set(['CC-BY-4.0', 'CC-BY-3.0', 'OFL-1.1'])

/** Versions whose package.json says nothing, and whose Readme or licence file states it: read, not guessed. */
const statedInReadme: Readonly<Record<string, string>> = {
  'combine-errors@3.0.3': 'MIT',
  'png-js@2.0.0': 'MIT',
}

/** Whether an SPDX expression (https://spdx.dev/learn/handling-license-info/) can be met with allowed licences. */
export function isAllowedLicence(expression: string): boolean {
  return expression
    .replace(/[()]/g, ' ')
    .split(/\s+OR\s+/i)
    .some((choice) =>
      choice
        .trim()
        .split(/\s+AND\s+/i)
        .every((name) => allowed.has(name.trim()) || allowedData.has(name.trim())),
    )
}

interface Lock {
  readonly packages: Readonly<
    Record<string, { readonly version?: string; readonly license?: string; readonly link?: boolean }>
  >
}

interface PackageJson {
  readonly name?: string
  readonly license?: string | { readonly type?: string }
  readonly licenses?: readonly { readonly type?: string }[]
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** Packages of the lock file whose licence is not on the list, one line each. */
export function licenceTroubles(folder: string): string[] {
  const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')) as Lock
  return Object.entries(lock.packages).flatMap(([path, entry]) => {
    if (!path.includes('node_modules/') || entry.link) return []
    const name = `${path.split('node_modules/').at(-1)}@${entry.version}`
    const licence =
      entry.license ?? installedLicence(join(folder, path, 'package.json')) ?? statedInReadme[name]
    if (licence === undefined) return [`${path} does not state a licence`]
    return isAllowedLicence(licence) ? [] : [`${path} is under ${licence}, which is not on the list`]
  })
}

function installedLicence(path: string): string | undefined {
  // Packages for other systems are in the lock file but not on the disk.
  if (!existsSync(path)) return undefined
  const { license, licenses } = JSON.parse(readFileSync(path, 'utf8')) as PackageJson
  if (typeof license === 'string') return license
  return license?.type ?? licenses?.map(({ type }) => type).join(' OR ')
}

/** Dependencies that are not pinned to one exact version, one line each. */
export function pinTroubles(folder: string): string[] {
  return sourceFiles(folder, [
    'package.json',
    '{platform,server,web}/package.json',
    'services/*/package.json',
  ]).flatMap(({ path, text }) => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(text) as PackageJson
    return Object.entries({ ...dependencies, ...devDependencies, ...optionalDependencies })
      .filter(([, version]) => !/^(npm:(@[^/]+\/)?[^@]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))
      .map(([name, version]) => `${path}: ${name} is ${version}; pin one exact version`)
  })
}
