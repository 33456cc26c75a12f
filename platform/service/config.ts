/** Settings from the environment: one schema for the platform, one for each service, all problems told at once. */
import proxyAddress from '@fastify/proxy-addr'
import type { TObject, TSchema } from 'typebox'
import { trustOf } from '../gateway/settings.ts'
import { readAllowance } from '../outbound/addresses.ts'
import { readDatabases } from './databases.ts'
import { type PlatformConfig, platformSettings } from './platform-settings.ts'
import { StartError } from './refuse.ts'
import { readStandbys, standbyTroubles } from './standbys.ts'

/** Settings that a pattern cannot judge; each throws what is wrong. */
const judges: Readonly<Record<string, (value: string) => unknown>> = {
  OUTBOUND_ALLOW: readAllowance,
  DATABASE_URLS: readDatabases,
  DATABASE_READ_URLS: readStandbys,
  TRUST_PROXY: (value) => {
    const trust = trustOf(value)
    if (Array.isArray(trust)) proxyAddress.compile(trust)
  },
  INTERNAL_HOST: (value) => {
    if (/^(0\.0\.0\.0|::|\*)$/.test(value))
      throw new Error(
        'nobody can be reached there: an address of this computer that the other processes reach',
      )
  },
}

/** Settings that mean something only together. */
const together: readonly (readonly string[])[] = [
  ['S3_ENDPOINT', 'S3_BUCKET', 'S3_ACCESS_KEY', 'S3_SECRET_KEY'],
]

export interface Config {
  readonly platform: PlatformConfig
  /** All values, of the platform and of the services. */
  readonly values: Readonly<Record<string, unknown>>
}

/**
 * Reads the settings. Throws one `StartError` that lists everything wrong, a line each.
 * @param known problems that were found before, told with the others.
 */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  services: readonly TObject[],
  known: readonly string[] = [],
): Config {
  const problems = [...known]
  const values: Record<string, unknown> = {}
  const properties = Object.assign(
    {},
    platformSettings.properties,
    ...services.map((schema) => schema.properties),
  ) as Record<string, TSchema>
  for (const [name, schema] of Object.entries(properties)) {
    const given = env[name]
    if (given === undefined || given === '') {
      values[name] = (schema as { default?: unknown }).default
      continue
    }
    const read = readValue(given, schema as Shape)
    read.problem ??= troubleWith(judges[name], given)
    if (read.problem)
      problems.push(
        `${name} ${read.problem}${(schema as Shape).secret ? '' : ` (it is ${JSON.stringify(given.replace(/\/\/[^/@]*@/, '//***@'))})`}`,
      )
    else values[name] = read.value
  }
  for (const group of together) {
    const missing = group.filter((name) => !env[name])
    if (missing.length > 0 && missing.length < group.length)
      problems.push(
        `${group.filter((name) => env[name]).join(', ')} needs ${missing.join(', ')} too: all of them, or none`,
      )
  }
  const alone = ['DATABASE_URL', 'BUS_URL', 'PLEIAD_SECRET'].filter((name) => !env[name])
  if (env['INTERNAL_PORT'] && alone.length > 0)
    problems.push(
      `INTERNAL_PORT needs ${alone.join(', ')} too: the processes of an installation share database, broker and secret`,
    )
  if (!problems.some((problem) => problem.startsWith('DATABASE_')))
    problems.push(...standbyTroubles(values as PlatformConfig))
  if (problems.length > 0)
    throw new StartError(
      `The settings are not right:\n${problems.map((problem) => `  ${problem}`).join('\n')}`,
    )
  return { platform: values as PlatformConfig, values }
}

interface Shape {
  readonly type?: string
  readonly anyOf?: readonly { readonly const?: unknown }[]
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  /** What `pattern` means, in words. */
  readonly expects?: string
  readonly secret?: boolean
}

function troubleWith(judge: ((value: string) => unknown) | undefined, given: string): string | undefined {
  try {
    judge?.(given)
    return undefined
  } catch (error) {
    return `cannot be used: ${(error as Error).message}`
  }
}

function readValue(given: string, shape: Shape): { value?: unknown; problem?: string | undefined } {
  if (shape.anyOf) {
    const allowed = shape.anyOf.map((option) => option.const)
    return allowed.includes(given) ? { value: given } : { problem: `must be one of ${allowed.join(', ')}` }
  }
  if (shape.type === 'integer' || shape.type === 'number') {
    const value = Number(given)
    if (
      !Number.isFinite(value) ||
      given.trim() === '' ||
      (shape.type === 'integer' && !Number.isInteger(value))
    )
      return { problem: shape.type === 'integer' ? 'must be a whole number' : 'must be a number' }
    if (value < (shape.minimum ?? Number.NEGATIVE_INFINITY))
      return { problem: `must be at least ${shape.minimum}` }
    if (value > (shape.maximum ?? Number.POSITIVE_INFINITY))
      return { problem: `must be at most ${shape.maximum}` }
    return { value }
  }
  if (shape.type === 'boolean') {
    if (/^(true|1|yes|on)$/i.test(given)) return { value: true }
    if (/^(false|0|no|off)$/i.test(given)) return { value: false }
    return { problem: 'must be true or false' }
  }
  if (given.length < (shape.minLength ?? 0))
    return { problem: `must have at least ${shape.minLength} characters` }
  if (given.length > (shape.maxLength ?? Number.POSITIVE_INFINITY))
    return { problem: `must have at most ${shape.maxLength} characters` }
  if (shape.pattern && !new RegExp(shape.pattern).test(given))
    return { problem: `must be ${shape.expects ?? `of the form ${shape.pattern}`}` }
  return { value: given }
}

/** The names of all settings, of the platform and of the services. */
export function settingNames(services: readonly TObject[]): string[] {
  return [platformSettings, ...services].flatMap((schema) => Object.keys(schema.properties))
}

/** Names in the environment that look like misspelt settings, with the setting they resemble. */
export function misspelt(
  env: Readonly<Record<string, string | undefined>>,
  known: readonly string[],
): { name: string; like: string }[] {
  return Object.keys(env)
    .filter((name) => !known.includes(name) && /^[A-Z][A-Z0-9_]{3,}$/.test(name))
    .flatMap((name) => {
      const like = known.find((candidate) => candidate.length > 4 && distance(name, candidate) <= 1)
      return like ? [{ name, like }] : []
    })
}

/** Levenshtein distance, with two rows. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    row = next
  }
  return row[b.length]!
}
