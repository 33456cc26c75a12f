import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createClient, type ProblemError } from '../contract/client.ts'
import { createMetrics } from '../observe/metrics.ts'
import { toy as contract, startToy, type Toy } from './toy.ts'

let toy: Toy
beforeAll(async () => {
  toy = await startToy()
})
afterAll(() => toy.stop())

const get = (path: string, headers: Record<string, string> = {}, from = toy) =>
  fetch(`${from.url}${path}`, { headers })
const bearer = (claims: Record<string, unknown> = {}, from = toy) => ({
  authorization: `Bearer ${from.token(claims)}`,
})
const client = (claims: Record<string, unknown> = {}) =>
  createClient(contract, { baseUrl: toy.url, headers: () => bearer(claims) })

describe('operations', () => {
  test('travel through the typed client: make, see, change with If-Match, break', async () => {
    const things = client({ permissions: ['toy:break'] })
    const thing = await things.makeThing({ body: { name: 'lamp', count: 3 } })
    expect(thing).toMatchObject({ name: 'lamp', count: 3, version: 1 })
    const params = { id: thing.id }
    expect(await things.seeThing({ params })).toEqual(thing)
    expect(await things.changeThing({ params, ifMatch: 1, body: { count: 4 } })).toMatchObject({
      count: 4,
      version: 2,
    })
    await expect(things.changeThing({ params, ifMatch: 1, body: { count: 5 } })).rejects.toMatchObject({
      status: 412,
      code: 'preconditionFailed',
    })
    expect(await things.breakThing({ params })).toBeUndefined()
    await expect(things.seeThing({ params })).rejects.toMatchObject({ status: 404, code: 'notFound' })
    const refusal = await things
      .breakThing({ params: { id: '00000000-0000-7000-8000-000000000001' } })
      .catch((error) => error as ProblemError)
    expect((refusal as ProblemError).problem).toMatchObject({
      status: 410,
      code: 'broken',
      title: 'It is broken.',
      detail: 'It fell.',
      height: 3,
    })
  })

  test('ETag: sent for If-Match; what depends on who asks is never “unchanged”', async () => {
    const thing = await client().makeThing({ body: { name: 'chair', count: 1 } })
    const first = await get(`/api/v1/toy/things/${thing.id}`)
    expect(first.headers.get('etag')).toBe('"1"')
    const again = await get(`/api/v1/toy/things/${thing.id}`, { 'if-none-match': '"1"' })
    expect([again.status, await again.json()]).toEqual([200, await first.json()])
  })

  test('If-Match is required, and must be one ETag', async () => {
    const patch = (headers: Record<string, string>) =>
      fetch(`${toy.url}/api/v1/toy/things/0190b5a8-0000-7000-8000-000000000001`, {
        method: 'PATCH',
        body: '{"count":1}',
        headers: { 'content-type': 'application/json', ...bearer(), ...headers },
      })
    expect((await patch({})).status).toBe(428)
    for (const value of ['*', '1', '"1", "2"', '""'])
      expect((await patch({ 'if-match': value })).status).toBe(400)
    expect((await patch({ 'if-match': 'W/"1"' })).status).toBe(412)
  })

  test('queries are coerced, defaults filled in', async () => {
    expect(await client().listThings()).toEqual({ limit: 25, loud: false, who: 'ada' })
    expect(await client().listThings({ query: { limit: 7, loud: true } })).toEqual({
      limit: 7,
      loud: true,
      who: 'ada',
    })
  })

  test('a handler sees the request and sets headers and cookies', async () => {
    const seen = (await (
      await get('/api/v1/toy/look', { cookie: 'a=1; b="2"; a=3; =x; c', 'user-agent': 'tester' })
    ).json()) as Record<string, unknown>
    expect(seen).toMatchObject({ ip: '127.0.0.1', userAgent: 'tester', cookies: { a: '1', b: '2' } })
    const answer = await fetch(`${toy.url}/api/v1/toy/sign-in`, {
      method: 'POST',
      body: '{"name":"x"}',
      headers: { 'content-type': 'application/json' },
    })
    expect(answer.headers.getSetCookie()).toEqual(['pleiad_access=abc; Path=/', 'pleiad_refresh=def; Path=/'])
    expect(answer.headers.get('x-toy')).toBe('yes')
    expect(answer.headers.get('x-request-id')).toMatch(/^\w{8}-\w+$/)
  })

  test('versions stand side by side, and at the root', async () => {
    expect((await get('/api/v1/toy/look')).status).toBe(200)
    expect(await (await get('/api/v2/toy/look')).json()).toEqual({ second: true })
    expect((await get('/api/v2/toy/things')).status).toBe(404)
    expect(await (await get('/.well-known/toy')).json()).toEqual({ root: true })
  })

  test('every operation needs a route', () => {
    expect(() =>
      toy.gateway.mount({
        contract: { ...contract, name: 'other' },
        routes: {},
        tools: {} as never,
        store: toy.store,
      }),
    ).toThrow(/has no route for makeThing/)
  })
})

