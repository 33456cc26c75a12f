/** Everything that a request or a job waits for is found by an index, however many rows there are. */
import type { Tx } from '@pleiad/platform/store'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as configurations from './store-configurations.ts'
import * as connections from './store-connections.ts'
import * as flows from './store-flows.ts'
import * as refreshing from './store-refresh.ts'
import * as revocations from './store-revocations.ts'
import { type Bed, startBed } from './testing-bed.ts'

const ROWS = 4000
const place = { projectId: uuidv7(), environment: 'production' }
const configurationId = uuidv7()
const connectionId = uuidv7()
const now = new Date()
const ago = new Date(now.getTime() - 86_400_000)
let bed: Bed

beforeAll(async () => {
  bed = await startBed()
  const { sql, vault } = bed.tools()
  const sealed = await vault.seal('x', 'nobody')
  await sql`
    insert into configurations (id, project_id, environment, provider, catalogue, name, client_id, settings, scopes,
      parameters, return_urls, sign_in, enabled, handle, created_at, updated_at)
    select case when n = 1 then ${configurationId}::uuid else gen_random_uuid() end,
      case when n = 1 then ${place.projectId}::uuid else gen_random_uuid() end, 'production', 'google', 'google', 'Google',
      'c', '{}', '{}', '{}', '{}', true, true, 'h' || n, now(), now()
    from generate_series(1, ${ROWS}) as n`
  // Of the environment in question only a few; the rest belongs to others.
  await sql`
    insert into connections (id, configuration_id, project_id, environment, provider, purpose, end_user_id, subject, scopes,
      state, token_type, expires_at, created_at, used_at, refresh)
    select case when c.id = ${configurationId} and s = 1 then ${connectionId}::uuid else gen_random_uuid() end, c.id,
      c.project_id, 'production', 'google', 'connect', 'user-' || s, 's' || s, '{}', 'active', 'Bearer',
      now() + interval '1 day', now(), now(), ${sealed}::bytea
    from configurations c, generate_series(1, 3) as s`
  await sql`
    insert into flows (id, configuration_id, project_id, environment, purpose, stage, return_to, scopes, expires_at)
    select gen_random_uuid(), id, project_id, environment, 'signIn', 'sent', '/', '{}', now() + interval '1 hour'
    from configurations`
  await sql`analyze configurations, connections, flows`
})
afterAll(() => bed?.stop())

const listing = { ...place, limit: 25 }
const queries: Readonly<Record<string, (tx: Tx) => Promise<unknown>>> = {
  listConfigurations: (tx) => configurations.listConfigurations(tx, place),
  findConfiguration: (tx) => configurations.findConfiguration(tx, place, 'google'),
  healthOf: (tx) => configurations.healthOf(tx, [configurationId], ago),
  noteCall: (tx) => configurations.noteCall(tx, { configurationId, ms: 5 }, now),
  removeConfigurations: (tx) => configurations.removeConfigurations(tx, place.projectId, undefined, now),
  findConnection: (tx) => connections.findConnection(tx, connectionId),
  findAccount: (tx) => connections.findAccount(tx, configurationId, 's1', 'user-1'),
  'listConnections, all': (tx) => connections.listConnections(tx, listing),
  'listConnections, a later page': (tx) =>
    connections.listConnections(tx, { ...listing, cursor: connectionId }),
  'listConnections, of an end user': (tx) =>
    connections.listConnections(tx, { ...listing, endUserId: 'user-1' }),
  'listConnections, by state': (tx) => connections.listConnections(tx, { ...listing, state: 'broken' }),
  'listConnections, by provider': (tx) => connections.listConnections(tx, { ...listing, provider: 'google' }),
  noteUses: (tx) => connections.noteUses(tx, new Map([[connectionId, now]])),
  listDue: (tx) => refreshing.listDue(tx, { before: now, after: ago, usedAfter: ago, now, limit: 500 }),
  claimRefresh: (tx) =>
    refreshing.claimRefresh(tx, {
      id: connectionId,
      generation: 1,
      lease: uuidv7(),
      seconds: 20,
      repeatable: true,
      now,
      protect: now,
    }),
  retryNow: (tx) => refreshing.retryNow(tx, configurationId),
  'revokeConnections, of an end user': (tx) =>
    revocations.revokeConnections(tx, { ...place, endUserId: 'user-1' }, true, now),
  'revokeConnections, of a provider': (tx) =>
    revocations.revokeConnections(tx, { configurationIds: [configurationId] }, true, now),
  claimRevocations: (tx) => revocations.claimRevocations(tx, uuidv7(), now, 10),
  purgeConnections: (tx) => revocations.purgeConnections(tx, ago, ago, now),
  findFlow: (tx) => flows.findFlow(tx, uuidv7()),
  advanceFlow: (tx) => flows.advanceFlow(tx, uuidv7(), 'sent', 'answered', now),
  purgeFlows: (tx) => flows.purgeFlows(tx, ago),
}

/** The tables that `work` reads from begin to end. What it changes is undone. */
async function wholeReads(work: (tx: Tx) => Promise<unknown>): Promise<string[]> {
  const undone = new Error('undone')
  let tables: string[] = []
  // The figures of a connection may still hold those of the transactions before.
  const counted = async (tx: Tx) =>
    new Map(
      (
        await tx<{ relname: string; seq_scan: number }[]>`
          select relname, seq_scan from pg_stat_xact_user_tables
          where relname in ('configurations', 'connections', 'flows')`
      ).map(({ relname, seq_scan }) => [relname, seq_scan]),
    )
  await bed
    .tools()
    .transact(async (tx) => {
      const before = await counted(tx)
      await work(tx)
      const after = await counted(tx)
      tables = [...after.keys()].filter((table) => after.get(table)! > (before.get(table) ?? 0))
      throw undone
    })
    .catch((error) => {
      if (error !== undone) throw error
    })
  return tables
}

test('a query without an index is noticed', async () => {
  expect(await wholeReads((tx) => tx`select count(*) from connections where token_type = 'x'`)).toEqual([
    'connections',
  ])
})

test.for(Object.keys(queries))('%s reads no table as a whole', async (name) => {
  expect(await wholeReads(queries[name]!)).toEqual([])
})
