/** Production through the typed client, on PostgreSQL; its neighbours are played by services that only announce. */
import { crm } from '@pleiad/crm/contract'
import { Files } from '@pleiad/files/rpc'
import { type Contract, defineContract, type EventData } from '@pleiad/platform/contract'
import { defineService, emit, type Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { operators } from './contract.ts'
import service from './service.ts'

/** Pictures that the files service would know, by id. */
const pictures = new Map<string, { ownerId: string; type: string }>()
const kept: string[] = []

function announcer(source: Pick<Contract, 'name' | 'events'>, rpc?: Service['rpc']): Service {
  return defineService({
    contract: defineContract({
      name: source.name,
      version: '1.0.0',
      summary: 'Stands in, in tests.',
      operations: {},
      ...(source.events ? { events: source.events } : {}),
    }),
    url: new URL(`./no-migrations-${source.name}/service.ts`, import.meta.url).href,
    routes: () => ({}),
    ...(rpc ? { rpc } : {}),
  })
}

const filesStandIn = announcer({ name: 'files' }, (router) => {
  router.service(Files, {
    getFiles: async ({ fileIds }) => ({
      files: fileIds.flatMap((fileId) => {
        const found = pictures.get(fileId)
        return found ? [{ fileId, name: 'photo', ...found }] : []
      }),
    }),
    keep: async ({ fileId }) => {
      kept.push(fileId)
      return {}
    },
    release: async ({ fileId }) => {
      kept.splice(kept.indexOf(fileId), 1)
      return {}
    },
    grant: async () => ({}),
  })
})

type Created = EventData<typeof shop, 'order.created'>

const ada = { id: uuidv7(), permissions: ['production:work'] }
const bob = { id: uuidv7(), permissions: ['production:work'] }
const senior = { id: uuidv7(), permissions: ['production:work', 'production:assign'] }
const head = { id: uuidv7(), permissions: ['production:work', 'production:assign', 'production:configure'] }

let platform: TestPlatform
let printer: string
let count = 0

beforeAll(async () => {
  platform = await startTestPlatform({
    services: [service, announcer(shop), announcer(crm), announcer(users), filesStandIn],
  })
  for (const [who, displayName] of [
    [ada, 'Ada'],
    [bob, 'Bob'],
    [senior, 'Senior'],
  ] as const)
    await announce(users, 'user.created', {
      userId: who.id,
      username: displayName.toLowerCase(),
      displayName,
      locale: 'en',
      timeZone: 'UTC',
      version: 1,
    })
  for (const who of [ada, bob])
    await as(head).setOperator({
      params: { operatorId: who.id },
      body: { skills: ['fdm', 'pick'], active: true },
    })
  printer = (await newMachine('Printer 1')).machineId
})
afterAll(() => platform?.stop())

const as = (who: { id: string; permissions: string[] }) => platform.client(operators, who)
const running = (name: string) => platform.host.running.find((each) => each.service.contract.name === name)!
const newMachine = (name: string) =>
  as(head).createMachine({
    body: { name, technique: 'fdm', materials: [], sizeMm: { x: 200, y: 200, z: 200 } },
  })

async function announce(source: Contract, type: string, data: object): Promise<void> {
  await running(source.name).tools.transact(async (tx) =>
    emit(tx, source as never, type as never, data as never),
  )
  await platform.settled()
}

function draft(lines = 1): Created {
  const example = shop.events['order.created'].example as unknown as Created
  return {
    ...example,
    orderId: uuidv7(),
    number: `F-2026-${String(++count).padStart(6, '0')}`,
    customer: { userId: uuidv7(), name: 'Grace', email: 'grace@example.com', language: 'en' },
    lines: Array.from({ length: lines }, (_, i) => ({
      ...example.lines[0]!,
      lineId: uuidv7(),
      name: `part ${i}`,
    })),
  }
}
const place = (order: Created) => announce(shop, 'order.created', order)
const confirm = (order: Created, more: object = {}) =>
  announce(crm, 'order.confirmed', { orderId: order.orderId, by: head.id, ...more })
const cancel = (order: Created) =>
  announce(shop, 'order.cancelled', {
    orderId: order.orderId,
    number: order.number,
    by: { kind: 'customer' },
  })

async function confirmed(lines = 1): Promise<{ order: Created; works: string[] }> {
  const order = draft(lines)
  await place(order)
  await confirm(order)
  const { items } = await as(senior).getOrder({ params: { orderId: order.orderId } })
  return { order, works: items.map(({ workId }) => workId) }
}
const emitted = async (orderId: string) =>
  (
    await running('operators').tools.sql<{ type: string }[]>`
      select type from outbox_log where data ->> 'orderId' = ${orderId} order by id`
  ).map(({ type }) => type)

/** Claims, starts and finishes. */
async function make(who: typeof ada, workId: string, machineId = printer): Promise<void> {
  await as(who).claimWork({ params: { workId }, body: {} })
  await as(who).startWork({ params: { workId }, body: { machineId } })
  await as(who).finishWork({ params: { workId }, body: {} })
}

describe('work', () => {
  test('appears once an order is placed and confirmed, in whichever order that is heard', async () => {
    const first = draft()
    await place(first)
    await expect(as(senior).getOrder({ params: { orderId: first.orderId } })).rejects.toMatchObject({
      status: 404,
    })
    await confirm(first, { note: 'Carefully', dueAt: '2027-01-01T00:00:00.000Z' })
    const second = draft(2)
    await confirm(second)
    await place(second)
    const seen = await as(ada).getOrder({ params: { orderId: first.orderId } })
    expect(seen).toMatchObject({
      stage: 'queued',
      works: 1,
      note: 'Carefully',
      dueAt: '2027-01-01T00:00:00.000Z',
    })
    expect(seen.items[0]).toMatchObject({
      technique: 'fdm',
      material: 'pla',
      machineSeconds: 7200,
      state: 'free',
    })
    expect(await as(ada).getOrder({ params: { orderId: second.orderId } })).toMatchObject({ works: 2 })
    const { free } = await as(ada).getBoard()
    expect(free.map(({ orderId }) => orderId)).toEqual(
      expect.arrayContaining([first.orderId, second.orderId]),
    )
  })

  test('of an order that was called off does not appear, and what appeared is withdrawn', async () => {
    const early = draft()
    await cancel(early)
    await confirm(early)
    await place(early)
    await expect(as(senior).getOrder({ params: { orderId: early.orderId } })).rejects.toMatchObject({
      status: 404,
    })
    const { order, works } = await confirmed()
    const params = { workId: works[0]! }
    const machineId = (await newMachine('Withdrawn')).machineId
    await as(ada).claimWork({ params, body: {} })
    await as(ada).startWork({ params, body: { machineId } })
    await cancel(order)
    expect(await as(ada).getWork({ params })).toMatchObject({ state: 'withdrawn' })
    await expect(as(ada).finishWork({ params, body: {} })).rejects.toMatchObject({
      code: 'workStateRefuses',
      message: 'The work is withdrawn.',
    })
    expect(
      (await as(ada).listMachines()).items.find((each) => each.machineId === machineId)?.work,
    ).toBeUndefined()
  })

  test('of many who claim one work, one gets it, and the others are told who', async () => {
    const { works } = await confirmed()
    const params = { workId: works[0]! }
    const answers = await Promise.allSettled(
      Array.from({ length: 10 }, (_, i) => as(i % 2 ? ada : bob).claimWork({ params, body: {} })),
    )
    const winners = new Set(
      answers.flatMap((each) => (each.status === 'fulfilled' ? [each.value.operatorName] : [])),
    )
    expect(winners.size).toBe(1)
    for (const each of answers)
      if (each.status === 'rejected')
        expect(each.reason).toMatchObject({ code: 'workTaken', problem: { operatorName: [...winners][0] } })
  })

  test('is moved by its operator only, and by who may assign; others do not see it', async () => {
    const { works } = await confirmed()
    const params = { workId: works[0]! }
    await as(ada).claimWork({ params, body: {} })
    await expect(as(bob).getWork({ params })).rejects.toMatchObject({ status: 404 })
    await expect(as(bob).startWork({ params, body: { machineId: printer } })).rejects.toMatchObject({
      code: 'notYourWork',
    })
    await expect(as(bob).assignWork({ params, body: { operatorId: bob.id } })).rejects.toMatchObject({
      status: 403,
    })
    const seen = async (who: typeof ada) =>
      (await as(who).listWork({ query: { limit: 100 } })).items.some(({ workId }) => workId === params.workId)
    expect([await seen(ada), await seen(bob), await seen(senior)]).toEqual([true, false, true])
    expect(await as(senior).assignWork({ params, body: { operatorId: bob.id } })).toMatchObject({
      operatorName: 'Bob',
    })
    expect(await as(bob).releaseWork({ params, body: {} })).toMatchObject({ state: 'free' })
    await expect(as(senior).assignWork({ params, body: { operatorId: senior.id } })).rejects.toMatchObject({
      code: 'notAnOperator',
    })
  })

  test('needs a skill, a machine that fits and is free', async () => {
    const { works } = await confirmed(2)
    const [first, second] = works.map((workId) => ({ workId })) as [{ workId: string }, { workId: string }]
    const machineId = (await newMachine('Only one')).machineId
    await as(head).setOperator({ params: { operatorId: bob.id }, body: { skills: ['sla'], active: true } })
    await expect(as(bob).claimWork({ params: first, body: {} })).rejects.toMatchObject({
      code: 'skillMissing',
    })
    await as(head).setOperator({
      params: { operatorId: bob.id },
      body: { skills: ['fdm', 'pick'], active: true },
    })
    await as(ada).claimWork({ params: first, body: {} })
    await as(bob).claimWork({ params: second, body: {} })
    await expect(as(ada).startWork({ params: first, body: {} })).rejects.toMatchObject({
      code: 'machineNotRight',
    })
    await as(ada).startWork({ params: first, body: { machineId } })
    await expect(as(bob).startWork({ params: second, body: { machineId } })).rejects.toMatchObject({
      code: 'machineBusy',
    })
    await expect(
      as(head).setOperator({ params: { operatorId: ada.id }, body: { skills: [], active: false } }),
    ).rejects.toMatchObject({ code: 'operatorBusy' })
    await as(bob).setMachineState({ params: { machineId }, body: { state: 'down', reason: 'Belt' } })
    expect(await as(ada).getWork({ params: first })).toMatchObject({ state: 'paused', pauseReason: 'Belt' })
    await expect(as(ada).resumeWork({ params: first, body: {} })).rejects.toMatchObject({
      code: 'machineNotRight',
    })
    await expect(
      as(bob).setMachineState({ params: { machineId }, body: { state: 'retired', reason: 'Old' } }),
    ).rejects.toMatchObject({ status: 403 })
    expect(await as(ada).resumeWork({ params: first, body: { machineId: printer } })).toMatchObject({
      state: 'started',
    })
    await as(ada).finishWork({ params: first, body: {} })
  })

  test('two who start on one machine at once: one does', async () => {
    const { works } = await confirmed(2)
    const machineId = (await newMachine('Raced')).machineId
    for (const workId of works) await as(ada).claimWork({ params: { workId }, body: {} })
    const { works: more } = await confirmed(2)
    for (const workId of more) await as(bob).claimWork({ params: { workId }, body: {} })
    const answers = await Promise.allSettled(
      [...works, ...more].map((workId) => as(senior).startWork({ params: { workId }, body: { machineId } })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const each of answers)
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'machineBusy' })
  })
})

