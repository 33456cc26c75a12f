/** The console: apps, end users, settings, keys, statistics; and how issuers follow their projects. */
import { emit } from '@pleiad/platform/service'
import { projects } from '@pleiad/projects/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { oidc } from './contract.ts'
import { jobs } from './jobs.ts'
import { CALLBACK, follow, onPage, type TestApp, testApp } from './testing-app.ts'
import { type Bed, type Project, startBed } from './testing-bed.ts'

const PASSWORD = 'a rather long phrase 7'
let bed: Bed
let project: Project
let app: TestApp
let people = 0

beforeAll(async () => {
  bed = await startBed({ OIDC_LIVE_ISSUERS: '3', OIDC_APPS_PER_ENVIRONMENT: '4' })
})
beforeEach(async () => {
  project = await bed.createProject()
  app = await testApp(project)
})
afterAll(() => bed?.stop())

const refused = (code: string, more: object = {}) => ({ problem: { code, ...more } })
const newEmail = () => `someone${++people}@example.com`

async function signedIn(email = newEmail()) {
  const { endUserId } = await project.my.createEndUser({
    params: project.params,
    body: { email, name: 'Ada Lovelace', emailVerified: true },
  })
  await bed.own.tools.sql`
    update end_users set password_hash = ${await bed.own.hashing.hash(PASSWORD)} where end_user_id = ${endUserId}`
  const at = await onPage(bed, app)
  const back = await follow(
    at.browser,
    await at.page.signInWithPassword({ params: at.params, body: { email, password: PASSWORD } }),
  )
  return { ...at, email, endUserId, tokens: (await app.redeem(back)).body }
}

async function announce(
  work: (emitting: Parameters<Parameters<typeof bed.projects.transact>[0]>[0]) => void,
): Promise<void> {
  await bed.projects.transact(async (tx) => work(tx))
  await bed.platform.settled()
}

const userinfo = (token: string, at = project.issuer) =>
  fetch(`${at}/userinfo`, { headers: { authorization: `Bearer ${token}` } })

