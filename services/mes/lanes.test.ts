/** Lanes, leases and places, with workers that are played through the RPC. */
import type { Problem } from '@pleiad/platform/contract'
import { connectRealtime, type RealtimeClient } from '@pleiad/platform/realtime-client'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { type Bed, options, startBed } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed({ MES_LEASE_SECONDS: '30', MES_ATTEMPTS: '3', MES_REST_SECONDS: '5' })
})
afterAll(() => bed.stop())
beforeEach(async () => {
  const { sql } = bed.running().tools
  await sql`delete from jobs`
  await sql`delete from turns`
  await sql`update queue set regular_turn = 0, priority_turn = 0, since_regular = 0`
})

const times = <T>(count: number, make: (index: number) => T) =>
  Array.from({ length: count }, (_, n) => make(n))
const state = async (requestId: string, of = bed.owner) => bed.as(of).getPriceJob({ params: { requestId } })
const problem = (promise: Promise<unknown>): Promise<Problem> =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error) => error.problem,
  )

test('a request becomes a job with a place, is worked on and priced once; the owner hears of it', async () => {
  const [requestId] = await bed.ask({})
  expect(await state(requestId!)).toMatchObject({ state: 'queued', ahead: 0, aheadIsMore: false, attempt: 0 })
  const [job] = await bed.claim()
  expect(job).toMatchObject({ requestId, attempt: 1, bookVersion: 1, workJson: '' })
  expect(JSON.parse(job!.optionsJson)).toEqual(options)
  expect((await state(requestId!)).state).toBe('working')
  expect(await bed.finish(job!)).toBe(true)
  const priced = await state(requestId!)
  expect(priced).toMatchObject({
    state: 'priced',
    price: { currency: 'EUR', total: 2500, unitPrice: 1250, bookVersion: 1, byHand: false },
  })
  // The same answer again, and one that comes late, change nothing.
  expect(await bed.finish(job!)).toBe(false)
  const events = (await bed.events('order.price.calculated')).filter(({ key }) => key === requestId)
  expect(events).toHaveLength(1)
  expect(events[0]!.data).toMatchObject({
    requestId,
    source: 'shop',
    ownerId: bed.owner,
    options,
    total: 2500,
    breakdown: [
      { code: 'machine', amount: 2000 },
      { code: 'material', amount: 500 },
    ],
    work: { materialG: 10, supportG: 1, machineSeconds: 3600, layers: 100 },
    byHand: false,
  })
})

test('nobody else sees a request, and a second event of the same request is the same job', async () => {
  const requestId = uuidv7()
  await bed.ask({ requestId })
  await bed.ask({ requestId })
  expect(await problem(bed.as(uuidv7()).getPriceJob({ params: { requestId } }))).toMatchObject({
    status: 404,
  })
  expect(await bed.claim(5)).toHaveLength(1)
})

test('priority goes first, but every fifth claim is regular', async () => {
  await bed.ask(...times(20, () => ({ lane: 'regular' as const, ownerId: uuidv7() })))
  await bed.ask(...times(20, () => ({ lane: 'priority' as const, ownerId: uuidv7() })))
  const { sql } = bed.running().tools
  const lanes: string[] = []
  // In portions, as several workers would claim.
  for (const wanted of [1, 3, 1, 2, 4, 5, 4]) {
    for (const { requestId } of await bed.claim(wanted, `worker-${wanted}`)) {
      const [row] = await sql<{ lane: string }[]>`select lane from jobs where request_id = ${requestId}`
      lanes.push(row!.lane)
    }
  }
  expect(lanes).toHaveLength(20)
  expect(lanes.slice(0, 4)).toEqual(times(4, () => 'priority'))
  for (let at = 0; at + 5 <= lanes.length; at += 5)
    expect(lanes.slice(at, at + 5).filter((lane) => lane === 'regular')).toHaveLength(1)
})

test('one customer’s many models do not stand before everybody else’s first', async () => {
  const [many, few] = [uuidv7(), uuidv7()]
  await bed.ask(...times(200, () => ({ ownerId: many })))
  const claimed = await bed.claim(10)
  expect(claimed).toHaveLength(10)
  const [first, second] = await bed.ask({ ownerId: few }, { ownerId: few })
  // Their first comes at once, their second after one more of the others.
  expect((await state(first!, few)).ahead).toBeLessThanOrEqual(1)
  expect((await state(second!, few)).ahead).toBeLessThanOrEqual(3)
  const next = (await bed.claim(4)).map(({ requestId }) => requestId)
  expect(next).toContain(first)
  expect(next).toContain(second)
})

