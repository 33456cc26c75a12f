/** Over real sockets: what is asked, what is refused, and how strangers can misbehave. */
import type { IncomingMessage, RequestListener } from 'node:http'
import type { Socket } from 'node:net'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { createMetrics } from '../observe/metrics.ts'
import { withSpan } from '../observe/trace.ts'
import { readAllowance } from './addresses.ts'
import { OutboundError, type OutboundReason, outboundReasons } from './errors.ts'
import type { Lookup } from './lookup.ts'
import { createOutbound, type OutboundOptions } from './outbound.ts'
import { type Certificate, makeCertificate, type Stranger, serve, serveRaw } from './strangers.ts'

let servers: Stranger[] = []
afterEach(async () => {
  for (const server of servers) await server.close()
  servers = []
})

async function started(server: Promise<Stranger>): Promise<Stranger> {
  servers.push(await server)
  return server
}

/** Names → addresses, one list after the other; the last one stays. */
function names(table: Record<string, string[][]>): Lookup & { asked: string[] } {
  const asked: string[] = []
  const lookup: Lookup = async (name) => {
    asked.push(name)
    const lists = table[name]
    if (!lists) throw Object.assign(new Error('not found'), { code: 'ENOTFOUND' })
    return lists.length > 1 ? lists.shift()! : lists[0]!
  }
  return Object.assign(lookup, { asked })
}

function outbound(options: { allow?: string; lookup?: Lookup; ca?: string } = {}) {
  const metrics = createMetrics({ process: false })
  const fetchOutside = createOutbound({
    service: 'test',
    allowance: readAllowance(options.allow ?? '127.0.0.1/32'),
    metrics,
    ...(options.lookup ? { lookup: options.lookup } : {}),
    ...(options.ca ? { ca: options.ca } : {}),
  })
  return { fetchOutside, metrics }
}

/** The reason a request is refused with, after checking that the error tells no secret. */
async function reasonOf(request: Promise<unknown>): Promise<OutboundReason | 'answered'> {
  const error = await request.then(
    () => undefined,
    (refusal) => refusal,
  )
  if (error === undefined) return 'answered'
  expect(error).toBeInstanceOf(OutboundError)
  const told = `${JSON.stringify(error)} ${error.message} ${error.stack} ${String(error.cause)}`
  expect(told).not.toContain('s3cret')
  return error.reason
}

const say: RequestListener = (request, response) => {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers }))
}

