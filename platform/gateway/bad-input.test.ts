import { createHmac, generateKeyPairSync } from 'node:crypto'
import { request } from 'node:http'
import { createSigner } from 'fast-jwt'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ISSUER, sendRaw, startToy, type Toy } from './toy.ts'

let toy: Toy
beforeAll(async () => {
  toy = await startToy()
})
afterAll(() => toy.stop())

interface Answer {
  readonly status: number
  readonly headers: Record<string, string | string[] | undefined>
  readonly problem: {
    code: string
    detail?: string
    status: number
    requestId: string
    type: string
    errors?: { path: string; message: string }[]
  }
}

function send(
  path: string,
  options: { method?: string; body?: string | Buffer; headers?: Record<string, string> } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { method = 'POST', body, headers = {} } = options
    const sent = request(
      toy.url,
      { path, method, headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk) => chunks.push(chunk))
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            problem: text ? JSON.parse(text) : undefined,
          })
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

const make = (body: string | Buffer, headers: Record<string, string> = {}) =>
  send('/api/v1/toy/things', { body, headers: { authorization: `Bearer ${toy.token()}`, ...headers } })

/** The answer is a problem with this status, code and trouble; nothing was written and the process answers. */
async function refused(
  answer: Answer,
  status: number,
  code: string,
  trouble: RegExp | undefined,
): Promise<void> {
  expect({ status: answer.status, code: answer.problem.code, body: answer.problem.status }).toEqual({
    status,
    code,
    body: status,
  })
  expect(answer.headers['content-type']).toBe('application/problem+json; charset=utf-8')
  expect(answer.problem.type).toBe(`/docs/errors#${code}`)
  expect(answer.problem.requestId).toBe(answer.headers['x-request-id'])
  if (trouble) expect(answer.problem.detail).toMatch(trouble)
  expect(JSON.stringify(answer.problem)).not.toMatch(/node_modules|\.ts:|at \w+ \(/)
  expect(await toy.things()).toBe(0)
  expect((await fetch(`${toy.url}/api/v1/toy/look`)).status).toBe(200)
}

describe('bodies', () => {
  const bodies: [string, string | Buffer, RegExp][] = [
    ['malformed', '{"name":"ab",\n "count":1,}', /not valid JSON: unexpected "}" at line 2, column 12/],
    ['cut off', '{"name":"ab"', /ends too early at line 1, column 13/],
    ['empty', '', /body is empty/],
    ['blank', '   ', /body is empty/],
    ['10,000 deep', '['.repeat(10_000) + ']'.repeat(10_000), /more than 64 levels/],
    ['10,000 deep and open', '{"a":'.repeat(10_000), /not valid JSON/],
    ['duplicate keys', '{"name":"ab","count":1,"name":"cd"}', /"name" appears twice/],
    ['duplicate keys by escape', '{"name":"ab","count":1,"n\\u0061me":"cd"}', /"name" appears twice/],
    ['NUL', '{"name":"a\\u0000b","count":1}', /NUL/],
    ['NUL byte', '{"name":"a\0b","count":1}', /not valid JSON/],
    ['lone surrogate', '{"name":"a\\ud800b","count":1}', /surrogate/],
    ['lone surrogate in a key', '{"\\udc00":1,"name":"ab","count":1}', /surrogate/],
    [
      'bad UTF-8',
      Buffer.concat([Buffer.from('{"name":"a'), Buffer.from([0xff, 0xfe]), Buffer.from('","count":1}')]),
      /UTF-8 \(first bad byte at 10\)/,
    ],
    ['__proto__', '{"name":"ab","count":1,"__proto__":{"admin":true}}', /__proto__/],
  ]
  for (const [what, body, trouble] of bodies)
    test(`${what}`, async () => refused(await make(body), 400, 'malformedRequest', trouble))

  test('wrong types and unknown fields are all named', async () => {
    const answer = await make(
      '{"name":1,"count":"5","nope":true,"tags":[{"label":"x"},{"label":2,"a/b":1}],"kind":"oval"}',
    )
    await refused(answer, 400, 'validationFailed', undefined)
    expect(answer.problem.errors).toEqual(
      expect.arrayContaining([
        { path: '/body/nope', message: 'is not a field that is known here' },
        { path: '/body/name', message: 'must be a text' },
        { path: '/body/count', message: 'must be a whole number' },
        { path: '/body/tags/1/label', message: 'must be a text' },
        { path: '/body/tags/1/a~1b', message: 'is not a field that is known here' },
        { path: '/body/kind', message: 'must be one of "round", "square"' },
      ]),
    )
    expect(answer.problem.errors).toHaveLength(6)
  })

  test('missing fields are named', async () => {
    const answer = await make('{}')
    await refused(answer, 400, 'validationFailed', undefined)
    expect(answer.problem.errors).toEqual([
      { path: '/body/name', message: 'is required' },
      { path: '/body/count', message: 'is required' },
    ])
  })

  test('10 MB', async () =>
    refused(await make(Buffer.alloc(10 * 1024 * 1024, 32)), 413, 'payloadTooLarge', /1048576 bytes/))

  test('10 MB in chunks without a length', async () => {
    const body = 'x'.repeat(64 * 1024)
    const answer = await new Promise<Answer>((resolve, reject) => {
      const sent = request(
        `${toy.url}/api/v1/toy/things`,
        {
          method: 'POST',
          headers: { 'content-type': 'application/json', authorization: `Bearer ${toy.token()}` },
        },
        (response) => {
          let text = ''
          response.on('data', (chunk) => {
            text += chunk
          })
          response.on('end', () =>
            resolve({ status: response.statusCode!, headers: response.headers, problem: JSON.parse(text) }),
          )
        },
      )
      sent.on('error', reject)
      for (let count = 0; count < 160; count++) sent.write(body)
      sent.end()
    })
    await refused(answer, 413, 'payloadTooLarge', /1048576 bytes/)
  })

  test('other content types', async () => {
    await refused(
      await make('name=ab', { 'content-type': 'application/x-www-form-urlencoded' }),
      415,
      'unsupportedMediaType',
      undefined,
    )
    await refused(await make('{}', { 'content-type': 'text/plain' }), 415, 'unsupportedMediaType', undefined)
    await refused(await make('{}', { 'content-type': '///' }), 415, 'unsupportedMediaType', undefined)
  })

  test('a body where none is taken', async () => {
    const answer = await send('/api/v1/toy/things/0190b5a8-0000-7000-8000-000000000001', {
      method: 'DELETE',
      body: '{"a":1}',
      headers: {
        authorization: `Bearer ${toy.token({ permissions: ['toy:break'] })}`,
        'content-length': '7',
      },
    })
    await refused(answer, 400, 'validationFailed', undefined)
    expect(answer.problem.errors).toEqual([{ path: '/body', message: 'is not taken by this operation' }])
  })
})

describe('addresses', () => {
  const addresses: [string, string, number, string, RegExp][] = [
    ['%00 in the path', '/api/v1/toy/things/%00', 400, 'malformedRequest', /NUL/],
    ['%00 in the query', '/api/v1/toy/things?cursor=a%00b', 400, 'malformedRequest', /NUL/],
    ['bad percent-encoding', '/api/v1/toy/things/%zz', 400, 'malformedRequest', /percent-encoding/],
    [
      'bad percent-encoding in the query',
      '/api/v1/toy/things?cursor=%ff',
      400,
      'malformedRequest',
      /percent-encoding/,
    ],
    ['too long', `/api/v1/toy/things?cursor=${'a'.repeat(9000)}`, 414, 'uriTooLong', /may have 8192/],
    ['too long for a path', `/${'a'.repeat(9000)}`, 414, 'uriTooLong', /may have 8192/],
    ['too long for a mount', `/raw/x?${'a'.repeat(9000)}`, 414, 'uriTooLong', /may have 8192/],
    [
      'too long for a parameter',
      `/api/v1/toy/things/${'a'.repeat(9000)}`,
      414,
      'uriTooLong',
      /may have 8192/,
    ],
    ['too long for the parser', `/${'a'.repeat(20_000)}`, 414, 'uriTooLong', /may have 8192/],
    ['unknown', '/api/v1/toy/nothing', 404, 'notFound', /nothing at this address/],
    ['outside', '/api/../../etc/passwd', 404, 'notFound', /nothing at this address/],
  ]
  for (const [what, path, status, code, trouble] of addresses)
    test(what, async () => refused(await send(path, { method: 'GET' }), status, code, trouble))

  test('a parameter that is too long', async () => {
    const path = `/api/v1/toy/things/${'a'.repeat(600)}`
    await refused(await send(path, { method: 'GET' }), 400, 'malformedRequest', undefined)
  })

  test('bad parameters and query fields are named', async () => {
    const one = await send('/api/v1/toy/things/seven', { method: 'GET' })
    await refused(one, 400, 'validationFailed', undefined)
    expect(one.problem.errors).toEqual([{ path: '/params/id', message: 'must be a UUID' }])
    const two = await send('/api/v1/toy/things?limit=many&loud=2&x=1', { method: 'GET' })
    await refused(two, 400, 'validationFailed', undefined)
    expect(two.problem.errors).toEqual([
      { path: '/query/x', message: 'is not a field that is known here' },
      { path: '/query/limit', message: 'must be a whole number' },
      { path: '/query/loud', message: 'must be true or false' },
    ])
    const three = await send('/api/v1/toy/look?x=1', { method: 'GET' })
    expect(three.problem.errors).toEqual([{ path: '/query/x', message: 'is not a field that is known here' }])
    const twice = await send('/api/v1/toy/things?limit=1&limit=2', { method: 'GET' })
    expect(twice.problem.errors).toEqual([{ path: '/query/limit', message: 'must be a whole number' }])
  })

  test('a method that is not offered', async () => {
    const answer = await send('/api/v1/toy/things', { method: 'PUT', body: '{}' })
    await refused(answer, 405, 'methodNotAllowed', /PUT/)
    expect(String(answer.headers['allow']).split(', ').sort()).toEqual(['GET', 'HEAD', 'OPTIONS', 'POST'])
    const options = await send('/api/v1/toy/look', { method: 'OPTIONS' })
    expect([options.status, options.headers['allow']]).toEqual([204, 'GET, HEAD, OPTIONS'])
  })
})

describe('what is not HTTP', () => {
  test('headers over 16 KiB', async () => {
    const answer = await sendRaw(toy.url, `GET / HTTP/1.1\r\nhost: x\r\nx-big: ${'a'.repeat(20_000)}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1\.1 431 /)
    expect(answer).toMatch(/application\/problem\+json/)
    expect(answer).toMatch(/headersTooLarge/)
  })
  test('noise', async () => {
    const answer = await sendRaw(toy.url, 'hello there\r\n\r\n')
    expect(answer).toMatch(/^HTTP\/1\.1 400 /)
    expect(answer).toMatch(/"code":"malformedRequest"/)
  })
  test('two lengths', async () => {
    const answer = await sendRaw(
      toy.url,
      'POST /api/v1/toy/things HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nhello',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*malformedRequest/)
  })
  test('a length and chunks', async () => {
    const answer = await sendRaw(
      toy.url,
      'POST /api/v1/toy/things HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    )
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*malformedRequest/)
  })
  test('a NUL in a header', async () => {
    expect(await sendRaw(toy.url, 'GET / HTTP/1.1\r\nhost: x\r\nx-a: a\0b\r\n\r\n')).toMatch(
      /^HTTP\/1\.1 400 /,
    )
  })
  test('a body that ends too early', async () => {
    const before = await toy.things()
    await sendRaw(
      toy.url,
      `POST /api/v1/toy/things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nauthorization: Bearer ${toy.token()}\r\ncontent-length: 50\r\n\r\n{"name":"ab","count":1}`,
      200,
    )
    expect(await toy.things()).toBe(before)
    expect((await fetch(`${toy.url}/api/v1/toy/look`)).status).toBe(200)
  })
})

describe('tokens', () => {
  const body = '{"name":"ab","count":1}'
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claims = () => JSON.parse(Buffer.from(toy.token().split('.')[1]!, 'base64url').toString())
  const tokens: [string, () => string][] = [
    ['expired', () => toy.token({ exp: Math.floor(Date.now() / 1000) - 1 })],
    ['not valid yet', () => toy.token({ nbf: Math.floor(Date.now() / 1000) + 60 })],
    ['issued in the future', () => toy.token({ iat: Math.floor(Date.now() / 1000) + 60 })],
    ['of another issuer', () => toy.token({ iss: 'https://evil.example' })],
    ['without a subject', () => toy.token({ sub: undefined })],
    ['with roles that are none', () => toy.token({ roles: 'admin' })],
    ['unsigned', () => `${toy.token().split('.').slice(0, 2).join('.')}.`],
    ['without a signature part', () => toy.token().split('.').slice(0, 2).join('.')],
    ['alg none', () => `${encode({ alg: 'none', typ: 'JWT', kid: 'k1' })}.${encode(claims())}.`],
    [
      'alg None with the old signature',
      () => `${encode({ alg: 'None', kid: 'k1' })}.${toy.token().split('.').slice(1).join('.')}`,
    ],
    [
      're-signed with HS256 and the public key',
      () => {
        const input = `${encode({ alg: 'HS256', typ: 'JWT', kid: 'k1' })}.${encode(claims())}`
        const secret = toy.keys.publicKey.export({ format: 'pem', type: 'spki' })
        return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
      },
    ],
    [
      're-signed by another key',
      () => {
        const key = generateKeyPairSync('ed25519').privateKey.export({
          format: 'pem',
          type: 'pkcs8',
        }) as string
        return createSigner({ key, algorithm: 'EdDSA', kid: 'k1' })({ ...claims(), iss: ISSUER })
      },
    ],
    [
      'of an unknown key',
      () => `${encode({ alg: 'EdDSA', kid: 'k9' })}.${toy.token().split('.').slice(1).join('.')}`,
    ],
    [
      'with changed claims',
      () => {
        const [head, , signature] = toy.token().split('.')
        return `${head}.${encode({ ...claims(), permissions: ['toy:break'] })}.${signature}`
      },
    ],
    [
      'with a critical extension',
      () =>
        `${encode({ alg: 'EdDSA', kid: 'k1', crit: ['x'] })}.${toy.token().split('.').slice(1).join('.')}`,
    ],
    ['noise', () => 'abc.def.ghi'],
    ['too long', () => 'a'.repeat(9000)],
    ['unknown opaque', () => 'plt_unknown'],
    ['empty', () => ''],
  ]
  for (const [what, token] of tokens)
    test(what, async () => {
      const answer = await make(body, { authorization: `Bearer ${token()}` })
      await refused(answer, 401, 'unauthenticated', /expired, revoked or not valid|must be/)
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer /)
    })

  test('a bad bearer is refused on public operations too; a bad cookie is not in the way', async () => {
    const bearer = await send('/api/v1/toy/things', {
      method: 'GET',
      headers: { authorization: 'Bearer nope' },
    })
    await refused(bearer, 401, 'unauthenticated', undefined)
    const cookie = await fetch(`${toy.url}/api/v1/toy/things`, { headers: { cookie: 'pleiad_access=nope' } })
    expect([cookie.status, ((await cookie.json()) as { who: string }).who]).toEqual([200, 'nobody'])
    await refused(
      await send('/api/v1/toy/things', {
        body,
        headers: { cookie: 'pleiad_access=nope', 'x-pleiad-csrf': '1' },
      }),
      401,
      'unauthenticated',
      /needs an access token/,
    )
  })

  test('another scheme', async () =>
    refused(await make(body, { authorization: 'Basic YTpi' }), 401, 'unauthenticated', /must be `Bearer/))
  test('none', async () =>
    refused(await send('/api/v1/toy/things', { body }), 401, 'unauthenticated', /needs an access token/))
  test('a permission that is missing', async () =>
    refused(
      await send('/api/v1/toy/things/0190b5a8-0000-7000-8000-000000000001', {
        method: 'DELETE',
        headers: { authorization: `Bearer ${toy.token()}` },
      }),
      403,
      'forbidden',
      /toy:break/,
    ))
})

describe('origins', () => {
  const body = '{"name":"ab","count":1}'
  const cookie = () => ({ cookie: `a=b; pleiad_access=${toy.token()}` })
  test('a foreign page', async () => {
    for (const origin of ['https://evil.example', 'http://localhost:8081', 'null'])
      await refused(
        await send('/api/v1/toy/things', { body, headers: { ...cookie(), origin, 'x-pleiad-csrf': '1' } }),
        403,
        'foreignOrigin',
        /may not send/,
      )
  })
  test('a form without the header', async () =>
    refused(
      await send('/api/v1/toy/things', { body, headers: cookie() }),
      403,
      'foreignOrigin',
      /x-pleiad-csrf/,
    ))
  test('a foreign page signing somebody in', async () =>
    refused(
      await send('/api/v1/toy/sign-in', {
        body: '{"name":"x"}',
        headers: { origin: 'https://evil.example' },
      }),
      403,
      'foreignOrigin',
      undefined,
    ))
  test('a foreign preflight', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' }
    const answer = await send('/api/v1/toy/things', { method: 'OPTIONS', headers })
    await refused(answer, 403, 'foreignOrigin', undefined)
    expect(answer.headers['access-control-allow-origin']).toBeUndefined()
  })
})

test('a handler’s bug tells nothing but the request id, which is in the log', async () => {
  for (const how of ['bug', 'undeclared', 'unfit', 'missing']) {
    const answer = await send('/api/v1/toy/stumble', { body: JSON.stringify({ how }) })
    await refused(answer, 500, 'internal', undefined)
    expect(JSON.stringify(answer.problem)).not.toMatch(/secret|Type|nobody/)
    expect(toy.logged.filter(({ requestId }) => requestId === answer.problem.requestId)).toHaveLength(
      how === 'undeclared' ? 1 : 1,
    )
  }
})

test('what the database refuses is a declared refusal', async () => {
  await refused(await send('/api/v1/toy/stumble', { body: '{"how":"clash"}' }), 409, 'conflict', undefined)
  const slow = await send('/api/v1/toy/stumble', { body: '{"how":"slow"}' })
  await refused(slow, 503, 'unavailable', undefined)
  expect(slow.headers['retry-after']).toBe('2')
})
