import { Code } from '@connectrpc/connect'
import { uuidv7 } from 'uuidv7'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Bed, startBed } from './testing-bed.ts'

let bed: Bed
let project: Awaited<ReturnType<Bed['createProject']>>
beforeAll(async () => {
  bed = await startBed({ OAUTH_PROVIDER_TIMEOUT_SECONDS: '1' })
  project = await bed.createProject()
  await bed.configure(project)
})
afterAll(() => bed?.stop())
afterEach(() => {
  Object.assign(bed.provider.behaviour, {
    subject: 'person-1',
    expiresIn: 3600,
    withRefreshToken: true,
    issuer: undefined,
    nonce: undefined,
    claims: {},
    instead: undefined,
  })
})

/** Goes through a sign-in and returns what the browser lands on. */
async function signInUntil(consent: (url: string) => string = (url) => bed.provider.consent(url)) {
  const begun = await bed.begin(project)
  const back = await bed.browse(consent(begun.url), begun.cookie)
  return { ...begun, landed: new URL(back.location, 'http://here'), back }
}

const redeem = (ticket: string, cookieHeader: string, more: object = {}) =>
  bed.signIn().redeem({ ticket, ...project.place, cookieHeader, ...more })

describe('a sign-in', () => {
  test('tells who came back, once, to the browser in which it began', async () => {
    const { url, setCookie, cookie, landed } = await signInUntil()
    const asked = new URL(url)
    expect(Object.fromEntries(asked.searchParams)).toMatchObject({
      response_type: 'code',
      code_challenge_method: 'S256',
      scope: 'openid email profile',
      redirect_uri: expect.stringMatching(
        /^http:\/\/localhost:8080\/oauth\/callback\/corporate-[0-9a-f]{20}$/,
      ),
    })
    expect(setCookie).toMatch(/; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/)
    expect(`${landed.pathname}?uid=${landed.searchParams.get('uid')}`).toBe('/oidc/acme/interaction?uid=1')
    const ticket = landed.searchParams.get('ticket')!

    await expect(redeem(ticket, 'pleiad_flow_000000000000=other')).rejects.toMatchObject({
      code: Code.NotFound,
    })
    await expect(redeem(ticket, cookie, { environment: 'development' })).rejects.toMatchObject({
      code: Code.NotFound,
    })
    const identity = await redeem(ticket, cookie)
    expect(identity).toMatchObject({
      provider: 'corporate',
      subject: 'person-1',
      email: 'anna@example.org',
      emailVerified: true,
      name: 'Anna',
      purpose: 'sign_in',
    })
    await expect(redeem(ticket, cookie)).rejects.toMatchObject({ code: Code.NotFound })
  })

  test('leaves a connection that is nobody’s until it is attached, and that the end user has from then on', async () => {
    const endUserId = uuidv7()
    const attach = async () => {
      const { cookie, landed } = await signInUntil()
      const { connectionId } = await redeem(landed.searchParams.get('ticket')!, cookie)
      await expect(project.program.getOwnConnection({ params: { connectionId } })).rejects.toMatchObject({
        status: 404,
      })
      await expect(project.program.getToken({ params: { connectionId } })).rejects.toMatchObject({
        status: 404,
      })
      return (await bed.signIn().attach({ connectionId, endUserId })).connectionId
    }
    const first = await attach()
    const before = await project.program.getToken({ params: { connectionId: first } })
    expect(before.accessToken).toMatch(/^a-/)
    // Signing in again renews the same connection.
    expect(await attach()).toBe(first)
    const after = await project.program.getToken({ params: { connectionId: first } })
    expect(after.accessToken).not.toBe(before.accessToken)
    const listed = await bed.signIn().listConnections({ ...project.place, endUserId })
    expect(listed.connections).toMatchObject([
      { connectionId: first, providerName: 'Corporate', subject: 'person-1', state: 'active' },
    ])
    expect(
      (await bed.eventsOf(first)).map(({ type, data }) => [type, data['again'], data['purpose']]),
    ).toEqual([
      ['oauth.connection.created', false, 'signIn'],
      ['oauth.connection.created', true, 'signIn'],
    ])
    await expect(bed.signIn().attach({ connectionId: first, endUserId: uuidv7() })).rejects.toMatchObject({
      code: Code.FailedPrecondition,
    })
    await bed.signIn().detach({ connectionId: first, endUserId: uuidv7() })
    expect((await project.program.getOwnConnection({ params: { connectionId: first } })).state).toBe('active')
    await bed.signIn().detach({ connectionId: first, endUserId })
    expect((await project.program.getOwnConnection({ params: { connectionId: first } })).state).toBe(
      'revoked',
    )
  })

  test('is told apart from linking', async () => {
    const begun = await bed.begin(project, { purpose: 'link' })
    const back = await bed.browse(bed.provider.consent(begun.url), begun.cookie)
    const ticket = new URL(back.location, 'http://here').searchParams.get('ticket')!
    expect((await redeem(ticket, begun.cookie)).purpose).toBe('link')
  })

  test('begins only for a known provider and a path of this installation', async () => {
    await expect(bed.begin(project, { provider: 'nobody' })).rejects.toMatchObject({ code: Code.NotFound })
    for (const returnPath of [
      '//evil.example/x',
      'https://evil.example',
      '/\\evil.example',
      '/a/../b',
      '/x#y',
      'x',
      '/a b',
    ])
      await expect(bed.begin(project, { returnPath })).rejects.toMatchObject({ code: Code.InvalidArgument })
  })
})