/** The body of a request, and what it says. */
async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a good request', () => {
  test('goes out as it was asked for, and the answer comes back whole', async () => {
    const { port } = await started(
      serve(async (request, response) => {
        response.writeHead(201, { 'x-one': 'a', 'set-cookie': ['a=1', 'b=2'], 'content-type': 'text/plain' })
        response.end(
          `${request.method} ${request.url} ${request.headers['x-mine']} ${await bodyOf(request)} ж`,
        )
      }),
    )
    const { fetchOutside, metrics } = outbound()
    const answer = await fetchOutside(`http://127.0.0.1:${port}/path?q=1#part`, {
      method: 'PUT',
      headers: { 'X-Mine': 'yes' },
      body: 'hello',
    })
    expect(answer).toMatchObject({ status: 201, text: 'PUT /path?q=1 yes hello ж' })
    expect(answer.headers).toMatchObject({ 'x-one': 'a', 'set-cookie': 'a=1, b=2' })
    expect(answer.bytes.toString()).toBe(answer.text)
    expect(await metrics.read('pleiad_outbound_requests_total')).toEqual([
      { labels: { service: 'test', outcome: '2xx' }, value: 1, part: '' },
    ])
  })

  test('an error status is an answer; so is a redirect that is not to be followed', async () => {
    const { port } = await started(
      serve((request, response) =>
        response.writeHead(request.url === '/' ? 500 : 302, { location: '/' }).end('no'),
      ),
    )
    const { fetchOutside } = outbound()
    expect(await fetchOutside(`http://127.0.0.1:${port}/`)).toMatchObject({ status: 500, text: 'no' })
    expect(await fetchOutside(`http://127.0.0.1:${port}/x`)).toMatchObject({ status: 302 })
  })

  test('text is read in its charset, unknown ones as UTF-8', async () => {
    const { port } = await started(
      serve((request, response) => {
        response.setHeader('content-type', `text/plain; charset=${request.url!.slice(1)}`)
        response.end(request.url === '/windows-1251' ? Buffer.from([0xe6]) : 'ж')
      }),
    )
    const { fetchOutside } = outbound()
    for (const charset of ['windows-1251', 'utf-8', 'klingon'])
      expect((await fetchOutside(`http://127.0.0.1:${port}/${charset}`)).text).toBe('ж')
  })

  test('no trace goes to strangers, and nothing but the caller’s headers says who asks', async () => {
    const { port } = await started(serve(say))
    const { fetchOutside } = outbound()
    const { text } = await withSpan(
      'work',
      { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
      () => fetchOutside(`http://127.0.0.1:${port}/`),
    )
    expect(Object.keys(JSON.parse(text).headers).sort()).toEqual([
      'accept',
      'accept-encoding',
      'connection',
      'host',
      'user-agent',
    ])
  })

  test('packed answers are unpacked', async () => {
    const { port } = await started(
      serve((request, response) => {
        const [encoding, pack] =
          request.url === '/gzip' ? ['gzip', gzipSync] : (['br', brotliCompressSync] as const)
        response.writeHead(200, { 'content-encoding': encoding as string })
        response.end(request.method === 'HEAD' ? undefined : (pack as typeof gzipSync)('x'.repeat(10_000)))
      }),
    )
    const { fetchOutside } = outbound()
    for (const path of ['gzip', 'br']) {
      const answer = await fetchOutside(`http://127.0.0.1:${port}/${path}`)
      expect(answer.text).toBe('x'.repeat(10_000))
      expect(answer.headers['content-encoding']).toBeUndefined()
      expect(await fetchOutside(`http://127.0.0.1:${port}/${path}`, { method: 'HEAD' })).toMatchObject({
        text: '',
      })
    }
  })
})

