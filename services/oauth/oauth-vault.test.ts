import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { oauth } from './contract.ts'
import type { Own } from './service-own.ts'
import { type Bed, startBed } from './testing-bed.ts'

const HOUR_MS = 3_600_000
let bed: Bed
let project: Awaited<ReturnType<Bed['createProject']>>
let counter = 0
beforeAll(async () => {
  bed = await startBed({ OAUTH_PROVIDER_TIMEOUT_SECONDS: '2' })
  project = await bed.createProject()
  await bed.configure(project)
})
afterAll(() => bed?.stop())
afterEach(() => {
  Object.assign(bed.provider.behaviour, {
    expiresIn: 3600,
    rotates: true,
    withRefreshToken: true,
    instead: undefined,
    beforeRotation: undefined,
    afterRotation: undefined,
  })
})

/** A connection of somebody new. */
async function connected(behaviour: Partial<Bed['provider']['behaviour']> = {}) {
  const subject = `person-${++counter}`
  Object.assign(bed.provider.behaviour, behaviour, { subject })
  const { connectionId } = await bed.connect(project, `user-${counter}`)
  const params = { connectionId }
  return {
    connectionId,
    params,
    token: (minValidity?: number) =>
      project.program.getToken({ params, query: minValidity === undefined ? {} : { minValidity } }),
    state: () => project.program.getOwnConnection({ params }),
    events: async () =>
      (await bed.eventsOf(connectionId)).map(({ type }) => type.replace('oauth.connection.', '')),
  }
}

const refreshed = () => bed.provider.refreshes().length

/** The provider answers its token endpoint with this. */
const answering =
  (status: number, body: object): NonNullable<Bed['provider']['behaviour']['instead']> =>
  (path, _request, response) => {
    if (path !== '/token') return false
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    return true
  }

describe('reading a token', () => {
  test('gives the one there is while it is valid long enough, and a fresh one otherwise', async () => {
    const connection = await connected()
    const before = refreshed()
    const first = await connection.token()
    expect((await connection.token(3000)).accessToken).toBe(first.accessToken)
    expect(refreshed()).toBe(before)
    bed.advance(HOUR_MS - 100_000)
    expect((await connection.token(60)).accessToken).toBe(first.accessToken)
    const second = await connection.token(600)
    expect(second.accessToken).not.toBe(first.accessToken)
    expect(Date.parse(second.expiresAt!) - Date.parse(first.expiresAt!)).toBeGreaterThan(3_000_000)
    expect(await connection.events()).toEqual(['created', 'refreshed'])
  })

  test('its time runs from when it was asked for, however late the answer is', async () => {
    const connection = await connected()
    const first = await connection.token()
    bed.advance(HOUR_MS)
    bed.provider.behaviour.afterRotation = async () => bed.advance(120_000)
    const second = await connection.token()
    const later = Date.parse(second.expiresAt!) - Date.parse(first.expiresAt!)
    // An hour of the clock, and not the two minutes that the answer was on its way.
    expect(Math.abs(later - HOUR_MS)).toBeLessThan(60_000)
  })

  test('an unknown, foreign or malformed connection is not found, without asking anybody', async () => {
    const connection = await connected()
    const other = await bed.createProject()
    const development = bed.platform.programFor({
      projectId: project.projectId,
      environment: 'development',
      scopes: ['vault:read'],
    })
    await connection.token()
    for (const client of [other.program, bed.platform.client(oauth, development)])
      await expect(client.getToken({ params: connection.params })).rejects.toMatchObject({ status: 404 })
    await expect(
      project.program.getToken({ params: { connectionId: '01938a5e-7c00-7000-8000-0000000000c1' } }),
    ).rejects.toMatchObject({ status: 404 })
    const nosy = bed.platform.programFor({ projectId: project.projectId, scopes: ['connections:read'] })
    await expect(
      bed.platform.client(oauth, nosy).getToken({ params: connection.params }),
    ).rejects.toMatchObject({
      status: 403,
    })
  })

  test('200 at once make one refresh', async () => {
    const connection = await connected()
    bed.advance(HOUR_MS)
    const before = refreshed()
    bed.provider.behaviour.beforeRotation = () => new Promise((resolve) => setTimeout(resolve, 200))
    const tokens = await Promise.all(Array.from({ length: 200 }, () => connection.token()))
    expect(new Set(tokens.map(({ accessToken }) => accessToken)).size).toBe(1)
    expect(refreshed() - before).toBe(1)
  })

  test('asking for more than the provider gives is told, and not tried', async () => {
    const connection = await connected({ expiresIn: 600 })
    const before = refreshed()
    await expect(connection.token(3600)).rejects.toMatchObject({
      code: 'validityNotOffered',
      problem: { longest: 570 },
    })
    expect(refreshed()).toBe(before)
  })

  test('an answer is never stored by caches, and events carry no token', async () => {
    const connection = await connected()
    const answer = await fetch(
      `${bed.platform.url}/api/v1/oauth/connections/${connection.connectionId}/token`,
      {
        headers: { authorization: `Bearer ${project.programToken}` },
      },
    )
    expect(answer.headers.get('cache-control')).toBe('no-store')
    const { accessToken } = (await answer.json()) as { accessToken: string }
    bed.advance(HOUR_MS)
    await connection.token()
    const said = JSON.stringify(await bed.eventsOf(connection.connectionId))
    expect(said).not.toContain(accessToken)
    const rows = await bed.tools().sql`select * from connections where id = ${connection.connectionId}`
    expect(Object.values(rows[0]!).map(String).join()).not.toContain(accessToken)
    expect(Buffer.from(rows[0]!['access'] as Buffer).toString('latin1')).not.toContain(accessToken)
  })
})