test('apps: made, listed by pages, changed with If-Match, secret rotated with overlap, deleted', async () => {
  const made = await project.my.createApp({
    params: project.params,
    body: { name: 'Server', kind: 'web', redirectUris: [CALLBACK] },
  })
  expect(made.clientSecret).toMatch(/^cs_/)
  expect(made.app).toMatchObject({
    kind: 'web',
    hasSecret: true,
    secretHint: made.clientSecret!.slice(-4),
    version: 1,
  })
  expect(JSON.stringify(made.app)).not.toContain(made.clientSecret)
  const params = { ...project.params, appId: made.app.appId }
  const first = await project.my.listApps({ params: project.params, query: { limit: 1 } })
  expect(first.items.map(({ appId }) => appId)).toEqual([made.app.appId])
  const second = await project.my.listApps({
    params: project.params,
    query: { limit: 1, cursor: first.next! },
  })
  expect(second.items.map(({ appId }) => appId)).toEqual([app.appId])
  expect(second.next).toBeUndefined()
  await expect(project.my.changeApp({ params, ifMatch: 7, body: { name: 'X' } })).rejects.toMatchObject(
    refused('preconditionFailed'),
  )
  const changed = await project.my.changeApp({ params, ifMatch: 1, body: { name: 'Backend' } })
  expect(changed).toMatchObject({ name: 'Backend', version: 2, redirectUris: [CALLBACK] })

  const grant = async (secret: string) =>
    (
      await fetch(`${project.issuer}/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: made.app.appId,
          client_secret: secret,
        }),
      })
    ).status
  const rotated = await project.my.rotateAppSecret({ params, body: { overlapHours: 1 } })
  expect([await grant(made.clientSecret!), await grant(rotated.clientSecret!)]).toEqual([200, 200])
  const again = await project.my.rotateAppSecret({ params, body: { overlapHours: 0 } })
  expect([await grant(rotated.clientSecret!), await grant(again.clientSecret!)]).toEqual([401, 200])
  await project.my.deleteApp({ params })
  expect(await grant(again.clientSecret!)).toBe(401)
  await expect(project.my.getApp({ params })).rejects.toMatchObject(refused('notFound'))
})

test('apps that make no sense are refused, and there is an end to their number', async () => {
  const create = (body: Record<string, unknown>) =>
    project.my.createApp({ params: project.params, body: { name: 'X', kind: 'web', ...body } as never })
  await expect(create({ kind: 'machine', redirectUris: [CALLBACK] })).rejects.toMatchObject(
    refused('appSettingsRefused'),
  )
  await expect(create({ kind: 'browser', tokenExchange: true })).rejects.toMatchObject(
    refused('appSettingsRefused'),
  )
  await expect(create({ scopes: ['launch:rockets'] })).rejects.toMatchObject(
    refused('scopeUnknown', { scopes: ['launch:rockets'] }),
  )
  await expect(create({ backchannelLogoutUri: 'ftp://x' })).rejects.toMatchObject(
    refused('redirectUriRefused'),
  )
  const native = await create({
    kind: 'native',
    redirectUris: ['com.example.app:/callback', 'http://127.0.0.1/cb'],
  })
  await expect(
    project.my.rotateAppSecret({ params: { ...project.params, appId: native.app.appId }, body: {} }),
  ).rejects.toMatchObject(refused('appHasNoSecret'))
  await create({})
  await create({})
  await expect(create({})).rejects.toMatchObject(refused('tooManyApps'))
})

test('who may: strangers see no project, machines of other projects neither, unknown environments are said', async () => {
  const stranger = bed.platform.client(oidc, { id: uuidv7() })
  await expect(stranger.listApps({ params: project.params, query: {} })).rejects.toMatchObject(
    refused('notFound'),
  )
  await expect(
    project.my.listApps({ params: { ...project.params, environment: 'moon' }, query: {} }),
  ).rejects.toMatchObject(refused('environmentUnknown'))
  bed.platform.setRole(project.projectId, project.ownerId, 'viewer')
  await expect(
    project.my.createApp({ params: project.params, body: { name: 'X', kind: 'web' } }),
  ).rejects.toMatchObject(refused('forbidden'))
})

test('end users: found by the beginning of address and name, by state, by pages', async () => {
  for (const [email, name] of [
    ['ada@one.example', 'Ada Lovelace'],
    ['grace@two.example', 'Grace Hopper'],
    ['alan@one.example', 'Alan Turing'],
  ] as const)
    await project.my.createEndUser({ params: project.params, body: { email, name } })
  const list = async (query: Record<string, unknown>) =>
    (await project.my.listEndUsers({ params: project.params, query })).items.map(({ email }) => email)
  expect(await list({})).toEqual(['alan@one.example', 'grace@two.example', 'ada@one.example'])
  expect(await list({ search: 'HOP' })).toEqual(['grace@two.example'])
  expect(await list({ search: 'one.ex' })).toEqual(['alan@one.example', 'ada@one.example'])
  expect(await list({ search: 'ada@' })).toEqual(['ada@one.example'])
  expect(await list({ search: '%' })).toEqual([])
  expect(await list({ state: 'blocked' })).toEqual([])
  const page = await project.my.listEndUsers({ params: project.params, query: { limit: 2 } })
  const rest = await project.my.listEndUsers({
    params: project.params,
    query: { limit: 2, cursor: page.next! },
  })
  expect([page.items.length, rest.items.length, rest.next]).toEqual([2, 1, undefined])
  await expect(
    project.my.createEndUser({ params: project.params, body: { email: 'ADA@one.example' } }),
  ).rejects.toMatchObject(refused('endUserExists'))
})

test('an import takes password hashes over; an invitation mails a link that sets a password once', async () => {
  const email = newEmail()
  const hash = '$2b$04$Th8ggsrytLXbeMKRSNB4O.JlpbCO5nFxuR3PWL4Yzedf1fSpwpRIm'
  await project.my.createEndUser({
    params: project.params,
    body: { email, passwordHash: hash, emailVerified: true },
  })
  await expect(
    project.my.createEndUser({
      params: project.params,
      body: { email: newEmail(), passwordHash: 'md5:abc' },
    }),
  ).rejects.toMatchObject(refused('passwordHashUnknown'))
  const kinds = () => bed.own.tools.sql`select foreign_profile from end_users where email = ${email}`
  expect((await kinds())[0]).toEqual({ foreign_profile: '$2b$04$' })
  for (const cost of ['05', '06'])
    await project.my.createEndUser({
      params: project.params,
      body: { email: newEmail(), passwordHash: hash.replace('$04$', `$${cost}$`) },
    })
  await expect(
    project.my.createEndUser({
      params: project.params,
      body: { email: newEmail(), passwordHash: hash.replace('$04$', '$07$') },
    }),
  ).rejects.toMatchObject(refused('passwordHashUnknown'))
  // Signing in renews the hash as the kind that is made here.
  const imported = await onPage(bed, app)
  const renewed = await imported.page.signInWithPassword({
    params: imported.params,
    body: { email, password: PASSWORD },
  })
  expect(renewed.step).toBe('continue')
  expect((await kinds())[0]).toEqual({ foreign_profile: null })
  const invited = newEmail()
  await project.my.createEndUser({
    params: project.params,
    body: { email: invited, invite: true, locale: 'ru' },
  })
  await bed.platform.settled()
  const link = bed.mails.findLast((mail) => mail.email === invited)!
  expect(link.kind).toBe('setPassword')
  expect(link.url!.startsWith(`${project.issuer}/set-password#token=`)).toBe(true)
  const token = link.url!.split('#token=')[1]!
  const { page } = bed.browser()
  const elsewhere = await bed.createProject()
  await expect(
    page.setPasswordWithLink({ params: { handle: elsewhere.slug }, body: { token, password: PASSWORD } }),
  ).rejects.toMatchObject(refused('linkInvalid'))
  const params = { handle: project.slug }
  expect((await page.setPasswordWithLink({ params, body: { token, password: PASSWORD } })).brand.name).toBe(
    'Shop',
  )
  await expect(
    page.setPasswordWithLink({ params, body: { token, password: PASSWORD } }),
  ).rejects.toMatchObject(refused('linkInvalid'))
  const at = await onPage(bed, app)
  const step = await at.page.signInWithPassword({
    params: at.params,
    body: { email: invited, password: PASSWORD },
  })
  expect(step.step).toBe('continue')
})

test('blocking ends sessions and tokens at once; deleting erases', async () => {
  const { endUserId, tokens, browser } = await signedIn()
  const params = { ...project.params, endUserId }
  expect((await userinfo(tokens['access_token']!)).status).toBe(200)
  await project.my.blockEndUser({ params, body: { reason: 'stolen' } })
  expect((await userinfo(tokens['access_token']!)).status).toBe(401)
  expect((await browser.go(app.address())).url).toContain('/sign-in/')
  expect(await project.my.getEndUser({ params })).toMatchObject({ state: 'blocked', blockedReason: 'stolen' })
  await project.my.deleteEndUser({ params })
  await expect(project.my.getEndUser({ params })).rejects.toMatchObject(refused('notFound'))
  await bed.platform.settled()
  const events = await bed.own.tools.sql<{ type: string }[]>`
    select type from outbox_log where key = ${endUserId} order by sequence`
  expect(events.map(({ type }) => type)).toEqual([
    'enduser.created',
    'enduser.signedin',
    'enduser.blocked',
    'enduser.deleted',
  ])
})

test('sessions are listed and ended one by one, by the console and by their owner', async () => {
  const first = await signedIn()
  const params = { ...project.params, endUserId: first.endUserId }
  const { items } = await project.my.listEndUserSessions({ params })
  expect(items).toMatchObject([{ methods: ['pwd'], apps: [app.appId], appNames: ['Shop'], current: false }])
  await project.my.revokeEndUserSession({ params: { ...params, sessionId: items[0]!.id } })
  expect((await userinfo(first.tokens['access_token']!)).status).toBe(401)
  await expect(
    project.my.revokeEndUserSession({ params: { ...params, sessionId: items[0]!.id } }),
  ).rejects.toMatchObject(refused('notFound'))
  const own = { handle: project.slug }
  await expect(first.browser.page.listOwnSessions({ params: own })).rejects.toMatchObject(
    refused('notSignedIn'),
  )
})

test('the account page: name, password, sessions, deletion; sensitive things need a recent sign-in', async () => {
  const { browser, email, endUserId, tokens } = await signedIn()
  const params = { handle: project.slug }
  const { page } = browser
  expect((await page.changeAccount({ params, body: { name: 'Countess' } })).name).toBe('Countess')
  expect(
    (await project.my.listEndUsers({ params: project.params, query: { search: 'countess' } })).items,
  ).toHaveLength(1)
  expect((await page.listOwnSessions({ params })).items).toMatchObject([{ current: true }])
  await expect(
    page.changeOwnPassword({
      params,
      body: { password: 'wrong one here', newPassword: 'another quite long phrase' },
    }),
  ).rejects.toMatchObject(refused('signInRefused'))
  await page.changeOwnPassword({
    params,
    body: { password: PASSWORD, newPassword: 'another quite long phrase' },
  })
  expect((await page.getAccount({ params })).account).toMatchObject({ email, endUserId })
  await expect(page.deletePasskey({ params: { ...params, id: uuidv7() } })).rejects.toMatchObject(
    refused('notFound'),
  )
  await bed.own.tools.sql`
    update sessions set payload = payload || '{"loginTs": 1}' where end_user_id = ${endUserId}`
  await expect(page.deleteOwnAccount({ params })).rejects.toMatchObject(refused('signInAgain'))
  const landed = await browser.go(`${project.issuer}/account/sign-in`)
  expect(landed.url).toContain('/sign-in/')
  const at = { handle: project.slug, uid: landed.url.split('/').at(-1)! }
  await follow(
    browser,
    await page.signInWithPassword({ params: at, body: { email, password: 'another quite long phrase' } }),
  )
  await page.deleteOwnAccount({ params })
  await expect(page.getAccount({ params })).rejects.toMatchObject(refused('notSignedIn'))
  expect((await userinfo(tokens['access_token']!)).status).toBe(401)
})

test('linking a provider from the account page needs the provider’s answer in this browser', async () => {
  const { browser, endUserId } = await signedIn()
  const params = { handle: project.slug }
  const ticket = 'ticket-link-0123456789'
  const person = {
    subject: 'g9',
    email: 'x@example.com',
    verified: true,
    name: 'X',
    purpose: 'link',
    cookie: 'flow_link=secret',
  }
  bed.tickets.set(ticket, person)
  await expect(browser.page.finishLink({ params, body: { ticket } })).rejects.toMatchObject(
    refused('ticketRefused'),
  )
  await browser.page.beginLink({ params: { ...params, provider: 'google' } })
  const linked = await browser.page.finishLink({ params, body: { ticket } })
  expect(bed.attached.at(-1)).toMatchObject({ endUserId })
  const other = await signedIn()
  bed.tickets.set(ticket, person)
  await other.browser.page.beginLink({ params: { ...params, provider: 'google' } })
  await expect(other.browser.page.finishLink({ params, body: { ticket } })).rejects.toMatchObject(
    refused('identityTaken'),
  )
  await browser.page.deleteIdentity({ params: { ...params, id: linked.id } })
  expect((await browser.page.getAccount({ params })).account.identities).toEqual([])
})

test('keys: rotation overlaps, old tokens verify on; after a leak they do not', async () => {
  const keysOf = async () =>
    (await (await fetch(`${project.issuer}/jwks`)).json()) as {
      keys: { kid: string; d?: string; p?: string }[]
    }
  const before = await keysOf()
  expect(before.keys).toHaveLength(2)
  expect(before.keys.some(({ d, p }) => d || p)).toBe(false)
  const machine = await project.my.createApp({
    params: project.params,
    body: { name: 'M', kind: 'machine', scopes: ['apps:read'] },
  })
  const token = async () => {
    const response = await fetch(`${project.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: machine.app.appId,
        client_secret: machine.clientSecret!,
        resource: bed.platform.host.publicUrl,
        scope: 'apps:read',
      }),
    })
    return ((await response.json()) as { access_token: string }).access_token
  }
  const works = (bearer: string) =>
    bed.platform
      .client(oidc, bearer)
      .listApps({ params: project.params, query: {} })
      .then(
        () => true,
        () => false,
      )
  const old = await token()
  const { items } = await project.my.rotateSigningKeys({ params: project.params, body: {} })
  expect(items.map(({ state }) => state).sort()).toEqual([
    'active',
    'active',
    'next',
    'next',
    'previous',
    'previous',
  ])
  const after = await keysOf()
  expect(after.keys).toHaveLength(6)
  expect(after.keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining(before.keys.map(({ kid }) => kid)))
  const kidOf = (jwt: string) => JSON.parse(Buffer.from(jwt.split('.')[0]!, 'base64url').toString()).kid
  expect(kidOf(await token())).not.toBe(kidOf(old))
  expect(await works(old)).toBe(true)
  await project.my.rotateSigningKeys({ params: project.params, body: { compromised: true } })
  const fresh = await token()
  expect((await keysOf()).keys.map(({ kid }) => kid)).toContain(kidOf(fresh))
  expect((await keysOf()).keys.map(({ kid }) => kid)).not.toContain(kidOf(old))
  expect(await works(fresh)).toBe(true)
  expect(await works(old)).toBe(false)
})

test('the job rotates keys after 90 days and deletes retired ones a week later', async () => {
  await fetch(`${project.issuer}/jwks`)
  const run = (name: string) =>
    bed.own.tools.transact((tx) => jobs[name]!.run({ ...bed.own.tools, tx } as never, bed.own))
  const states = async () => {
    const { items } = await project.my.listSigningKeys({ params: project.params })
    return items.map(({ state }) => state).sort()
  }
  await run('rotateKeys')
  expect(await states()).toEqual(['active', 'active'])
  await bed.own.tools.sql`update signing_keys set activated_at = activated_at - interval '91 days'`
  await run('rotateKeys')
  expect(await states()).toEqual(['active', 'active', 'next', 'next', 'previous', 'previous'])
  await bed.own.tools
    .sql`update signing_keys set retires_at = retires_at - interval '8 days' where state = 'previous'`
  await run('rotateKeys')
  expect(await states()).toEqual(['active', 'active', 'next', 'next'])
  await bed.own.tools.sql`update flows set expires_at = now() - interval '1 day'`
  await run('sweep')
  expect((await bed.own.tools.sql`select count(*) from flows where expires_at < now()`)[0]).toEqual({
    count: 0,
  })
})

test('native apps ask people unless somebody decided otherwise, or the system leads answers to them', async () => {
  const create = async (body: Record<string, unknown>) =>
    (
      await project.my.createApp({
        params: project.params,
        body: { name: 'X', ...body } as never,
      })
    ).app.consent
  expect(await create({ kind: 'native', redirectUris: ['com.example.app:/callback'] })).toBe('ask')
  expect(await create({ kind: 'native', redirectUris: ['https://app.example.com/callback'] })).toBe('skip')
  expect(await create({ kind: 'native', redirectUris: ['com.example.app:/callback'], consent: 'skip' })).toBe(
    'skip',
  )
  expect(
    app.appId && (await project.my.getApp({ params: { ...project.params, appId: app.appId } })).consent,
  ).toBe('skip')
})

test('end users are counted as they come and go', async () => {
  const totals = async () => {
    const answer = await project.my.getSignInStatistics({ params: project.params, query: {} })
    return [answer.totals.endUsers, answer.totals.newEndUsers]
  }
  expect(await totals()).toEqual([0, 0])
  const made = []
  for (let n = 0; n < 3; n++)
    made.push(await project.my.createEndUser({ params: project.params, body: { email: newEmail() } }))
  expect(await totals()).toEqual([3, 3])
  await project.my.deleteEndUser({ params: { ...project.params, endUserId: made[0]!.endUserId } })
  // Those who were new and left were new all the same.
  expect(await totals()).toEqual([2, 3])
})

test('statistics count sign-ins by outcome, method and reason', async () => {
  const { email } = await signedIn()
  const at = await onPage(bed, app)
  await at.page
    .signInWithPassword({ params: at.params, body: { email, password: 'not the right one' } })
    .catch(() => {})
  await at.page.cancelSignIn({ params: at.params })
  const { items, totals } = await project.my.getSignInStatistics({
    params: project.params,
    query: { bucket: 'hour' },
  })
  expect(items.map(({ outcome, method, reason, count }) => [outcome, method, reason, count])).toEqual([
    ['failure', '', 'cancelled', 1],
    ['failure', 'password', 'wrongCredentials', 1],
    ['success', 'password', '', 1],
  ])
  expect(totals).toEqual({ success: 1, failure: 2, endUsers: 1, newEndUsers: 1 })
  await expect(
    project.my.getSignInStatistics({
      params: project.params,
      query: { bucket: 'hour', from: '2026-01-01T00:00:00Z', to: '2026-12-31T00:00:00Z' },
    }),
  ).rejects.toMatchObject(refused('timeRangeRefused'))
})

test('settings: who changed first wins, APIs that cannot be are refused', async () => {
  const settings = await project.my.getSettings({ params: project.params })
  expect(settings).toMatchObject({ issuer: project.issuer, password: true, verifyEmail: true, version: 1 })
  expect(settings.installationApi.scopes).toContainEqual({ name: 'apps:write', forPeople: false })
  const set = (body: Record<string, unknown>, ifMatch = 1) =>
    project.my.changeSettings({ params: project.params, ifMatch, body: body as never })
  const api = {
    audience: 'https://api.example.com',
    name: 'A',
    scopes: [{ name: 'a:read', description: '' }],
  }
  await expect(set({ apis: [api, api] })).rejects.toMatchObject(refused('apiRefused'))
  await expect(
    set({ apis: [{ ...api, audience: `${bed.platform.host.publicUrl}/x` }] }),
  ).rejects.toMatchObject(refused('apiRefused'))
  // Nor does an API of the project give another meaning to a scope of the installation.
  for (const name of ['openid', 'apps:read'])
    await expect(set({ apis: [{ ...api, scopes: [{ name, description: '' }] }] })).rejects.toMatchObject(
      refused('apiRefused'),
    )
  expect((await set({ passkey: false })).version).toBe(2)
  await expect(set({ passkey: true })).rejects.toMatchObject(refused('preconditionFailed'))
})

test('a key of development reaches development, and of it only what its scopes say', async () => {
  const { projectId } = project
  const development = { projectId, environment: 'development' }
  const program = (scopes: string[]) =>
    bed.platform.client(oidc, bed.platform.programFor({ projectId, environment: 'development', scopes }))
  const apps = program(['apps:read', 'apps:write'])
  const { version } = await apps.getSettings({ params: development })
  // Apps are one thing; how people sign in, and what signs their tokens, are others.
  await expect(
    apps.changeSettings({ params: development, ifMatch: version, body: { passkey: false } }),
  ).rejects.toMatchObject(refused('forbidden', { scope: 'settings:write' }))
  await expect(apps.rotateSigningKeys({ params: development, body: {} })).rejects.toMatchObject(
    refused('forbidden', { scope: 'keys:rotate' }),
  )
  const settings = program(['settings:write', 'keys:rotate'])
  await settings.changeSettings({ params: development, ifMatch: version, body: { passkey: false } })
  await settings.rotateSigningKeys({ params: development, body: {} })
  // Production is not there for any of them.
  for (const asked of [
    apps.createApp({ params: project.params, body: { name: 'X', kind: 'machine' } }),
    settings.changeSettings({ params: project.params, ifMatch: 1, body: { passkey: false } }),
    settings.rotateSigningKeys({ params: project.params, body: {} }),
  ])
    await expect(asked).rejects.toMatchObject(refused('notFound'))
})

test('nobody makes an app that may do more than they: neither developers nor programs', async () => {
  const { projectId, ownerId } = project
  const params = { projectId, environment: 'development' }
  const token = bed.platform.programFor({ projectId, environment: 'development', scopes: ['apps:write'] })
  const program = bed.platform.client(oidc, token)
  const machine = (scopes: string[]) => ({ name: 'M', kind: 'machine' as const, scopes })
  await expect(program.createApp({ params, body: machine(['endusers:write']) })).rejects.toMatchObject(
    refused('forbidden'),
  )
  const own = await program.createApp({ params, body: machine(['apps:write']) })
  const powerful = await project.my.createApp({ params, body: machine(['settings:write']) })
  await expect(
    program.changeApp({
      params: { ...params, appId: own.app.appId },
      ifMatch: 1,
      body: { scopes: ['apps:write', 'keys:rotate'] },
    }),
  ).rejects.toMatchObject(refused('forbidden'))
  bed.platform.setRole(projectId, ownerId, 'developer')
  await expect(project.my.createApp({ params, body: machine(['settings:write']) })).rejects.toMatchObject(
    refused('forbidden'),
  )
  const theirs = { ...params, appId: powerful.app.appId }
  await expect(project.my.rotateAppSecret({ params: theirs, body: {} })).rejects.toMatchObject(
    refused('forbidden'),
  )
  // What it may do already does not keep them from naming it.
  expect((await project.my.changeApp({ params: theirs, ifMatch: 1, body: { name: 'N' } })).name).toBe('N')
})

test('a person never gets power over the project: scopes of members are for machines', async () => {
  const greedy = await testApp(project, { scopes: ['apps:write'], consent: 'skip' })
  const { browser } = await signedIn()
  const resource = bed.platform.host.publicUrl
  const back = await browser.go(greedy.address({ scope: 'openid apps:write', resource }))
  const { body } = await greedy.redeem(back.url)
  expect(body['scope'] ?? '').not.toContain('apps:write')
  const response = await fetch(`${project.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'refresh_token',
      client_id: greedy.appId,
      refresh_token: body['refresh_token']!,
      resource,
    }),
  })
  const api = ((await response.json()) as { access_token: string }).access_token
  expect(JSON.parse(Buffer.from(api.split('.')[1]!, 'base64url').toString()).scope).toBeUndefined()
  await expect(
    bed.platform.client(oidc, api).listApps({ params: project.params, query: {} }),
  ).rejects.toMatchObject(refused('forbidden'))
})

test('issuers follow their projects: look, environments, archive, deletion', async () => {
  const { projectId } = project
  const { tokens } = await signedIn()
  await announce((tx) => {
    emit(tx, projects, 'project.renamed', { projectId, name: 'Bazaar' })
    emit(tx, projects, 'project.branded', {
      projectId,
      accent: '#d6336c',
      hasLogo: true,
      logoUrl: '/logo.png',
      homeUrl: 'https://bazaar.example',
    })
    emit(tx, projects, 'project.environment.added', { projectId, environment: 'staging' })
  })
  const at = await onPage(bed, app)
  expect((await at.page.getSignIn({ params: at.params })).brand).toEqual({
    name: 'Bazaar',
    accent: '#d6336c',
    logoUrl: '/logo.png',
    homeUrl: 'https://bazaar.example',
    environment: 'production',
  })
  const discovery = (handle: string) =>
    fetch(`${bed.platform.url}/oidc/${handle}/.well-known/openid-configuration`)
  const staging = (await (await discovery(`${project.slug}.staging`)).json()) as { issuer: string }
  expect(staging.issuer).toBe(`${project.issuer}.staging`)
  await announce((tx) => emit(tx, projects, 'project.archived', { projectId }))
  expect((await discovery(project.slug)).status).toBe(404)
  expect((await userinfo(tokens['access_token']!)).status).toBe(404)
  const someone = { email: 'late@example.com', invite: true }
  for (const begun of [
    project.my.createEndUser({ params: project.params, body: someone }),
    project.my.createApp({ params: project.params, body: { name: 'Late', kind: 'device' } }),
  ])
    await expect(begun).rejects.toMatchObject(refused('forbidden'))
  await announce((tx) => emit(tx, projects, 'project.restored', { projectId }))
  expect((await userinfo(tokens['access_token']!)).status).toBe(200)
  await announce((tx) =>
    emit(tx, projects, 'project.environment.removed', { projectId, environment: 'staging' }),
  )
  expect((await discovery(`${project.slug}.staging`)).status).toBe(404)
  await announce((tx) => emit(tx, projects, 'project.deleted', { projectId }))
  expect((await discovery(project.slug)).status).toBe(404)
  const left = await bed.own.tools
    .sql`select 1 from end_users e where not exists (select from issuers i where i.issuer_id = e.issuer_id)`
  expect(left).toHaveLength(0)
  // What arrives late does not bring it back.
  await announce((tx) =>
    emit(tx, projects, 'project.created', {
      projectId,
      slug: project.slug,
      name: 'X',
      accent: '#000000',
      environments: ['production'],
      createdBy: project.ownerId,
    }),
  )
  expect((await discovery(project.slug)).status).toBe(404)
})

test('live issuers are bounded: an idle project has none', async () => {
  for (let n = 0; n < 6; n++) {
    const { issuer } = await bed.createProject()
    expect((await fetch(`${issuer}/jwks`)).status).toBe(200)
    expect(bed.own.issuers.size()).toBeLessThanOrEqual(3)
  }
  // The ones that were put away are made again when they are asked.
  expect((await fetch(`${project.issuer}/jwks`)).status).toBe(200)
})

test('the Host header and what a proxy might say do not get into addresses', async () => {
  const { request } = await import('node:http')
  const text = await new Promise<string>((resolve, reject) => {
    const asked = request(
      `${bed.platform.url}/oidc/${project.slug}/.well-known/openid-configuration`,
      { headers: { host: 'evil.example', 'x-forwarded-host': 'evil.example', 'x-forwarded-proto': 'https' } },
      (response) => {
        let body = ''
        response.on('data', (part) => (body += part))
        response.on('end', () => resolve(body))
      },
    )
    asked.on('error', reject)
    asked.end()
  })
  expect(text).not.toContain('evil.example')
  expect(JSON.parse(text).token_endpoint).toBe(`${project.issuer}/token`)
})

test('pages call the token endpoint from where their app lives, and from nowhere else', async () => {
  const native = await testApp(project, { kind: 'native', redirectUris: ['com.example.app:/callback'] })
  const allowed = async (origin: string, appId: string) => {
    const response = await fetch(`${project.issuer}/token`, {
      method: 'POST',
      headers: { origin },
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: appId, refresh_token: 'x' }),
    })
    const header = response.headers.get('access-control-allow-origin')
    return [header, ((await response.json()) as { error: string }).error]
  }
  expect(await allowed('https://shop.example.com', app.appId)).toEqual([
    'https://shop.example.com',
    'invalid_grant',
  ])
  expect((await allowed('https://evil.example', app.appId))[1]).toBe('invalid_request')
  expect((await allowed('null', native.appId))[1]).toBe('invalid_request')
})