describe('addresses that are not public', () => {
  /** Ways to write one IPv4 address in a URL. */
  function notations(value: number): string[] {
    const bytes = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
    const hex = (number: number) => number.toString(16)
    const [high, low] = [hex(value >>> 16), hex(value & 0xffff)]
    const dotted = bytes.join('.')
    return [
      dotted,
      `${dotted}.`,
      String(value),
      `0x${hex(value)}`,
      `0${value.toString(8)}`,
      bytes.map((byte) => `0${byte.toString(8)}`).join('.'),
      bytes.map((byte) => `0x${hex(byte)}`).join('.'),
      `${bytes[0]}.${value & 0xffffff}`,
      `${bytes[0]}.${bytes[1]}.${value & 0xffff}`,
      dotted.replaceAll('.', '。'),
      dotted.replace(/\d/g, (digit) => String.fromCodePoint(0xff10 + Number(digit))),
      dotted.replace(/\d/g, (digit) => `%3${digit}`),
      `[::ffff:${dotted}]`,
      `[::ffff:${high}:${low}]`,
      `[0:0:0:0:0:ffff:${high}:${low}]`,
      `[::${dotted}]`,
      `[::ffff:0:${high}:${low}]`,
      `[64:ff9b::${dotted}]`,
      `[2002:${high}:${low}::1]`,
      `[2001:0:1:2:3:4:${hex((value >>> 16) ^ 0xffff)}:${hex((value & 0xffff) ^ 0xffff)}]`,
      `user:password@${dotted}`,
      `${dotted}:0`,
    ]
  }
  const inside = fc.tuple(
    fc.constantFrom<readonly [number, number]>(
      [0x0a000000, 24],
      [0x7f000000, 24],
      [0xa9fe0000, 16],
      [0xac100000, 20],
      [0xc0a80000, 16],
      [0x64400000, 22],
      [0xe0000000, 28],
      [0xf0000000, 28],
      [0x00000000, 24],
      [0xc0000200, 8],
      [0xc6120000, 17],
    ),
    fc.nat(0xfffffff),
  )

  test('are not asked, however they are written', async () => {
    const lookup = names({})
    const { fetchOutside } = outbound({ allow: '', lookup })
    await fc.assert(
      fc.asyncProperty(inside, fc.constantFrom('http', 'https'), async ([[start, bits], rest], scheme) => {
        for (const host of notations((start + (rest % 2 ** bits)) >>> 0))
          expect(await reasonOf(fetchOutside(`${scheme}://${host}/`)), host).toMatch(
            /^(blockedAddress|badUrl)$/,
          )
      }),
      { numRuns: 100 },
    )
    expect(lookup.asked).toEqual([])
  })

  test('a server on this machine is not reached by any of them', async () => {
    let reached = 0
    const { port } = await started(
      serve((_, response) => {
        reached++
        response.end()
      }),
    )
    const { fetchOutside } = outbound({ allow: '', lookup: names({ localhost: [['127.0.0.1', '::1']] }) })
    for (const host of [...notations(0x7f000001), 'localhost', 'LOCALHOST.', '[::1]', '0', '[::]', '127.1'])
      expect(await reasonOf(fetchOutside(`http://${host}:${port}/`)), host).toMatch(
        /^(blockedAddress|badUrl)$/,
      )
    expect(reached).toBe(0)
    expect(await reasonOf(outbound().fetchOutside(`http://127.1:${port}/`))).toBe('answered')
  })

  test('a name counts as what it resolves to: all of its addresses must be allowed', async () => {
    const lookup = names({
      'inside.example': [['192.168.1.1']],
      'mixed.example': [['127.0.0.1', '10.0.0.1']],
      'six.example': [['fe80::1%eth0']],
      'none.example': [[]],
    })
    const { fetchOutside } = outbound({ lookup })
    expect(await reasonOf(fetchOutside('https://inside.example/s3cret'))).toBe('blockedAddress')
    expect(await reasonOf(fetchOutside('http://mixed.example/'))).toBe('blockedAddress')
    expect(await reasonOf(fetchOutside('http://six.example/'))).toBe('blockedAddress')
    expect(await reasonOf(fetchOutside('http://none.example/'))).toBe('dnsFailed')
    expect(await reasonOf(fetchOutside('http://unknown.example/'))).toBe('dnsFailed')
  })

  test('of several addresses one that answers is enough', async () => {
    const { port } = await started(serve(say))
    const lookup = names({
      'many.example': [['127.0.0.7', '127.0.0.1']],
      'dead.example': [['127.0.0.7', '127.0.0.8']],
    })
    const { fetchOutside } = outbound({ allow: '127.0.0.0/24', lookup })
    expect(await reasonOf(fetchOutside(`http://many.example:${port}/`))).toBe('answered')
    expect(await reasonOf(fetchOutside(`http://dead.example:${port}/`))).toBe('connectFailed')
  })

  test('a name that changes its meaning (DNS rebinding) is asked at the address that was checked', async () => {
    const { port } = await started(serve(say))
    const lookup = names({ 'rebind.example': [['127.0.0.1'], ['10.0.0.1']] })
    const { fetchOutside } = outbound({ lookup })
    const { text } = await fetchOutside(`http://rebind.example:${port}/`)
    expect(JSON.parse(text).headers.host).toBe(`rebind.example:${port}`)
    expect(lookup.asked).toEqual(['rebind.example'])
    expect(await reasonOf(fetchOutside(`http://rebind.example:${port}/`))).toBe('blockedAddress')
  })

  test('each redirect is checked anew', async () => {
    let asked = 0
    const { port } = await started(
      serve((request, response) => {
        asked++
        response.writeHead(307, { location: decodeURIComponent(request.url!.slice(1)) }).end()
      }),
    )
    const lookup = names({
      'rebind.example': [['127.0.0.1'], ['10.0.0.1']],
      'inside.example': [['10.0.0.2']],
    })
    const { fetchOutside } = outbound({ lookup })
    for (const target of [
      'http://169.254.169.254/latest/meta-data/s3cret',
      'http://[::ffff:a9fe:a9fe]/',
      'http://inside.example/',
      `http://2130706434:${port}/`,
    ])
      expect(
        await reasonOf(
          fetchOutside(`http://127.0.0.1:${port}/${encodeURIComponent(target)}`, { redirects: 5 }),
        ),
      ).toBe('blockedAddress')
    expect(asked).toBe(4)
    const again = encodeURIComponent(`http://rebind.example:${port}/`)
    expect(await reasonOf(fetchOutside(`http://rebind.example:${port}/${again}`, { redirects: 5 }))).toBe(
      'blockedAddress',
    )
  })
})

