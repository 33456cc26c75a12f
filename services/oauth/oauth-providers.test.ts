import { createServer } from 'node:net'
import { uuidv7 } from 'uuidv7'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { oauth } from './contract.ts'
import { type Bed, startBed } from './testing-bed.ts'

let bed: Bed
let project: Awaited<ReturnType<Bed['createProject']>>
beforeAll(async () => {
  bed = await startBed({ OAUTH_PROVIDER_TIMEOUT_SECONDS: '1' })
  project = await bed.createProject()
})
afterAll(() => bed?.stop())
afterEach(() => {
  bed.provider.behaviour.instead = undefined
})

const configure = (body: object, place = project.place) =>
  project.console.configureProvider({ params: place, body: body as never })
const at = (provider: string, place = project.place) => ({ ...place, provider })
const fieldsOf = (error: { problem?: { errors?: { path: string }[] } }) =>
  (error.problem?.errors ?? []).map(({ path }) => path).sort()

describe('configuring', () => {
  test('shows everything but the secret, which lies encrypted', async () => {
    const secret = 'the-secret-nobody-sees-again'
    const made = await configure({ catalogue: 'github', clientId: 'Iv1.abc', secret })
    expect(made).toMatchObject({
      provider: 'github',
      name: 'GitHub',
      secretSet: true,
      enabled: true,
      signIn: true,
      version: 1,
      redirectUri: expect.stringMatching(/^http:\/\/localhost:8080\/oauth\/callback\/github-[0-9a-f]{20}$/),
    })
    const everything = JSON.stringify([
      made,
      await project.console.getProvider({ params: at('github') }),
      await project.console.listProviders({ params: project.place }),
      await bed.eventsOf(project.projectId),
    ])
    expect(everything).not.toContain(secret)
    const [row] = await bed.tools().sql`select * from configurations where provider = 'github'`
    expect((row!['secret'] as Buffer).toString('latin1')).not.toContain(secret)
    // Known before it is configured, and the same afterwards.
    expect((await project.console.getRedirectUri({ params: at('github') })).redirectUri).toBe(
      made.redirectUri,
    )
    const elsewhere = { ...project.place, environment: 'development' }
    expect((await project.console.getRedirectUri({ params: at('github', elsewhere) })).redirectUri).not.toBe(
      made.redirectUri,
    )
    expect((await project.console.listProviders({ params: elsewhere })).items).toEqual([])
  })

  test('a change needs the version, says what changed, and takes effect at once', async () => {
    await configure({ catalogue: 'discord', clientId: '1', secret: 's' })
    const offered = async () =>
      (await bed.signIn().listProviders(project.place)).providers.map(({ key }) => key)
    expect(await offered()).toContain('discord')
    const params = at('discord')
    const changed = await project.console.updateProvider({ params, body: { enabled: false }, ifMatch: 1 })
    expect(changed).toMatchObject({ enabled: false, version: 2 })
    expect(await offered()).not.toContain('discord')
    await expect(
      project.console.updateProvider({ params, body: { enabled: true }, ifMatch: 1 }),
    ).rejects.toMatchObject({ code: 'preconditionFailed' })
    // Nothing changed: no new version, no event.
    expect(
      await project.console.updateProvider({ params, body: { enabled: false }, ifMatch: 2 }),
    ).toMatchObject({
      version: 2,
    })
    await project.console.updateProvider({
      params,
      body: { secret: 'new', name: 'Our Discord', signIn: false, enabled: true },
      ifMatch: 2,
    })
    expect(await offered()).not.toContain('discord')
    const events = (await bed.eventsOf(project.projectId)).filter(
      ({ data }) => data['provider'] === 'discord',
    )
    expect(events.map(({ data }) => [data['change'], data['changed']])).toEqual([
      ['created', []],
      ['updated', ['enabled']],
      ['updated', ['name', 'signIn', 'enabled', 'secret']],
    ])
    await project.console.removeProvider({ params })
    await expect(project.console.getProvider({ params })).rejects.toMatchObject({ status: 404 })
    expect((await bed.eventsOf(project.projectId)).at(-1)).toMatchObject({ type: 'oauth.provider.removed' })
    // And can be configured anew, at the same address.
    await configure({ catalogue: 'discord', clientId: '1', secret: 's' })
  })

  test('a secret does not follow to another address: it is given again', async () => {
    const settings = { issuer: 'https://id.example.org' }
    await configure({
      catalogue: 'oidc',
      provider: 'mover',
      clientId: '1',
      secret: 'of-this-issuer',
      settings,
    })
    const params = at('mover')
    const move = (body: object, ifMatch: number) =>
      project.console.updateProvider({ params, body: body as never, ifMatch })
    const elsewhere = { settings: { issuer: 'https://thief.example.org' } }
    const error = await move(elsewhere, 1).then(
      () => undefined,
      (refused) => refused,
    )
    expect(error).toMatchObject({ code: 'configurationNotRight' })
    expect(fieldsOf(error)).toEqual(['/body/secret'])
    expect((await project.console.getProvider({ params })).settings).toEqual(settings)
    // What is no address may change without it.
    await move({ settings: { ...settings, clientAuth: 'basic' } }, 1)
    expect(await move({ ...elsewhere, secret: 'of-the-other' }, 2)).toMatchObject(elsewhere)
  })

  test('the same key only once; a generic provider several times', async () => {
    await configure({ catalogue: 'spotify', clientId: '1', secret: 's' })
    await expect(configure({ catalogue: 'spotify', clientId: '1', secret: 's' })).rejects.toMatchObject({
      code: 'providerConfigured',
    })
    const issuer = 'https://id.example.org'
    await configure({ catalogue: 'oidc', provider: 'one', clientId: '1', settings: { issuer } })
    await configure({ catalogue: 'oidc', provider: 'two', clientId: '1', settings: { issuer } })
    await expect(configure({ catalogue: 'nothing', clientId: '1' })).rejects.toMatchObject({
      code: 'providerUnknown',
    })
    await expect(
      configure(
        { catalogue: 'google', clientId: '1', secret: 's' },
        { ...project.place, environment: 'staging' },
      ),
    ).rejects.toMatchObject({ status: 404 })
  })

  const bad: readonly (readonly [string, object, readonly string[]])[] = [
    ['no secret', { catalogue: 'google', clientId: '1' }, ['/body/secret']],
    ['a secret with a line break', { catalogue: 'google', clientId: '1', secret: 'a\nb' }, ['/body/secret']],
    [
      'a key of its own',
      { catalogue: 'google', provider: 'g', clientId: '1', secret: 's' },
      ['/body/provider'],
    ],
    [
      'Apple without its ids and with a wrong key',
      { catalogue: 'apple', clientId: '1', secret: 'x', settings: { teamId: 'short' } },
      ['/body/secret', '/body/settings/keyId', '/body/settings/teamId'],
    ],
    [
      'the token of another bot',
      { catalogue: 'telegram', clientId: '42', secret: '43:abc' },
      ['/body/secret'],
    ],
    [
      'settings that nobody knows',
      { catalogue: 'github', clientId: '1', secret: 's', settings: { tenant: 'x' } },
      ['/body/settings/tenant'],
    ],
    [
      'a choice that is none, an address that is none',
      { catalogue: 'oidc', clientId: '1', settings: { issuer: 'ftp://x', clientAuth: 'magic' } },
      ['/body/settings/clientAuth', '/body/settings/issuer'],
    ],
    [
      'a user name in an endpoint',
      { catalogue: 'oidc', clientId: '1', settings: { issuer: 'https://me:pw@id.example.org' } },
      ['/body/settings/issuer'],
    ],
    [
      'parameters that undo what protects the flow',
      {
        catalogue: 'github',
        clientId: '1',
        secret: 's',
        parameters: { state: 'x', redirect_uri: 'y', prompt: 'z' },
      },
      ['/body/parameters/redirect_uri', '/body/parameters/state'],
    ],
    [
      'return addresses with tricks',
      {
        catalogue: 'github',
        clientId: '1',
        secret: 's',
        returnUrls: ['https://a.example/#x', 'https://a.example/'],
      },
      ['/body/returnUrls/0'],
    ],
  ]
  test.for(bad)('%s is refused, field by field', async ([, body, paths]) => {
    const other = await bed.createProject()
    const error = await other.console.configureProvider({ params: other.place, body: body as never }).then(
      () => ({}),
      (refused) => refused,
    )
    expect(error).toMatchObject({ code: 'configurationNotRight' })
    expect(fieldsOf(error as never)).toEqual(paths)
  })

  test('is for admins, outside of production for developers too; viewers look, strangers see nothing', async () => {
    const developer = uuidv7()
    bed.platform.setRole(project.projectId, developer, 'developer')
    const developing = bed.platform.client(oauth, { id: developer })
    const body = { catalogue: 'twitch', clientId: '1', secret: 's' }
    await expect(developing.configureProvider({ params: project.place, body })).rejects.toMatchObject({
      status: 403,
    })
    const development = { ...project.place, environment: 'development' }
    expect(await developing.configureProvider({ params: development, body })).toMatchObject({
      environment: 'development',
    })
    await developing.removeProvider({ params: at('twitch', development) })

    const viewer = uuidv7()
    bed.platform.setRole(project.projectId, viewer, 'viewer')
    const viewing = bed.platform.client(oauth, { id: viewer })
    expect((await viewing.listProviders({ params: project.place })).items.length).toBeGreaterThan(0)
    await expect(
      viewing.configureProvider({ params: project.place, body: { catalogue: 'vk', clientId: '1' } }),
    ).rejects.toMatchObject({ status: 403 })
    await expect(viewing.testProvider({ params: at('github') })).rejects.toMatchObject({ status: 403 })
    const stranger = bed.platform.client(oauth, { id: uuidv7() })
    await expect(stranger.listProviders({ params: project.place })).rejects.toMatchObject({ status: 404 })
    expect((await stranger.listCatalogue()).items).toHaveLength(17)
  })
})