describe('bad ways back', () => {
  const problemOf = ({ location }: { location: string }) => {
    const url = new URL(location, 'http://here')
    return url.pathname === '/oauth/problem'
      ? url.searchParams.get('code')
      : `not the problem page: ${location}`
  }

  test('another browser, without the cookie or with that of another flow', async () => {
    const [mine, other] = [await bed.begin(project), await bed.begin(project)]
    const address = bed.provider.consent(mine.url)
    expect(problemOf(await bed.browse(address))).toBe('wrongBrowser')
    expect(problemOf(await bed.browse(address, other.cookie))).toBe('wrongBrowser')
    // The right one is not shut out by that.
    expect((await bed.browse(address, mine.cookie)).location).toMatch(/ticket=/)
  })

  test('a state that is used twice, changed, missing or made up', async () => {
    const begun = await bed.begin(project)
    const address = bed.provider.consent(begun.url)
    const tampered = new URL(address)
    tampered.searchParams.set(
      'state',
      tampered.searchParams.get('state')!.replace(/\../, (part) => (part === '.A' ? '.B' : '.A')),
    )
    expect(problemOf(await bed.browse(tampered.href, begun.cookie))).toBe('flowUnknown')
    tampered.searchParams.delete('state')
    expect(problemOf(await bed.browse(tampered.href, begun.cookie))).toBe('flowUnknown')
    expect((await bed.browse(address, begun.cookie)).location).toMatch(/ticket=/)
    expect(problemOf(await bed.browse(address, begun.cookie))).toBe('flowUsed')
  })

  test('two at once: one of them', async () => {
    const begun = await bed.begin(project)
    const address = bed.provider.consent(begun.url)
    const both = await Promise.all([bed.browse(address, begun.cookie), bed.browse(address, begun.cookie)])
    expect(both.map(({ location }) => /ticket=/.test(location)).sort()).toEqual([false, true])
  })

  test('too late', async () => {
    const begun = await bed.begin(project)
    bed.advance(11 * 60_000)
    expect(problemOf(await bed.browse(bed.provider.consent(begun.url), begun.cookie))).toBe('flowExpired')
  })

  test('the redirect URI of another provider (mix-up), and another issuer in the answer', async () => {
    const other = await bed.configure(project, { provider: 'second' })
    const begun = await bed.begin(project)
    const address = new URL(bed.provider.consent(begun.url))
    address.pathname = new URL(other.redirectUri).pathname
    expect(problemOf(await bed.browse(address.href, begun.cookie))).toBe('mixUp')
    const named = await signInUntil((url) => bed.provider.consent(url, { iss: 'https://evil.example' }))
    expect(named.landed.searchParams.get('error')).toBe('mixUp')
    const missing = await signInUntil((url) => {
      const back = new URL(bed.provider.consent(url))
      back.searchParams.delete('iss')
      return back.href
    })
    // The metadata promises iss.
    expect(missing.landed.searchParams.get('error')).toBe('mixUp')
  })

  test('a ticket is over after two minutes', async () => {
    const { cookie, landed } = await signInUntil()
    bed.advance(3 * 60_000)
    await expect(redeem(landed.searchParams.get('ticket')!, cookie)).rejects.toMatchObject({
      code: Code.NotFound,
    })
  })

  test('only GET and POST are answered, and pages elsewhere are the app’s', async () => {
    expect((await bed.browse('/oauth/callback/x', undefined, { method: 'PUT' })).status).toBe(405)
    expect(problemOf(await bed.browse('/oauth/callback/'))).toBe('flowUnknown')
    expect((await bed.browse('/oauth/problem?code=denied')).status).not.toBe(303)
  })
})