describe('a token that the provider refuses before its end', () => {
  const replace = (connection: Awaited<ReturnType<typeof connected>>, accessToken: string) =>
    project.program.replaceToken({ params: connection.params, body: { accessToken } })

  test('is replaced once, whoever complains, and not all the time', async () => {
    const connection = await connected()
    bed.advance(60_000)
    const { accessToken } = await connection.token()
    const before = refreshed()
    const replaced = await Promise.all(Array.from({ length: 5 }, () => replace(connection, accessToken)))
    expect(new Set(replaced.map((token) => token.accessToken)).size).toBe(1)
    expect(replaced[0]!.accessToken).not.toBe(accessToken)
    expect(refreshed() - before).toBe(1)
    await expect(replace(connection, replaced[0]!.accessToken)).rejects.toMatchObject({
      code: 'tokenUnavailable',
    })
    expect((await replace(connection, 'an older one')).accessToken).toBe(replaced[0]!.accessToken)
    expect(refreshed() - before).toBe(1)
    const other = await bed.createProject()
    await expect(
      other.program.replaceToken({ params: connection.params, body: { accessToken } }),
    ).rejects.toMatchObject({ status: 404 })
  })

  test('ends the connection where there is no refresh token', async () => {
    const connection = await connected({ withRefreshToken: false, expiresIn: undefined })
    const { accessToken } = await connection.token()
    await expect(replace(connection, accessToken)).rejects.toMatchObject({
      code: 'reconnectRequired',
      problem: { reason: 'refused' },
    })
    expect(await connection.events()).toEqual(['created', 'broken'])
  })
})