test('a job past its lease is taken over, and the late answer is ignored', async () => {
  const [requestId] = await bed.ask({})
  const [lost] = await bed.claim(1, 'dies')
  expect(await bed.claim(1, 'other')).toEqual([])
  bed.platform.advance(20_000)
  const beat = await bed.work().heartbeat({
    workerId: 'dies',
    slots: 1,
    leases: [{ requestId: lost!.requestId, lease: lost!.lease }],
  })
  expect(beat.lost).toEqual([])
  bed.platform.advance(20_000)
  expect(await bed.claim(1, 'other')).toEqual([])
  bed.platform.advance(11_000)
  const [taken] = await bed.claim(1, 'other')
  expect(taken).toMatchObject({ requestId, attempt: 2 })
  const late = await bed.work().heartbeat({
    workerId: 'dies',
    slots: 1,
    leases: [{ requestId: lost!.requestId, lease: lost!.lease }],
  })
  expect(late.lost).toEqual([requestId])
  expect(await bed.finish(lost!)).toBe(false)
  expect(await bed.fail(lost!, 'partFlat', true)).toBe(false)
  expect((await state(requestId!)).state).toBe('working')
  expect(await bed.finish(taken!)).toBe(true)
  expect((await bed.events('order.price.calculated')).filter(({ key }) => key === requestId)).toHaveLength(1)
})

test('many workers at once never get the same job', async () => {
  await bed.ask(...times(60, (n) => ({ lane: n % 2 === 0 ? ('regular' as const) : ('priority' as const) })))
  const claims = await Promise.all(times(20, (n) => bed.claim(3, `worker-${n}`)))
  const ids = claims.flat().map(({ requestId }) => requestId)
  expect(ids).toHaveLength(60)
  expect(new Set(ids).size).toBe(60)
})

test('a waiting claim gets a job as soon as there is one, and less than waits means nothing', async () => {
  const waiting = bed.claim(1, 'patient', 20_000)
  await bed.ask({})
  expect(await waiting).toHaveLength(1)
})

test('a claim that is abandoned holds nothing', async () => {
  const controller = new AbortController()
  const waiting = bed
    .work()
    .claim({ workerId: 'gone', slots: 1, wanted: 1, waitMs: 20_000 }, { signal: controller.signal })
  waiting.catch(() => {})
  controller.abort()
  const [requestId] = await bed.ask({})
  await vi.waitFor(async () => expect(await bed.claim(1)).toMatchObject([{ requestId }]), { timeout: 15_000 })
})

test('a job that kills its workers goes to a person after the last attempt', async () => {
  const [requestId] = await bed.ask({})
  for (const attempt of [1, 2, 3]) {
    expect(await bed.claim(1, `dies-${attempt}`)).toMatchObject([{ attempt }])
    bed.platform.advance(31_000)
  }
  expect(await bed.claim()).toEqual([])
  expect(await state(requestId!)).toMatchObject({
    state: 'waitingForHuman',
    reason: { code: 'workerFailed', facts: { attempts: 3 } },
  })
  expect(await bed.events('order.price.delayed')).toContainEqual(
    expect.objectContaining({ key: requestId, data: expect.objectContaining({ source: 'shop' }) }),
  )
})

test('a failure that may pass rests longer each time; a final one goes to a person at once', async () => {
  const [passing, final] = await bed.ask({}, {})
  const claimed = await bed.claim(2)
  const of = (requestId: string | undefined) => claimed.find((job) => job.requestId === requestId)!
  expect(await bed.fail(of(passing), 'workerFailed', false)).toBe(true)
  expect(await bed.fail(of(final), 'partFlat', true)).toBe(true)
  expect(await state(final!)).toMatchObject({ state: 'waitingForHuman', reason: { code: 'partFlat' } })
  expect((await state(passing!)).state).toBe('queued')
  expect(await bed.claim()).toEqual([])
  bed.platform.advance(5001)
  const [again] = await bed.claim()
  expect(again).toMatchObject({ requestId: passing, attempt: 2 })
  await bed.fail(again!, 'workerFailed', false)
  bed.platform.advance(6000)
  expect(await bed.claim()).toEqual([])
  bed.platform.advance(4001)
  const [last] = await bed.claim()
  await bed.fail(last!, 'tooComplex', false)
  expect(await state(passing!)).toMatchObject({ state: 'waitingForHuman', reason: { code: 'tooComplex' } })
})

