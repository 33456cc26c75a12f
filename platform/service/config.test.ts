import { Type } from 'typebox'
import { expect, test } from 'vitest'
import { misspelt, readConfig, settingNames } from './config.ts'
import { StartError } from './refuse.ts'

const service = Type.Object({
  PRICE_FACTOR: Type.Number({ default: 1.5, minimum: 0, description: 'Factor' }),
  OPEN: Type.Boolean({ default: true, description: 'Open' }),
  SENDER: Type.Optional(Type.String({ minLength: 3, maxLength: 5, description: 'Sender' })),
  MAIL_URL: Type.Optional(Type.String({ pattern: '^smtps?://', description: 'Mail' })),
})

function problemsOf(env: Record<string, string>): string[] {
  try {
    readConfig(env, [service])
  } catch (error) {
    expect(error).toBeInstanceOf(StartError)
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
  return []
}

test('everything has a default', () => {
  const { platform, values } = readConfig({}, [service])
  expect(platform).toMatchObject({ PORT: 8080, HOST: 'localhost', PLEIAD_DATA: '.data', SERVICES: 'all' })
  expect(values).toMatchObject({ PRICE_FACTOR: 1.5, OPEN: true })
  expect(values['SENDER']).toBeUndefined()
})

test('values are read as what they are; an empty one counts as absent', () => {
  const { values } = readConfig(
    { PORT: '0', PRICE_FACTOR: '0.25', OPEN: 'no', SENDER: 'Anna', LOG_LEVEL: 'warn', HOST: '' },
    [service],
  )
  expect(values).toMatchObject({
    PORT: 0,
    PRICE_FACTOR: 0.25,
    OPEN: false,
    SENDER: 'Anna',
    LOG_LEVEL: 'warn',
    HOST: 'localhost',
  })
  expect(readConfig({ OPEN: 'On' }, [service]).values['OPEN']).toBe(true)
})

test('all problems are told at once, in words', () => {
  expect(
    problemsOf({
      PORT: 'eighty',
      DATABASE_POOL: '2',
      BODY_LIMIT: '1.5',
      OUTBOX_RETENTION_DAYS: '9999',
      LOG_LEVEL: 'loud',
      PUBLIC_URL: 'pleiad.example.org/app',
      PRICE_FACTOR: 'x',
      OPEN: 'perhaps',
      SENDER: 'ab',
    }),
  ).toEqual([
    'PORT must be a whole number (it is "eighty")',
    'PUBLIC_URL must be an address such as https://pleiad.example.org, without a path (it is "pleiad.example.org/app")',
    'DATABASE_POOL must be at least 3 (it is "2")',
    'OUTBOX_RETENTION_DAYS must be at most 3650 (it is "9999")',
    'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent (it is "loud")',
    'BODY_LIMIT must be a whole number (it is "1.5")',
    'PRICE_FACTOR must be a number (it is "x")',
    'OPEN must be true or false (it is "perhaps")',
    'SENDER must have at least 3 characters (it is "ab")',
  ])
  expect(problemsOf({ SENDER: 'abcdef' })).toEqual(['SENDER must have at most 5 characters (it is "abcdef")'])
})

test('secrets are never shown', () => {
  expect(problemsOf({ PLEIAD_SECRET: 'hunter2', DATABASE_URL: 'mysql://root:hunter2@db/x' })).toEqual([
    'PLEIAD_SECRET must have at least 32 characters',
    'DATABASE_URL must be a URL such as postgres://user:password@host/pleiad',
  ])
  expect(problemsOf({ BUS_URL: 'kafka://me:hunter2@bus' })).toEqual([
    'BUS_URL must be a URL such as nats://host:4222 or amqp://user:password@host',
  ])
  expect(problemsOf({ MAIL_URL: 'http://me:hunter2@mail' })).toEqual([
    'MAIL_URL must be of the form ^smtps?:// (it is "http://***@mail")',
  ])
})

const s3 = {
  S3_ENDPOINT: 'https://s3.example.org',
  S3_BUCKET: 'pleiad-files',
  S3_ACCESS_KEY: 'key',
  S3_SECRET_KEY: 'hunter2',
}
test('the object store is set up whole or not at all', () => {
  expect(readConfig(s3, []).platform).toMatchObject({ ...s3, S3_REGION: 'us-east-1', S3_PATH_STYLE: true })
  expect(problemsOf({ S3_ENDPOINT: s3.S3_ENDPOINT })).toEqual([
    'S3_ENDPOINT needs S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY too: all of them, or none',
  ])
  const { S3_ENDPOINT: _, ...others } = s3
  expect(problemsOf(others)).toEqual([
    'S3_BUCKET, S3_ACCESS_KEY, S3_SECRET_KEY needs S3_ENDPOINT too: all of them, or none',
  ])
  expect(problemsOf({ ...s3, S3_ENDPOINT: 's3.example.org', S3_BUCKET: 'My Bucket' })).toEqual([
    expect.stringMatching(/^S3_ENDPOINT must be an address such as/),
    expect.stringMatching(/^S3_BUCKET must be the name of a bucket/),
  ])
})

test('what looks like a misspelt setting is found, and nothing else', () => {
  const known = settingNames([service])
  expect(known).toContain('PRICE_FACTOR')
  expect(
    misspelt(
      { DATABSE_URL: 'x', PRICE_FACTORS: '1', PATH: '', HOME: '', PORT: '1', PLEIAD_DATA: '.' },
      known,
    ),
  ).toEqual([
    { name: 'DATABSE_URL', like: 'DATABASE_URL' },
    { name: 'PRICE_FACTORS', like: 'PRICE_FACTOR' },
  ])
})

test('what only the part that uses it can judge is told with the rest, and so is what was found before', () => {
  const wrong = {
    TRUST_PROXY: 'foo',
    OUTBOUND_ALLOW: '127.0.0.1/99',
    CORS_ORIGINS: 'app.example.org',
    PORT: 'x',
  }
  const lines = [
    'PORT must be a whole number (it is "x")',
    expect.stringMatching(/^OUTBOUND_ALLOW cannot be used: "127.0.0.1\/99" is neither a network/),
    'CORS_ORIGINS must be origins such as https://app.example.org, separated by commas (it is "app.example.org")',
    'TRUST_PROXY cannot be used: invalid IP address: foo (it is "foo")',
  ]
  expect(problemsOf(wrong)).toEqual(lines)
  expect(() => readConfig({}, [service], ['SERVICES names shoe'])).toThrow(/:\n {2}SERVICES names shoe$/)
  const right = {
    TRUST_PROXY: 'loopback, 10.0.0.0/8',
    OUTBOUND_ALLOW: '10.1.2.0/24,sso.example.org',
    CORS_ORIGINS: 'https://a.example.org, http://localhost:3000/',
  }
  expect(readConfig(right, [service]).platform).toMatchObject(right)
})

test('Redis is a URL of its kind, with a database at most', () => {
  for (const url of ['redis://localhost', 'rediss://me:hunter2@redis.example.org:6380/2'])
    expect(readConfig({ REDIS_URL: url }, []).platform.REDIS_URL).toBe(url)
  for (const url of ['localhost:6379', 'http://localhost', 'redis://', 'redis://localhost/pleiad'])
    expect(problemsOf({ REDIS_URL: url })).toEqual([
      expect.stringMatching(/^REDIS_URL must be a URL such as/),
    ])
})

test('processes that answer each other share database, broker and secret', () => {
  expect(problemsOf({ INTERNAL_PORT: '0' })).toEqual([
    'INTERNAL_PORT needs DATABASE_URL, BUS_URL, PLEIAD_SECRET too: the processes of an installation share database, broker and secret',
  ])
  const shared = {
    DATABASE_URL: 'postgres://a:b@db/pleiad',
    BUS_URL: 'nats://bus:4222',
    PLEIAD_SECRET: 'x'.repeat(43),
  }
  expect(problemsOf({ INTERNAL_PORT: '9090', ...shared })).toEqual([])
  expect(problemsOf({ INTERNAL_PORT: '9090', INTERNAL_HOST: 'http://a', ...shared })).toEqual([
    'INTERNAL_HOST must be an address or name of this computer, such as 10.1.2.3 (it is "http://a")',
  ])
  expect(problemsOf({ INTERNAL_PORT: '9090', INTERNAL_HOST: '0.0.0.0', ...shared })).toEqual([
    expect.stringMatching(/^INTERNAL_HOST cannot be used: nobody can be reached there/),
  ])
})