describe('redirects', () => {
  /** `/to?status=..&url=..` redirects there; everything else says what it was asked. */
  const redirecting: RequestListener = async (request, response) => {
    const url = new URL(request.url!, 'http://x')
    const body = await bodyOf(request)
    if (url.pathname === '/to')
      response
        .writeHead(Number(url.searchParams.get('status')), { location: url.searchParams.get('url')! })
        .end()
    else response.end(JSON.stringify({ method: request.method, headers: request.headers, body }))
  }
  const lookup = () => names({ 'one.example': [['127.0.0.1']], 'two.example': [['127.0.0.1']] })
  async function ask(target: string, status: number, options: OutboundOptions) {
    const { port } = await started(serve(redirecting))
    const url = encodeURIComponent(target.replace('PORT', String(port)))
    const { fetchOutside } = outbound({ lookup: lookup() })
    const { text } = await fetchOutside(`http://one.example:${port}/to?status=${status}&url=${url}`, {
      redirects: 3,
      ...options,
    })
    return JSON.parse(text)
  }
  const secrets = {
    authorization: 'Bearer s3cret',
    cookie: 'a=s3cret',
    'x-api-key': 's3cret',
    accept: 'text/plain',
  }

  test('on one origin everything goes along', async () => {
    const seen = await ask('/end', 307, { method: 'POST', headers: secrets, body: 'text' })
    expect(seen).toMatchObject({ method: 'POST', body: 'text', headers: secrets })
  })

  test('to another origin no credentials go along, whatever header they are in', async () => {
    const seen = await ask('http://two.example:PORT/end', 302, { headers: secrets })
    expect(seen.headers).toMatchObject({ accept: 'text/plain', 'user-agent': 'Pleiad' })
    expect(JSON.stringify(seen)).not.toContain('s3cret')
  })

  test('a form that was posted becomes a plain GET where the other side says so', async () => {
    for (const status of [301, 302, 303]) {
      const seen = await ask('/end', status, {
        method: 'POST',
        headers: { 'content-type': 'text/x' },
        body: 's3cret',
      })
      expect(seen).toMatchObject({ method: 'GET', body: '' })
      expect(seen.headers).not.toHaveProperty('content-type')
    }
  })

  test('a body does not follow to another origin', async () => {
    const post = { method: 'POST', body: 'client_secret=s3cret' } as const
    for (const status of [307, 308])
      expect(await reasonOf(ask('http://two.example:PORT/end', status, post))).toBe('badRedirect')
  })

  test('they end: too many, in a circle, or to what is no address', async () => {
    const { port } = await started(serve((_, response) => response.writeHead(302, { location: '/' }).end()))
    const { fetchOutside } = outbound()
    for (const redirects of [1, 5, 100])
      expect(await reasonOf(fetchOutside(`http://127.0.0.1:${port}/`, { redirects }))).toBe(
        'tooManyRedirects',
      )
    for (const target of [
      'file:///etc/passwd',
      'http://a:s3cret@two.example/',
      'http://',
      'gopher://two.example/',
    ])
      expect(await reasonOf(ask(target, 302, {})), target).toBe('badRedirect')
  })
})