/** A port on which nothing listens. */
async function closedPort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('the test of a connection', () => {
  const clients = { clientId: 'the-client', returnUrls: [] as string[] }
  async function tested(provider: string, body: object) {
    await configure({ catalogue: 'oidc', provider, ...clients, ...body })
    return again(provider)
  }
  async function again(provider: string) {
    const { ok, checks } = await project.console.testProvider({ params: at(provider) })
    return {
      ok,
      checks: Object.fromEntries(checks.map(({ check, state, code }) => [check, code ?? state])),
      words: checks.map(({ words }) => words).join(' '),
    }
  }
  const right = () => ({ settings: { issuer: bed.provider.url }, secret: bed.provider.clientSecret })

  test('passes with the right settings', async () => {
    expect(await tested('right', right())).toMatchObject({
      ok: true,
      checks: {
        settings: 'passed',
        discovery: 'passed',
        keys: 'passed',
        authorization: 'passed',
        token: 'passed',
      },
    })
  })

  test('tells a wrong secret, another issuer, HTML, nothing there, a blocked address', async () => {
    const wrong = await tested('wrong-secret', { ...right(), secret: 'wrong' })
    expect(wrong).toMatchObject({ ok: false, checks: { discovery: 'passed', token: 'secretWrong' } })
    expect(wrong.words).toContain('does not accept the client id or the secret')
    expect(wrong.words).not.toContain('wrong ')

    expect(
      (await tested('slash', { ...right(), settings: { issuer: `${bed.provider.url}/` } })).checks,
    ).toEqual({
      settings: 'passed',
      discovery: 'issuerDiffers',
    })
    expect(
      (await tested('path', { ...right(), settings: { issuer: `${bed.provider.url}/nowhere` } })).checks,
    ).toMatchObject({
      discovery: 'discoveryMissing',
    })
    expect(
      (await tested('gone', { ...right(), settings: { issuer: `http://127.0.0.1:${await closedPort()}` } }))
        .checks,
    ).toMatchObject({
      discovery: 'connectFailed',
    })
    expect(
      (await tested('inside', { ...right(), settings: { issuer: 'http://169.254.169.254' } })).checks,
    ).toMatchObject({
      discovery: 'addressBlocked',
    })
    expect(
      (await tested('nameless', { ...right(), settings: { issuer: 'https://nobody.invalid' } })).checks,
    ).toMatchObject({
      discovery: 'dnsFailed',
    })
  })

  test('tells a page, a slow provider, missing keys and endpoints, a redirect URI that is not registered', async () => {
    await configure({ catalogue: 'oidc', provider: 'odd', ...clients, ...right() })
    type Instead = NonNullable<Bed['provider']['behaviour']['instead']>
    const answer =
      (path: string, status: number, type: string, body: string): Instead =>
      (asked, _request, response) => {
        if (asked !== path) return false
        response.writeHead(status, { 'content-type': type }).end(body)
        return true
      }
    const discovery = '/.well-known/openid-configuration'
    const cases: readonly (readonly [Instead, object])[] = [
      [answer(discovery, 200, 'text/html', '<html>'), { discovery: 'answeredHtml' }],
      [
        answer(discovery, 200, 'application/json', JSON.stringify({ issuer: bed.provider.url })),
        { discovery: 'metadataIncomplete' },
      ],
      [(path) => (path === discovery ? new Promise(() => {}) : false), { discovery: 'timeout' }],
      [answer('/jwks', 200, 'application/json', '{"keys":[]}'), { keys: 'metadataIncomplete' }],
      [
        answer('/authorize', 400, 'text/html', 'redirect_uri mismatch'),
        { authorization: 'redirectUriRefused' },
      ],
      [
        answer(
          '/token',
          400,
          'application/json',
          '{"error":"invalid_request","error_description":"redirect_uri does not match"}',
        ),
        { token: 'redirectUriRefused' },
      ],
      [answer('/token', 400, 'application/json', '{"error":"something_else"}'), { token: 'unknown' }],
      [answer('/token', 200, 'text/html', '<html>'), { token: 'answeredHtml' }],
    ]
    for (const [instead, checks] of cases) {
      bed.provider.behaviour.instead = instead
      expect((await again('odd')).checks).toMatchObject(checks)
    }
  })

  test('of a plain OAuth 2 provider', async () => {
    await configure({
      catalogue: 'oauth2',
      provider: 'plain',
      ...clients,
      secret: bed.provider.clientSecret,
      settings: {
        authorizationUrl: `${bed.provider.url}/authorize`,
        tokenUrl: `${bed.provider.url}/token`,
        userinfoUrl: `${bed.provider.url}/userinfo`,
      },
    })
    expect((await again('plain')).checks).toEqual({
      settings: 'passed',
      authorization: 'passed',
      token: 'passed',
    })
  })
})

