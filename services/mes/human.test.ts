/** What people decide, and what is decided before anybody works on it. */
import type { Problem } from '@pleiad/platform/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mes } from './contract.ts'
import { type Bed, options, startBed } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed({ MES_OWNER_JOBS: '3' })
})
afterAll(() => bed.stop())

const problem = (promise: Promise<unknown>): Promise<Problem> =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error) => error.problem,
  )
const eventOf = async (type: string, requestId: string) =>
  (await bed.events(type)).filter(({ key }) => key === requestId).map(({ data }) => data)

/** A request that waits for a person. */
async function waiting(): Promise<{ requestId: string; ownerId: string; modelId: string }> {
  const [ownerId, modelId] = [uuidv7(), uuidv7()]
  await bed.ready({ modelId, ownerId })
  const [requestId] = await bed.ask({ ownerId, modelId })
  const [job] = await bed.claim()
  await bed.fail(job!, 'partWallsThin', true)
  return { requestId: requestId!, ownerId, modelId }
}

test('a person takes a request, sets the price, and it is known who did', async () => {
  const { requestId, ownerId, modelId } = await waiting()
  const [anna, boris] = [uuidv7(), uuidv7()]
  const params = { requestId }
  const listed = await bed.manager().listHumanJobs({})
  expect(listed.items).toContainEqual(
    expect.objectContaining({
      requestId,
      ownerId,
      modelId,
      modelName: 'cube.stl',
      sizeMm: { x: 20, y: 20, z: 20 },
    }),
  )
  const price = { unitPrice: 4900, validDays: 7, note: 'by the drawing' }
  expect(await problem(bed.manager(anna).setPrice({ params, body: price }))).toMatchObject({
    code: 'jobNotTaken',
  })
  await bed.manager(anna).takeHumanJob({ params, body: {} })
  expect(await problem(bed.manager(boris).takeHumanJob({ params, body: {} }))).toMatchObject({
    code: 'jobTaken',
    takenBy: anna,
  })
  expect(await problem(bed.manager(boris).setPrice({ params, body: price }))).toMatchObject({
    code: 'jobNotTaken',
  })
  expect((await bed.manager(anna).listHumanJobs({ query: { taken: 'mine' } })).items).toHaveLength(1)
  expect((await bed.manager(boris).listHumanJobs({ query: { taken: 'mine' } })).items).toHaveLength(0)
  expect(await bed.manager(anna).setPrice({ params, body: price })).toMatchObject({
    state: 'priced',
    decidedBy: anna,
    note: 'by the drawing',
    price: { unitPrice: 4900, total: 9800, byHand: true },
  })
  expect(await problem(bed.manager(anna).setPrice({ params, body: price }))).toMatchObject({
    code: 'jobDecided',
  })
  const [event, ...more] = await eventOf('order.price.calculated', requestId)
  expect(more).toEqual([])
  expect(event).toMatchObject({
    byHand: true,
    total: 9800,
    breakdown: [{ code: 'byHand', amount: 9800 }],
    requestId,
    ownerId,
  })
  expect(event).not.toHaveProperty('work')
})

test('a person refuses with a reason that the customer reads', async () => {
  const { requestId, ownerId } = await waiting()
  const params = { requestId }
  const anna = uuidv7()
  await bed.manager(uuidv7()).takeHumanJob({ params, body: {} })
  // Somebody is ill: another takes over.
  await bed.manager(anna).takeHumanJob({ params, body: { force: true } })
  const body = { reason: 'Walls of 0.1 mm break.', note: 'called the customer' }
  await bed.manager(anna).refusePrice({ params, body })
  const seen = await bed.as(ownerId).getPriceJob({ params })
  expect(seen).toMatchObject({ state: 'refused', reason: { code: 'declined', detail: body.reason } })
  expect(JSON.stringify(seen)).not.toContain('called the customer')
  expect(await eventOf('order.price.refused', requestId)).toMatchObject([{ reason: { code: 'declined' } }])
})