describe('a provider that does not rotate', () => {
  test('keeps its refresh token over refreshes', async () => {
    const connection = await connected({ rotates: false })
    for (let n = 0; n < 3; n++) {
      bed.advance(HOUR_MS)
      await connection.token()
    }
    expect((await connection.events()).filter((type) => type === 'refreshed')).toHaveLength(3)
  })

  test('gives no refresh token: at the end the person must connect again', async () => {
    const connection = await connected({ withRefreshToken: false })
    await connection.token()
    bed.advance(HOUR_MS)
    await expect(connection.token()).rejects.toMatchObject({
      code: 'reconnectRequired',
      problem: { reason: 'expired' },
    })
    expect(await connection.state()).toMatchObject({ state: 'broken', brokenReason: 'expired' })
    expect(await connection.events()).toEqual(['created', 'broken'])
    // And does.
    bed.provider.behaviour.withRefreshToken = true
    await bed.connect(project, (await connection.state()).endUserId)
    expect((await connection.token()).accessToken).toMatch(/^a-/)
    expect((await connection.state()).state).toBe('active')
  })
})

describe('a provider that fails', () => {
  test('is asked again later; the token that is still valid is served meanwhile', async () => {
    const connection = await connected()
    bed.advance(HOUR_MS - 200_000)
    const before = refreshed()
    bed.provider.behaviour.instead = answering(503, { error: 'temporarily_unavailable' })
    const old = await connection.token(60)
    await expect(connection.token(600)).rejects.toMatchObject({ status: 503, code: 'tokenUnavailable' })
    expect((await connection.token(60)).accessToken).toBe(old.accessToken)
    const asked = refreshed() - before
    // Within the pause nobody asks.
    await expect(connection.token(600)).rejects.toMatchObject({ code: 'tokenUnavailable' })
    expect(refreshed() - before).toBe(asked)
    expect(await connection.state()).toMatchObject({ state: 'active', failures: 1 })
    expect((await connection.state()).nextAttemptAt).toBeDefined()
    bed.provider.behaviour.instead = undefined
    bed.advance(190_000)
    expect((await connection.token(600)).accessToken).not.toBe(old.accessToken)
    expect(await connection.state()).toMatchObject({ failures: 0 })
  })

  test('says how long to wait, and a 503 passes that on', async () => {
    const connection = await connected()
    bed.advance(HOUR_MS)
    bed.provider.behaviour.instead = (path, _request, response) => {
      if (path !== '/token') return false
      response.writeHead(429, { 'retry-after': '120', 'content-type': 'application/json' }).end('{}')
      return true
    }
    const answer = await fetch(
      `${bed.platform.url}/api/v1/oauth/connections/${connection.connectionId}/token`,
      {
        headers: { authorization: `Bearer ${project.programToken}` },
      },
    )
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(118)
  })

  test('has another secret: told apart from a dead connection, and mended by the right one at once', async () => {
    const connection = await connected()
    bed.advance(HOUR_MS)
    const params = { ...project.place, provider: 'corporate' }
    const { version } = await project.console.getProvider({ params })
    const wrong = await project.console.updateProvider({
      params,
      body: { secret: 'wrong' },
      ifMatch: version,
    })
    await expect(connection.token()).rejects.toMatchObject({ code: 'tokenUnavailable' })
    expect((await connection.state()).state).toBe('active')
    const health = (await project.console.listHealth({ params: project.place })).items
    expect(health[0]).toMatchObject({ state: 'failing', lastFailureCode: 'secretWrong' })
    await project.console.updateProvider({
      params,
      body: { secret: bed.provider.clientSecret },
      ifMatch: wrong.version,
    })
    expect((await connection.token()).accessToken).toMatch(/^a-/)
  })

  test('refuses the refresh token: the connection is broken, once', async () => {
    const connection = await connected()
    bed.advance(HOUR_MS)
    bed.provider.behaviour.instead = answering(400, { error: 'invalid_grant' })
    const answers = await Promise.allSettled(Array.from({ length: 20 }, () => connection.token()))
    expect(answers.every(({ status }) => status === 'rejected')).toBe(true)
    await expect(connection.token()).rejects.toMatchObject({
      code: 'reconnectRequired',
      problem: { reason: 'refused' },
    })
    expect(await connection.events()).toEqual(['created', 'broken'])
  })
})

