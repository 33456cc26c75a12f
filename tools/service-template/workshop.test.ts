import { defineContract } from '@pleiad/platform/contract'
import { defineService, emit } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { users } from '@pleiad/users/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { workshop } from './contract.ts'
import service from './service.ts'

/** Only announces what users would announce. */
const announcer = defineService({
  contract: defineContract({
    name: 'users',
    version: '1.0.0',
    summary: 'Announces, in tests.',
    operations: {},
    events: users.events,
  }),
  url: new URL('./no-migrations/service.ts', import.meta.url).href,
  routes: () => ({}),
})

const ada = '01938a5e-7c00-7000-8000-00000000000a'
const bob = '01938a5e-7c00-7000-8000-00000000000b'
const mallory = '01938a5e-7c00-7000-8000-00000000000c'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform({ services: [service, announcer] })
})
afterAll(() => platform?.stop())

const of = (id: string) => platform.client(workshop, { id })
const toolsOf = (name: string) =>
  platform.host.running.find((running) => running.service.contract.name === name)!

test('createGadget, getGadget: the owner reads what was made', async () => {
  const made = await of(ada).createGadget({ body: { name: 'First' } })
  expect(made).toMatchObject({ name: 'First', version: 1 })
  expect(await of(ada).getGadget({ params: { gadgetId: made.gadgetId } })).toEqual(made)
})

test('createGadget announces gadget.created, and only if it was made', async () => {
  const events = () => toolsOf('workshop').tools.sql<{ type: string; data: { name: string } }[]>`
    select type, data from outbox_log where data ->> 'name' = 'Announced'`
  await of(ada).createGadget({ body: { name: 'Announced' } })
  await expect(of(ada).createGadget({ body: { name: 'Announced' } })).rejects.toMatchObject({
    code: 'gadgetNameTaken',
    status: 409,
  })
  await platform.settled()
  expect(await events()).toHaveLength(1)
})

test('createGadget with one Idempotency-Key makes one gadget', async () => {
  const send = () => of(ada).createGadget({ body: { name: 'Once' }, idempotencyKey: 'key-of-once' })
  expect(await send()).toEqual(await send())
})

test('somebody else’s gadget is not there', async () => {
  const { gadgetId } = await of(ada).createGadget({ body: { name: 'Mine' } })
  await expect(of(mallory).getGadget({ params: { gadgetId } })).rejects.toMatchObject({ status: 404 })
  await expect(
    of(mallory).updateGadget({ params: { gadgetId }, body: { name: 'Stolen' }, ifMatch: 1 }),
  ).rejects.toMatchObject({ status: 404 })
  expect((await of(mallory).listGadgets()).items).toEqual([])
})

test('nobody sees gadgets without signing in', async () => {
  await expect(platform.client(workshop).listGadgets()).rejects.toMatchObject({ status: 401 })
})

test('updateGadget with an old version is refused', async () => {
  const { gadgetId } = await of(ada).createGadget({ body: { name: 'Draft' } })
  expect(
    await of(ada).updateGadget({ params: { gadgetId }, body: { name: 'Final' }, ifMatch: 1 }),
  ).toMatchObject({ name: 'Final', version: 2 })
  await expect(
    of(ada).updateGadget({ params: { gadgetId }, body: { name: 'Lost' }, ifMatch: 1 }),
  ).rejects.toMatchObject({ code: 'preconditionFailed' })
  await expect(
    of(ada).updateGadget({ params: { gadgetId }, body: { name: 'Mine' }, ifMatch: 2 }),
  ).rejects.toMatchObject({ code: 'gadgetNameTaken' })
})

test('listGadgets pages from the newest', async () => {
  for (const name of ['1', '2', '3']) await of(bob).createGadget({ body: { name } })
  const page = await of(bob).listGadgets({ query: { limit: 2 } })
  expect(page.items.map(({ name }) => name)).toEqual(['3', '2'])
  const rest = await of(bob).listGadgets({ query: { limit: 2, cursor: page.next } })
  expect(rest.items.map(({ name }) => name)).toEqual(['1'])
  expect(rest.next).toBeUndefined()
})

test('a person’s gadgets are in their export, and go with the person', async () => {
  await of(bob).createGadget({ body: { name: 'Kept' } })
  const { tools, service: own } = toolsOf('workshop')
  expect(await own.personalData?.(tools, undefined, bob)).toMatchObject({
    gadgets: expect.arrayContaining([expect.objectContaining({ name: 'Kept' })]),
  })
  await toolsOf('users').tools.transact(async (tx) =>
    emit(tx, users, 'user.deleted', { userId: bob, by: bob }),
  )
  await platform.settled()
  expect((await of(bob).listGadgets()).items).toEqual([])
  expect(await own.personalData?.(tools, undefined, bob)).toBeUndefined()
})