describe('sessions in cookies', () => {
  const send = (headers: Record<string, string>) =>
    fetch(`${toy.url}/api/v1/toy/things`, {
      method: 'POST',
      body: JSON.stringify({ name: `c${Math.random()}`, count: 1 }),
      headers: {
        'content-type': 'application/json',
        cookie: `x=y; pleiad_access=${toy.token()}`,
        ...headers,
      },
    })
  test('work from our own pages', async () => {
    expect((await send({ 'x-pleiad-csrf': '1' })).status).toBe(201)
    expect((await send({ 'x-pleiad-csrf': '1', origin: 'http://localhost:8080' })).status).toBe(201)
    expect((await send({ 'x-pleiad-csrf': '1', origin: toy.url })).status).toBe(201)
    expect((await send({})).status).toBe(403)
  })
  test('reading needs no header', async () => {
    const answer = await get('/api/v1/toy/things', { cookie: `pleiad_access=${toy.token()}` })
    expect(await answer.json()).toMatchObject({ who: 'ada' })
  })
})

describe('origins', () => {
  test('an origin of the list may ask', async () => {
    const preflight = await fetch(`${toy.url}/api/v1/toy/things`, {
      method: 'OPTIONS',
      headers: { origin: 'https://friend.example', 'access-control-request-method': 'POST' },
    })
    expect([preflight.status, preflight.headers.get('access-control-allow-origin')]).toEqual([
      204,
      'https://friend.example',
    ])
    expect(preflight.headers.get('access-control-allow-headers')).toMatch(/x-pleiad-csrf/)
    const answer = await get('/api/v1/toy/things', { origin: 'https://friend.example' })
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://friend.example')
    expect(answer.headers.get('vary')).toBe('origin')
  })
  test('others may read only what anybody may, and not from a page', async () => {
    const answer = await get('/api/v1/toy/things', { origin: 'https://evil.example' })
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, null])
  })
})

describe('headers', () => {
  test('of data and of pages', async () => {
    const data = await get('/api/v1/toy/look')
    expect(data.headers.get('content-security-policy')).toBe("default-src 'none'; frame-ancestors 'none'")
    expect(data.headers.get('x-content-type-options')).toBe('nosniff')
    const page = await get('/', { accept: 'text/html' })
    const policy = page.headers.get('content-security-policy')!
    expect(policy).not.toMatch(/unsafe|\*/)
    expect(policy).toMatch(/style-src 'self' 'nonce-[\w+/=]{24}'/)
    expect(page.headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(page.headers.get('strict-transport-security')).toBeNull()
  })
  test('https adds HSTS', async () => {
    const secure = await startToy({ publicUrl: 'https://pleiad.example' })
    const answer = await get('/api/v1/toy/look', {}, secure)
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=31536000/)
    const page = await get('/', { accept: 'text/html' }, secure)
    expect(page.headers.get('content-security-policy')).toMatch(
      /wss:\/\/pleiad\.example.*upgrade-insecure-requests/,
    )
    await secure.stop()
  })
})

