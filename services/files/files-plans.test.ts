/** The lists of files among a hundred thousand: none reads more than it shows. */
import { expectIndexed } from '@pleiad/platform/testing-plans'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { countUploads, findReady, isGranted, listFiles, listKeepersOf } from './store-files.ts'
import { listDoomed, listDue, listRemovals } from './store-lifecycle.ts'
import { type Bed, startBed } from './testing-bed.ts'

const FILES = 100_000
const owner = uuidv7()
const page = { limit: 25 }
/** What a step may touch: a page, and what is looked at on the way to it. */
const FEW = 250
let bed: Bed
let some: string[]

beforeAll(async () => {
  bed = await startBed()
  const { sql } = bed.tools().tools
  // Every tenth is the owner's, and of those few are pictures; few are due, kept or uploading.
  await sql`
    insert into files (id, owner_id, purpose, name, size, declared_type, state, created_at, expires_at, store_ref,
      type, sha256, ready_at, delete_after, missing_since)
    select md5('file' || n)::uuid, case when n % 10 = 0 then ${owner}::uuid else md5('owner' || n % 1000)::uuid end,
      case when n % 5000 = 0 then 'picture' else 'model' end, 'x.stl', 10, 'model/stl',
      case when n % 10000 = 1 then 'uploading' else 'ready' end, now(),
      case when n % 10000 = 1 then now() + n * interval '1 minute' end, null,
      case when n % 10000 <> 1 then 'model/stl' end, case when n % 10000 <> 1 then '\\x00'::bytea end,
      case when n % 10000 <> 1 then now() end, now() + n * interval '1 minute',
      case when n % 20000 = 2 then now() end
    from generate_series(1, ${FILES}) n`
  await sql`
    insert into keepers (file_id, keeper, since)
    select md5('file' || n * 7)::uuid, 'shop:order:' || n, now() from generate_series(1, 10000) n`
  await sql`
    insert into grants (file_id, subject)
    select md5('file' || n)::uuid, 'permission:models:read' from generate_series(1, ${FILES}) n`
  await sql`
    insert into removals (file_id, at, owner_id, purpose, size, reason)
    select md5('gone' || n)::uuid, now() - n * interval '1 second', null, 'model', 1, 'due'
    from generate_series(1, ${FILES}) n`
  await sql`
    insert into doomed (key, since)
    select md5('doomed' || n)::uuid, now() - n * interval '1 second' from generate_series(1, 20000) n`
  await sql`analyze files, keepers, grants, removals, doomed`
  some = (await listFiles(sql, owner, page)).map(({ id }) => id)
}, 120_000)
afterAll(() => bed?.platform.stop())

const soon = () => new Date(Date.now() + 60 * 60_000)

describe('no list reads a whole table, or more rows than it needs', () => {
  test.each<[string, (tx: Parameters<typeof listFiles>[0]) => Promise<unknown>]>([
    ['mine', (tx) => listFiles(tx, owner, page)],
    ['a page further', (tx) => listFiles(tx, owner, { ...page, cursor: some.at(-1)! })],
    ['mine of a rare purpose', (tx) => listFiles(tx, owner, { ...page, purpose: 'picture' })],
    ['mine of a purpose that nothing has', (tx) => listFiles(tx, owner, { ...page, purpose: 'avatar' })],
    ['those that are ready', (tx) => listFiles(tx, owner, { ...page, state: 'ready' })],
    [
      'those that are uploading, of which there are none',
      (tx) => listFiles(tx, owner, { ...page, state: 'uploading' }),
    ],
    ['how many are uploading', (tx) => countUploads(tx, owner, 100)],
    ['some by their ids', (tx) => findReady(tx, some)],
    ['who keeps them', (tx) => listKeepersOf(tx, some)],
    [
      'whether one is given to somebody',
      (tx) => isGranted(tx, some[0]!, ['user:x', 'permission:models:read']),
    ],
    ['what went', (tx) => listRemovals(tx, 25, undefined)],
    ['what went before that', (tx) => listRemovals(tx, 25, { at: new Date(), fileId: uuidv7() })],
    ['objects that must go', (tx) => listDoomed(tx, 200)],
    ['what goes in the next hour', (tx) => listDue(tx, soon(), new Date(0), 100)],
  ])('%s', async (_what, work) => {
    await expectIndexed(bed.tools().tools, work, FEW)
  })

  test('the crowd is there', async () => {
    expect(some).toHaveLength(26)
  })
})