describe('an answer that never arrived', () => {
  test('of a provider that rotates: the old token lives on, and the refresh token is used again only when nothing can be lost', async () => {
    const connection = await connected()
    bed.advance(HOUR_MS - 200_000)
    const before = refreshed()
    // Rotated there, and lost on the way.
    bed.provider.behaviour.afterRotation = () => new Promise((resolve) => setTimeout(resolve, 3000))
    await expect(connection.token(600)).rejects.toMatchObject({ code: 'tokenUnavailable' })
    bed.provider.behaviour.afterRotation = undefined
    expect(refreshed() - before).toBe(1)
    bed.advance(100_000)
    // A retry now would revoke the whole family, and the token that works with it.
    await expect(connection.token(600)).rejects.toMatchObject({ code: 'tokenUnavailable' })
    expect((await connection.token(60)).accessToken).toMatch(/^a-/)
    expect(refreshed() - before).toBe(1)
    expect(bed.provider.revokedFamilies.size).toBe(0)
    bed.advance(100_000)
    await expect(connection.token()).rejects.toMatchObject({
      code: 'reconnectRequired',
      problem: { reason: 'interrupted' },
    })
    expect(refreshed() - before).toBe(2)
  })
})

describe('ending a connection', () => {
  test('revokes at the provider and erases here; the cache forgets', async () => {
    const connection = await connected()
    await connection.token()
    const revocations = () => bed.provider.seen.filter(({ path }) => path === '/revoke')
    const before = revocations().length
    await project.program.revokeOwnConnection({ params: connection.params })
    await expect(connection.token()).rejects.toMatchObject({
      code: 'reconnectRequired',
      problem: { reason: 'revoked' },
    })
    await expect.poll(() => revocations().length - before).toBe(2)
    await expect
      .poll(
        async () =>
          (await bed.tools().sql`select access from connections where id = ${connection.connectionId}`)[0],
      )
      .toEqual({ access: null })
    expect(await connection.events()).toEqual(['created', 'revoked'])
    expect(revocations().at(-1)!.form).toMatchObject({ token_type_hint: 'access_token' })
  })

  test('leaves the account alone at the provider while somebody else uses it', async () => {
    const revocations = () => bed.provider.seen.filter(({ path }) => path === '/revoke').length
    const erased = (connectionId: string) =>
      expect
        .poll(
          async () => (await bed.tools().sql`select access from connections where id = ${connectionId}`)[0],
        )
        .toEqual({ access: null })
    const connection = await connected()
    const second = await bed.connect(project, 'somebody-else')
    const before = revocations()
    await project.program.revokeOwnConnection({ params: connection.params })
    await erased(connection.connectionId)
    expect(revocations()).toBe(before)
    const params = { connectionId: second.connectionId }
    expect((await project.program.getToken({ params })).accessToken).toMatch(/^a-/)
    await project.program.revokeOwnConnection({ params })
    await erased(second.connectionId)
    expect(revocations() - before).toBe(2)
  })

  test('in the middle of a refresh leaves no token that works', async () => {
    const connection = await connected()
    bed.advance(HOUR_MS)
    let refreshing = () => {}
    const under = new Promise<void>((resolve) => {
      refreshing = resolve
    })
    bed.provider.behaviour.afterRotation = async () => {
      refreshing()
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    const reading = connection.token().catch((error) => error.code)
    await under
    await project.console.revokeConnection({ params: { ...project.place, ...connection.params } })
    expect(await reading).toBe('reconnectRequired')
    const revoked = () =>
      bed.provider.seen.filter(({ path }) => path === '/revoke').map(({ form }) => form['token'])
    // The old pair, and the new one that arrived after the end.
    await expect.poll(() => new Set(revoked()).size).toBeGreaterThanOrEqual(4)
  })

  test('an end user who is deleted takes their connections along', async () => {
    const connection = await connected()
    const { endUserId } = await connection.state()
    await bed.announce('oidc', 'enduser.deleted', { ...project.place, endUserId, by: 'endUser' })
    await expect(connection.state()).rejects.toMatchObject({ status: 404 })
    await expect
      .poll(
        async () =>
          (await bed.tools().sql`select 1 from connections where id = ${connection.connectionId}`).length,
      )
      .toBe(0)
  })

  test('a project that is archived reads no tokens; one that is deleted has none', async () => {
    const own = await bed.createProject()
    await bed.configure(own)
    const { connectionId } = await bed.connect(own)
    await own.program.getToken({ params: { connectionId } })
    await bed.announce('projects', 'project.archived', { projectId: own.projectId })
    await expect(own.program.getToken({ params: { connectionId } })).rejects.toMatchObject({
      code: 'projectArchived',
    })
    await bed.announce('projects', 'project.restored', { projectId: own.projectId })
    await own.program.getToken({ params: { connectionId } })
    await bed.announce('projects', 'project.deleted', { projectId: own.projectId })
    await expect(own.program.getToken({ params: { connectionId } })).rejects.toMatchObject({ status: 404 })
    const left = () => bed.tools().sql`select 1 from connections where project_id = ${own.projectId}`
    await expect.poll(async () => (await left()).length).toBe(0)
  })

  test('an environment that is removed loses its providers', async () => {
    const own = await bed.createProject()
    await bed.configure(own)
    await bed.announce('projects', 'project.environment.removed', own.place)
    expect((await own.console.listProviders({ params: own.place })).items).toEqual([])
    await expect(bed.configure(own)).rejects.toMatchObject({ status: 404 })
  })
})

describe('lists', () => {
  test('page through all, and filter by end user, provider and state', async () => {
    const own = await bed.createProject()
    await bed.configure(own)
    for (let n = 0; n < 5; n++) {
      bed.provider.behaviour.subject = `listed-${n}`
      await bed.connect(own, `listed-${n % 2}`)
    }
    const all: string[] = []
    for (let cursor: string | undefined; ; ) {
      const page = await own.console.listConnections({
        params: own.place,
        query: { limit: 2, ...(cursor ? { cursor } : {}) },
      })
      all.push(...page.items.map(({ connectionId }) => connectionId))
      cursor = page.next
      if (!cursor) break
    }
    expect(all).toHaveLength(5)
    expect([...all].sort().reverse()).toEqual(all)
    const count = async (query: object) =>
      (await own.console.listConnections({ params: own.place, query })).items.length
    expect(await count({ endUserId: 'listed-1' })).toBe(2)
    expect(await count({ provider: 'corporate', state: 'active' })).toBe(5)
    expect(await count({ provider: 'other' })).toBe(0)
    expect(await count({ state: 'broken' })).toBe(0)
    const viewer = '0190b5a8-0000-7000-8000-0000000000ff'
    await expect(
      bed.platform.client(oauth, { id: viewer }).listConnections({ params: own.place }),
    ).rejects.toMatchObject({ status: 404 })
    bed.platform.setRole(own.projectId, viewer, 'viewer')
    const viewing = bed.platform.client(oauth, { id: viewer })
    expect((await viewing.listConnections({ params: own.place })).items).toHaveLength(5)
    await expect(
      viewing.revokeConnection({ params: { ...own.place, connectionId: all[0]! } }),
    ).rejects.toMatchObject({ status: 403 })
    const health = await viewing.listHealth({ params: own.place })
    expect(health.items).toMatchObject([
      { provider: 'corporate', state: 'healthy', failed: 0, connections: { active: 5, broken: 0 } },
    ])
  })
})

describe('jobs', () => {
  const run = async (name: string) => {
    const running = bed.platform.host.running.find(({ service }) => service.contract.name === 'oauth')!
    await running.tools.transact((tx) =>
      running.service.jobs![name]!.run({ ...running.tools, tx } as never, running.own),
    )
  }

  test('a token that was used lately is refreshed before it ends; one that nobody uses is not', async () => {
    const used = await connected()
    const idle = await connected()
    const at = refreshed()
    await run('refreshAhead')
    bed.advance(HOUR_MS - 200_000)
    await bed.tools().sql`
      update connections set used_at = used_at - interval '2 days' where id = ${idle.connectionId}`
    await run('refreshAhead')
    await expect.poll(async () => (await used.state()).refreshedAt).toBeDefined()
    expect((await idle.state()).refreshedAt).toBeUndefined()
    expect(refreshed() - at).toBeGreaterThan(0)
    expect(bed.provider.revokedFamilies.size).toBe(1)
  })

  test('reading a token is noted as a use, a while later and for many at once', async () => {
    const connection = await connected()
    const own = bed.platform.host.running.find(({ service }) => service.contract.name === 'oauth')!.own as Own
    const before = (await connection.state()).usedAt!
    bed.advance(60_000)
    await connection.token()
    await connection.token()
    await own.vault.flush()
    expect(Date.parse((await connection.state()).usedAt!) - Date.parse(before)).toBeGreaterThanOrEqual(60_000)
  })

  test('sign-ins that nobody claimed end, at the provider too; flows and revoked connections are forgotten', async () => {
    bed.provider.behaviour.subject = 'unclaimed'
    const begun = await bed.begin(project)
    await bed.browse(bed.provider.consent(begun.url), begun.cookie)
    const rows = () => bed.tools().sql`select state from connections where subject = 'unclaimed'`
    expect(await rows()).toMatchObject([{ state: 'pending' }])
    const revocations = () => bed.provider.seen.filter(({ path }) => path === '/revoke').length
    const before = revocations()
    bed.advance(31 * 60_000)
    await run('purge')
    await expect.poll(async () => (await rows()).length).toBe(0)
    expect(revocations() - before).toBe(2)

    const connection = await connected()
    await project.program.revokeOwnConnection({ params: connection.params })
    await expect
      .poll(
        async () =>
          (await bed.tools().sql`select access from connections where id = ${connection.connectionId}`)[0],
      )
      .toEqual({ access: null })
    bed.advance(31 * 24 * HOUR_MS)
    await run('purge')
    await expect(connection.state()).rejects.toMatchObject({ status: 404 })
    expect(await bed.tools().sql`select 1 from flows`).toHaveLength(0)
  })

  test('a provider that was removed is forgotten with its last connection', async () => {
    const own = await bed.createProject()
    await bed.configure(own)
    const { connectionId } = await bed.connect(own)
    await own.console.removeProvider({ params: { ...own.place, provider: 'corporate' } })
    expect((await bed.eventsOf(connectionId)).at(-1)).toMatchObject({
      type: 'oauth.connection.revoked',
      data: { cause: 'providerRemoved' },
    })
    const left = () => bed.tools().sql`select 1 from connections where project_id = ${own.projectId}`
    await expect.poll(async () => (await left()).length).toBe(0)
    await run('purge')
    expect(
      await bed.tools().sql`select 1 from configurations where project_id = ${own.projectId}`,
    ).toHaveLength(0)
  })

  test('a provider that refuses a revocation is asked again, and then given up', async () => {
    const connection = await connected()
    bed.provider.behaviour.instead = (path, _request, response) => {
      if (path !== '/revoke') return false
      response.writeHead(503).end()
      return true
    }
    await project.program.revokeOwnConnection({ params: connection.params })
    const row = async () =>
      (
        await bed.tools().sql`select access, failures from connections where id = ${connection.connectionId}`
      )[0]!
    for (const failures of [1, 2, 3]) {
      await expect.poll(async () => (await row())['failures']).toBe(failures)
      bed.advance(HOUR_MS)
      await run('refreshAhead')
    }
    await expect.poll(async () => (await row())['access']).toBeNull()
  })
})
