import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { countersService } from '../contract/fixture.ts'
import { createMetrics } from '../observe/metrics.ts'
import { readConfig } from './config.ts'
import type { Service } from './service.ts'
import { openStandbys, readStandbys } from './standbys.ts'

const main = 'postgres://root:secret@db/pleiad'
const crm = 'postgres://root:secret@db-crm:5433/crm'
const standby = 'postgres://root:secret@standby/pleiad'

const problemsOf = (env: Record<string, string>) => {
  try {
    readConfig(env, [])
    return []
  } catch (error) {
    return (error as Error).message
      .split('\n')
      .slice(1)
      .map((line) => line.trim())
  }
}

test('standbys are of the common database, or of the service before them', () => {
  expect(
    readStandbys(
      `${standby}, crm=postgres://a@one/crm,postgresql://a@two:5433/pleiad,crm=postgres://a@two/crm`,
    ),
  ).toEqual(
    new Map([
      [undefined, [standby, 'postgresql://a@two:5433/pleiad']],
      ['crm', ['postgres://a@one/crm', 'postgres://a@two/crm']],
    ]),
  )
})

describe('what is wrong is said', () => {
  test.each([
    ['', 'part 1 is not like'],
    ['standby', 'part 1 is not like'],
    ['postgres://host', 'part 1 is not like'],
    [`${standby},crm=mysql://x/y`, 'part 2 is not like'],
    ['postgres://host:port/pleiad', 'part 1 is not like'],
    [`${standby},postgres://other@standby:5432/pleiad`, 'part 2 is there twice'],
  ])('%s', (value, problem) => {
    expect(() => readStandbys(value)).toThrow(problem)
  })

  test('without the passwords, together with all else', () => {
    const problems = problemsOf({ DATABASE_READ_URLS: 'mysql://root:hunter2@host/pleiad', PORT: 'x' })
    expect(problems).toEqual([
      expect.stringMatching(/^PORT must be/),
      expect.stringMatching(/^DATABASE_READ_URLS cannot be used: part 1/),
    ])
    expect(problems.join()).not.toContain('hunter2')
  })

  test.each([
    [{ DATABASE_READ_URLS: standby }, 'has a standby of DATABASE_URL, which is not there'],
    [
      { DATABASE_URL: main, DATABASE_READ_URLS: `crm=${crm}` },
      'has a standby of crm in DATABASE_URLS, which is not there',
    ],
    [
      { DATABASE_URL: main, DATABASE_READ_URLS: 'postgres://other@db:5432/pleiad' },
      'has the primary itself: it is DATABASE_URL',
    ],
    [
      { DATABASE_URL: main, DATABASE_URLS: `crm=${crm}`, DATABASE_READ_URLS: `crm=${crm}` },
      'has the primary itself: it is crm in DATABASE_URLS',
    ],
    [
      { DATABASE_URL: main, DATABASE_READ_URLS: 'postgres://root@standby/other' },
      'must name the same database as DATABASE_URL',
    ],
  ])('what does not fit the other settings: %#', (env, problem) => {
    const problems = problemsOf(env)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(problem)
    expect(problems[0]).not.toContain('secret')
  })

  test('that too is told together with all else, unless the others cannot be read', () => {
    const wrong = { DATABASE_READ_URLS: standby, PORT: 'x' }
    expect(problemsOf(wrong).map((problem) => problem.split(' ')[0])).toEqual(['PORT', 'DATABASE_READ_URLS'])
    expect(
      problemsOf({ ...wrong, DATABASE_URL: 'mysql://x/y' }).map((problem) => problem.split(' ')[0]),
    ).toEqual(['PORT', 'DATABASE_URL'])
  })

  test('what fits is taken', () => {
    const reads = `${standby},crm=postgres://root@standby:5433/crm`
    expect(
      problemsOf({ DATABASE_URL: main, DATABASE_URLS: `crm=${crm}`, DATABASE_READ_URLS: reads }),
    ).toEqual([])
  })
})

test('nobody is asked where no service of the process reads from them', async () => {
  const services = [countersService, { contract: { name: 'crm', operations: {} } } as unknown as Service]
  const metrics = createMetrics({ process: false })
  const settings = { DATABASE_URL: main, DATABASE_READ_URLS: standby }
  const { of, close } = await openStandbys(services, settings, main, pino({ level: 'silent' }), metrics)
  expect(services.map(({ contract }) => of(contract.name))).toEqual([undefined, undefined])
  expect(await metrics.text()).not.toContain('pleiad_standby_age_seconds{')
  await close()
})
