/**
 * 10,000 projects and 100,000 memberships: what PostgreSQL does for each question, by its own account. Not one table
 * is read from end to end, and no step touches more rows than a page and its neighbours need: the work of listing,
 * opening and saving does not grow with the number of projects.
 */
import { createHash } from 'node:crypto'
import type { Tx } from '@pleiad/platform/store'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addEntry, entriesBy, listEntries, nthInvitationAt, purgeEntries } from './store-activity.ts'
import { findEnvironment, listEnvironments } from './store-environments.ts'
import { countPending, findByToken, findOpenFor, listOpen, purgeInvitations } from './store-invitations.ts'
import { findByHash, listKeys, purgeKeys, touchKey } from './store-keys.ts'
import {
  countMembers,
  findPeople,
  listMembers,
  membershipsOf,
  membersWith,
  roleOf,
  setRole,
} from './store-members.ts'
import {
  findBySlug,
  findProject,
  listAllProjects,
  listProjects,
  lockDueProjects,
  lockProject,
  saveProject,
} from './store-projects.ts'
import { type Bed, startBed } from './testing-bed.ts'
import { addCrowd, type Crowd } from './testing-crowd.ts'

const PROJECTS = 10_000
/** No step of a plan may touch more rows: a page is 26, and a project has ten members to be counted. */
const FEW = 260

interface Node {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Actual Rows'?: number
  'Actual Loops'?: number
  'Rows Removed by Filter'?: number
  Plans?: Node[]
}

let bed: Bed
let crowd: Crowd
const everywhere = uuidv7()

beforeAll(async () => {
  bed = await startBed()
  crowd = await addCrowd(bed.tools.sql, PROJECTS, everywhere)
}, 120_000)
afterAll(() => bed?.platform.stop())

/** Runs `work`, asks PostgreSQL how it runs each of its statements, and undoes it all. */
async function stepsOf(work: (tx: Tx) => Promise<unknown>): Promise<Node[]> {
  const { options } = bed.tools.sql as unknown as { options: { debug: unknown } }
  const steps: Node[] = []
  const undone = new Error('undone')
  await bed.tools
    .transact(async (tx) => {
      const statements: { text: string; values: never[] }[] = []
      // Other connections of the pool work too: ours is the one that sets the savepoint.
      let ours: number | undefined
      options.debug = (connection: number, text: string, values: never[]) => {
        if (text === 'savepoint before') ours = connection
        else if (connection === ours) statements.push({ text, values: [...values] as never[] })
      }
      await tx`savepoint before`
      await work(tx)
      options.debug = false
      await tx`rollback to savepoint before`
      expect(statements.length).toBeGreaterThan(0)
      for (const { text, values } of statements) {
        walk(await tx.unsafe(`explain (analyze, format json) ${text}`, values), steps)
        // A prepared statement may also be planned once, for whatever values come.
        walk(await tx.unsafe(`explain (generic_plan, format json) ${text}`), steps)
      }
      throw undone
    })
    .catch((error) => {
      if (error !== undone) throw error
    })
    .finally(() => {
      options.debug = false
    })
  return steps
}

function walk(rows: readonly unknown[], steps: Node[]): void {
  const add = (node: Node): void => {
    steps.push(node)
    for (const below of node.Plans ?? []) add(below)
  }
  add((rows[0] as { 'QUERY PLAN': [{ Plan: Node }] })['QUERY PLAN'][0].Plan)
}

/** Rows a step has touched; of a plan that was only made, none. */
const touched = (node: Node) =>
  ((node['Actual Rows'] ?? 0) + (node['Rows Removed by Filter'] ?? 0)) * (node['Actual Loops'] ?? 0)

test('the crowd is there', async () => {
  const [row] = await bed.tools.sql<{ projects: number; members: number }[]>`
    select (select count(*) from projects) as projects, (select count(*) from members) as members`
  expect(row).toEqual({ projects: PROJECTS, members: 10 * PROJECTS })
})

const middle = () => crowd.projectIds[PROJECTS / 2]!
const page = { limit: 25 }
const tomorrow = () => new Date(Date.now() + 86_400_000)
const longAgo = new Date('2020-01-01')

