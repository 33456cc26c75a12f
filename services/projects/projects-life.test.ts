/** Projects from creating to erasing, through the client. */
import { createHash } from 'node:crypto'
import { oauth } from '@pleiad/oauth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { webhooks } from '@pleiad/webhooks/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projects } from './contract.ts'
import { type Bed, type Someone, startBed } from './testing-bed.ts'

const DAY_MS = 86_400_000
/** A picture of one pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

let bed: Bed
let anna: Someone
beforeAll(async () => {
  bed = await startBed({ PROJECTS_PER_ACCOUNT: '3' })
  anna = await bed.join('Anna')
})
afterAll(() => bed?.platform.stop())

describe('createProject', () => {
  test('the creator is owner, both environments exist, and it is announced', async () => {
    const boris = await bed.join('Boris')
    const made = await boris.my().createProject({ body: { name: '  Acme\u202e ', slug: 'acme' } })
    expect(made).toMatchObject({
      slug: 'acme',
      name: 'Acme',
      role: 'owner',
      state: 'active',
      environments: ['production', 'development'],
      version: 1,
    })
    const { projectId } = made
    expect(await boris.my().getProject({ params: { projectId } })).toEqual(made)
    expect(await boris.my().getProjectBySlug({ params: { slug: 'acme' } })).toEqual(made)
    expect((await boris.my().listMembers({ params: { projectId } })).items).toMatchObject([
      { userId: boris.id, displayName: 'Boris', role: 'owner' },
    ])
    expect(await bed.eventsOf(projectId)).toMatchObject([
      {
        type: 'project.created',
        data: { slug: 'acme', environments: ['production', 'development'], createdBy: boris.id },
      },
      { type: 'project.member.added', data: { userId: boris.id, role: 'owner' } },
    ])
  })

  test('a slug belongs to one project for good, also of ten who ask at once', async () => {
    const people = await Promise.all(Array.from({ length: 10 }, () => bed.join()))
    const answers = await Promise.allSettled(people.map((person) => bed.create(person, 'contested')))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'slugTaken' })
  })

  test('refuses names and slugs that are not right', async () => {
    const create = (name: string, slug: string) => anna.my().createProject({ body: { name, slug } })
    await expect(create('Fine', 'admin')).rejects.toMatchObject({ code: 'slugNotAllowed', status: 422 })
    await expect(create('Fine', 'a--b')).rejects.toMatchObject({ code: 'slugNotAllowed' })
    await expect(create('Fine', 'Acme')).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(create('Fine', 'ab')).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(create('\u200b…', 'dots')).rejects.toMatchObject({ code: 'projectNotRight' })
    await expect(
      bed.platform.client(projects).createProject({ body: { name: 'Fine', slug: 'fine' } }),
    ).rejects.toMatchObject({ code: 'unauthenticated' })
  })

  test('the quota holds when many are created at once, and archived ones do not count', async () => {
    const clara = await bed.join('Clara')
    const answers = await Promise.allSettled(Array.from({ length: 6 }, () => bed.create(clara)))
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
    for (const answer of answers)
      if (answer.status === 'rejected')
        expect(answer.reason.problem).toMatchObject({ code: 'quotaReached', quota: 'projects', limit: 3 })
    expect(await clara.my().getQuota()).toEqual({ projects: { used: 3, limit: 3 } })

    const [first] = (await clara.my().listProjects()).items
    const params = { projectId: first!.projectId }
    await clara.my().archiveProject({ params })
    await bed.create(clara)
    await expect(clara.my().restoreProject({ params })).rejects.toMatchObject({ code: 'quotaReached' })
  })

  test('an idempotency key makes one project of a request sent twice', async () => {
    const dora = await bed.join()
    const input = { body: { name: 'Once', slug: 'once-only' }, idempotencyKey: uuidv7() }
    const client = dora.my()
    const first = await client.createProject(input)
    expect(await client.createProject(input)).toEqual(first)
    expect((await client.listProjects()).items).toHaveLength(1)
  })
})

describe('lists', () => {
  test('listProjects: mine only, newest first, by page, search and state', async () => {
    const eva = await bed.join()
    const made = []
    for (const slug of ['alpha-shop', 'beta-shop', 'gamma-site']) made.push(await bed.create(eva, slug))
    const slugs = async (query: object) =>
      (await eva.my().listProjects({ query })).items.map(({ slug }) => slug)
    expect(await slugs({})).toEqual(['gamma-site', 'beta-shop', 'alpha-shop'])
    expect(await slugs({ search: 'SHOP' })).toEqual(['beta-shop', 'alpha-shop'])
    expect(await slugs({ search: 'ga' })).toEqual(['gamma-site'])
    expect(await slugs({ search: 'nothing' })).toEqual([])
    expect(await slugs({ search: '%' })).toHaveLength(3)

    await eva.my().archiveProject({ params: { projectId: made[1]!.projectId } })
    expect(await slugs({ state: 'archived' })).toEqual(['beta-shop'])
    expect(await slugs({ state: 'active' })).toEqual(['gamma-site', 'alpha-shop'])

    const first = await eva.my().listProjects({ query: { limit: 2 } })
    const second = await eva.my().listProjects({ query: { limit: 2, cursor: first.next! } })
    expect([...first.items, ...second.items].map(({ slug }) => slug)).toEqual([
      'gamma-site',
      'beta-shop',
      'alpha-shop',
    ])
    expect(second.next).toBeUndefined()
  })

  test('listAllProjects takes the permission, and shows everybody’s', async () => {
    await expect(anna.my().listAllProjects()).rejects.toMatchObject({ code: 'forbidden' })
    const person = await bed.join()
    await bed.create(person, 'all-seen')
    const admin = bed.platform.client(projects, { permissions: ['projects:manage'] })
    expect((await admin.listAllProjects({ query: { search: 'all-seen' } })).items).toMatchObject([
      { slug: 'all-seen', members: 1, ownerless: false },
    ])
  })
})

describe('updateProject', () => {
  test('the name and the look change with the current version, and are announced', async () => {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    const params = { projectId }
    const changed = await owner.my().updateProject({
      params,
      ifMatch: 1,
      body: {
        name: 'Better',
        accent: '#D6336C',
        homeUrl: 'https://better.example',
        supportEmail: 'help@better.example',
      },
    })
    expect(changed).toMatchObject({
      name: 'Better',
      accent: '#d6336c',
      homeUrl: 'https://better.example',
      version: 2,
    })
    await expect(
      owner.my().updateProject({ params, ifMatch: 1, body: { name: 'Late' } }),
    ).rejects.toMatchObject({ code: 'preconditionFailed' })
    const cleared = await owner.my().updateProject({ params, ifMatch: 2, body: { homeUrl: null } })
    expect(cleared.homeUrl).toBeUndefined()
    expect((await owner.my().updateProject({ params, ifMatch: 3, body: { name: 'Better' } })).version).toBe(3)
    expect((await bed.eventsOf(projectId)).slice(2)).toMatchObject([
      { type: 'project.renamed', data: { name: 'Better' } },
      {
        type: 'project.branded',
        data: { accent: '#d6336c', hasLogo: false, supportEmail: 'help@better.example' },
      },
      { type: 'project.branded', data: { supportEmail: 'help@better.example' } },
    ])
  })

  test('refuses what is not right', async () => {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    const update = (body: object) =>
      owner.my().updateProject({ params: { projectId }, ifMatch: 1, body: body as never })
    await expect(update({ accent: 'red' })).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(update({ accent: '#12345' })).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(update({ homeUrl: 'javascript:alert(1)' })).rejects.toMatchObject({
      code: 'validationFailed',
    })
    await expect(update({ homeUrl: 'https://user:pass@x.example' })).rejects.toMatchObject({
      code: 'projectNotRight',
    })
    await expect(update({ supportEmail: 'nobody' })).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(update({ slug: 'other' })).rejects.toMatchObject({ code: 'validationFailed' })
    await expect(update({})).rejects.toMatchObject({ code: 'validationFailed' })
  })
})

describe('logo', () => {
  test('is served to anybody, cached for good under its own address, until it is removed', async () => {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    const params = { projectId }
    const branded = await owner.my().setLogo({ params, ifMatch: 1, body: { data: PNG } })
    const hash = createHash('sha256').update(Buffer.from(PNG, 'base64')).digest('hex').slice(0, 16)
    expect(branded.logoUrl).toBe(`/logos/${projectId}?v=${hash}`)

    const read = (path: string, init: RequestInit = {}) => fetch(`${bed.platform.url}${path}`, init)
    const answer = await read(branded.logoUrl!)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('content-type')).toBe('image/png')
    expect(answer.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(Buffer.from(await answer.arrayBuffer()).toString('base64')).toBe(PNG)
    expect((await read(branded.logoUrl!, { headers: { 'if-none-match': `"${hash}"` } })).status).toBe(304)
    expect((await read(`/logos/${projectId}?v=old`)).headers.get('cache-control')).toBe('public, max-age=300')
    expect((await read(branded.logoUrl!, { method: 'POST' })).status).toBe(405)
    expect((await read(`/logos/${uuidv7()}`)).status).toBe(404)
    expect((await read('/logos/..%2f..%2fetc')).status).toBe(404)

    await owner.my().removeLogo({ params, ifMatch: 2 })
    expect((await read(branded.logoUrl!)).status).toBe(404)
    expect((await bed.eventsOf(projectId)).slice(2)).toMatchObject([
      { type: 'project.branded', data: { hasLogo: true, logoUrl: branded.logoUrl } },
      { type: 'project.branded', data: { hasLogo: false } },
    ])
  })

  test('refuses what is no picture, whatever it is called, and what is too large', async () => {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    const set = (bytes: Buffer | string) =>
      owner.my().setLogo({
        params: { projectId },
        ifMatch: 1,
        body: { data: typeof bytes === 'string' ? bytes : bytes.toString('base64') },
      })
    const refusal = (reason: string) => ({ problem: { code: 'logoNotRight', reason } })
    await expect(set(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).rejects.toMatchObject(
      refusal('type'),
    )
    await expect(set('data:image/png;base64,AAAA')).rejects.toMatchObject(refusal('base64'))
    const large = Buffer.concat([Buffer.from(PNG, 'base64'), Buffer.alloc(65_536)])
    await expect(set(large)).rejects.toMatchObject(refusal('size'))
    await expect(set(Buffer.concat([large, large]))).rejects.toMatchObject({ code: 'validationFailed' })
  })
})

describe('rest and end', () => {
  test('an archived project is read-only until it is restored', async () => {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    const params = { projectId }
    const archived = await owner.my().archiveProject({ params })
    expect(archived).toMatchObject({ state: 'archived', version: 2 })
    expect((await owner.my().archiveProject({ params })).version).toBe(2)
    const my = owner.my()
    const refused = { code: 'projectArchived', status: 409 }
    await expect(my.updateProject({ params, ifMatch: 2, body: { name: 'X' } })).rejects.toMatchObject(refused)
    await expect(
      my.inviteMember({ params, body: { email: 'x@example.com', role: 'viewer' } }),
    ).rejects.toMatchObject(refused)
    await expect(my.addEnvironment({ params, body: { environment: 'staging' } })).rejects.toMatchObject(
      refused,
    )
    await expect(
      my.createKey({ params, body: { environment: 'production', name: 'K', scopes: ['project:read'] } }),
    ).rejects.toMatchObject(refused)
    expect((await my.getProject({ params })).archivedAt).toBeDefined()
    expect((await my.restoreProject({ params })).state).toBe('active')
    expect((await bed.eventsOf(projectId)).slice(2).map(({ type }) => type)).toEqual([
      'project.archived',
      'project.restored',
    ])
  })

  test('deleteProject takes the slug, can be undone for seven days, and then erases everything', async () => {
    const owner = await bed.join()
    const { projectId, slug } = await bed.create(owner)
    const params = { projectId }
    await expect(owner.my().deleteProject({ params, body: { slug: 'other' } })).rejects.toMatchObject({
      code: 'slugMismatch',
    })
    const deleted = await owner.my().deleteProject({ params, body: { slug } })
    expect(deleted.state).toBe('deleting')
    expect(Date.parse(deleted.deleteAt!) - Date.now()).toBeGreaterThan(6.9 * DAY_MS)
    await expect(owner.my().restoreProject({ params })).rejects.toMatchObject({ code: 'projectBeingDeleted' })
    await bed.run('finishDeletions')
    expect((await owner.my().undeleteProject({ params })).state).toBe('active')

    await owner.my().deleteProject({ params, body: { slug } })
    bed.platform.advance(7 * DAY_MS + 1000)
    await bed.run('finishDeletions')
    await expect(owner.my().getProject({ params })).rejects.toMatchObject({ code: 'notFound', status: 404 })
    expect((await owner.my().listProjects()).items).toEqual([])
    await expect(bed.create(owner, slug)).rejects.toMatchObject({ code: 'slugTaken' })
    expect((await bed.eventsOf(projectId)).slice(2).map(({ type }) => type)).toEqual([
      'project.archived',
      'project.deletion.scheduled',
      'project.deletion.undone',
      'project.restored',
      'project.archived',
      'project.deletion.scheduled',
      'project.deleted',
    ])
    const left = await bed.tools.sql<{ count: number }[]>`
      select (select count(*) from members where project_id = ${projectId})
        + (select count(*) from environments where project_id = ${projectId})
        + (select count(*) from activity where project_id = ${projectId}) as count`
    expect(left[0]!.count).toBe(0)
  })

  test('a deletion that is undone leaves an archived project archived', async () => {
    const owner = await bed.join()
    const { projectId, slug } = await bed.create(owner)
    const params = { projectId }
    await owner.my().archiveProject({ params })
    await owner.my().deleteProject({ params, body: { slug } })
    expect((await owner.my().undeleteProject({ params })).state).toBe('archived')
    expect((await bed.eventsOf(projectId)).map(({ type }) => type)).not.toContain('project.restored')
  })
})

describe('strangers', () => {
  test('somebody else’s project does not exist', async () => {
    const owner = await bed.join()
    const { projectId, slug } = await bed.create(owner)
    const stranger = (await bed.join()).my()
    const params = { projectId }
    const gone = { status: 404, code: 'notFound' }
    await expect(stranger.getProject({ params })).rejects.toMatchObject(gone)
    await expect(stranger.getProjectBySlug({ params: { slug } })).rejects.toMatchObject(gone)
    await expect(stranger.deleteProject({ params, body: { slug } })).rejects.toMatchObject(gone)
    await expect(stranger.listActivity({ params })).rejects.toMatchObject(gone)
    await expect(stranger.listMembers({ params })).rejects.toMatchObject(gone)
    await expect(stranger.getProject({ params: { projectId: uuidv7() } })).rejects.toMatchObject(gone)
  })
})

describe('activity', () => {
  test('is told in words with names, by page and by kind', async () => {
    const owner = await bed.join('Olga')
    const { projectId } = await bed.create(owner)
    const params = { projectId }
    await owner.my().updateProject({ params, ifMatch: 1, body: { name: 'New' } })
    const guest = await bed.member(owner, projectId, 'developer', 'Gleb')
    await owner.my().changeRole({ params: { ...params, userId: guest.id }, body: { role: 'admin' } })
    const all = await owner.my().listActivity({ params })
    expect(all.items.map(({ kind }) => kind)).toEqual([
      'member.changed',
      'member.added',
      'member.invited',
      'project.renamed',
      'project.created',
    ])
    expect(all.items[0]).toMatchObject({
      text: 'Role of Gleb changed from developer to admin',
      by: { kind: 'person', id: owner.id, name: 'Olga' },
    })
    const russian = await owner.my().listActivity({ params, query: { kind: 'member.changed', locale: 'ru' } })
    expect(russian.items.map(({ text }) => text)).toEqual([
      'Роль участника Gleb: была разработчик, теперь администратор',
    ])
    const page = await owner.my().listActivity({ params, query: { kind: 'member', limit: 1 } })
    const rest = await owner
      .my()
      .listActivity({ params, query: { kind: 'member', limit: 1, cursor: page.next! } })
    expect([...page.items, ...rest.items].map(({ kind }) => kind)).toEqual(['member.changed', 'member.added'])
    const last = await owner
      .my()
      .listActivity({ params, query: { kind: 'member', limit: 1, cursor: rest.next! } })
    expect(last.items.map(({ kind }) => kind)).toEqual(['member.invited'])
    expect(last.next).toBeUndefined()
  })

  test('tells what members did elsewhere, and not what end users did', async () => {
    const owner = await bed.join('Olga')
    const { projectId } = await bed.create(owner)
    const about = { projectId, environment: 'production' }
    const by = owner.id
    const app = { ...about, appId: 'app_1', name: 'Shop' }
    const endUserId = uuidv7()
    for (const change of ['created', 'updated'])
      await bed.announce(oauth, 'oauth.provider.configured', {
        ...about,
        provider: 'google',
        name: 'Google',
        change,
        by,
      })
    await bed.announce(oauth, 'oauth.provider.removed', { ...about, provider: 'google', name: 'Google', by })
    await bed.announce(oidc, 'oidc.app.created', { ...app, kind: 'web', by })
    await bed.announce(oidc, 'oidc.app.changed', { ...app, fields: ['name'], by: uuidv7() })
    await bed.announce(oidc, 'oidc.app.removed', { ...app, by })
    await bed.announce(oidc, 'oidc.settings.changed', { ...about, fields: [], by })
    await bed.announce(oidc, 'oidc.keys.rotated', { ...about, kids: [], compromised: false })
    await bed.announce(oidc, 'enduser.blocked', { ...about, endUserId, by })
    await bed.announce(oidc, 'enduser.unblocked', { ...about, endUserId, by })
    await bed.announce(oidc, 'enduser.deleted', { ...about, endUserId })
    await bed.announce(oidc, 'enduser.deleted', { ...about, endUserId, by })
    await bed.announce(webhooks, 'webhook.endpoint.changed', {
      ...about,
      host: 'acme.example',
      change: 'gone',
    })
    const { items } = await owner.my().listActivity({ params: { projectId } })
    expect(items.map(({ kind, by: who }) => `${kind} ${who?.name ?? who?.kind}`).reverse()).toEqual([
      'project.created Olga',
      'provider.added Olga',
      'provider.changed Olga',
      'provider.removed Olga',
      'app.created Olga',
      'app.changed program',
      'app.removed Olga',
      'environment.signin Olga',
      'environment.keys system',
      'enduser.blocked Olga',
      'enduser.unblocked Olga',
      'enduser.deleted Olga',
      'webhook.gone system',
    ])
    expect(items.at(-2)!.text).toBe('Provider Google added in production')
    await bed.announce(oidc, 'oidc.app.removed', { ...app, projectId: uuidv7(), by })
  })

  test('entries past their time are deleted, and nothing else', async () => {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    bed.platform.advance(300 * DAY_MS)
    await bed.run('purgeExpired')
    expect((await owner.my().listActivity({ params: { projectId } })).items).toHaveLength(1)
    bed.platform.advance(70 * DAY_MS)
    await bed.run('purgeExpired')
    expect((await owner.my().listActivity({ params: { projectId } })).items).toEqual([])
    expect((await owner.my().getProject({ params: { projectId } })).state).toBe('active')
  })
})