describe('a plain OAuth 2 provider', () => {
  test('connects and signs in by its endpoints', async () => {
    const own = await bed.createProject()
    await bed.configure(own, {
      catalogue: 'oauth2',
      provider: 'plain',
      name: 'Plain',
      settings: {
        authorizationUrl: `${bed.provider.url}/authorize`,
        tokenUrl: `${bed.provider.url}/token`,
        userinfoUrl: `${bed.provider.url}/userinfo`,
      },
    })
    const { connectionId } = await bed.connect(own, 'user-1', 'plain')
    expect(await own.program.getOwnConnection({ params: { connectionId } })).toMatchObject({
      subject: '4711',
    })
    expect((await own.program.getToken({ params: { connectionId } })).accessToken).toMatch(/^a-/)
  })
})

describe('Telegram', () => {
  test('moves its answer out of the fragment, and gives no token', async () => {
    const { createHash, createHmac } = await import('node:crypto')
    const own = await bed.createProject()
    const token = '42:secret-of-the-bot'
    await own.console.configureProvider({
      params: own.place,
      body: { catalogue: 'telegram', clientId: '42', secret: token, returnUrls: [bed.returnUrl] },
    })
    const session = await own.program.openConnectSession({
      body: { provider: 'telegram', endUserId: 'user-1', returnUrl: bed.returnUrl },
    })
    const opened = await bed.browse(session.url)
    const asked = new URL(opened.location)
    expect(asked.origin + asked.pathname).toBe('https://oauth.telegram.org/auth')
    const back = new URL(asked.searchParams.get('return_to')!)
    const page = await bed.browse(back.href, opened.cookie)
    expect(page.status).toBe(200)
    const script = /<script>(.*)<\/script>/.exec(page.text)![1]!
    const digest = createHash('sha256').update(script).digest('base64')
    expect(page.headers.get('content-security-policy')).toContain(`script-src 'sha256-${digest}'`)

    const fields = { id: '7', first_name: 'Anna', auth_date: String(Math.floor(Date.now() / 1000)) }
    const lines = `auth_date=${fields.auth_date}\nfirst_name=Anna\nid=7`
    const key = createHash('sha256').update(token).digest()
    const hash = createHmac('sha256', key).update(lines).digest('hex')
    back.searchParams.set(
      'tgAuthResult',
      Buffer.from(JSON.stringify({ ...fields, hash })).toString('base64url'),
    )
    const landed = new URL((await bed.browse(back.href, opened.cookie)).location)
    const connectionId = landed.searchParams.get('connection')!
    expect(await own.program.getOwnConnection({ params: { connectionId } })).toMatchObject({
      subject: '7',
      name: 'Anna',
    })
    await expect(own.program.getToken({ params: { connectionId } })).rejects.toMatchObject({
      code: 'tokenNotOffered',
    })
  })
})