describe('a provider that misbehaves ends the flow with a word, and leaks nothing', () => {
  type Instead = NonNullable<Bed['provider']['behaviour']['instead']>
  const at =
    (path: string, status: number, type: string, body: string): Instead =>
    (asked, _request, response) => {
      if (asked !== path) return false
      response.writeHead(status, { 'content-type': type }).end(body)
      return true
    }
  const cases: readonly (readonly [string, string, Partial<Bed['provider']['behaviour']>])[] = [
    ['HTML instead of tokens', 'answeredHtml', { instead: at('/token', 200, 'text/html', '<html>hello') }],
    ['HTML with an error status', 'answeredHtml', { instead: at('/token', 404, 'text/html', '<html>hello') }],
    ['an empty object', 'answerNotRight', { instead: at('/token', 200, 'application/json', '{}') }],
    ['no JSON', 'answerNotRight', { instead: at('/token', 200, 'application/json', 'token=1') }],
    [
      'a huge body',
      'answerTooLarge',
      { instead: at('/token', 200, 'application/json', `"${'x'.repeat(3_000_000)}"`) },
    ],
    ['a slow answer', 'timeout', { instead: (path) => (path === '/token' ? new Promise(() => {}) : false) }],
    ['its own failure', 'providerFailed', { instead: at('/token', 503, 'text/plain', 'down') }],
    ['a redirect', 'redirected', { instead: at('/token', 302, 'text/plain', '') }],
    ['too many requests', 'rateLimited', { instead: at('/token', 429, 'application/json', '{}') }],
    [
      'an unknown client',
      'secretWrong',
      { instead: at('/token', 401, 'application/json', '{"error":"invalid_client"}') },
    ],
    [
      'a code it does not know',
      'codeRefused',
      { instead: at('/token', 400, 'application/json', '{"error":"invalid_grant"}') },
    ],
    ['another issuer in the ID token', 'issuerDiffers', { issuer: 'https://evil.example' }],
    ['another nonce', 'nonceMismatch', { nonce: 'of another sign-in' }],
    ['another audience', 'idTokenInvalid', { claims: { azp: 'another-client' } }],
    [
      'keys that do not fit',
      'idTokenInvalid',
      {
        instead: at(
          '/jwks',
          200,
          'application/json',
          '{"keys":[{"kty":"RSA","kid":"one","alg":"RS256","n":"AQAB","e":"AQAB"}]}',
        ),
      },
    ],
  ]
  test.for(cases)('%s', async ([, code, behaviour]) => {
    // Each configuration of its own: metadata and keys are remembered.
    await bed.tools().cache.delete(`metadata:${bed.provider.url}`, `keys:${bed.provider.url}/jwks`)
    Object.assign(bed.provider.behaviour, behaviour)
    const { landed, back } = await signInUntil()
    expect(landed.searchParams.get('error')).toBe(code)
    expect(landed.searchParams.get('ticket')).toBeNull()
    expect(back.location).not.toContain(bed.provider.clientSecret)
    await bed.tools().cache.delete(`metadata:${bed.provider.url}`, `keys:${bed.provider.url}/jwks`)
  })

  test('whose page began the sign-in is told that it failed, and why; of refusals as well', async () => {
    const told = async () => {
      await bed.platform.settled()
      const rows = await bed.tools().sql<{ data: Record<string, string> }[]>`
        select data from outbox_log where type = 'oauth.signin.failed' and key = ${project.projectId} order by sequence`
      return rows.map(({ data }) => [data['provider'], data['reason'], data['returnPath']])
    }
    const before = (await told()).length
    bed.provider.behaviour.instead = at('/token', 503, 'text/plain', 'down')
    await signInUntil()
    const after = await told()
    expect(after.slice(before).map((fields) => fields.slice(0, 2))).toEqual([['corporate', 'providerFailed']])
    expect(after.at(-1)![2]).toMatch(/^\/oidc\//)
    expect(JSON.stringify(after)).not.toContain('code=')
    await bed.tools().cache.delete(`metadata:${bed.provider.url}`)
    bed.provider.behaviour.instead = at('/.well-known/openid-configuration', 500, 'text/plain', 'down')
    await expect(bed.begin(project)).rejects.toThrow()
    expect((await told()).at(-1)!.slice(0, 2)).toEqual(['corporate', 'providerFailed'])
    await bed.tools().cache.delete(`metadata:${bed.provider.url}`)
  })

  test('discovery: unreachable, another issuer, HTML', async () => {
    const forget = () => bed.tools().cache.delete(`metadata:${bed.provider.url}`)
    const beginning = async (instead: Instead) => {
      await forget()
      bed.provider.behaviour.instead = instead
      return bed.begin(project).then(
        () => 'begun',
        (error) => [error.code, error.rawMessage],
      )
    }
    const path = '/.well-known/openid-configuration'
    expect(await beginning(at(path, 404, 'text/html', '<h1>no'))).toEqual([Code.Unavailable, 'answeredHtml'])
    expect(await beginning(at(path, 404, 'application/json', '{}'))).toEqual([
      Code.Unavailable,
      'discoveryMissing',
    ])
    expect(await beginning(at(path, 200, 'application/json', '{"issuer":"https://evil.example"}'))).toEqual([
      Code.Unavailable,
      'issuerDiffers',
    ])
    await forget()
  })

  test('the person refuses', async () => {
    const { landed } = await signInUntil((url) => {
      const asked = new URL(url).searchParams
      const back = new URL(asked.get('redirect_uri')!)
      back.search = new URLSearchParams({
        error: 'access_denied',
        state: asked.get('state')!,
        iss: bed.provider.url,
      }).toString()
      return back.href
    })
    expect(landed.searchParams.get('error')).toBe('denied')
  })

  test('a token without an end and without a refresh token is kept as such', async () => {
    Object.assign(bed.provider.behaviour, {
      expiresIn: undefined,
      withRefreshToken: false,
      subject: 'endless',
    })
    const { connectionId } = await bed.connect(project, 'endless')
    const token = await project.program.getToken({ params: { connectionId }, query: { minValidity: 86_400 } })
    expect(token.expiresAt).toBeUndefined()
  })
})

describe('in the middle of a flow', () => {
  test('the provider is disabled, or removed', async () => {
    for (const end of ['disable', 'remove'] as const) {
      const own = await bed.createProject()
      await bed.configure(own)
      const begun = await bed.begin(own)
      const params = { ...own.place, provider: 'corporate' }
      if (end === 'disable')
        await own.console.updateProvider({ params, body: { enabled: false }, ifMatch: 1 })
      else await own.console.removeProvider({ params })
      const back = await bed.browse(bed.provider.consent(begun.url), begun.cookie)
      expect(new URL(back.location, 'http://here').searchParams.get('error')).toBe('providerDisabled')
      await expect(bed.begin(own)).rejects.toMatchObject({
        code: end === 'disable' ? Code.FailedPrecondition : Code.NotFound,
      })
    }
  })

  test('the project is archived, and restored', async () => {
    const own = await bed.createProject()
    await bed.configure(own)
    const begun = await bed.begin(own)
    await bed.announce('projects', 'project.archived', { projectId: own.projectId })
    const back = await bed.browse(bed.provider.consent(begun.url), begun.cookie)
    expect(new URL(back.location, 'http://here').searchParams.get('error')).toBe('projectArchived')
    expect((await bed.signIn().listProviders(own.place)).providers).toEqual([])
    await bed.announce('projects', 'project.restored', { projectId: own.projectId })
    expect((await bed.signIn().listProviders(own.place)).providers).toMatchObject([
      { key: 'corporate', name: 'Corporate' },
    ])
  })
})

describe('a connect session', () => {
  test('connects an end user and returns to the app with its state', async () => {
    const { landed, connectionId, session } = await bed.connect(project, 'user-7')
    expect(landed.origin + landed.pathname).toBe(bed.returnUrl)
    expect(landed.searchParams.get('state')).toBe('app-state')
    expect(landed.searchParams.get('connectSession')).toBe(session.connectSessionId)
    expect(await project.program.getOwnConnection({ params: { connectionId } })).toMatchObject({
      endUserId: 'user-7',
      state: 'active',
      refreshable: true,
    })
    const again = await bed.connect(project, 'user-7')
    expect(again.connectionId).toBe(connectionId)
    expect((await project.program.listOwnConnections({ query: { endUserId: 'user-7' } })).items).toHaveLength(
      1,
    )
  })

  test('its link works once, and not for long', async () => {
    const open = () =>
      project.program.openConnectSession({
        body: { provider: 'corporate', endUserId: 'user-8', returnUrl: bed.returnUrl },
      })
    const session = await open()
    expect((await bed.browse(session.url, undefined, { method: 'HEAD' })).status).toBe(405)
    expect((await bed.browse(session.url)).location).toContain(`${bed.provider.url}/authorize`)
    expect((await bed.browse(session.url)).location).toContain('/oauth/problem?code=connectLinkUsed')
    const late = await open()
    bed.advance(11 * 60_000)
    expect((await bed.browse(late.url)).location).toContain('/oauth/problem?code=connectLinkExpired')
    expect((await bed.browse('/oauth/connect/nonsense')).location).toContain(
      '/oauth/problem?code=connectLinkExpired',
    )
  })

  test('returns to the app with a word when the provider cannot be reached, is disabled, or the project rests', async () => {
    const own = await bed.createProject()
    await bed.configure(own)
    const open = () =>
      own.program.openConnectSession({
        body: { provider: 'corporate', endUserId: 'user-1', returnUrl: bed.returnUrl, state: 's' },
      })
    const errorOf = async (address: string) => {
      const { location } = await bed.browse(address)
      expect(location).toContain(`${bed.returnUrl}?connectSession=`)
      return new URL(location).searchParams.get('error')
    }
    await bed.tools().cache.delete(`metadata:${bed.provider.url}`)
    bed.provider.behaviour.instead = (path) => (path.includes('well-known') ? new Promise(() => {}) : false)
    expect(await errorOf((await open()).url)).toBe('timeout')
    bed.provider.behaviour.instead = undefined

    const [first, second] = [await open(), await open()]
    const params = { ...own.place, provider: 'corporate' }
    await own.console.updateProvider({ params, body: { enabled: false }, ifMatch: 1 })
    expect(await errorOf(first.url)).toBe('providerDisabled')
    await expect(open()).rejects.toMatchObject({ code: 'providerDisabled' })
    await own.console.updateProvider({ params, body: { enabled: true }, ifMatch: 2 })
    await bed.announce('projects', 'project.archived', { projectId: own.projectId })
    expect(await errorOf(second.url)).toBe('projectArchived')
    await expect(open()).rejects.toMatchObject({ code: 'projectArchived' })
  })

  test('two tabs that connect one account at the same moment make one connection', async () => {
    bed.provider.behaviour.subject = 'in two tabs'
    const tabs = await Promise.all(Array.from({ length: 4 }, () => bed.connect(project, 'user-of-tabs')))
    expect(new Set(tabs.map(({ connectionId }) => connectionId)).size).toBe(1)
    expect(
      (await project.program.listOwnConnections({ query: { endUserId: 'user-of-tabs' } })).items,
    ).toHaveLength(1)
  })

  test('a link is not used up by a browser that only looks ahead', async () => {
    const { url } = await project.program.openConnectSession({
      body: { provider: 'corporate', endUserId: 'user-8', returnUrl: bed.returnUrl },
    })
    expect(
      (await bed.browse(url, undefined, { headers: { 'sec-purpose': 'prefetch;prerender' } })).status,
    ).toBe(503)
    expect((await bed.browse(url)).status).toBe(303)
  })

  test('a connection of a connect session cannot be redeemed as a sign-in', async () => {
    const session = await project.program.openConnectSession({
      body: { provider: 'corporate', endUserId: 'user-9', returnUrl: bed.returnUrl },
    })
    const opened = await bed.browse(session.url)
    const back = await bed.browse(bed.provider.consent(opened.location), opened.cookie)
    expect(back.location).not.toContain('ticket')
  })

  test('returns only to a registered address, character by character', async () => {
    for (const returnUrl of [
      `${bed.returnUrl}/`,
      `${bed.returnUrl}#x`,
      'https://APP.example.org/connected',
      'https://app.example.org./connected',
      'https://user@app.example.org/connected',
      'https://app.example.org/%63onnected',
      'https://app.example.org%2Fconnected',
      'https://app.example.org:443/connected',
      'https://evil.example/connected',
    ])
      await expect(
        project.program.openConnectSession({ body: { provider: 'corporate', endUserId: 'u', returnUrl } }),
      ).rejects.toMatchObject({ code: 'returnUrlNotAllowed' })
  })

  test('a token of an end user connects only that end user', async () => {
    const token = bed.platform.programFor({
      projectId: project.projectId,
      scopes: ['connections:write', 'connections:read', 'vault:read'],
      endUser: 'user-7',
    })
    const { oauth } = await import('./contract.ts')
    const own = bed.platform.client(oauth, token)
    const body = { provider: 'corporate', endUserId: 'user-8', returnUrl: bed.returnUrl }
    await expect(own.openConnectSession({ body })).rejects.toMatchObject({ status: 403 })
    const mine = (await own.listOwnConnections()).items
    expect(new Set(mine.map(({ endUserId }) => endUserId))).toEqual(new Set(['user-7']))
    const { connectionId } = await bed.connect(project, 'user-10')
    await expect(own.getToken({ params: { connectionId } })).rejects.toMatchObject({ status: 404 })
    expect((await own.getToken({ params: { connectionId: mine[0]!.connectionId } })).accessToken).toMatch(
      /^a-/,
    )
    // From the cache too.
    await project.program.getToken({ params: { connectionId } })
    await expect(own.getToken({ params: { connectionId } })).rejects.toMatchObject({ status: 404 })
  })
})
