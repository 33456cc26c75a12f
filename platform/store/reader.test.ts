import { expect, test } from 'vitest'
import { createChanges } from './changes.ts'
import { openReader } from './reader.ts'
import type { Standby, Standbys } from './standbys.ts'

/** Standbys that are fresh as told, and pools that are names. */
function make() {
  let now = 0
  const told: { error: unknown; away: boolean }[] = []
  const losers: (() => void)[] = []
  const opened: string[] = []
  const closed: string[] = []
  const standby: Standby = {
    name: 'one',
    url: 'postgres://one/x',
    ageMs: () => 3_000,
    failed: (error, away) => void told.push({ error, away }),
    onLost: (lost) => void losers.push(lost),
  }
  const standbys: Standbys = {
    all: [standby],
    pick: (atMost) => (standby.ageMs() <= atMost ? standby : undefined),
    changes: createChanges(() => now),
    close: async () => {},
  }
  const reader = openReader(standbys, (url) => {
    const name = `${url} ${opened.length + 1}`
    opened.push(name)
    return { name, end: async () => void closed.push(name) } as never
  })
  return {
    reader,
    told,
    opened,
    closed,
    lose: () => {
      for (const lost of losers) lost()
    },
    at: (ms: number) => (now = ms),
  }
}

test('a fresh standby serves, unless the caller has changed something within that age', () => {
  const { reader, at } = make()
  at(10_000)
  expect(reader.source(5_000, 'ada')).toHaveProperty('sql')
  expect(reader.source(5_000, undefined)).toHaveProperty('sql')
  expect(reader.source(2_000, 'ada')).toBe('late')
  reader.changed('ada')
  expect(reader.source(5_000, 'ada')).toBe('changed')
  expect(reader.source(5_000, 'eve')).toHaveProperty('sql')
  at(15_000)
  expect(reader.source(5_000, 'ada')).toBe('changed')
  at(15_001)
  expect(reader.source(5_000, 'ada')).toHaveProperty('sql')
})

test('the pool is opened when it is used, given up when the standby is lost, and opened anew', async () => {
  const { reader, opened, closed, lose } = make()
  lose()
  expect({ opened, closed }).toEqual({ opened: [], closed: [] })
  reader.source(5_000, 'ada')
  reader.source(5_000, 'ada')
  expect(opened).toEqual(['postgres://one/x 1'])
  lose()
  expect(closed).toEqual(['postgres://one/x 1'])
  reader.source(5_000, 'ada')
  await reader.close()
  expect(opened).toHaveLength(2)
  expect(closed).toEqual(opened)
})

test.each([
  ...['57P01', '57P03', '53300', '08006', '28P01', '3D000', 'CONNECTION_CLOSED', 'CONNECT_TIMEOUT'],
  ...['ECONNREFUSED', 'ECONNRESET', 'ENOENT', 'EPIPE', 'EHOSTUNREACH', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN'],
])('%s says that the standby is away', (code) => {
  const { reader, told } = make()
  const source = reader.source(5_000, 'ada')
  if (typeof source !== 'string') source.failed({ code })
  expect(told).toEqual([{ error: { code }, away: true }])
})

test.each(['40001', '57014', '25006', '42P01', 'ERR_INVALID_ARG_TYPE', undefined])('%s does not', (code) => {
  const { reader, told } = make()
  const source = reader.source(5_000, 'ada')
  if (typeof source !== 'string') source.failed({ code })
  expect(told).toEqual([{ error: { code }, away: false }])
})