describe('an order', () => {
  test('goes from work through quality, packing and shipping to the customer', async () => {
    const { order, works } = await confirmed(2)
    const params = { orderId: order.orderId }
    await make(ada, works[0]!)
    expect(await as(ada).getOrder({ params })).toMatchObject({ stage: 'inProduction', finished: 1 })
    await expect(as(ada).packOrder({ params, body: {} })).rejects.toMatchObject({ code: 'stageRefuses' })
    expect((await as(bob).getOrder({ params })).items).toHaveLength(1)
    await make(ada, works[1]!)
    // Who is to check it sees what was made.
    expect((await as(bob).getOrder({ params })).items).toHaveLength(2)
    await expect(as(ada).checkQuality({ params, body: { passed: true } })).rejects.toMatchObject({
      code: 'ownCheck',
    })
    const photo = uuidv7()
    await expect(
      as(bob).checkQuality({ params, body: { passed: true, photos: [photo] } }),
    ).rejects.toMatchObject({ code: 'photoNotRight' })
    pictures.set(photo, { ownerId: bob.id, type: 'image/jpeg' })
    const passed = await as(bob).checkQuality({ params, body: { passed: true, photos: [photo] } })
    expect(passed).toMatchObject({
      stage: 'passed',
      checks: [{ passed: true, photos: [photo], byName: 'Bob' }],
    })
    expect(kept).toContain(photo)
    await as(ada).packOrder({ params, body: {} })
    await as(ada).shipOrder({ params, body: { carrier: 'DHL', tracking: '123' } })
    expect(await as(ada).deliverOrder({ params, body: {} })).toMatchObject({
      stage: 'delivered',
      tracking: { carrier: 'DHL', number: '123' },
    })
    await expect(as(ada).returnOrder({ params, body: { reason: 'No' } })).rejects.toMatchObject({
      status: 403,
    })
    await as(senior).returnOrder({ params, body: { reason: 'Wrong colour' } })
    await platform.settled()
    expect(await emitted(order.orderId)).toEqual([
      'production.started',
      'production.started',
      'production.finished',
      'quality.passed',
      'order.packed',
      'order.shipped',
      'order.delivered',
      'order.returned',
    ])
  })

  test('what is spoilt is made again before the order is done', async () => {
    const { order, works } = await confirmed()
    const params = { workId: works[0]! }
    await as(ada).claimWork({ params, body: {} })
    await as(ada).startWork({ params, body: { machineId: printer } })
    await as(ada).pauseWork({ params, body: { reason: 'Lunch' } })
    await as(ada).resumeWork({ params, body: {} })
    const scrap = (quantity: number) =>
      as(ada).scrapWork({ params, body: { quantity, reason: 'It came off.' } })
    await expect(scrap(3)).rejects.toMatchObject({ code: 'scrapNotRight' })
    const { work, remake } = await scrap(1)
    expect(work).toMatchObject({ scrapped: 1, quantity: 2 })
    expect(remake).toMatchObject({ quantity: 1, machineSeconds: 3600, remakeOf: work.workId, state: 'free' })
    await as(ada).finishWork({ params, body: {} })
    expect(await as(ada).getOrder({ params: { orderId: order.orderId } })).toMatchObject({
      stage: 'inProduction',
    })
    await make(bob, remake.workId)
    const orderParams = { orderId: order.orderId }
    expect(await as(ada).getOrder({ params: orderParams })).toMatchObject({ stage: 'qualityCheck' })
    await expect(
      as(ada).checkQuality({ params: orderParams, body: { passed: false, note: 'Warped' } }),
    ).rejects.toMatchObject({ code: 'checkNotRight' })
    const lineId = order.lines[0]!.lineId
    await expect(
      as(ada).checkQuality({
        params: orderParams,
        body: { passed: false, note: 'Warped', failed: [{ lineId, quantity: 99 }] },
      }),
    ).rejects.toMatchObject({ code: 'checkNotRight' })
    const failed = await as(ada).checkQuality({
      params: orderParams,
      body: { passed: false, note: 'Warped', failed: [{ lineId, quantity: 2 }] },
    })
    expect(failed).toMatchObject({ stage: 'inProduction', works: 3, finished: 2 })
    await make(ada, failed.items.find(({ state }) => state === 'free')!.workId)
    await as(ada).checkQuality({ params: orderParams, body: { passed: true } })
    await platform.settled()
    expect(
      (await emitted(order.orderId)).filter((type) => type.startsWith('production.finished')),
    ).toHaveLength(2)
  })
})

