/** Settings from the environment: one schema for the platform, one for each service, all problems told at once. */
import { type Static, type TObject, type TSchema, Type } from 'typebox'
import { StartError } from './refuse.ts'

const text = (description: string, more: object = {}) => Type.Optional(Type.String({ description, ...more }))

/** What every process understands; services add theirs with `settings`. */
export const platformSettings = Type.Object({
  PORT: Type.Integer({
    default: 8080,
    minimum: 0,
    maximum: 65535,
    description: 'Port to listen on; 0 takes a free one',
  }),
  HOST: Type.String({
    default: 'localhost',
    description: 'Address to listen on; 0.0.0.0 makes it reachable from outside',
  }),
  PLEIAD_DATA: Type.String({
    default: '.data',
    description: 'Folder of the built-in database, kept secrets and files',
  }),
  PLEIAD_SECRET: text(
    'The installation’s secret, 32 random bytes in base64url. Default: made at the first start and kept in the data folder',
    { secret: true, minLength: 32 },
  ),
  PUBLIC_URL: text(
    'Address people use, such as https://pleiad.example.org. Default: http://localhost and the port',
    {
      pattern: '^https?://[^/?#\\s]+/?$',
      expects: 'an address such as https://pleiad.example.org, without a path',
    },
  ),
  SERVICES: Type.String({
    default: 'all',
    description: 'Services to run in this process: all, or names separated by commas',
  }),
  DATABASE_URL: text('PostgreSQL administrator URL. Default: the built-in PostgreSQL', {
    secret: true,
    pattern: '^postgres(ql)?://[^/]+/[^/?]+',
    expects: 'a URL such as postgres://user:password@host/pleiad',
  }),
  DATABASE_POOL: Type.Integer({
    default: 8,
    minimum: 3,
    maximum: 100,
    description: 'Connections of each service to PostgreSQL',
  }),
  STATEMENT_TIMEOUT_MS: Type.Integer({
    default: 15_000,
    minimum: 100,
    description: 'Longest time one SQL statement may take, in milliseconds',
  }),
  OUTBOX_RETENTION_DAYS: Type.Integer({
    default: 14,
    minimum: 1,
    maximum: 3650,
    description: 'Days that carried events are kept for replay',
  }),
  BUS_URL: text('Message broker, nats:// or amqp://. Default: events stay in this process', {
    secret: true,
    pattern: '^(nats|tls|amqps?)://[^/]+',
    expects: 'a URL such as nats://host:4222 or amqp://user:password@host',
  }),
  REDIS_URL: text('Redis for caches and limits. Default: in this process', { secret: true }),
  S3_ENDPOINT: text('Object store: address of an S3 service. Default: files in the data folder'),
  S3_BUCKET: text('Object store: bucket'),
  S3_ACCESS_KEY: text('Object store: access key', { secret: true }),
  S3_SECRET_KEY: text('Object store: secret key', { secret: true }),
  LOG_LEVEL: Type.Union(
    ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'].map((level) => Type.Literal(level)),
    {
      default: 'info',
      description: 'Least serious lines to log: trace, debug, info, warn, error, fatal, silent',
    },
  ),
  CORS_ORIGINS: Type.String({
    default: '',
    description: 'Other origins whose pages may call the API, separated by commas',
  }),
  TRUST_PROXY: Type.String({
    default: 'false',
    description:
      'Proxies whose X-Forwarded-* is believed: true, a number of hops, or addresses separated by commas',
  }),
  BODY_LIMIT: Type.Integer({
    default: 1_048_576,
    minimum: 1024,
    description: 'Largest request body in bytes',
  }),
  RATE_LIMIT: Type.Integer({
    default: 600,
    minimum: 0,
    description: 'Requests per minute and person; 0 means no limit',
  }),
  AUTH_RATE_LIMIT: Type.Integer({
    default: 100,
    minimum: 0,
    description: 'Sign-in requests per hour and address; 0 means no limit',
  }),
  HEAVY_RATE_LIMIT: Type.Integer({
    default: 60,
    minimum: 0,
    description: 'Costly requests per minute and person; 0 means no limit',
  }),
  REALTIME_CONNECTIONS: Type.Integer({
    default: 20,
    minimum: 1,
    description: 'Live connections one person may have at once',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: text(
    'OpenTelemetry collector for traces (OTLP over HTTP). Default: no traces',
    { pattern: '^https?://', expects: 'an address such as http://localhost:4318' },
  ),
})
export type PlatformConfig = Static<typeof platformSettings>

/** Settings whose driver does not exist yet: to accept them silently would be a lie. Adding a driver removes its line. */
const notYet: Readonly<Record<string, string>> = {
  REDIS_URL: 'the Redis driver is not there yet; leave it out to keep caches and limits in the process',
  S3_ENDPOINT: 'the S3 store is not there yet; leave it out to keep files in the data folder',
  S3_BUCKET: 'the S3 store is not there yet',
  S3_ACCESS_KEY: 'the S3 store is not there yet',
  S3_SECRET_KEY: 'the S3 store is not there yet',
}

export interface Config {
  readonly platform: PlatformConfig
  /** All values, of the platform and of the services. */
  readonly values: Readonly<Record<string, unknown>>
}

/** Reads the settings. Throws one `StartError` that lists everything wrong, a line each. */
export function readConfig(
  env: Readonly<Record<string, string | undefined>>,
  services: readonly TObject[],
): Config {
  const problems: string[] = []
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
    if (notYet[name]) {
      problems.push(`${name} is set, but ${notYet[name]}`)
      continue
    }
    const read = readValue(given, schema as Shape)
    if (read.problem)
      problems.push(
        `${name} ${read.problem}${(schema as Shape).secret ? '' : ` (it is ${JSON.stringify(given.replace(/\/\/[^/@]*@/, '//***@'))})`}`,
      )
    else values[name] = read.value
  }
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

function readValue(given: string, shape: Shape): { value?: unknown; problem?: string } {
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
