/** A provider that gets another address: what the old one gave never reaches the new one. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createJobs } from './jobs.ts'
import type { Own } from './service-own.ts'
import { type Bed, startBed } from './testing-bed.ts'
import { startTestProvider, type TestProvider } from './testing-provider.ts'

const HOUR_MS = 3_600_000
let bed: Bed
let elsewhere: TestProvider
let counter = 0

beforeAll(async () => {
  bed = await startBed()
  elsewhere = await startTestProvider()
})
afterAll(async () => {
  await bed?.stop()
  await elsewhere?.stop()
})

type Project = Awaited<ReturnType<Bed['createProject']>>

async function connected(project: Project) {
  const subject = `mover-${++counter}`
  Object.assign(bed.provider.behaviour, { subject })
  const { connectionId } = await bed.connect(project, `user-${counter}`)
  return connectionId
}

/** The provider of a project gets another address, with a secret of its own. */
async function move(project: Project, to: TestProvider): Promise<void> {
  const params = { ...project.place, provider: 'corporate' }
  const { version } = await project.console.getProvider({ params })
  await project.console.updateProvider({
    params,
    ifMatch: version,
    body: { settings: { issuer: to.url }, clientId: to.clientId, secret: to.clientSecret },
  })
}

/** What the other provider was asked beside its metadata and keys. */
const asked = () => elsewhere.seen.filter(({ path }) => /token|revoke/.test(path))

async function fixture() {
  const project = await bed.createProject()
  await bed.configure(project)
  return project
}

test('connections are broken at once, and no refresh token is sent to the new address', async () => {
  const project = await fixture()
  const ids = [await connected(project), await connected(project)]
  for (const connectionId of ids) await project.program.getToken({ params: { connectionId }, query: {} })
  const before = asked().length
  await move(project, elsewhere)
  bed.advance(HOUR_MS)
  elsewhere.behaviour.ahead += HOUR_MS
  for (const connectionId of ids) {
    const params = { connectionId }
    await expect(project.program.getToken({ params, query: {} })).rejects.toMatchObject({
      code: 'reconnectRequired',
      problem: { reason: 'moved' },
    })
    expect(await project.program.getOwnConnection({ params })).toMatchObject({
      state: 'broken',
      brokenReason: 'moved',
    })
    const told = (await bed.eventsOf(connectionId)).map(({ type, data }) => [type, data['reason']])
    expect(told.at(-1)).toEqual(['oauth.connection.broken', 'moved'])
  }
  expect(asked().length).toBe(before)
})

test('one that was left over is broken when it is read, refreshed or ended, without a word to the new address', async () => {
  const project = await fixture()
  const ids = [await connected(project), await connected(project), await connected(project)]
  const { sql } = bed.tools()
  const kept = await sql`select id, access, refresh from connections where id = any(${ids}::uuid[])`
  await move(project, elsewhere)
  // As if there had been too many for one transaction.
  for (const { id, access, refresh } of kept)
    await sql`
      update connections set state = 'active', broken_reason = null, access = ${access}, refresh = ${refresh} where id = ${id}`
  const before = asked().length
  const [read, job, ended] = ids as [string, string, string]
  await expect(project.program.getToken({ params: { connectionId: read }, query: {} })).rejects.toMatchObject(
    { code: 'reconnectRequired', problem: { reason: 'moved' } },
  )
  await project.program.revokeOwnConnection({ params: { connectionId: ended } })
  const running = bed.platform.host.running.find(({ service }) => service.contract.name === 'oauth')!
  const own = running.own as Own
  await running.tools.transact((tx) =>
    createJobs(() => 0)['breakMoved']!.run({ ...running.tools, tx } as never, own),
  )
  expect(await project.program.getOwnConnection({ params: { connectionId: job } })).toMatchObject({
    state: 'broken',
    brokenReason: 'moved',
  })
  await own.revoker.idle()
  const [left] = await sql`select access, refresh from connections where id = ${ended}`
  expect(left).toEqual({ access: null, refresh: null })
  expect(asked().length).toBe(before)
})

test('whoever is on the way through the old address begins anew, and connects again at the new one', async () => {
  const project = await fixture()
  const connectionId = await connected(project)
  const session = () =>
    project.program.openConnectSession({
      body: { provider: 'corporate', endUserId: `user-${counter}`, returnUrl: bed.returnUrl, state: 's' },
    })
  const opened = await bed.browse((await session()).url)
  await move(project, elsewhere)
  const before = asked().length
  const back = await bed.browse(bed.provider.consent(opened.location), opened.cookie)
  expect(back.location).toMatch(/^\/oauth\/problem\?code=flowExpired/)
  // The code of the old provider stays away from the new one.
  expect(asked().length).toBe(before)
  Object.assign(elsewhere.behaviour, { subject: `mover-${counter}` })
  const again = await bed.browse((await session()).url)
  const landed = await bed.browse(elsewhere.consent(again.location), again.cookie)
  expect(new URL(landed.location).searchParams.get('connection')).toBe(connectionId)
  const params = { connectionId }
  expect(await project.program.getOwnConnection({ params })).toMatchObject({ state: 'active' })
  expect((await project.program.getToken({ params, query: {} })).accessToken).toBeTruthy()
  bed.advance(HOUR_MS)
  elsewhere.behaviour.ahead += HOUR_MS
  // And is refreshed there from now on.
  expect((await project.program.getToken({ params, query: {} })).accessToken).toBeTruthy()
  expect(elsewhere.refreshes().length).toBeGreaterThan(0)
})

test('what is no address breaks nothing', async () => {
  const project = await fixture()
  const connectionId = await connected(project)
  const params = { ...project.place, provider: 'corporate' }
  const { version } = await project.console.getProvider({ params })
  await project.console.updateProvider({ params, ifMatch: version, body: { name: 'Another name' } })
  expect(await project.program.getOwnConnection({ params: { connectionId } })).toMatchObject({
    state: 'active',
  })
})
