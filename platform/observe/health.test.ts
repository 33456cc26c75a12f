import { expect, test } from 'vitest'
import { type HealthSource, healthOf, healthReport, healthStatus } from './health.ts'

const well: HealthSource = {
  store: async () => 1,
  started: () => true,
  backlog: async () => ({ outbox: 0, inbox: 0, dead: 0, oldestSeconds: 0 }),
}

test('all well', async () => {
  expect(await healthOf(well)).toMatchObject({
    state: 'up',
    troubles: [],
    checks: { store: true, started: true },
  })
})

test('a service that is starting or has no database is down', async () => {
  expect(await healthOf({ ...well, started: () => false })).toMatchObject({
    state: 'down',
    troubles: ['The service is still starting.'],
  })
  expect(await healthOf({ ...well, store: async () => Promise.reject(new Error('gone')) })).toMatchObject({
    state: 'down',
    checks: { store: false },
  })
})

test('a database that does not answer in time is down', async () => {
  expect((await healthOf({ ...well, store: () => new Promise(() => {}) })).state).toBe('down')
})

test.each([
  [{ outbox: 9, inbox: 0, dead: 0, oldestSeconds: 90 }, 'Events wait for 90 s.'],
  [{ outbox: 0, inbox: 0, dead: 1, oldestSeconds: 0 }, '1 dead letter waits for a decision.'],
  [{ outbox: 0, inbox: 0, dead: 2, oldestSeconds: 0 }, '2 dead letters wait for a decision.'],
])('%j is degraded', async (backlog, trouble) => {
  expect(await healthOf({ ...well, backlog: async () => backlog })).toMatchObject({
    state: 'degraded',
    troubles: [trouble],
  })
})

test('a backlog that cannot be read is told', async () => {
  expect(await healthOf({ ...well, backlog: async () => Promise.reject(new Error('no')) })).toMatchObject({
    state: 'degraded',
  })
})

test('the whole is as well as its worst part; late events do not take it out of service', async () => {
  const info = { version: '1', startedAt: new Date(0), now: new Date(5000) }
  const late: HealthSource = {
    ...well,
    backlog: async () => ({ outbox: 1, inbox: 0, dead: 0, oldestSeconds: 99 }),
  }
  const dead: HealthSource = { ...well, store: async () => Promise.reject(new Error('gone')) }
  expect(await healthReport({ a: well }, info)).toMatchObject({ state: 'up', uptimeSeconds: 5 })
  expect((await healthReport({ a: well, b: late }, info)).state).toBe('degraded')
  expect((await healthReport({ a: dead, b: late }, info)).state).toBe('down')
  expect([healthStatus('up'), healthStatus('degraded'), healthStatus('down')]).toEqual([200, 200, 503])
})
