/** Ten thousand projects: what is idle costs nothing, and what is asked is found by an index. */
import { randomBytes } from 'node:crypto'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { Tx } from '@pleiad/platform/store'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import * as people from './store-endusers.ts'
import * as issuers from './store-issuers.ts'
import { listDue, loadKeys } from './store-keys.ts'
import * as models from './store-models.ts'
import { deleteGrants, listGrants, listSessions } from './store-people.ts'
import { listSignIns } from './store-signin.ts'
import { type Bed, startBed } from './testing-bed.ts'

const PROJECTS = 10_000
let bed: Bed
let issuerId: string
let projectId: string
let endUserId: string

beforeAll(async () => {
  bed = await startBed({ OIDC_LIVE_ISSUERS: '3' })
  const { sql } = bed.own.tools
  await sql`
    insert into issuers (issuer_id, project_id, environment, slug, handle, name)
    select gen_random_uuid(), gen_random_uuid(), 'production', 'many-' || n, 'many-' || n, 'Project ' || n
    from generate_series(1, ${PROJECTS}::int) n`
  const [one] = await sql<{ issuer_id: string; project_id: string }[]>`
    select issuer_id, project_id from issuers where handle = 'many-1'`
  issuerId = one!.issuer_id
  projectId = one!.project_id
  await sql`
    insert into apps (app_id, issuer_id, name, kind, settings, created_at, changed_at)
    select 'app_' || md5(issuer_id::text), issuer_id, 'App', 'browser', '{}', now(), now() from issuers`
  await sql`
    insert into end_users (end_user_id, issuer_id, email, created_at, changed_at)
    select gen_random_uuid(), issuer_id, 'p' || n || '@example.com', now(), now()
    from (select issuer_id from issuers limit 2000) i, generate_series(1, 10) n`
  const mine = await sql<{ end_user_id: string }[]>`
    insert into end_users (end_user_id, issuer_id, email, created_at, changed_at)
    select gen_random_uuid(), ${issuerId}, 'q' || n || '@example.com', now(), now() from generate_series(1, 300) n
    returning end_user_id`
  endUserId = mine[0]!.end_user_id
  await sql`
    insert into end_user_counts (issuer_id, hour, count)
    select issuer_id, now() - n * interval '1 hour', 1 from (select issuer_id from issuers limit 500) i, generate_series(1, 20) n`
  await sql`
    insert into end_user_words (issuer_id, word, end_user_id) select issuer_id, email, end_user_id from end_users`
  await sql`
    insert into grants (id, issuer_id, app_id, end_user_id, payload, created_at, expires_at)
    select sha256(end_user_id::text::bytea), issuer_id, 'app_' || md5(issuer_id::text), end_user_id, '{}', now(),
      now() + interval '1 day' from end_users`
  await sql`
    insert into tokens (id, issuer_id, model, app_id, grant_id, payload, expires_at)
    select sha256(id), issuer_id, 'AccessToken', app_id, id, '{}', expires_at from grants`
  await sql`
    insert into sessions (id, issuer_id, uid, end_user_id, payload, created_at, last_seen_at, expires_at)
    select id, issuer_id, encode(id, 'hex'), end_user_id, '{}', now(), now(), expires_at from grants`
  await sql`
    insert into flows (id, issuer_id, model, user_code, grant_id, payload, expires_at)
    select id, issuer_id, 'DeviceCode', id, id, '{}', expires_at from grants`
  await sql`
    insert into sign_ins (issuer_id, hour, outcome, method, count)
    select issuer_id, date_trunc('hour', now()), 'success', 'password', 1 from issuers`
  await sql`analyze`
})
afterAll(() => bed?.stop())

function heap(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed
}

test(`of ${PROJECTS} issuers only those that are asked live, and no more than the limit`, async () => {
  const ask = async (n: number) => {
    const response = await fetch(`${bed.platform.url}/oidc/many-${n}/.well-known/openid-configuration`)
    expect(response.status).toBe(200)
  }
  expect(bed.own.issuers.size()).toBe(0)
  for (let n = 1; n <= 5; n++) await ask(n)
  expect(bed.own.issuers.size()).toBe(3)
  const before = heap()
  for (let n = 6; n <= 30; n++) await ask(n)
  expect(bed.own.issuers.size()).toBe(3)
  // Twenty-five instances that stay would be more than this.
  expect(heap() - before).toBeLessThan(10 * 1024 * 1024)
}, 120_000)

