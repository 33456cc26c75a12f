/** The settings that every process understands, read by `config.ts`. */
import { type Static, Type } from 'typebox'

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
  DATABASE_URLS: text(
    'PostgreSQL administrator URLs of services that have a database of their own, separated by commas; a comma within one is %2C. Default: none has',
    { secret: true, expects: 'such as crm=postgres://user:password@host/pleiad' },
  ),
  DATABASE_READ_URLS: text(
    'URLs of streaming standbys that may answer reads, separated by commas: of DATABASE_URL, and with the service before it of one in DATABASE_URLS. Each leads to one server, not to a balancer. Default: the primaries answer all',
    {
      secret: true,
      expects: 'such as postgres://user:password@standby/pleiad,crm=postgres://user:password@other/pleiad',
    },
  ),
  DATABASE_POOL: Type.Integer({
    default: 8,
    minimum: 3,
    maximum: 100,
    description: 'Connections of each service to PostgreSQL, and as many to each standby',
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
