import { describe, expect, test } from 'vitest'
import { startHost } from '../service/host.ts'
import { databaseOf, readDatabases, refuseUnknownDatabases } from './databases.ts'

const one = 'postgres://root:secret@db-one/pleiad'
const two = 'postgresql://root:p%2Cw@db-two:5433/crm?sslmode=require'

test('a service has the database that is named for it, all others the common one', () => {
  const settings = { DATABASE_URLS: `shop=${one}, crm=${two}` }
  expect(databaseOf('shop', settings, 'common')).toBe(one)
  expect(databaseOf('crm', settings, 'common')).toBe(two)
  expect(databaseOf('files', settings, 'common')).toBe('common')
  expect(databaseOf('shop', {}, 'common')).toBe('common')
})

describe('what is wrong is said', () => {
  test.each([
    ['', 'part 1'],
    ['crm', 'part 1'],
    [`crm=${one},shop=mysql://x/y`, 'part 2'],
    ['crm=postgres://host', 'part 1'],
    [`crm=${one},crm=${two}`, 'crm has two'],
  ])('%s', (value, problem) => {
    expect(() => readDatabases(value)).toThrow(problem)
  })

  test('without the passwords', async () => {
    const env = { DATABASE_URLS: 'crm=mysql://root:hunter2@host/pleiad' }
    const refused = await startHost({ services: [], env }).catch((error: Error) => error.message)
    expect(refused).toContain('DATABASE_URLS cannot be used: part 1')
    expect(refused).not.toContain('hunter2')
  })

  test('a service that is not there is named, with those that are', () => {
    expect(() => refuseUnknownDatabases({ DATABASE_URLS: `cmr=${one}` }, ['shop', 'crm'])).toThrow(
      'DATABASE_URLS names cmr; there are crm, shop.',
    )
  })
})
