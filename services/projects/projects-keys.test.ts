/** Environments and the keys of programs, through the client and the gateway. */
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ProjectKey, projects } from './contract.ts'
import { type Bed, type Someone, startBed } from './testing-bed.ts'

let bed: Bed
let owner: Someone
beforeAll(async () => {
  bed = await startBed({ PROJECTS_KEYS: '3', PROJECTS_ENVIRONMENTS: '3', PROJECTS_PER_ACCOUNT: '0' })
  owner = await bed.join('Olga')
})
afterAll(() => bed?.platform.stop())

async function start() {
  const { projectId, slug } = await bed.create(owner)
  return { projectId, slug, params: { projectId } }
}

const makeKey = (projectId: string, more: object = {}) =>
  owner.my().createKey({
    params: { projectId },
    body: { environment: 'production', name: 'Backend', scopes: ['project:read'], ...more },
  })
/** Whether a key opens its project now. */
async function opens(secret: string, projectId: string): Promise<boolean> {
  try {
    await bed.platform.client(projects, secret).getProject({ params: { projectId } })
    return true
  } catch (error) {
    expect(error).toMatchObject({ code: 'unauthenticated', status: 401 })
    return false
  }
}

describe('keys', () => {
  test('createKey shows the secret once; only its hash is kept', async () => {
    const { projectId, params } = await start()
    const { secret, ...key } = await makeKey(projectId)
    expect(secret).toMatch(/^plk_[\w-]{43}$/)
    expect(key).toMatchObject({ hint: secret.slice(0, 9), createdBy: { displayName: 'Olga' } })
    expect((await owner.my().listKeys({ params })).items).toEqual([key])
    const stored = await bed.tools.sql`
      select to_jsonb(k) as key, to_jsonb(s) as secret from project_keys k join key_secrets s using (key_id)`
    const everything = JSON.stringify([
      stored,
      await bed.eventsOf(projectId),
      await bed.tools.sql`table activity`,
    ])
    expect(everything).toContain(key.keyId)
    expect(everything).not.toContain(secret.slice(9))
  })

  test('a key opens what its scopes name in its project and environment, and nothing else', async () => {
    const { projectId, slug } = await start()
    const other = await start()
    const { secret } = await makeKey(projectId, { environment: 'development' })
    const program = bed.platform.client(projects, secret)
    const seen = await program.getProject({ params: { projectId } })
    expect(seen).toMatchObject({ slug, state: 'active' })
    expect(seen.role).toBeUndefined()
    const environment = (name: string) => program.getEnvironment({ params: { projectId, environment: name } })
    expect(await environment('development')).toMatchObject({ handle: `${slug}.development` })
    await expect(environment('production')).rejects.toMatchObject({ status: 404 })
    await expect(program.getProject({ params: other.params })).rejects.toMatchObject({ status: 404 })
    await expect(program.listMembers({ params: { projectId } })).rejects.toMatchObject({ code: 'forbidden' })
    await expect(program.listProjects()).rejects.toMatchObject({ code: 'forbidden' })
    expect(await opens(`${secret.slice(0, -1)}${secret.endsWith('A') ? 'B' : 'A'}`, projectId)).toBe(false)
    expect(await opens('plk_short', projectId)).toBe(false)
  })

  test('revokeKey works within a second', async () => {
    const { projectId, params } = await start()
    const { secret, keyId } = await makeKey(projectId)
    expect(await opens(secret, projectId)).toBe(true)
    await owner.my().revokeKey({ params: { ...params, keyId } })
    expect(await opens(secret, projectId)).toBe(false)
    await expect(owner.my().revokeKey({ params: { ...params, keyId } })).rejects.toMatchObject({
      code: 'notFound',
    })
    expect((await bed.eventsOf(projectId)).at(-1)).toMatchObject({
      type: 'project.key.revoked',
      data: { keyId, environment: 'production' },
    })
  })

  test('rotateKey: the secret until now works for the overlap, the one before it no more', async () => {
    const { projectId, params } = await start()
    const { secret: first, keyId } = await makeKey(projectId)
    const rotate = (overlapSeconds: number) =>
      owner.my().rotateKey({ params: { ...params, keyId }, body: { overlapSeconds } })
    const { secret: second, previousUntil } = await rotate(600)
    expect(previousUntil).toBeDefined()
    expect([await opens(first, projectId), await opens(second, projectId)]).toEqual([true, true])
    const { secret: third } = await rotate(600)
    expect([await opens(first, projectId), await opens(second, projectId)]).toEqual([false, true])
    bed.platform.advance(601_000)
    expect([await opens(second, projectId), await opens(third, projectId)]).toEqual([false, true])
    const [listed] = (await owner.my().listKeys({ params })).items as [ProjectKey]
    expect(listed.previousUntil).toBeUndefined()
    const { secret: fourth } = await rotate(0)
    expect([await opens(third, projectId), await opens(fourth, projectId)]).toEqual([false, true])
    await bed.run('purgeExpired')
    expect(await bed.tools.sql`select 1 from key_secrets where key_id = ${keyId}`).toHaveLength(1)
  })

  test('a key ends by itself at its time', async () => {
    const { projectId } = await start()
    const now = bed.tools.now().getTime()
    const { secret } = await makeKey(projectId, { expiresAt: new Date(now + 90_000).toISOString() })
    expect(await opens(secret, projectId)).toBe(true)
    bed.platform.advance(91_000)
    expect(await opens(secret, projectId)).toBe(false)
    await expect(makeKey(projectId, { expiresAt: new Date(now - 1000).toISOString() })).rejects.toMatchObject(
      { code: 'keyExpiryNotRight' },
    )
    await expect(makeKey(projectId, { expiresAt: '2099-01-01T00:00:00Z' })).rejects.toMatchObject({
      code: 'keyExpiryNotRight',
    })
  })

  test('keys rest with their project and end with their environment', async () => {
    const { projectId, params } = await start()
    const { secret } = await makeKey(projectId)
    const { secret: dev } = await makeKey(projectId, { environment: 'development' })
    expect([await opens(secret, projectId), await opens(dev, projectId)]).toEqual([true, true])
    await owner.my().removeEnvironment({ params: { ...params, environment: 'development' } })
    expect([await opens(secret, projectId), await opens(dev, projectId)]).toEqual([true, false])
    await owner.my().archiveProject({ params })
    expect(await opens(secret, projectId)).toBe(false)
    await owner.my().restoreProject({ params })
    const { secret: fresh } = await makeKey(projectId)
    expect(await opens(fresh, projectId)).toBe(true)
  })

  test('the last use is written down once a minute', async () => {
    const { projectId, params } = await start()
    const { secret } = await makeKey(projectId)
    const usedAt = async () => (await owner.my().listKeys({ params })).items[0]!.lastUsedAt
    expect(await usedAt()).toBeUndefined()
    await opens(secret, projectId)
    const first = await usedAt()
    expect(first).toBeDefined()
    await opens(secret, projectId)
    expect(await usedAt()).toBe(first)
    bed.platform.advance(61_000)
    await opens(secret, projectId)
    expect(Date.parse((await usedAt())!) - Date.parse(first!)).toBeGreaterThanOrEqual(60_000)
  })

  test('nobody gives a key, or renews one, that may do more than they', async () => {
    const { projectId, params } = await start()
    const developer = await bed.member(owner, projectId, 'developer')
    const body = { environment: 'development', name: 'Script', scopes: ['project:read', 'powers:settle'] }
    await expect(developer.my().createKey({ params, body })).rejects.toMatchObject({
      problem: { code: 'forbidden', detail: expect.stringContaining('powers:settle') },
    })
    const { keyId } = await owner.my().createKey({ params, body })
    await expect(
      developer.my().rotateKey({ params: { projectId, keyId }, body: { overlapSeconds: 0 } }),
    ).rejects.toMatchObject({ problem: { code: 'forbidden' } })
    // What is within their reach is theirs, and to end a key takes nothing.
    await developer.my().createKey({ params, body: { ...body, scopes: ['project:read'] } })
    await developer.my().revokeKey({ params: { projectId, keyId } })
  })

  test('refuses unknown scopes and environments, empty names, and more than the quota', async () => {
    const { projectId, params } = await start()
    await expect(makeKey(projectId, { scopes: ['project:read', 'moon:walk'] })).rejects.toMatchObject({
      problem: { code: 'keyScopeUnknown', scopes: ['moon:walk'] },
    })
    await expect(makeKey(projectId, { scopes: [] })).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(makeKey(projectId, { environment: 'nowhere' })).rejects.toMatchObject({
      code: 'environmentUnknown',
    })
    await expect(makeKey(projectId, { name: ' \u200b ' })).rejects.toMatchObject({ code: 'projectNotRight' })
    await expect(
      owner.my().rotateKey({ params: { ...params, keyId: uuidv7() }, body: { overlapSeconds: 0 } }),
    ).rejects.toMatchObject({ code: 'notFound' })
    const answers = await Promise.allSettled(Array.from({ length: 5 }, () => makeKey(projectId)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    expect((await owner.my().getUsage({ params })).keys).toEqual({ used: 3, limit: 3 })
    expect((await owner.my().listScopes()).items).toContainEqual({
      scope: 'project:read',
      service: 'projects',
      description: expect.any(String),
    })
  })

  test('a key of another project is not found', async () => {
    const { keyId } = await makeKey((await start()).projectId)
    const { params } = await start()
    await expect(owner.my().revokeKey({ params: { ...params, keyId } })).rejects.toMatchObject({
      code: 'notFound',
    })
  })
})

describe('environments', () => {
  test('are added and removed; production stays', async () => {
    const { projectId, slug, params } = await start()
    const client = owner.my()
    const added = await client.addEnvironment({ params, body: { environment: 'staging' } })
    expect(added).toMatchObject({ handle: `${slug}.staging`, settings: { allowedOrigins: [] }, version: 1 })
    await expect(client.addEnvironment({ params, body: { environment: 'staging' } })).rejects.toMatchObject({
      code: 'environmentExists',
    })
    await expect(client.addEnvironment({ params, body: { environment: 'fourth' } })).rejects.toMatchObject({
      problem: { code: 'quotaReached', quota: 'environments', limit: 3 },
    })
    expect((await client.listEnvironments({ params })).items.map(({ environment }) => environment)).toEqual([
      'production',
      'development',
      'staging',
    ])
    const remove = (environment: string) => client.removeEnvironment({ params: { ...params, environment } })
    await expect(remove('production')).rejects.toMatchObject({ code: 'environmentRequired' })
    await remove('staging')
    await expect(remove('staging')).rejects.toMatchObject({ code: 'environmentUnknown' })
    expect((await bed.eventsOf(projectId)).slice(-2).map(({ type }) => type)).toEqual([
      'project.environment.added',
      'project.environment.removed',
    ])
  })

  test('updateEnvironment replaces the settings with the current version, and tells', async () => {
    const { projectId, params } = await start()
    const target = { params: { ...params, environment: 'production' } }
    const update = (body: object, ifMatch: number) =>
      owner.my().updateEnvironment({ ...target, ifMatch, body: body as never })
    const origin = 'https://app.example.com'
    const changed = await update({ allowedOrigins: [origin, origin, 'http://localhost:3000'] }, 1)
    expect(changed).toMatchObject({
      settings: { allowedOrigins: [origin, 'http://localhost:3000'] },
      version: 2,
    })
    await expect(update({ allowedOrigins: [] }, 1)).rejects.toMatchObject({ code: 'preconditionFailed' })
    expect((await bed.eventsOf(projectId)).at(-1)).toMatchObject({
      type: 'project.environment.changed',
      data: { environment: 'production', settings: changed.settings },
    })
    await expect(
      update({ allowedOrigins: ['http://app.example.com', `${origin}/path`, '*'] }, 2),
    ).rejects.toMatchObject({
      problem: {
        code: 'environmentNotRight',
        errors: [
          { path: '/body/allowedOrigins/0' },
          { path: '/body/allowedOrigins/1' },
          { path: '/body/allowedOrigins/2' },
        ],
      },
    })
    await expect(
      owner.my().updateEnvironment({
        params: { ...params, environment: 'nowhere' },
        ifMatch: 1,
        body: { allowedOrigins: [] },
      }),
    ).rejects.toMatchObject({ code: 'environmentUnknown' })
  })
})
