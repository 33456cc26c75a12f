/** The price book through the client: drafts, publishing, time, two administrators at once. */
import type { Problem } from '@pleiad/platform/contract'
import { emit } from '@pleiad/platform/service'
import { shop } from '@pleiad/shop/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Bed, options, startBed } from './testing-bed.ts'

let bed: Bed
const HOUR = 3_600_000
beforeAll(async () => {
  bed = await startBed()
})
afterAll(() => bed.stop())

const problem = (promise: Promise<unknown>): Promise<Problem> =>
  promise.then(
    () => expect.unreachable('it succeeded'),
    (error) => error.problem,
  )
const published = async () =>
  (await bed.events('pricebook.published')).map(
    ({ data }) => data as { version: number; validUntil?: string },
  )
const match = (revision: number) => ({ ifMatch: String(revision) })

test('the book that comes with the system is in force from the first start, and announced', async () => {
  const { version, book } = await bed.as(uuidv7()).getBookInForce()
  expect(version).toBe(1)
  expect(book.technologies.length).toBeGreaterThan(0)
  const [first] = await published()
  expect(first).toMatchObject({ version: 1, currency: book.currency })
  expect(first).not.toHaveProperty('validUntil')
  // Amounts are nobody's business but the book's.
  expect(JSON.stringify(first)).not.toMatch(/machinePerHour|minPrice/)
  const { items } = await bed.manager().listBooks({})
  expect(items).toMatchObject([{ version: 1, state: 'published', inForce: true, revision: 2 }])
})

test('a draft is made, edited by who saw its last state, compared, published, and noted', async () => {
  const boss = uuidv7()
  const client = bed.manager(boss)
  const draft = await client.createBook({ body: { note: 'Machines are dearer' } })
  expect(draft).toMatchObject({ state: 'draft', version: 2, createdBy: boss, revision: 1 })
  const book = structuredClone(draft.book) as typeof draft.book & {
    technologies: { machinePerHour: number }[]
  }
  book.technologies[0]!.machinePerHour *= 2
  const change = { params: { version: 2 }, body: { note: 'Twice as dear', book } }
  // Two administrators have the same state open: the second is told.
  const results = await Promise.allSettled([
    client.updateBook({ ...change, ...match(1) }),
    bed.manager().updateBook({ ...change, ...match(1) }),
  ])
  expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const lost = results.find((result) => result.status === 'rejected')!
  expect(lost.reason.problem).toMatchObject({ code: 'preconditionFailed', status: 412 })

  const preview = await client.previewBook({ params: { version: 2 } })
  expect(preview.against).toBe(1)
  expect(preview.items.length).toBeGreaterThan(2)
  for (const line of preview.items) expect(line.after).toBeGreaterThanOrEqual(line.before!)
  expect(preview.items.some(({ after, before }) => after! > before!)).toBe(true)

  expect(await problem(client.publishBook({ params: { version: 2 }, body: {}, ...match(1) }))).toMatchObject({
    code: 'preconditionFailed',
  })
  const done = await client.publishBook({ params: { version: 2 }, body: {}, ...match(2) })
  expect(done).toMatchObject({ state: 'published', inForce: true, publishedBy: boss })
  expect(await bed.manager().getBook({ params: { version: 1 } })).toMatchObject({
    state: 'superseded',
    inForce: false,
  })
  expect((await bed.as(uuidv7()).getBookInForce()).version).toBe(2)
  expect((await published()).map(({ version }) => version)).toEqual([1, 2])
  const { items } = await client.getBookHistory({ params: { version: 2 } })
  expect(items.map(({ change: what }) => what)).toEqual(['published', 'edited', 'created'])
  expect(items[1]!.paths).toEqual(['/technologies/0/machinePerHour'])
  expect(await problem(client.updateBook({ ...change, ...match(3) }))).toMatchObject({
    code: 'bookPublished',
  })
  expect(await problem(client.removeBook({ params: { version: 2 } }))).toMatchObject({
    code: 'bookPublished',
  })
})

test('a book with a hole is refused with the place', async () => {
  const client = bed.manager()
  const { book } = await bed.as(uuidv7()).getBookInForce()
  const holed = {
    ...book,
    quantityBreaks: [
      { from: 1, to: 9, percentOff: 0 },
      { from: 20, to: 10_000, percentOff: 5 },
    ],
  }
  const refused = await problem(client.createBook({ body: { note: '', book: holed } }))
  expect(refused).toMatchObject({ code: 'bookNotRight', status: 400 })
  expect(refused.errors![0]!.path).toMatch(/^\/body\/book\/quantityBreaks/)
  const draft = await client.createBook({ body: { note: '' } })
  const params = { version: draft.version }
  expect(
    await problem(client.updateBook({ params, body: { note: '', book: holed }, ...match(1) })),
  ).toMatchObject({
    code: 'bookNotRight',
  })
  const [technology, material, finish] = [book.technologies[0]!, book.materials[0]!, book.finishes[0]!]
  const holes: [hole: Partial<typeof book>, at: RegExp][] = [
    [{ materials: book.materials.filter((one) => one.technology !== technology.id) }, /technologies\/0/],
    [{ technologies: book.technologies.slice(1) }, /materials\/0\/technology/],
    [
      { finishes: book.finishes.filter(({ id }) => !material.finishes.includes(id)) },
      /materials\/0\/finishes/,
    ],
    [{ quantityBreaks: [{ from: 1, to: 9, percentOff: 0 }] }, /quantityBreaks/],
    [{ quantityBreaks: [{ from: 2, to: 10_000, percentOff: 0 }] }, /quantityBreaks\/0/],
    [
      {
        quantityBreaks: [
          { from: 1, to: 9, percentOff: 0 },
          { from: 9, to: 10_000, percentOff: 5 },
        ],
      },
      /quantityBreaks\/1/,
    ],
    [{ materials: [...book.materials, material] }, /materials\/\d+\/id/],
    [{ finishes: [...book.finishes, { ...finish, id: 'nobodys' }] }, /finishes\/\d+/],
  ]
  for (const [hole, at] of holes) {
    const answer = await problem(client.createBook({ body: { note: '', book: { ...book, ...hole } } }))
    expect(answer, String(at)).toMatchObject({ code: 'bookNotRight', status: 400 })
    expect(answer.errors!.map(({ path }) => path).join(' ')).toMatch(at)
    for (const { message } of answer.errors!) expect(message).toMatch(/^\S.{10,}\.$/)
  }
  for (const wild of [{}, { technologies: 7 }, { ...book, materials: [null] }])
    expect(await problem(client.createBook({ body: { note: '', book: wild as never } }))).toMatchObject({
      code: 'validationFailed',
      status: 400,
    })
  await client.removeBook({ params })
  expect(await problem(client.getBook({ params }))).toMatchObject({ status: 404 })
})

