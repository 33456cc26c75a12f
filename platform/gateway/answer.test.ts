import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMetrics } from '../observe/metrics.ts'
import { startToy, type Toy } from './toy.ts'

const metrics = createMetrics({ process: false })
let toy: Toy
beforeAll(async () => {
  toy = await startToy({ metrics })
})
afterAll(() => toy.stop())

const agent = new Agent({ keepAlive: true, maxSockets: 1 })
afterAll(() => agent.destroy())

interface Got {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly raw: readonly string[]
  readonly text: string
  /** The local port: which connection it was. */
  readonly port: number
}

/** One request after another over one connection. */
function over(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body?: string,
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(`${toy.url}${path}`, { agent, method, headers }, (response) => {
      const { localPort: port } = response.socket
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () =>
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          raw: response.rawHeaders,
          text,
          port: port!,
        }),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

const bearer = (claims: Record<string, unknown>) => ({ authorization: `Bearer ${toy.token(claims)}` })
const who = async (headers: Record<string, string>) =>
  JSON.parse((await over('/api/v1/toy/things', headers)).text).who

describe('one connection', () => {
  test('may carry one person after another', async () => {
    const ada = bearer({ sub: 'ada' })
    const bob = bearer({ sub: 'bob' })
    const ports = new Set<number>()
    for (const [headers, name] of [
      [ada, 'ada'],
      [ada, 'ada'],
      [bob, 'bob'],
      [{}, 'nobody'],
      [ada, 'ada'],
      [{ cookie: `pleiad_access=${toy.token({ sub: 'eve' })}` }, 'eve'],
      [{ cookie: 'other=1' }, 'nobody'],
    ] as const) {
      const got = await over('/api/v1/toy/things', headers)
      ports.add(got.port)
      expect(JSON.parse(got.text).who).toBe(name)
    }
    expect(ports.size).toBe(1)
  })

  test('is refused as soon as its token is revoked, or ends', async () => {
    const mine = bearer({ sub: 'ida', sid: 'ida-1' })
    expect(await who(mine)).toBe('ida')
    const seconds = Math.floor(Date.now() / 1000)
    toy.revoke({ sid: 'ida-1', before: seconds, until: seconds + 600 })
    expect((await over('/api/v1/toy/things', mine)).status).toBe(401)
    const short = bearer({ sub: 'ida', sid: 'ida-2', exp: seconds + 60 })
    expect(await who(short)).toBe('ida')
    toy.advance(61_000)
    expect((await over('/api/v1/toy/things', short)).status).toBe(401)
    toy.advance(-61_000)
  })

  test('a cookie that was good as a cookie is no Authorization header', async () => {
    const token = toy.token({ sub: 'eve' })
    expect(await who({ cookie: `pleiad_access=${token}` })).toBe('eve')
    expect((await over('/api/v1/toy/things', { authorization: `pleiad_access=${token}` })).status).toBe(401)
  })

  test('a known cookie still needs the header that other sites cannot send', async () => {
    const cookie = `pleiad_access=${toy.token({ sub: 'eve' })}`
    expect(await who({ cookie })).toBe('eve')
    const json = { cookie, 'content-type': 'application/json' }
    const made = await over('/api/v1/toy/things', json, 'POST', '{"name":"lamp","count":1}')
    expect([made.status, JSON.parse(made.text).code]).toEqual([403, 'foreignOrigin'])
  })
})

describe('headers', () => {
  const safe = (headers: IncomingHttpHeaders) => {
    expect(headers['x-request-id']).toMatch(/^\w{8}-\w+$/)
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['content-security-policy']).toBe("default-src 'none'; frame-ancestors 'none'")
    // What one person is answered no cache may show to another.
    expect(headers['cache-control']).toMatch(/^(private, no-cache|no-store)$/)
  }

  test('are the same on every way an answer can take', async () => {
    const thing = JSON.parse(
      (
        await over(
          '/api/v1/toy/things',
          { ...bearer({ sub: 'ada' }), 'content-type': 'application/json' },
          'POST',
          '{"name":"chair","count":1}',
        )
      ).text,
    )
    const path = `/api/v1/toy/things/${thing.id}`
    const ways: readonly [string, Promise<Got>, number][] = [
      ['plain', over('/api/v1/toy/look'), 200],
      ['with an ETag', over(path), 200],
      ['to another origin', over('/api/v1/toy/look', { origin: 'https://friend.example' }), 200],
      ['without a body', over(path, bearer({ permissions: ['toy:break'] }), 'DELETE'), 204],
      ['HEAD', over('/api/v1/toy/look', {}, 'HEAD'), 200],
      ['refused', over('/api/v1/toy/vault'), 401],
      ['not there', over('/api/v1/toy/nothing'), 404],
    ]
    for (const [way, answer, status] of ways) {
      const got = await answer
      expect([way, got.status]).toEqual([way, status])
      safe(got.headers)
      const names = got.raw.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())
      expect(new Set(names).size).toBe(names.length)
      if (status === 204) expect(got.text).toBe('')
    }
    const foreign = await over('/api/v1/toy/look', { origin: 'https://friend.example' })
    expect(foreign.headers).toMatchObject({
      'access-control-allow-origin': 'https://friend.example',
      'cross-origin-resource-policy': 'cross-origin',
      vary: 'origin',
    })
    const head = await over('/api/v1/toy/look', {}, 'HEAD')
    expect([Number(head.headers['content-length']) > 0, head.text]).toEqual([true, ''])
  })

  test('of a handler come with the others', async () => {
    const got = await over(
      '/api/v1/toy/sign-in',
      { 'content-type': 'application/json' },
      'POST',
      '{"name":"x"}',
    )
    safe(got.headers)
    expect(got.headers['set-cookie']).toHaveLength(2)
    expect(got.headers['content-type']).toBe('application/json; charset=utf-8')
    expect(Number(got.headers['content-length'])).toBe(Buffer.byteLength(got.text))
  })

  test('an answer is measured in bytes', async () => {
    const got = await over(
      '/api/v1/toy/sign-in',
      { 'content-type': 'application/json' },
      'POST',
      '{"name":"Жанна 🦊"}',
    )
    expect(JSON.parse(got.text)).toEqual({ who: 'Жанна 🦊' })
    const agents = await over('/api/v1/toy/look', { 'user-agent': 'caf\u00e9' })
    expect(JSON.parse(agents.text).userAgent).toBe('caf\u00e9')
    expect(Number(agents.headers['content-length'])).toBe(Buffer.byteLength(agents.text))
  })
})