test('what is given back does not count as an attempt', async () => {
  await bed.ask({})
  const [job] = await bed.claim()
  await bed.work().release({ leases: [{ requestId: job!.requestId, lease: job!.lease }] })
  expect(await bed.claim()).toMatchObject([{ requestId: job!.requestId, attempt: 1 }])
  expect(await bed.finish(job!)).toBe(false)
})

test('its owner, a neighbour, or the end of the model call a request off; the worker is told', async () => {
  const modelId = uuidv7()
  const [mine, theirs, ofModel] = await bed.ask({}, {}, { modelId })
  const claimed = await bed.claim(3)
  expect(await bed.as(bed.owner).cancelPriceJob({ params: { requestId: mine! } })).toMatchObject({
    state: 'cancelled',
    reason: { code: 'cancelled' },
  })
  expect((await bed.requests().cancelPriceJob({ requestId: theirs! })).cancelled).toBe(true)
  expect((await bed.requests().cancelPriceJob({ requestId: theirs! })).cancelled).toBe(false)
  await bed.deleteModel(modelId, bed.owner)
  expect(await state(ofModel!)).toMatchObject({ state: 'cancelled', reason: { code: 'modelDeleted' } })
  const leases = claimed.map(({ requestId, lease }) => ({ requestId, lease }))
  const { lost } = await bed.work().heartbeat({ workerId: 'worker-a', slots: 4, leases })
  expect(lost.sort()).toEqual([mine, theirs, ofModel].sort())
  for (const job of claimed) expect(await bed.finish(job)).toBe(false)
  expect(await problem(bed.as(bed.owner).cancelPriceJob({ params: { requestId: mine! } }))).toMatchObject({
    code: 'jobDecided',
    status: 409,
  })
  const refused = (await bed.events('order.price.refused')).map(({ key }) => key)
  expect(refused).toEqual(expect.arrayContaining([mine, theirs, ofModel]))
})

test('the same mesh with the same options and book is not worked out twice', async () => {
  const [one, two] = [uuidv7(), uuidv7()]
  await bed.ready({ modelId: one, sha256: 'cd' })
  await bed.ready({ modelId: two, sha256: 'cd' })
  await bed.ask({ modelId: one })
  // Also when the second was queued before the first was done.
  const [, queued] = [0, (await bed.ask({ modelId: two }))[0]]
  const [first] = await bed.claim()
  expect(first).toMatchObject({ sha256: 'cd', workJson: '' })
  await bed.finish(first!, 'cd')
  const [second] = await bed.claim()
  expect(second!.requestId).toBe(queued)
  expect(JSON.parse(second!.workJson)).toMatchObject({ materialG: 10, layers: 100 })
})

test('an upload that came with options is priced by itself, once', async () => {
  const modelId = uuidv7()
  await bed.ready({ modelId, options, sha256: 'ee' })
  const { items } = await bed.as(bed.owner).listPriceJobs()
  expect(items).toMatchObject([{ modelId, source: 'model', lane: 'regular', state: 'queued' }])
})

test('a list in pages, and by state', async () => {
  const ids = await bed.ask({}, {}, {})
  await bed.claim()
  const first = await bed.as(bed.owner).listPriceJobs({ query: { limit: 2 } })
  const rest = await bed.as(bed.owner).listPriceJobs({ query: { limit: 2, cursor: first.next! } })
  expect([...first.items, ...rest.items].map(({ requestId }) => requestId).sort()).toEqual([...ids].sort())
  expect(rest.next).toBeUndefined()
  const working = await bed.as(bed.owner).listPriceJobs({ query: { state: 'working' } })
  expect(working.items).toHaveLength(1)
})

