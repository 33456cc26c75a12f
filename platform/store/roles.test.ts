import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestDatabase, testDatabase } from '../testing/postgres.ts'
import { connect } from './connect.ts'
import { prepareSchema, roleOf, roleUrl } from './roles.ts'

const shop = { schema: 'shop', password: "pass'word" }
const crm = { schema: 'crm', password: 'other' }
let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
  await Promise.all([shop, crm, shop, crm, shop].map((owner) => prepareSchema(database.adminUrl, owner)))
  const sql = connect(roleUrl(database.adminUrl, shop), { max: 1 })
  await sql`create table orders (id int)`
  await sql`insert into orders values (1)`
  await sql.end()
})
afterAll(() => database.drop())

/** What the role of `owner` gets for a statement: rows, or the database's refusal. */
async function as(owner: typeof shop, statement: string): Promise<unknown> {
  const sql = connect(roleUrl(database.adminUrl, owner), { max: 1, onnotice: () => {} })
  try {
    return [...(await sql.unsafe(statement))]
  } catch (error) {
    return (error as { code: string }).code
  } finally {
    await sql.end()
  }
}

const DENIED = '42501'

test('a service reads its own tables, by search path', async () => {
  expect(await as(shop, 'select * from orders')).toEqual([{ id: 1 }])
})

test.each([
  ['read another service’s table', 'select * from shop.orders'],
  ['write another service’s table', 'insert into shop.orders values (2)'],
  ['create in another service’s schema', 'create table shop.mine (n int)'],
  ['create in the public schema', 'create table public.mine (n int)'],
  ['create a schema', 'create schema mine'],
  ['create a role', 'create role mine'],
  ['create a database', 'create database mine'],
  ['grant itself a role', `grant postgres_owner to current_user`],
  ['read password hashes', 'select * from pg_authid'],
  ['read files of the server', "select pg_read_file('/etc/passwd')"],
])('a service cannot %s', async (_what, statement) => {
  const code = await as(crm, statement)
  expect(code === DENIED || code === '42704').toBe(true)
})

test('a service cannot become another one or the administrator', async () => {
  const admin = new URL(database.adminUrl).username
  expect(await as(crm, `set role ${roleOf(database.adminUrl, 'shop')}`)).toBe(DENIED)
  expect(await as(crm, `set role ${admin}`)).toBe(DENIED)
  expect(await as(crm, `set session authorization ${admin}`)).toBe(DENIED)
})

test('a changed password holds after the next start', async () => {
  const changed = { ...crm, password: 'changed' }
  await prepareSchema(database.adminUrl, changed)
  expect(await as(changed, 'select 1 as one')).toEqual([{ one: 1 }])
  expect(await as(crm, 'select 1')).toBe('28P01')
  await prepareSchema(database.adminUrl, crm)
})

test('an administrator without being superuser is enough, on managed databases', async () => {
  const name = new URL(database.adminUrl).pathname.slice(1)
  const admin = connect(database.adminUrl, { max: 1 })
  await admin.unsafe(`create role ${name}_manager login createrole password 'manager'`)
  await admin.unsafe(`grant all on database ${name} to ${name}_manager with grant option`)
  const url = new URL(database.adminUrl)
  url.username = `${name}_manager`
  url.password = 'manager'
  const owner = { schema: 'managed', password: 'x' }
  await prepareSchema(url.href, owner)
  await prepareSchema(url.href, owner)
  expect(await as(owner, 'create table t (n int)')).toEqual([])
  await admin.end()
})

test('what a person can mend is one line without the password', async () => {
  const url = new URL(database.adminUrl)
  url.password = 'hunter2'
  await expect(prepareSchema(url.href, shop)).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringMatching(/^The database refuses the connection: (?!.*hunter2).*DATABASE_URL\.$/),
  })
  await expect(prepareSchema('postgres://pleiad:hunter2@127.0.0.1:1/pleiad', shop)).rejects.toMatchObject({
    name: 'StartError',
    message:
      'The database at 127.0.0.1:1 cannot be reached (ECONNREFUSED). Check that it runs and that DATABASE_URL is right.',
  })
  await expect(
    prepareSchema(roleUrl(database.adminUrl, crm), { schema: 'new', password: 'x' }),
  ).rejects.toMatchObject({
    name: 'StartError',
    message: expect.stringContaining('may not create roles'),
  })
})

test('names that would not hold are refused', () => {
  expect(() => roleOf('postgres://host/pleiad', 'Shop"')).toThrow('cannot name a schema')
  expect(() => roleOf(`postgres://host/${'x'.repeat(62)}`, 'shop')).toThrow('too long')
  expect(() => roleOf('postgres://host', 'shop')).toThrow('must name a database')
})