describe('TLS', () => {
  const name = 'secure.example'
  const ask = async (certificate: Certificate, trusted: string, host = name) => {
    const { port } = await started(serve(say, certificate))
    const lookup = names({ [host]: [['127.0.0.1']] })
    return outbound({ lookup, ca: trusted }).fetchOutside(`https://${host}:${port}/`)
  }

  test('name and certificate are those of the URL, though the address is pinned', async () => {
    const good = await makeCertificate(name)
    expect(JSON.parse((await ask(good, good.cert)).text).headers.host).toMatch(/^secure\.example:/)
    expect(await reasonOf(ask(good, good.cert, 'other.example'))).toBe('tlsInvalid')
  })

  test('expired, not yet valid and self-signed certificates are refused', async () => {
    const [good, expired, early] = [
      await makeCertificate(name),
      await makeCertificate(name, -10, -1),
      await makeCertificate(name, 1, 10),
    ]
    expect(await reasonOf(ask(expired, expired.cert))).toBe('tlsExpired')
    expect(await reasonOf(ask(early, early.cert))).toBe('tlsInvalid')
    expect(await reasonOf(ask(good, early.cert))).toBe('tlsInvalid')
  })

  test('a server without TLS is refused, and so is a step down from it', async () => {
    const { port } = await started(serve(say))
    expect(await reasonOf(outbound().fetchOutside(`https://127.0.0.1:${port}/`))).toBe('tlsInvalid')
    const good = await makeCertificate(name)
    const down = await started(
      serve((_, response) => response.writeHead(302, { location: `http://127.0.0.1:${port}/` }).end(), good),
    )
    const { fetchOutside } = outbound({ lookup: names({ [name]: [['127.0.0.1']] }), ca: good.cert })
    expect(await reasonOf(fetchOutside(`https://${name}:${down.port}/`, { redirects: 1 }))).toBe(
      'badRedirect',
    )
  })
})