describe('the workshop', () => {
  test('shifts of one operator do not overlap', async () => {
    const shift = (from: string, until: string) =>
      as(senior).createShift({
        body: {
          operatorId: ada.id,
          startsAt: `2030-01-01T${from}:00.000Z`,
          endsAt: `2030-01-01T${until}:00.000Z`,
        },
      })
    const made = await shift('08:00', '12:00')
    await expect(shift('11:00', '13:00')).rejects.toMatchObject({ code: 'shiftOverlaps' })
    await expect(shift('12:00', '11:00')).rejects.toMatchObject({ code: 'periodNotRight' })
    await shift('12:00', '16:00')
    const query = { from: '2030-01-01T00:00:00.000Z', until: '2030-01-02T00:00:00.000Z' }
    expect((await as(ada).listShifts({ query })).items).toHaveLength(2)
    expect(await as(ada).getMe()).toMatchObject({
      operator: { name: 'Ada' },
      shift: { shiftId: made.shiftId },
    })
    await as(senior).removeShift({ params: { shiftId: made.shiftId } })
    await expect(
      as(ada).listShifts({ query: { ...query, until: '2031-01-01T00:00:00.000Z' } }),
    ).rejects.toMatchObject({ code: 'periodNotRight' })
  })

  test('who stops being an operator gives back what they have not begun; what runs is finished first', async () => {
    const eve = { id: uuidv7(), permissions: ['production:work'] }
    await announce(users, 'user.created', {
      userId: eve.id,
      username: 'eve',
      displayName: 'Eve',
      locale: 'en',
      timeZone: 'UTC',
      version: 1,
    })
    const set = (active: boolean) =>
      as(head).setOperator({ params: { operatorId: eve.id }, body: { skills: ['fdm'], active } })
    await set(true)
    const { works } = await confirmed(2)
    const [first, second] = works.map((workId) => ({ workId })) as [{ workId: string }, { workId: string }]
    const machineId = (await newMachine('Printer of Eve')).machineId
    await as(eve).claimWork({ params: first, body: {} })
    await as(eve).claimWork({ params: second, body: {} })
    await as(eve).startWork({ params: first, body: { machineId } })
    await expect(set(false)).rejects.toMatchObject({ code: 'operatorBusy' })
    await as(eve).finishWork({ params: first, body: {} })
    await set(false)
    await expect(as(eve).claimWork({ params: second, body: {} })).rejects.toMatchObject({
      code: 'notAnOperator',
    })
    expect(await as(ada).claimWork({ params: second, body: {} })).toMatchObject({
      state: 'claimed',
      operatorName: 'Ada',
    })
  })

  test('operators are listed page by page', async () => {
    const all = (await as(senior).listOperators({ query: { limit: 100 } })).items.map(({ name }) => name)
    const { items, next } = await as(senior).listOperators({ query: { limit: 1 } })
    const rest = await as(senior).listOperators({ query: { limit: 100, cursor: next! } })
    expect([...items, ...rest.items].map(({ name }) => name)).toEqual(all)
    expect(all).toEqual([...all].sort())
  })

  test('machines have names of their own and are changed by one at a time', async () => {
    const machine = await newMachine('Named')
    await expect(newMachine('Named')).rejects.toMatchObject({ code: 'machineNameTaken' })
    const { name, technique, sizeMm } = machine
    const change = () =>
      as(head).updateMachine({
        params: { machineId: machine.machineId },
        body: { name, technique, sizeMm, materials: ['abs'] },
        ifMatch: String(machine.version),
      })
    expect(await change()).toMatchObject({ materials: ['abs'] })
    await expect(change()).rejects.toMatchObject({ code: 'preconditionFailed' })
    await expect(
      as(ada).createMachine({ body: { name: 'x', technique, sizeMm, materials: [] } }),
    ).rejects.toMatchObject({ status: 403 })
  })

  test('material is taken by what is finished; the plan says when it does not last', async () => {
    const params = { material: 'pla', color: 'white' }
    const before = await as(senior).adjustMaterial({
      params,
      body: { grams: 30, gramsMinimum: 5, reason: 'A rest of a spool' },
    })
    expect(before.gramsNeeded).toBeGreaterThan(0)
    expect(before.low).toBe(true)
    const { items } = await as(ada).getSchedule()
    expect(items.some(({ lacking }) => lacking === 'material')).toBe(true)
    const { works } = await confirmed()
    await make(ada, works[0]!)
    const after = (await as(ada).listMaterials()).items.find((each) => each.material === 'pla')!
    expect(after.gramsOnHand).toBeCloseTo(30 - 24.5, 6)
  })

  test('figures count pieces, spoilt ones and the time that work ran', async () => {
    const machineId = (await newMachine('Figured')).machineId
    const { works } = await confirmed()
    const params = { workId: works[0]! }
    await as(ada).claimWork({ params, body: {} })
    await as(ada).startWork({ params, body: { machineId } })
    platform.advance(3_600_000)
    await as(ada).scrapWork({ params, body: { quantity: 1, reason: 'Warped' } })
    await as(ada).finishWork({ params, body: {} })
    const now = Date.now() + 3_600_000
    const query = {
      from: new Date(now - 7_200_000).toISOString(),
      until: new Date(now + 60_000).toISOString(),
    }
    const { machines, days } = await as(senior).getFigures({ query })
    const used = machines.find(({ id }) => id === machineId)!
    expect(used).toMatchObject({ finished: 1, scrapped: 1 })
    expect(used.workedSeconds).toBeGreaterThanOrEqual(3_600)
    expect(used.workedSeconds).toBeLessThan(3_660)
    expect(days.reduce((sum, { scrapped }) => sum + scrapped, 0)).toBeGreaterThanOrEqual(1)
    await expect(as(ada).getFigures({ query })).rejects.toMatchObject({ status: 403 })
  })

  test('pages of work go on where they ended; no list walks over the whole table', async () => {
    const first = await as(senior).listWork({ query: { limit: 2 } })
    const second = await as(senior).listWork({ query: { limit: 2, cursor: first.next! } })
    const ids = [...first.items, ...second.items].map(({ workId }) => workId)
    expect(new Set(ids).size).toBe(4)
    const { sql } = running('operators').tools
    await sql`insert into orders (order_id, placed, confirmed, stage, due_at)
      select gen_random_uuid(), true, true, 'delivered', now() from generate_series(1, 10000)`
    await sql`insert into works (work_id, order_id, line_id, name, technique, quantity, machine_seconds, material_g,
        state, due_at, created_at, finished_at)
      select gen_random_uuid(), order_id, gen_random_uuid(), 'x', 'fdm', 1, 1, 1, 'finished', now(), now(), now()
      from orders where stage = 'delivered'`
    await sql`analyze`
    const plan = async (query: string) =>
      (await sql.unsafe(`explain ${query}`)).map((row) => Object.values(row)[0]).join('\n')
    for (const query of [
      `select * from works w where w.state in ('free', 'claimed', 'started', 'paused') order by w.due_at, w.work_id limit 26`,
      `select * from works w where w.state = 'free' order by w.due_at, w.work_id limit 200`,
      `select * from orders where stage = 'packed' order by due_at, order_id limit 26`,
      `select * from works w where w.order_id = '${uuidv7()}' order by w.work_id limit 200`,
      `select * from works w where w.operator_id = '${ada.id}' and w.state in ('claimed', 'started', 'paused') order by w.due_at, w.work_id limit 1000`,
    ])
      expect(await plan(query), query).not.toMatch(/Seq Scan on (orders|works)/)
  })
})
