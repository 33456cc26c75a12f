import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/postgres.ts'
import { connect } from './connect.ts'
import { migrate } from './migrate.ts'
import { prepareSchema, roleUrl } from './roles.ts'

let database: TestDatabase
let root = ''
let schema = ''
let url = ''
let count = 0
const log = { info() {} }

beforeAll(async () => {
  database = await testDatabase()
})
afterAll(() => database.drop())
beforeEach(async () => {
  schema = `m${count++}`
  const owner = { schema, password: 'p' }
  await prepareSchema(database.adminUrl, owner)
  url = roleUrl(database.adminUrl, owner)
  root = mkdtempSync(path.join(tmpdir(), 'pleiad-migrate-'))
  mkdirSync(path.join(root, 'platform'))
  mkdirSync(path.join(root, 'service'))
  write('platform/0001-base.sql', 'create table base (n int);')
  write('service/0001-orders.sql', 'create table orders (n int); insert into orders values (1);')
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(file: string, sql: string): void {
  writeFileSync(path.join(root, file), sql)
}

function up(): Promise<number> {
  return migrate({ url, schema, folders: [path.join(root, 'platform'), path.join(root, 'service')], log })
}

async function rows(statement: string): Promise<unknown[]> {
  const sql = connect(url, { max: 1 })
  try {
    return [...(await sql.unsafe(statement))]
  } finally {
    await sql.end()
  }
}

const refusal = (text: string | RegExp) => ({
  name: 'StartError',
  message: text instanceof RegExp ? expect.stringMatching(text) : expect.stringContaining(text),
})

test('applies what is missing, once and in order', async () => {
  expect(await up()).toBe(2)
  expect(await up()).toBe(0)
  write('service/0002-more.sql', 'insert into orders select n + 1 from orders;')
  expect(await up()).toBe(1)
  expect(await rows('select n from orders order by n')).toEqual([{ n: 1 }, { n: 2 }])
  expect(await rows('select part, number, file from migrations order by applied_at')).toEqual([
    { part: 'platform', number: 1, file: '0001-base.sql' },
    { part: 'service', number: 1, file: '0001-orders.sql' },
    { part: 'service', number: 2, file: '0002-more.sql' },
  ])
})

test('of starters that race, exactly one applies each file', async () => {
  // Slow enough that all of them are waiting while one works.
  write('service/0002-slow.sql', 'select pg_sleep(0.3); insert into orders values (2);')
  const applied = await Promise.all([up(), up(), up(), up()])
  expect(applied.sort()).toEqual([0, 0, 0, 3])
  expect(await rows('select n from orders order by n')).toEqual([{ n: 1 }, { n: 2 }])
})

test('a file that fails is undone whole and named; the ones before it stay', async () => {
  write('service/0002-broken.sql', 'insert into orders values (2); select * from nowhere;')
  await expect(up()).rejects.toMatchObject(
    refusal(/^Migration service\/0002-broken\.sql of m\d+ failed: relation "nowhere" does not exist$/),
  )
  expect(await rows('select n from orders')).toEqual([{ n: 1 }])
  write('service/0002-broken.sql', 'insert into orders values (2);')
  expect(await up()).toBe(1)
})

test('an applied file that was changed is refused; other line ends are no change', async () => {
  write('service/0001-orders.sql', 'create table orders (n int);\ninsert into orders values (1);\n')
  await up()
  write('service/0001-orders.sql', 'create table orders (n int);\r\ninsert into orders values (1);\r\n')
  expect(await up()).toBe(0)
  write('service/0001-orders.sql', 'create table orders (n bigint);')
  await expect(up()).rejects.toMatchObject(refusal('service/0001-orders.sql of'))
})

test('data of a newer version is refused', async () => {
  write('service/0002-more.sql', 'select 1;')
  await up()
  rmSync(path.join(root, 'service/0002-more.sql'))
  await expect(up()).rejects.toMatchObject(refusal('is from a newer version of Pleiad'))
})

test('gaps, doubles and odd names are refused before anything is applied', async () => {
  write('service/0003-gap.sql', 'select 1;')
  await expect(up()).rejects.toMatchObject(refusal('where number 0002 is due'))
  renameSync(path.join(root, 'service/0003-gap.sql'), path.join(root, 'service/0001-double.sql'))
  await expect(up()).rejects.toMatchObject(refusal('where number 0002 is due'))
  renameSync(path.join(root, 'service/0001-double.sql'), path.join(root, 'service/next.sql'))
  await expect(up()).rejects.toMatchObject(refusal('is not named like 0001-orders.sql'))
  expect(await rows(`select to_regclass('base') as base`)).toEqual([{ base: null }])
})

test('a service without migrations gets the platform’s', async () => {
  rmSync(path.join(root, 'service'), { recursive: true })
  expect(await up()).toBe(1)
})

test('a folder that cannot be read is not taken for an empty one', async () => {
  rmSync(path.join(root, 'service'), { recursive: true })
  write('service', 'a file')
  await expect(up()).rejects.toThrow('ENOTDIR')
})
