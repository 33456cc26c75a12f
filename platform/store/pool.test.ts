import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/postgres.ts'
import { openStore, type Store } from './store.ts'

let database: TestDatabase
let store: Store
beforeAll(async () => {
  database = await testDatabase()
  store = openStore({ url: database.adminUrl, schema: 'public', poolSize: 2, statementTimeoutMs: 5_000 })
})
afterAll(async () => {
  await store.close()
  await database.drop()
})

test('the use of a pool is known: what transactions hold, who waits', async () => {
  expect(store.pool()).toEqual({ limit: 2, transaction: 0, waiting: 0 })
  let letGo: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    letGo = resolve
  })
  let entered = 0
  let bothIn: () => void = () => {}
  const full = new Promise<void>((resolve) => {
    bothIn = resolve
  })
  const work = async () => {
    if (++entered === 2) bothIn()
    await gate
  }
  const all = Promise.all([1, 2, 3, 4, 5].map(() => store.transact(work)))
  await full
  expect(store.pool()).toEqual({ limit: 2, transaction: 2, waiting: 3 })
  letGo()
  await all
  expect(store.pool()).toEqual({ limit: 2, transaction: 0, waiting: 0 })
})

test('transactions that fail, or never begin, are not counted for ever', async () => {
  await expect(store.transact(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await expect(store.transact((tx) => tx`select 1 / 0`)).rejects.toThrow()
  expect(store.pool()).toEqual({ limit: 2, transaction: 0, waiting: 0 })
  const away = openStore({
    url: 'postgres://nobody@127.0.0.1:1/none',
    schema: 'public',
    poolSize: 2,
    statementTimeoutMs: 5_000,
  })
  await expect(away.transact((tx) => tx`select 1`)).rejects.toMatchObject({ code: 'unavailable' })
  expect(away.pool()).toEqual({ limit: 2, transaction: 0, waiting: 0 })
  await away.close()
})