test('two people at once: one decides', async () => {
  const { requestId } = await waiting()
  const params = { requestId }
  const takers = Array.from({ length: 4 }, () => bed.manager())
  const taken = await Promise.allSettled(takers.map((client) => client.takeHumanJob({ params, body: {} })))
  expect(taken.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

test('a request is let go of, and put back into the queue', async () => {
  const { requestId } = await waiting()
  const params = { requestId }
  const anna = bed.manager(uuidv7())
  await anna.takeHumanJob({ params, body: {} })
  expect(await problem(bed.manager().releaseHumanJob({ params }))).toMatchObject({ code: 'jobNotTaken' })
  expect(await problem(bed.manager().tryPriceAgain({ params }))).toMatchObject({ code: 'jobTaken' })
  const released = await anna.releaseHumanJob({ params })
  expect(released).not.toHaveProperty('takenBy')
  expect(await bed.manager().tryPriceAgain({ params })).toMatchObject({ state: 'queued', attempt: 0 })
  const [job] = await bed.claim()
  expect(job!.requestId).toBe(requestId)
  expect(await bed.finish(job!)).toBe(true)
})

test('who may not manage prices sees nothing of others, nor does anything', async () => {
  const { requestId, ownerId } = await waiting()
  const params = { requestId }
  const body = { unitPrice: 1, validDays: 1 }
  for (const call of [
    bed.as(ownerId).listHumanJobs({}),
    bed.as(ownerId).openHumanJob({ params }),
    bed.as(ownerId).setPrice({ params, body }),
  ])
    expect(await problem(call)).toMatchObject({ status: 403 })
  expect(await problem(bed.manager().openHumanJob({ params: { requestId: uuidv7() } }))).toMatchObject({
    status: 404,
  })
})

test('what the book does not offer goes to a person at once, with the reason in words', async () => {
  const ownerId = uuidv7()
  const [requestId] = await bed.ask({ ownerId, options: { ...options, material: 'unobtainium' } })
  expect(await bed.as(ownerId).getPriceJob({ params: { requestId: requestId! } })).toMatchObject({
    state: 'waitingForHuman',
    reason: { code: 'optionNotOffered', facts: { material: 'unobtainium' } },
  })
  expect(await eventOf('order.price.delayed', requestId!)).toHaveLength(1)
})

test('a part larger than every machine is refused with its measures; one that may fit turned goes to a worker', async () => {
  const [ownerId, modelId, slanted] = [uuidv7(), uuidv7(), uuidv7()]
  await bed.ready({ modelId, ownerId, sizeMm: { x: 5000, y: 10, z: 10 } })
  await bed.ready({ modelId: slanted, ownerId, sizeMm: { x: 260, y: 1, z: 1 } })
  const [huge, long] = await bed.ask({ ownerId, modelId }, { ownerId, modelId: slanted })
  expect(await bed.as(ownerId).getPriceJob({ params: { requestId: huge! } })).toMatchObject({
    state: 'refused',
    reason: { code: 'partImpossible', facts: { longestMm: 5000 } },
  })
  const [job] = await bed.claim()
  expect(job!.requestId).toBe(long)
  // Too large for this technology alone: a person may know another way.
  await bed.fail(job!, 'partTooLarge', true)
  expect(await bed.as(ownerId).getPriceJob({ params: { requestId: long! } })).toMatchObject({
    state: 'waitingForHuman',
    reason: { code: 'partTooLarge' },
  })
})

test('a customer has only so many requests waiting', async () => {
  const ownerId = uuidv7()
  const ids = await bed.ask({ ownerId }, { ownerId }, { ownerId }, { ownerId })
  const states = await Promise.all(
    ids.map(async (requestId) => (await bed.as(ownerId).getPriceJob({ params: { requestId } })).state),
  )
  expect(states.sort()).toEqual(['queued', 'queued', 'queued', 'refused'])
  const refused = (await bed.events('order.price.refused')).filter(({ data }) => data['ownerId'] === ownerId)
  expect(refused).toMatchObject([{ data: { reason: { code: 'tooManyWaiting', facts: { limit: 3 } } } }])
})

test('estimates: for everybody by measures, by a model for its owner, and none where there is no price', async () => {
  const [ownerId, modelId] = [uuidv7(), uuidv7()]
  await bed.ready({ modelId, ownerId })
  const measures = { volumeMm3: 8000, areaMm2: 2400, sizeMm: { x: 20, y: 20, z: 20 } }
  const byMeasures = await bed.platform.client(mes).estimate({ body: { options, measures } })
  expect(byMeasures.total.low).toBeLessThanOrEqual(byMeasures.total.likely)
  expect(byMeasures.total.likely).toBeLessThanOrEqual(byMeasures.total.high)
  expect(byMeasures).toMatchObject({ currency: 'EUR', bookVersion: 1 })
  const byModel = await bed.as(ownerId).estimate({ body: { options, modelId } })
  expect(byModel).toEqual(byMeasures)
  for (const other of [bed.platform.client(mes), bed.as(uuidv7())])
    expect(await problem(other.estimate({ body: { options, modelId } }))).toMatchObject({ status: 404 })
  const large = { ...measures, volumeMm3: 1e8, areaMm2: 2e6, sizeMm: { x: 900, y: 900, z: 900 } }
  for (const [body, code] of [
    [{ options, measures: large }, 'partTooLarge'],
    [{ options: { ...options, layerHeightMm: 0.7 }, measures }, 'optionNotOffered'],
  ] as const)
    expect(await problem(bed.platform.client(mes).estimate({ body }))).toMatchObject({
      code: 'priceNotPossible',
      reason: { code },
    })
  expect(await problem(bed.platform.client(mes).estimate({ body: { options } }))).toMatchObject({
    status: 422,
  })
})
