import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createMetrics } from '../observe/metrics.ts'
import { sendRaw, startToy, type Toy } from './toy.ts'

const metrics = createMetrics({ process: false })
let toy: Toy
beforeAll(async () => {
  toy = await startToy({ metrics })
})
afterAll(() => toy.stop())

const send = (path: string, init: RequestInit = {}) =>
  fetch(`${toy.url}${path}`, { redirect: 'manual', ...init })

describe('a mount', () => {
  test('gets the request untouched, whatever its body is', async () => {
    for (const [type, body] of [
      ['application/x-www-form-urlencoded', 'a=1&a=2&b=%00'],
      ['application/json', '{"a":1,"a":2'],
      ['application/octet-stream', 'x'.repeat(2 * 1024 * 1024)],
    ] as const) {
      const answer = await send('/raw/shop/token?x=1&x=2', {
        method: 'POST',
        body,
        headers: { 'content-type': type },
      })
      expect(answer.status).toBe(200)
      expect(await answer.json()).toMatchObject({
        method: 'POST',
        url: '/raw/shop/token?x=1&x=2',
        ip: '127.0.0.1',
        id: answer.headers.get('x-request-id'),
        body,
      })
    }
  })

  test('gets every method, and preflights: which origins may ask is its own business', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE'])
      expect(
        await (await send('/raw/x', { method, headers: { origin: 'https://evil.example' } })).json(),
      ).toMatchObject({ method })
    const preflight = await send('/raw/x', {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    })
    expect(await preflight.json()).toMatchObject({ method: 'OPTIONS' })
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull()
    const head = await send('/raw/x', { method: 'HEAD' })
    expect([head.status, await head.text()]).toEqual([200, ''])
  })

  test('answers with safety headers, which it may replace', async () => {
    const { headers } = await send('/raw/x')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('content-security-policy')).toMatch(/frame-ancestors 'none'/)
    expect(headers.get('referrer-policy')).toBe('strict-origin-when-cross-origin')
    expect((await send('/raw/frame')).headers.get('content-security-policy')).toBe("frame-ancestors 'self'")
  })

  test('may answer with the page of the web app', async () => {
    const answer = await send('/raw/shop/page')
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/)
    expect(answer.headers.get('content-security-policy')).toMatch(/style-src 'self' 'nonce-/)
    expect(await answer.text()).toMatch(/Pleiad/)
  })

  test('comes after the operations below its prefix', async () => {
    expect(await (await send('/raw/shop/known')).json()).toEqual({ handle: 'shop' })
    expect(await (await send('/raw/shop/known', { method: 'POST' })).json()).toMatchObject({ method: 'POST' })
    expect((await send('/raw', { headers: { accept: 'application/json' } })).status).toBe(404)
  })

  test('that fails answers with a problem and the log knows why', async () => {
    const failed = await send('/raw/fail')
    const text = await failed.text()
    expect([failed.status, JSON.parse(text).code]).toEqual([500, 'internal'])
    expect(text).not.toContain('secret')
    expect(JSON.stringify(toy.logged)).toContain('secret inner detail')
    const refused = await send('/raw/refuse')
    expect([refused.status, await refused.json()]).toMatchObject([410, { code: 'broken' }])
    expect(refused.headers.get('content-type')).toMatch(/problem\+json/)
    await expect(send('/raw/half').then((answer) => answer.text())).rejects.toThrow()
    expect((await send('/raw/x')).status).toBe(200)
  })

  test('is counted and timed', async () => {
    await send('/raw/x')
    const read = await metrics.read('pleiad_http_request_duration_seconds')
    const count = read.find(
      ({ labels, part }) =>
        labels['operation'] === '/raw/' && labels['status'] === '2xx' && part === '_count',
    )
    expect(count?.value).toBeGreaterThan(0)
  })

  test.each(['raw/', '/raw', '/api/raw/', '//', '/', '/r:w/'])('cannot have the prefix %s', (prefix) => {
    expect(() =>
      toy.gateway.mount({
        contract: { name: 'other', version: '1.0.0', summary: '', operations: {} },
        routes: {},
        tools: {} as never,
        store: toy.store,
        mounts: { [prefix]: () => {} },
      }),
    ).toThrow(/cannot mount/)
  })
})

describe('bad input to a mount', () => {
  test.each([
    ['an invalid percent-encoding', '/raw/%zz', 400],
    ['half of a percent-encoding in the query', '/raw/x?y=%f', 400],
    ['a NUL', '/raw/%00', 400],
    ['a NUL in the query', '/raw/x?y=%00', 400],
  ])('%s is refused before it', async (_, path, status) => {
    const answer = await sendRaw(toy.url, `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toMatch(/"code":"malformedRequest"/)
  })

  test('dots in the path do not lead out of it', async () => {
    const answer = await sendRaw(
      toy.url,
      'GET /raw/../api/v1/toy/look HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n',
    )
    expect(answer).toContain('"url":"/raw/../api/v1/toy/look"')
  })

  test('a body that breaks off leaves the process well', async () => {
    await sendRaw(toy.url, 'POST /raw/x HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nshort', 100)
    await sendRaw(toy.url, 'POST /raw/x HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n', 100)
    expect((await send('/raw/x')).status).toBe(200)
  })
})

describe('the budget of an address', () => {
  let limited: Toy
  beforeAll(async () => {
    limited = await startToy({ settings: { RATE_LIMIT: 1, PROGRAM_RATE_LIMIT: 5 } })
  })
  afterAll(() => limited.stop())

  test('counts requests to a mount', async () => {
    const statuses: number[] = []
    let last: Response | undefined
    for (let count = 0; count < 6; count++) {
      last = await fetch(`${limited.url}/raw/x`)
      statuses.push(last.status)
      if (last.ok) expect(last.headers.get('ratelimit')).toMatch(/^"raw-address";r=\d;t=\d+$/)
    }
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429])
    expect(Number(last!.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await last!.json()).toMatchObject({ code: 'rateLimited' })
    expect(last!.headers.get('x-content-type-options')).toBe('nosniff')
  })
})