describe('Apple', () => {
  test('posts its answer, which is led on to where the cookie comes along; the name stays out of the address', async () => {
    const { generateKeyPairSync } = await import('node:crypto')
    const own = await bed.createProject()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const made = await own.console.configureProvider({
      params: own.place,
      body: {
        catalogue: 'apple',
        clientId: 'org.example.web',
        secret: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
        settings: { teamId: 'TEAM567890', keyId: 'KEY4567890' },
        returnUrls: [bed.returnUrl],
      },
    })
    const begun = await bed.begin(own, { provider: 'apple' })
    const state = new URL(begun.url).searchParams.get('state')!
    const post = (body: Record<string, string>) =>
      bed.browse(made.redirectUri, undefined, { method: 'POST', body: new URLSearchParams(body) })
    const user = JSON.stringify({ name: { firstName: 'Anna' } })
    const led = await post({ code: 'the-code', state, user })
    expect(led.status).toBe(303)
    expect(led.location).toContain(`code=the-code&state=${state}`)
    expect(led.location).not.toContain('Anna')
    const [flow] = await bed.tools().sql`select posted_user from flows where id = ${state.split('.')[0]!}`
    expect(flow).toEqual({ posted_user: user })
    expect((await bed.browse(led.location)).location).toContain('code=wrongBrowser')
    expect((await post({ code: 'x', state: 'made up' })).location).toContain(
      '/oauth/problem?code=flowUnknown',
    )
    expect((await post({ code: 'x'.repeat(20_000), state })).location).toContain('code=answerTooLarge')
  })
})