test('the environment’s settings hold: origins, where to go without an app and after signing out', async () => {
  const { projectId } = project
  const settings = {
    allowedOrigins: ['https://docs.example.com'],
    defaultRedirectUri: 'https://www.example.com/start',
    defaultLogoutUri: 'https://www.example.com/bye?a=1&b=2',
  }
  const origin = async () => {
    const response = await fetch(`${project.issuer}/token`, {
      method: 'POST',
      headers: { origin: 'https://docs.example.com' },
      body: new URLSearchParams({ grant_type: 'refresh_token', client_id: app.appId, refresh_token: 'x' }),
    })
    return response.headers.get('access-control-allow-origin')
  }
  const visit = (path: string) => fetch(`${project.issuer}${path}`, { redirect: 'manual' })
  expect(await origin()).toBeNull()
  await bed.projects.transact(async (tx) =>
    emit(tx, projects, 'project.environment.changed', { projectId, environment: 'production', settings }),
  )
  await bed.platform.settled()
  expect(await origin()).toBe('https://docs.example.com')
  expect((await visit('')).headers.get('location')).toBe('https://www.example.com/start')
  expect(await (await visit('/session/end/success')).text()).toContain(
    'href="https://www.example.com/bye?a=1&amp;b=2"',
  )
})

test('introspection: bad requests are answered as RFC 7662 says', async () => {
  const ask = async (
    headers: Record<string, string>,
    body: string,
    type = 'application/x-www-form-urlencoded',
  ) => {
    const response = await fetch(`${project.issuer}/token/introspection`, {
      method: 'POST',
      headers: { 'content-type': type, ...headers },
      body,
    })
    return [response.status, ((await response.json()) as { error?: string }).error]
  }
  const { app: machine, clientSecret } = await project.my.createApp({
    params: project.params,
    body: { name: 'M', kind: 'machine' },
  })
  const basic = {
    authorization: `Basic ${Buffer.from(`${machine.appId}:${clientSecret}`).toString('base64')}`,
  }
  expect(await ask(basic, 'token=nothing')).toEqual([200, undefined])
  expect(await ask(basic, '')).toEqual([400, 'invalid_request'])
  expect(await ask(basic, 'token=a&token=b')).toEqual([400, 'invalid_request'])
  expect(await ask(basic, '{"token":"a"}', 'application/json')).toEqual([400, 'invalid_request'])
  expect(await ask({}, 'token=a')).toEqual([401, 'invalid_client'])
  expect(await ask(basic, `token=a&client_secret=${clientSecret}`)).toEqual([400, 'invalid_request'])
  expect(await ask({ authorization: 'Basic !!' }, 'token=a')).toEqual([401, 'invalid_client'])
  expect(await ask({}, `token=a&client_id=${app.appId}&client_secret=x`)).toEqual([401, 'invalid_client'])
  expect(await ask(basic, `token=${'a'.repeat(20_000)}`)).toEqual([400, 'invalid_request'])
})

test('nothing that lets anybody in is kept in clear', async () => {
  const { tokens, browser } = await signedIn()
  const { sql } = bed.own.tools
  const dump = JSON.stringify([
    await sql`select * from tokens`,
    await sql`select * from sessions`,
    await sql`select * from grants`,
    await sql`select * from flows`,
    await sql`select * from apps`,
    await sql`select * from outbox_log`,
  ])
  for (const secret of [
    tokens['access_token']!,
    tokens['refresh_token']!,
    ...browser
      .cookies()
      .filter(({ name }) => name === 'pleiad_sso')
      .map(({ value }) => value),
  ])
    expect(dump).not.toContain(secret)
})