test('every request is counted in and out, however it ends', async () => {
  const inFlight = async () => (await metrics.read('pleiad_http_requests_in_flight'))[0]!.value
  const { hostname, port } = new URL(toy.url)
  const json = { 'content-type': 'application/json' }
  await over('/api/v1/toy/look')
  await over('/api/v1/toy/look', { origin: 'https://friend.example' })
  await over('/api/v1/toy/vault')
  await over('/api/v1/toy/nothing')
  await over('/raw/x')
  await over('/raw/fail')
  await over('/')
  await over('/%zz')
  await over('/api/v1/toy/sign-in', json, 'POST', '{')
  for (const how of ['bug', 'undeclared', 'unfit', 'missing'])
    await over('/api/v1/toy/stumble', json, 'POST', JSON.stringify({ how }))
  // The body never comes; the answer is never read.
  for (const bytes of [
    'POST /api/v1/toy/sign-in HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{',
    'POST /raw/x HTTP/1.1\r\nhost: x\r\ncontent-length: 99\r\n\r\n{',
    'GET /api/v1/toy/look HTTP/1.1\r\nhost: x\r\n\r\n',
  ]) {
    const socket = connect(Number(port), hostname)
    socket.on('error', () => {})
    await new Promise<void>((resolve) => socket.write(bytes, () => resolve()))
    socket.resetAndDestroy()
  }
  await expect.poll(inFlight).toBe(0)
  const read = await metrics.read('pleiad_http_request_duration_seconds')
  const count = (operation: string, status: string) =>
    read.find(
      ({ labels, part }) =>
        part === '_count' && labels['operation'] === operation && labels['status'] === status,
    )?.value ?? 0
  expect(count('lookAround', '2xx')).toBeGreaterThan(1)
  expect(count('readVault', '4xx')).toBeGreaterThan(0)
  expect(count('stumble', '5xx')).toBe(4)
  expect(count('/raw/', '5xx')).toBe(1)
})