test('a book for a while leaves neither a hole nor an overlap, and the one before goes on', async () => {
  const client = bed.manager()
  const now = Date.now()
  const at = (hours: number) => new Date(now + hours * HOUR).toISOString()
  const make = async () => (await client.createBook({ body: { note: 'Sale' } })).version
  const publish = (version: number, from: number, until?: number) =>
    client.publishBook({
      params: { version },
      body: { validFrom: at(from), ...(until ? { validUntil: at(until) } : {}) },
      ...match(1),
    })
  const [sale, short, later] = [await make(), await make(), await make()]
  await publish(sale!, 10, 20)
  await publish(short!, 15, 17)
  await publish(later!, 30)
  const { sql } = bed.running().tools
  const rows = await sql<{ version: number; from: Date }[]>`
    select version, valid_from as from from periods where valid_from > ${new Date(now)} order by valid_from`
  expect(rows.map(({ version, from }) => [version, Math.round((from.getTime() - now) / HOUR)])).toEqual([
    [sale, 10],
    [short, 15],
    [sale, 17],
    [2, 20],
    [later, 30],
  ])
  // What covers everything takes the others' place.
  const all = await make()
  await publish(all, 5)
  expect((await client.getBook({ params: { version: later! } })).state).toBe('superseded')
  expect((await client.getBook({ params: { version: 2 } })).periods.at(-1)).toMatchObject({ until: at(5) })
  expect(await problem(publish(await make(), -1))).toMatchObject({ code: 'bookPeriodNotRight' })
  expect(await problem(publish(await make(), 9, 8))).toMatchObject({ code: 'bookPeriodNotRight' })
})

test('a book that begins later is announced when it begins, unless it was taken out', async () => {
  const client = bed.manager()
  const make = async () => (await client.createBook({ body: { note: 'Soon' } })).version
  const before = (await published()).length
  const [out, soon] = [await make(), await make()]
  const publish = (version: number, milliseconds: number) =>
    client.publishBook({
      params: { version },
      body: { validFrom: new Date(Date.now() + milliseconds).toISOString() },
      ...match(1),
    })
  await publish(out!, 3000)
  await publish(soon!, 2000)
  expect(await published()).toHaveLength(before)
  await vi.waitFor(async () => expect((await published()).at(-1)?.version).toBe(soon), { timeout: 20_000 })
  expect((await bed.as(uuidv7()).getBookInForce()).version).toBe(soon)
  // The other's moment has passed as well by the time a further book is announced.
  const last = await make()
  await publish(last, 2500)
  await vi.waitFor(async () => expect((await published()).at(-1)?.version).toBe(last), { timeout: 20_000 })
  expect((await published()).map(({ version }) => version)).not.toContain(out)
})

test('a price names the book in force when it was claimed', async () => {
  const { version } = await bed.as(uuidv7()).getBookInForce()
  await bed.ask({ options })
  const [job] = await bed.claim()
  expect(job!.bookVersion).toBe(version)
  const { bookJson } = await bed.work().getBook({ version })
  expect(JSON.parse(bookJson)).toHaveProperty('quantityBreaks')
  await expect(bed.work().getBook({ version: 9999 })).rejects.toThrow('no such version')
})

test('only who may manage prices sees the books', async () => {
  expect(await problem(bed.as(uuidv7()).listBooks({}))).toMatchObject({ status: 403 })
  expect(await problem(bed.as(uuidv7()).createBook({ body: { note: '' } }))).toMatchObject({ status: 403 })
})

test('whoever did not listen at the first start asks, and what is in force is announced again', async () => {
  const before = await published()
  const { tools } = bed.platform.host.running.find(({ service }) => service.contract.name === 'shop')!
  await tools.transact(async (tx) =>
    emit(tx, shop, 'catalogue.wanted', { wantedAt: new Date().toISOString() }),
  )
  await bed.platform.settled()
  const after = await published()
  expect(after).toHaveLength(before.length + 1)
  expect(after.at(-1)).toEqual(before.at(-1))
})