describe('limits', () => {
  test('by address and by person, with headers that tell', async () => {
    const strict = await startToy({
      settings: { RATE_LIMIT: 4, AUTH_ADDRESS_RATE_LIMIT: 2, TRUST_PROXY: 'true' },
      metrics: createMetrics({ process: false }),
    })
    const person = bearer({}, strict)
    const seen: (string | null)[] = []
    for (let count = 0; count < 4; count++)
      seen.push((await get('/api/v1/toy/things', person, strict)).headers.get('ratelimit'))
    expect(seen).toEqual([
      '"default-person";r=3;t=15',
      '"default-person";r=2;t=30',
      '"default-person";r=1;t=45',
      '"default-person";r=0;t=60',
    ])
    const refused = await get('/api/v1/toy/things', { ...person, 'x-forwarded-for': '198.51.100.9' }, strict)
    expect([
      refused.status,
      refused.headers.get('retry-after'),
      refused.headers.get('ratelimit-policy'),
    ]).toEqual([429, '15', '"default-person";q=4;w=60'])
    expect(await refused.json()).toMatchObject({ code: 'rateLimited', retryAfter: 15 })
    expect((await get('/api/v1/toy/things', bearer({ sub: 'bob' }, strict), strict)).status).toBe(200)

    const signIn = (ip: string) =>
      fetch(`${strict.url}/api/v1/toy/sign-in`, {
        method: 'POST',
        body: '{"name":"x"}',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': ip },
      })
    expect([
      (await signIn('2001:db8::1')).status,
      (await signIn('2001:db8::2')).status,
      (await signIn('2001:db8::3')).status,
    ]).toEqual([200, 200, 429])
    expect((await signIn('2001:db8:0:1::1')).status).toBe(200)
    strict.advance(1800_000)
    expect((await signIn('2001:db8::1')).status).toBe(200)
    const look = (await (
      await get(
        '/api/v1/toy/look',
        { 'x-forwarded-for': '198.51.100.7', 'x-request-id': 'proxy-given-1' },
        strict,
      )
    ).json()) as Record<string, unknown>
    expect(look).toMatchObject({ ip: '198.51.100.7', id: 'proxy-given-1' })
    await strict.stop()
  })
  test('without a trusted proxy its headers mean nothing', async () => {
    const look = (await (
      await get('/api/v1/toy/look', { 'x-forwarded-for': '198.51.100.7', 'x-request-id': 'proxy-given-1' })
    ).json()) as { ip: string; id: string }
    expect(look.ip).toBe('127.0.0.1')
    expect(look.id).not.toBe('proxy-given-1')
  })
  test('a shared store may take its time', async () => {
    const taken: string[] = []
    const shared = await startToy({
      settings: { RATE_LIMIT: 10 },
      rateStore: () => ({
        take: async (key) => {
          taken.push(key)
          return { allowed: taken.length < 4, remaining: 0, seconds: 0 }
        },
      }),
    })
    expect((await get('/api/v1/toy/things', bearer({}, shared), shared)).status).toBe(200)
    expect(taken).toEqual(['127.0.0.1', 'ada'])
    expect((await get('/api/v1/toy/things', {}, shared)).status).toBe(200)
    expect((await get('/api/v1/toy/things', {}, shared)).status).toBe(429)
    await shared.stop()
  })
})