const questions: [string, (tx: Tx) => Promise<unknown>][] = [
  ['a person’s first page', (tx) => listProjects(tx, everywhere, page)],
  ['a page in the middle', (tx) => listProjects(tx, everywhere, { ...page, cursor: middle() })],
  ['the active ones', (tx) => listProjects(tx, everywhere, { ...page, state: 'active' })],
  [
    'the archived ones, of whom there are none',
    (tx) => listProjects(tx, everywhere, { ...page, state: 'archived' }),
  ],
  ['everybody’s first page', (tx) => listAllProjects(tx, page)],
  ['everybody’s archived ones', (tx) => listAllProjects(tx, { ...page, state: 'archived' })],
  ['those without an owner', (tx) => listAllProjects(tx, { ...page, ownerless: true })],
  ['one by its id', (tx) => findProject(tx, middle())],
  ['one by its slug', (tx) => findBySlug(tx, 'crowd-x', everywhere)],
  ['saving one', async (tx) => saveProject(tx, { ...(await lockProject(tx, middle()))!, name: 'Saved' })],
  [
    'archiving one with its members',
    async (tx) => saveProject(tx, { ...(await lockProject(tx, middle()))!, archivedAt: new Date() }),
  ],
  ['deletions that are due', (tx) => lockDueProjects(tx, tomorrow(), 50)],
  ['a role', (tx) => roleOf(tx, middle(), everywhere)],
  ['changing a role', (tx) => setRole(tx, middle(), everywhere, 'admin')],
  ['members', (tx) => listMembers(tx, middle(), 25)],
  [
    'more members',
    (tx) => listMembers(tx, middle(), 25, { joinedAt: longAgo.toISOString(), userId: everywhere }),
  ],
  ['owners', (tx) => membersWith(tx, middle(), 'owner')],
  ['the number of members', (tx) => countMembers(tx, middle())],
  ['names', (tx) => findPeople(tx, crowd.userIds.slice(0, 25))],
  ['the key behind a hash', (tx) => findByHash(tx, createHash('sha256').update('x').digest())],
  ['keys', (tx) => listKeys(tx, middle(), page)],
  ['keys of an environment', (tx) => listKeys(tx, middle(), { ...page, environment: 'production' })],
  ['the use of a key', (tx) => touchKey(tx, uuidv7(), new Date(), longAgo)],
  ['environments', (tx) => listEnvironments(tx, middle())],
  ['an environment', (tx) => findEnvironment(tx, middle(), 'production')],
  ['open invitations', (tx) => listOpen(tx, middle(), 25)],
  ['the number of invitations', (tx) => countPending(tx, middle(), new Date())],
  ['the invitation behind a token', (tx) => findByToken(tx, createHash('sha256').update(middle()).digest())],
  ['the invitation of an address', (tx) => findOpenFor(tx, middle(), 'Somebody@example.com')],
  ['activity', (tx) => listEntries(tx, middle(), page)],
  ['activity of a kind', (tx) => listEntries(tx, middle(), { ...page, kind: 'member.added' })],
  ['the fiftieth newest invitation', (tx) => nthInvitationAt(tx, middle(), 50)],
  ['what a person did', (tx) => entriesBy(tx, everywhere, 1000)],
  [
    'an entry of the log',
    (tx) =>
      addEntry(tx, middle(), {
        activityId: uuidv7(),
        at: new Date(),
        kind: 'project.branded',
        byKind: 'system',
        byId: null,
        details: {},
      }),
  ],
  [
    'the purge, when there is nothing old',
    async (tx) => {
      await purgeInvitations(tx, longAgo)
      await purgeKeys(tx, longAgo, longAgo)
      await purgeEntries(tx, longAgo, 1000)
    },
  ],
]

describe('no question reads a whole table, or more rows than it needs', () => {
  test.each(questions)('%s', async (_what, work) => {
    const steps = await stepsOf(work)
    expect(steps.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([])
    expect(steps.some((node) => node['Index Name'] !== undefined)).toBe(true)
    expect(Math.max(...steps.map(touched))).toBeLessThanOrEqual(FEW)
  })

  test.each([
    ['a rare word', 'crowd 4711'],
    ['the beginning of a word', 'al'],
    ['a word that nothing has', 'zebra'],
  ])('a search: %s', async (_what, search) => {
    for (const work of [
      (tx: Tx) => listProjects(tx, everywhere, { ...page, search }),
      (tx: Tx) => listAllProjects(tx, { ...page, search }),
    ])
      expect((await stepsOf(work)).filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([])
  })

  test('a person’s memberships for their export read those and no others', async () => {
    const steps = await stepsOf((tx) => membershipsOf(tx, crowd.userIds[0]!))
    expect(steps.filter((node) => node['Node Type'] === 'Seq Scan')).toEqual([])
    expect(Math.max(...steps.map(touched))).toBeLessThanOrEqual(FEW)
  })

  test('the guard can fail: a question without an index is caught', async () => {
    const steps = await stepsOf((tx) => tx`select 1 from projects where name = 'nobody'`)
    expect(steps.map((node) => node['Node Type'])).toContain('Seq Scan')
    expect(Math.max(...steps.map(touched))).toBeGreaterThan(FEW)
  })
})