test('answers that do not add up are not taken', async () => {
  await bed.ask({})
  const [job] = await bed.claim()
  const answer = {
    lease: { requestId: job!.requestId, lease: job!.lease },
    workJson: '{}',
    priceJson: JSON.stringify({
      currency: 'EUR',
      unitPrice: 1,
      total: 2,
      breakdown: [{ code: 'x', amount: 1 }],
    }),
    sha256: '',
    bookVersion: 1,
  }
  await expect(bed.work().finish(answer)).rejects.toThrow('does not add up')
  await expect(bed.work().finish({ ...answer, priceJson: 'no' })).rejects.toThrow('not JSON')
  await expect(bed.work().claim({ workerId: 'a', slots: 1, wanted: 0, waitMs: 0 })).rejects.toThrow('wanted')
})

test('the queue tells how it stands, and how long one waits', async () => {
  await bed.ask({}, {}, { lane: 'priority' })
  const [job] = await bed.claim(1, 'worker-q')
  bed.platform.advance(4000)
  await bed.finish(job!)
  const [last] = await bed.ask({ ownerId: uuidv7() })
  const queue = await bed.manager().getQueue()
  expect(queue.lanes).toMatchObject([
    { lane: 'priority', queued: 0 },
    { lane: 'regular', queued: 3 },
  ])
  expect(queue.workers.map(({ workerId }) => workerId)).toContain('worker-q')
  expect(queue.secondsPerJob).toBeGreaterThanOrEqual(4)
  const { jobsJson } = await bed.requests().getPriceJobs({ requestIds: [last!] })
  const seen = JSON.parse(jobsJson[0]!)
  expect(seen).toMatchObject({ state: 'queued', ahead: expect.any(Number) })
  expect(seen.expectedWaitSeconds).toBeGreaterThan(0)
  expect(await problem(bed.as(bed.owner).getQueue())).toMatchObject({ status: 403 })
})

test('what is kept of a person is in their export, and goes with them', async () => {
  const ownerId = uuidv7()
  const [requestId] = await bed.ask({ ownerId })
  const { tools } = bed.running()
  expect(await tools.personalData(ownerId)).toMatchObject({ mes: { priceRequests: [{ requestId }] } })
  await bed.deleteUser(ownerId)
  expect(await tools.personalData(ownerId)).toEqual({})
  expect(await bed.claim()).toEqual([])
})

test('what is decided is forgotten after its time, what waits is not', async () => {
  const ownerId = uuidv7()
  const [done, waits] = await bed.ask({ ownerId }, { ownerId })
  const [job] = await bed.claim(10).then((jobs) => jobs.filter(({ requestId }) => requestId === done))
  await bed.finish(job!, 'sha-of-old')
  const { tools, service, own } = bed.running()
  const purge = () =>
    tools.transact((tx) => service.jobs!['purge']!.run(Object.assign(Object.create(tools), { tx }), own))
  const left = async () => ({
    jobs: (
      await tools.sql<{ id: string }[]>`select request_id as id from jobs where owner_id = ${ownerId}`
    ).map(({ id }) => id),
    works: Number((await tools.sql`select count(*) as n from works where sha256 = 'sha-of-old'`)[0]!['n']),
  })
  await purge()
  expect((await left()).jobs.sort()).toEqual([done!, waits!].sort())
  expect((await left()).works).toBe(1)
  bed.platform.advance(181 * 86_400_000)
  await purge()
  expect(await left()).toEqual({ jobs: [waits], works: 0 })
})

test('its owner hears live how a request goes, nobody else does', async () => {
  const heard: Record<string, string[]> = { owner: [], other: [] }
  const listen = (id: string, into: string[]) =>
    new Promise<RealtimeClient>((resolve) => {
      const line: RealtimeClient = connectRealtime({
        baseUrl: bed.platform.url,
        token: () => bed.platform.tokenFor({ id }),
        onState: (now) => now === 'open' && resolve(line),
      })
      line.on('price.job', (data) => into.push((data as { state: string }).state))
    })
  const lines = [await listen(bed.owner, heard['owner']!), await listen(uuidv7(), heard['other']!)]
  // Subscriptions are made when the line is open: until the first is heard of nothing is expected.
  await vi.waitFor(
    async () => {
      await bed.ask({})
      expect(heard['owner']).toContain('queued')
    },
    { timeout: 20_000, interval: 500 },
  )
  const [job] = await bed.claim()
  await bed.finish(job!)
  await vi.waitFor(() => expect(heard['owner']).toContain('priced'), { timeout: 20_000 })
  expect(heard['other']).toEqual([])
  for (const line of lines) line.close()
})
