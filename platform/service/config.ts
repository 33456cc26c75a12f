/** Settings from the environment: one schema for the platform, one for each service, all problems told at once. */
import proxyAddress from '@fastify/proxy-addr'
import { type Static, type TObject, type TSchema, Type } from 'typebox'
import { trustOf } from '../gateway/settings.ts'
import { readAllowance } from '../outbound/addresses.ts'
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
    description:
      'Services to run in this process: all, names separated by commas, or all but some, such as all,-auth',
  }),
  INTERNAL_PORT: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65535,
      description:
        'Port on which this process answers the other processes of the installation, which SERVICES divides among them; 0 takes a free one. Default: it neither answers nor asks others',
    }),
  ),
  INTERNAL_HOST: Type.String({
    default: '127.0.0.1',
    description:
      'Address of this computer on which INTERNAL_PORT is opened, and at which the other processes find it',
    pattern: '^[0-9A-Za-z.:*-]+$',
    expects: 'an address or name of this computer, such as 10.1.2.3',
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
  REDIS_URL: text('Redis for caches and rate limits, shared by all processes. Default: in this process', {
    secret: true,
    pattern: '^rediss?://[^/?#\\s]+(/\\d+)?$',
    expects: 'a URL such as redis://user:password@host:6379/0, or rediss:// for TLS',
  }),
  OUTBOUND_ALLOW: Type.String({
    default: '',
    description:
      'Private networks and host names that services may reach at addresses people gave, separated by commas, such as 10.1.2.0/24,sso.example.org; on a laptop with a provider on localhost 127.0.0.1/32,::1/128',
  }),
  S3_ENDPOINT: text(
    'Object store: address of an S3 service, with the three settings below. Default: files in the data folder',
    {
      pattern: '^https?://[^/?#\\s]+/?$',
      expects: 'an address such as https://s3.example.org, without a path',
    },
  ),
  S3_BUCKET: text('Object store: bucket, which must exist', {
    pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    expects: 'the name of a bucket: 3 to 63 lower-case letters, digits, dots and dashes',
  }),
  S3_ACCESS_KEY: text('Object store: access key', { secret: true }),
  S3_SECRET_KEY: text('Object store: secret key', { secret: true }),
  S3_REGION: Type.String({ default: 'us-east-1', description: 'Object store: region of the bucket' }),
  S3_PATH_STYLE: Type.Boolean({
    default: true,
    description:
      'Object store: the bucket’s name stands in the path of addresses, as most services other than Amazon’s want it',
  }),
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
    pattern: '^(\\s*https?://[^/?#\\s,]+/?\\s*(,|$))*$',
    expects: 'origins such as https://app.example.org, separated by commas',
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
    description: 'Requests that check or send secrets, per hour and person; 0 means no limit',
  }),
  AUTH_ADDRESS_RATE_LIMIT: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'The same per hour and address, such as signing in: an office shares one, and what is tried at one account is slowed down besides. Default: ten times AUTH_RATE_LIMIT; 0 means no limit',
    }),
  ),
  HEAVY_RATE_LIMIT: Type.Integer({
    default: 60,
    minimum: 0,
    description: 'Costly requests per minute and person; 0 means no limit',
  }),
  PROGRAM_RATE_LIMIT: Type.Optional(
    Type.Integer({
      minimum: 0,
      description:
        'Requests per minute and program (a project key, a machine of a project), such as reads of provider tokens. Default: 12000, or no limit where RATE_LIMIT is 0; 0 means no limit',
    }),
  ),
  REALTIME_CONNECTIONS: Type.Integer({
    default: 20,
    minimum: 1,
    description: 'Live connections one person may have at once',
  }),
  DRAIN_SECONDS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 300,
    description:
      'Seconds between the signal to stop and taking no more requests, in which /health/ready answers 503: behind a load balancer, as long as it needs to notice',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: text(
    'OpenTelemetry collector for traces (OTLP over HTTP). Default: no traces',
    { pattern: '^https?://', expects: 'an address such as http://localhost:4318' },
  ),
})
export type PlatformConfig = Static<typeof platformSettings>

/** Settings that a pattern cannot judge; each throws what is wrong. */
const judges: Readonly<Record<string, (value: string) => unknown>> = {
  OUTBOUND_ALLOW: readAllowance,
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