test('nothing that people or programs ask reads a table from end to end', async () => {
  const now = new Date()
  const id = randomBytes(32)
  const asked: Record<string, (tx: Tx) => Promise<unknown>> = {
    findIssuerByHandle: (tx) => issuers.findIssuerByHandle(tx, 'many-77'),
    findIssuer: (tx) => issuers.findIssuer(tx, projectId, 'production'),
    findApp: (tx) => issuers.findApp(tx, issuerId, 'app_x'),
    listApps: (tx) => issuers.listApps(tx, issuerId, 25, { createdAt: now, appId: 'x' }),
    countApps: (tx) => issuers.countApps(tx, issuerId),
    namesOfApps: (tx) => issuers.namesOfApps(tx, issuerId, ['a', 'b']),
    listEndUsers: (tx) => people.listEndUsers(tx, issuerId, { limit: 25, cursor: uuidv7() }),
    searchEndUsers: (tx) => people.listEndUsers(tx, issuerId, { limit: 25, search: 'q12' }),
    listBlocked: (tx) => people.listEndUsers(tx, issuerId, { limit: 25, state: 'blocked' }),
    findEndUserByEmail: (tx) => people.findEndUserByEmail(tx, issuerId, 'q1@example.com'),
    listForeignProfiles: (tx) => people.listForeignProfiles(tx, issuerId),
    countEndUsers: (tx) => people.countEndUsers(tx, issuerId, now, now),
    findToken: (tx) => models.findModel(tx, 'tokens', id, true),
    introspect: (tx) => models.introspect(tx, [id, randomBytes(32), randomBytes(32)], now),
    standing: (tx) => models.standing(tx, issuerId, 'app_x', id, now),
    findSessionByUid: (tx) => models.findSessionByUid(tx, issuerId, 'x'),
    findByUserCode: (tx) => models.findByUserCode(tx, id),
    revoke: (tx) => models.write(tx, [{ kind: 'revoke', grantId: id }]),
    sweep: (tx) => models.sweepModels(tx, new Date(0)),
    listSessions: (tx) => listSessions(tx, endUserId, now),
    listGrants: (tx) => listGrants(tx, endUserId, now),
    deleteGrants: (tx) => deleteGrants(tx, endUserId, [id]),
    deleteEndUser: (tx) => people.deleteEndUser(tx, endUserId),
    deleteApp: (tx) => issuers.deleteApp(tx, 'app_x'),
    loadKeys: (tx) => loadKeys(tx, issuerId),
    listDue: (tx) => listDue(tx, new Date(0), 50),
    listSignIns: (tx) => listSignIns(tx, issuerId, new Date(0), now, 'hour'),
  }
  const big = [
    'issuers',
    'apps',
    'end_users',
    'end_user_words',
    'end_user_counts',
    'grants',
    'tokens',
    'sessions',
    'flows',
    'sign_ins',
  ]
  // The counts of the connection since it last told them: what was added is the question's.
  const scans = (tx: Tx) => tx<{ relname: string; seq_scan: number }[]>`
    select relname, seq_scan from pg_stat_xact_user_tables where relname in ${tx(big)} order by relname`
  const scannedBy = (ask: (tx: Tx) => Promise<unknown>) =>
    bed.own.tools.transact(async (tx) => {
      const before = await scans(tx)
      await ask(tx)
      const after = await scans(tx)
      return after.filter(({ seq_scan }, n) => seq_scan > before[n]!.seq_scan).map(({ relname }) => relname)
    })
  // What the rest is measured with sees a scan when there is one.
  expect(await scannedBy((tx) => tx`select 1 from apps where name = 'x'`)).toEqual(['apps'])
  for (const [name, ask] of Object.entries(asked))
    expect({ name, scanned: await scannedBy(ask) }).toEqual({ name, scanned: [] })
})