describe('the web app', () => {
  let folder: string
  let site: Toy
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'pleiad-site-'))
    mkdirSync(join(folder, 'assets'))
    writeFileSync(
      join(folder, 'index.html'),
      '<meta name="csp-nonce" content="__NONCE__"><style nonce="__NONCE__"></style>',
    )
    writeFileSync(join(folder, 'assets/app-1a2b.js'), 'plain')
    writeFileSync(join(folder, 'assets/app-1a2b.js.br'), 'brotli')
    writeFileSync(join(folder, 'assets/app-1a2b.js.gz'), 'gzip')
    writeFileSync(join(folder, 'favicon.svg'), '<svg/>')
    site = await startToy({ webFolder: folder })
  })
  afterAll(async () => {
    await site.stop()
    rmSync(folder, { recursive: true })
  })
  const page = { accept: 'text/html,*/*' }

  test('index.html answers every page address, with a fresh nonce in page and policy', async () => {
    const nonces = new Set<string>()
    for (const path of ['/', '/sign-in', '/admin/users?x=1', '/index.html']) {
      const answer = await get(path, page, site)
      const text = await answer.text()
      const nonce = /content="([^"]+)"/.exec(text)![1]!
      nonces.add(nonce)
      expect([answer.status, answer.headers.get('cache-control')]).toEqual([200, 'no-store'])
      expect(text).not.toMatch(/__NONCE__/)
      expect(text.split(nonce)).toHaveLength(3)
      expect(answer.headers.get('content-security-policy')).toContain(`'nonce-${nonce}'`)
    }
    expect(nonces.size).toBe(4)
  })
  test('assets are immutable, compressed as the browser likes, and not sent twice', async () => {
    const path = '/assets/app-1a2b.js'
    for (const [accepted, text, encoding] of [
      ['br, gzip', 'brotli', 'br'],
      ['gzip', 'gzip', 'gzip'],
      ['br;q=0, gzip', 'gzip', 'gzip'],
      ['identity', 'plain', null],
    ] as const) {
      const answer = await site.gateway.app.inject({ url: path, headers: { 'accept-encoding': accepted } })
      expect([answer.body, answer.headers['content-encoding'] ?? null]).toEqual([text, encoding])
      expect(answer.headers).toMatchObject({
        'cache-control': 'public, max-age=31536000, immutable',
        'content-type': 'text/javascript; charset=utf-8',
        vary: 'accept-encoding',
      })
      const again = await site.gateway.app.inject({
        url: path,
        headers: { 'accept-encoding': accepted, 'if-none-match': answer.headers.etag as string },
      })
      expect([again.statusCode, again.body]).toEqual([304, ''])
    }
    expect((await get('/favicon.svg', {}, site)).headers.get('cache-control')).toBe('public, max-age=300')
    const head = await fetch(`${site.url}/favicon.svg`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '6', ''])
  })
  test('nothing else is served', async () => {
    for (const path of ['/assets/nope.js', '/api/v1/nope', '/.well-known/nope', '/..%2f..%2fetc%2fpasswd']) {
      const answer = await get(path, path.startsWith('/..') ? {} : page, site)
      expect([path, answer.status, answer.headers.get('content-type')]).toEqual([
        path,
        404,
        'application/problem+json; charset=utf-8',
      ])
    }
    expect((await get('/page', { accept: 'application/json' }, site)).status).toBe(404)
  })
  test('without a built app a page says what to do', async () => {
    expect(await (await get('/', page)).text()).toMatch(/npm run build/)
  })
})

test('requests are counted and timed, by operation', async () => {
  const metrics = createMetrics({ process: false })
  const counted = await startToy({ metrics })
  await get('/api/v1/toy/look', {}, counted)
  await get('/api/v1/toy/things/x', {}, counted)
  await counted.stop()
  const text = await metrics.text()
  expect(text).toMatch(
    /pleiad_http_request_duration_seconds_count\{service="toy",operation="lookAround",status="2xx"\} 1/,
  )
  expect(text).toMatch(
    /pleiad_http_request_duration_seconds_count\{service="toy",operation="seeThing",status="4xx"\} 1/,
  )
  expect(text).toMatch(/pleiad_http_requests_in_flight 0/)
})