describe('a stranger who', () => {
  const ask = (server: Stranger, options: OutboundOptions = {}) =>
    reasonOf(outbound().fetchOutside(`http://127.0.0.1:${server.port}/s3cret?token=s3cret`, options))

  test('sends more than is read is cut off, said or not', async () => {
    let sent = 0
    const endless = await started(
      serve((_, response) => {
        const more = () => {
          while (!response.destroyed && response.write(Buffer.alloc(65_536))) sent += 65_536
        }
        response.on('drain', more)
        more()
      }),
    )
    expect(await ask(endless, { maxBytes: 100_000 })).toBe('tooLarge')
    expect(sent).toBeLessThan(50_000_000)
    const exact = await started(serve((_, response) => response.end('x'.repeat(1_000))))
    expect(await ask(exact, { maxBytes: 1_000 })).toBe('answered')
    expect(await ask(exact, { maxBytes: 999 })).toBe('tooLarge')
  })

  test('packs a bomb is cut off when it unfolds', async () => {
    const bombs = {
      gzip: gzipSync(Buffer.alloc(50_000_000)),
      br: brotliCompressSync(Buffer.alloc(50_000_000)),
    }
    for (const [encoding, bomb] of Object.entries(bombs)) {
      expect(bomb.length).toBeLessThan(100_000)
      const server = await started(
        serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(bomb)),
      )
      expect(await ask(server, { maxBytes: 1_000_000 })).toBe('tooLarge')
    }
  })

  test('packs badly or in an unknown way is not understood', async () => {
    for (const encoding of ['gzip', 'br', 'zstd', 'gzip, gzip']) {
      const server = await started(
        serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end('not packed')),
      )
      expect(await ask(server), encoding).toBe('badAnswer')
    }
  })

  test('sends huge headers is cut off', async () => {
    const server = await started(
      serveRaw((socket) => socket.write(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(100_000)}\r\n\r\n`)),
    )
    expect(await ask(server)).toBe('tooLarge')
  })

  const slowly = (text: string) => (socket: Socket) => {
    let at = 0
    const drip = setInterval(() => socket.write(text[at++ % text.length]!), 20)
    socket.on('close', () => clearInterval(drip))
  }
  test.each<[string, (socket: Socket) => void]>([
    ['says nothing', () => {}],
    ['trickles its headers', slowly(`HTTP/1.1 200 OK\r\nx-long: ${'x'.repeat(1_000)}`)],
    [
      'trickles its body',
      (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9999\r\n\r\n')
        slowly('x')(socket)
      },
    ],
    ['sends one interim answer after the other', slowly('HTTP/1.1 103 Early Hints\r\n\r\n')],
  ])('%s runs out of time, and is hung up on', async (_, talk) => {
    let closed = false
    const server = await started(
      serveRaw((socket) => {
        socket.resume().on('close', () => {
          closed = true
        })
        talk(socket)
      }),
    )
    expect(await ask(server, { timeoutMs: 300 })).toBe('timeout')
    await expect.poll(() => closed).toBe(true)
  })

  test('has a name server that never answers runs out of time', async () => {
    const { fetchOutside } = outbound({ lookup: () => new Promise(() => {}) })
    expect(await reasonOf(fetchOutside('http://slow.example/', { timeoutMs: 100 }))).toBe('timeout')
  })

  test.each([
    ['SSH-2.0-OpenSSH_9.2\r\n', 'notHttp'],
    ['HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n', 'notHttp'],
    ['HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort', 'connectFailed'],
    ['', 'connectFailed'],
  ])('answers %j and hangs up', async (text, reason) => {
    const server = await started(serveRaw((socket) => socket.on('data', () => socket.end(text))))
    expect(await ask(server)).toBe(reason)
  })

  test('is not there cannot be asked', async () => {
    const server = await started(serve(say))
    await server.close()
    expect(await ask(server)).toBe('connectFailed')
    servers = []
  })
})

describe('what cannot be asked at all', () => {
  test.each([
    '',
    'example.org',
    '//example.org',
    'ftp://example.org/',
    'file:///etc/passwd',
    'data:text/plain,x',
    'http://',
    'http://user:s3cret@example.org/',
    'http://user@example.org/',
    'http://example.org:0/',
    'http://example.org:25/',
    'http://example.org:99999/',
    'http://exa mple.org/',
    'http://1.2.3.4.5/',
    'http://[::1/',
    `http://example.org/${'x'.repeat(9_000)}`,
  ])('%j is no address', async (url) => {
    const { fetchOutside, metrics } = outbound({ lookup: names({}) })
    expect(await reasonOf(fetchOutside(url))).toBe('badUrl')
    expect(await metrics.read('pleiad_outbound_requests_total')).toMatchObject([
      { labels: { outcome: 'badUrl' }, value: 1 },
    ])
  })

  test.each<OutboundOptions>([
    { headers: { host: 's3cret.example' } },
    { headers: { 'Content-Length': '5' } },
    { headers: { 'transfer-encoding': 'chunked' } },
    { headers: { 'x-split': 'a\r\nx-other: s3cret' } },
    { headers: { 'bad name': 's3cret' } },
    { method: 'BAD METHOD' as 'GET' },
    { method: 'GET', timeoutMs: -1 },
  ])('%j is no request', async (options) => {
    const { port } = await started(serve(say))
    expect(await reasonOf(outbound().fetchOutside(`http://127.0.0.1:${port}/`, options))).toBe('badRequest')
  })

  test('every reason has words for a person', () => {
    for (const words of Object.values(outboundReasons)) expect(words).toMatch(/^[A-Z].{10,}\.$/)
    expect(new OutboundError('timeout', 'a.example').message).toBe('a.example: The answer took too long.')
    expect(new OutboundError('badUrl').message).toBe(outboundReasons.badUrl)
  })
})
