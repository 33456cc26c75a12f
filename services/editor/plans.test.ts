/** The lists of models among fifty thousand: none reads more than it shows. */
import { expectIndexed } from '@pleiad/platform/testing-plans'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, test } from 'vitest'
import * as store from './store.ts'
import { eraseModels, isErased, listByFile, listDoomed, listFilesOf, listRejected } from './store-removal.ts'
import { lockVersion } from './store-work.ts'
import { type Bed, startBed } from './testing-bed.ts'

const MODELS = 50_000
const owner = uuidv7()
const page = { limit: 25 }
/** What a step may touch: a page, and what is looked at on the way to it. */
const FEW = 250
let bed: Bed
let some: string[]

beforeAll(async () => {
  bed = await startBed()
  const { sql } = bed.tools
  await sql`
    insert into models (model_id, owner_id, name, created_at, state)
    select md5('model' || n)::uuid, case when n % 10 = 0 then ${owner}::uuid else md5('owner' || n % 1000)::uuid end,
      'x', now() - n * interval '1 minute', case when n % 5000 = 0 then 'rejected' else 'ready' end
    from generate_series(1, ${MODELS}) n`
  await sql`
    insert into versions (model_id, version, owner_id, kind, state, created_at, source_file_id, mesh_file_id,
      thumbnail_file_id, sha256, report)
    select model_id, 1, owner_id, 'original', state, created_at, md5('s' || model_id)::uuid, md5('m' || model_id)::uuid,
      md5('t' || model_id)::uuid, 'x', '{}' from models`
  await sql`
    insert into doomed (model_id, file_id) select md5('gone' || n)::uuid, md5('file' || n)::uuid
    from generate_series(1, 20000) n`
  await sql`analyze models, versions, doomed`
  some = (await store.listModels(sql, owner, page)).map(({ model }) => model.modelId)
}, 120_000)
afterAll(() => bed?.platform.stop())

describe('no list reads a whole table, or more rows than it needs', () => {
  test.each<[string, (tx: Parameters<typeof store.lockModel>[0]) => Promise<unknown>]>([
    ['mine', (tx) => store.listModels(tx, owner, page)],
    ['a page further', (tx) => store.listModels(tx, owner, { ...page, cursor: some.at(-1)! })],
    ['mine that were rejected', (tx) => store.listModels(tx, owner, { ...page, state: 'rejected' })],
    [
      'mine that wait for a word, of which there are none',
      (tx) => store.listModels(tx, owner, { ...page, state: 'needsUnits' }),
    ],
    ['one', (tx) => store.lockModel(tx, some[0]!)],
    ['a version', (tx) => lockVersion(tx, { modelId: some[0]!, version: 1 })],
    ['the versions of one', (tx) => store.listVersions(tx, some[0]!)],
    [
      'some versions',
      (tx) =>
        store.findVersions(
          tx,
          some.map((modelId) => ({ modelId, version: 1 })),
        ),
    ],
    ['the model of a file', (tx) => store.findBySource(tx, uuidv7())],
    ['what has a file', (tx) => listByFile(tx, uuidv7())],
    ['the files of some', (tx) => listFilesOf(tx, some)],
    ['how many are worked on', (tx) => store.countWorking(tx, owner, 50)],
    ['rejected ones that are old', (tx) => listRejected(tx, new Date(), 100)],
    ['files to be deleted', (tx) => listDoomed(tx, uuidv7())],
    ['whether somebody is erased', (tx) => isErased(tx, owner)],
    ['the number of the next version', (tx) => store.nextVersion(tx, some[0]!)],
    ['a change', (tx) => store.touchModel(tx, some[0]!)],
  ])('%s', (_what, work) => expectIndexed(bed.tools, work, FEW))

  test('erasing somebody goes in bounded steps', () =>
    expectIndexed(bed.tools, (tx) => eraseModels(tx, owner), 2500))
})
