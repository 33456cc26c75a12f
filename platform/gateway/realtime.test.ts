import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createMetrics } from '../observe/metrics.ts'
import { createPresence } from './presence.ts'
import { connectRealtime, type RealtimeClient, type RealtimeClientOptions } from './realtime-client.ts'
import type { ClientMessage, ServerMessage } from './realtime-protocol.ts'
import { createRings } from './rings.ts'
import { sendRaw, startToy, type Toy } from './toy.ts'

let toy: Toy
const metrics = createMetrics({ process: false })
beforeAll(async () => {
  toy = await startToy({ settings: { REALTIME_CONNECTIONS: 4 }, metrics })
})
const opened: { close: () => void }[] = []
afterEach(async () => {
  for (const { close } of opened.splice(0)) close()
  await until(() => toy.gateway.realtime.size() === 0)
})
afterAll(() => toy.stop())

async function until(holds: () => boolean, ms = 25_000): Promise<void> {
  for (const end = Date.now() + ms; !holds(); ) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${holds}`)
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

interface Line {
  readonly socket: WebSocket
  readonly messages: ServerMessage[]
  readonly closed: () => number | undefined
  readonly send: (message: ClientMessage | string) => void
  /** The next message of a type, from the ones not asked for yet. */
  readonly next: <T extends ServerMessage['type']>(type: T) => Promise<Extract<ServerMessage, { type: T }>>
}

function line(
  options: { token?: string; headers?: Record<string, string>; protocols?: string[]; url?: string } = {},
): Line {
  const headers = options.headers ?? { authorization: `Bearer ${options.token ?? toy.token()}` }
  const socket = new WebSocket(
    `${(options.url ?? toy.url).replace('http', 'ws')}/api/v1/realtime`,
    options.protocols ?? [],
    { headers },
  )
  const messages: ServerMessage[] = []
  let code: number | undefined
  socket.on('message', (data) => messages.push(JSON.parse(String(data))))
  socket.on('close', (closed) => {
    code = closed
  })
  socket.on('error', () => {})
  opened.push({ close: () => socket.terminate() })
  let position = 0
  return {
    socket,
    messages,
    closed: () => code,
    send: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
    next: async (type) => {
      const find = () => messages.findIndex((message, index) => index >= position && message.type === type)
      await until(() => find() !== -1)
      position = find() + 1
      return messages[position - 1] as never
    },
  }
}

const refusal = (headers: Record<string, string>, path = '/api/v1/realtime') =>
  new Promise<{ status: number; type: string | undefined; body: string }>((resolve, reject) => {
    const socket = new WebSocket(`${toy.url.replace('http', 'ws')}${path}`, { headers })
    socket.on('unexpected-response', (_request, response) => {
      let body = ''
      response.on('data', (chunk) => {
        body += chunk
      })
      response.on('end', () =>
        resolve({ status: response.statusCode!, type: response.headers['content-type'], body }),
      )
    })
    socket.on('open', () => reject(new Error('was accepted')))
    socket.on('error', () => {})
  })

describe('opening', () => {
  test('by header, cookie or subprotocol', async () => {
    const token = toy.token()
    const ways: Parameters<typeof line>[0][] = [
      { token },
      { headers: { cookie: `pleiad_access=${token}` } },
      { headers: {}, protocols: ['pleiad.v1', `bearer.${token}`] },
    ]
    for (const options of ways) {
      const opening = line(options)
      expect(await opening.next('welcome')).toMatchObject({
        userId: 'ada',
        connectionId: expect.any(String),
        expires: expect.any(Number),
      })
      if (options?.protocols) expect(opening.socket.protocol).toBe('pleiad.v1')
    }
    expect(await metrics.text()).toMatch(/pleiad_realtime_connections 3/)
  })

  test('is refused with a problem: no token, a bad one, a foreign page, another address', async () => {
    const good = { authorization: `Bearer ${toy.token()}` }
    const cases: [Record<string, string>, number, string, string?][] = [
      [{}, 401, 'unauthenticated'],
      [{ authorization: 'Bearer nope' }, 401, 'unauthenticated'],
      [{ authorization: 'Basic x' }, 401, 'unauthenticated'],
      [{ ...good, origin: 'https://evil.example' }, 403, 'foreignOrigin'],
      [good, 404, 'notFound', '/api/v1/other'],
    ]
    for (const [headers, status, code, path] of cases) {
      const answer = await refusal(headers, path)
      expect([answer.status, JSON.parse(answer.body).code, answer.type]).toEqual([
        status,
        code,
        'application/problem+json; charset=utf-8',
      ])
    }
    const own = line({ headers: { ...good, origin: 'http://localhost:8080' } })
    await own.next('welcome')
  })

  test('at most so many for one person', async () => {
    const lines = [line(), line(), line(), line()]
    for (const each of lines) await each.next('welcome')
    const answer = await refusal({ authorization: `Bearer ${toy.token()}` })
    expect([answer.status, JSON.parse(answer.body).detail]).toEqual([
      429,
      'One person may have 4 live connections.',
    ])
    await line({ token: toy.token({ sub: 'bob' }) }).next('welcome')
  })

  test('an upgrade that is none does no harm', async () => {
    expect(
      await sendRaw(
        toy.url,
        'GET /api/v1/realtime HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n',
      ),
    ).toMatch(/^HTTP\/1\.1 401/)
    const bare = await fetch(`${toy.url}/api/v1/realtime`)
    expect(bare.status).toBe(404)
  })
})

describe('events', () => {
  test('reach all connections of the person that subscribed, and nobody else', async () => {
    const [one, two, deaf, other] = [line(), line(), line(), line({ token: toy.token({ sub: 'bob' }) })]
    for (const each of [one, two, deaf, other]) await each.next('welcome')
    for (const each of [one, two, other]) {
      each.send({ type: 'subscribe', topics: ['toy.changed'] })
      expect(await each.next('subscribed')).toEqual({ type: 'subscribed', topics: ['toy.changed'] })
    }
    toy.gateway.realtime.push('toy.changed', 'ada', { n: 1 })
    const event = await one.next('event')
    expect(event).toEqual({ type: 'event', topic: 'toy.changed', id: expect.any(String), data: { n: 1 } })
    expect(await two.next('event')).toEqual(event)
    one.send({ type: 'unsubscribe', topics: ['toy.changed'] })
    expect((await one.next('subscribed')).topics).toEqual([])
    toy.gateway.realtime.push('toy.changed', 'ada', { n: 2 })
    expect((await two.next('event')).data).toEqual({ n: 2 })
    for (const each of [one, deaf, other]) {
      each.send({ type: 'ping' })
      await each.next('pong')
    }
    expect(
      [one, deaf, other].map(({ messages }) => messages.filter(({ type }) => type === 'event').length),
    ).toEqual([1, 0, 0])
    expect(await metrics.text()).toMatch(/pleiad_realtime_messages_total\{topic="toy.changed"\} 3/)
  })

  test('an unknown topic is an error; noise, binary and too much end the connection', async () => {
    const polite = line()
    await polite.next('welcome')
    polite.send({ type: 'subscribe', topics: ['nope'] })
    expect((await polite.next('error')).code).toBe('unknownTopic')
    for (const noise of [
      '{',
      '{"type":"nope"}',
      '{"type":"toString"}',
      '{"type":"ping","x":1}',
      'null',
      '5',
      '{"type":"subscribe","topics":[]}',
    ]) {
      const rude = line()
      await rude.next('welcome')
      rude.send(noise)
      expect((await rude.next('error')).code).toBe('malformed')
      await until(() => rude.closed() === 1008)
    }
    const binary = line()
    await binary.next('welcome')
    binary.socket.send(Buffer.from('{"type":"ping"}'), { binary: true })
    await until(() => binary.closed() === 1008)
    const big = line()
    await big.next('welcome')
    big.send('x'.repeat(20_000))
    await until(() => big.closed() === 1009)
    const many = line()
    await many.next('welcome')
    for (let count = 0; count < 400; count++) many.send({ type: 'ping' })
    await until(() => many.closed() === 1008)
  })

  test('who cannot keep up is cut off', async () => {
    const slow = line()
    await slow.next('welcome')
    slow.send({ type: 'subscribe', topics: ['toy.changed'] })
    await slow.next('subscribed')
    slow.socket.pause()
    const text = 'x'.repeat(100_000)
    for (let count = 0; count < 400 && toy.gateway.realtime.size() > 0; count++) {
      toy.gateway.realtime.push('toy.changed', 'ada', text)
      await new Promise((resolve) => setImmediate(resolve))
    }
    slow.socket.resume()
    await until(() => slow.closed() !== undefined)
    expect([1013, 1006]).toContain(slow.closed())
  })
})

describe('resuming', () => {
  test('brings what was missed, or says that it cannot', async () => {
    const token = toy.token({ sub: 'cleo' })
    const first = line({ token })
    const { lastId } = await first.next('welcome')
    first.socket.terminate()
    for (const n of [1, 2]) toy.gateway.realtime.push('toy.changed', 'cleo', { n })
    const second = line({ token })
    await second.next('welcome')
    second.send({ type: 'subscribe', topics: ['toy.changed'] })
    second.send({ type: 'resume', lastId })
    const events = [await second.next('event'), await second.next('event')]
    expect(events.map(({ data }) => data)).toEqual([{ n: 1 }, { n: 2 }])
    await second.next('resumed')
    second.send({ type: 'resume', lastId: 'unknown' })
    expect((await second.next('reset')).lastId).toBe(events[1]!.id)
  })

  test('rings forget the oldest, repeat the last moments, and know what they cannot know', () => {
    let id = 0
    const rings = createRings({ newId: () => `base${++id}`, now: () => 0, people: 10, length: 3 })
    const add = (name: string, at: number) =>
      rings.add('u', { id: name, topic: 't', message: Buffer.from(name), at })
    const base = rings.lastId('u')
    const since = (userId: string, lastId: string, topics: string[] = []) =>
      rings.since(userId, topics, lastId)?.map((event) => event.id)
    expect(since('u', base)).toEqual([])
    add('a', 1)
    add('b', 10_000)
    add('c', 10_500)
    expect(since('u', base)).toEqual(['a', 'b', 'c'])
    expect(since('u', 'c')).toEqual(['b'])
    expect(since('u', 'b')).toEqual(['c'])
    add('d', 20_000)
    expect([since('u', base), since('u', 'a'), since('nobody', 'a')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(rings.lastId('u')).toBe('d')
    const share = (name: string, at: number) =>
      rings.addShared('s', { id: name, topic: 's', message: Buffer.from(name), at })
    share('s1', 19_000)
    share('s2', 30_000)
    add('e', 31_000)
    expect(since('u', 'd', ['s'])).toEqual(['s1', 's2', 'e'])
    expect(since('u', 's2', ['s'])).toEqual(['e'])
    expect(since('u', 'd')).toEqual(['e'])
    for (const at of [40_000, 41_000]) share(`s${at}`, at)
    // What was dropped came before; one more, and it came after.
    expect(since('u', 'd', ['s'])).toEqual(['s2', 'e', 's40000', 's41000'])
    share('s42000', 42_000)
    expect([since('u', 'd', ['s']), since('nobody', 's42000', ['s'])]).toEqual([undefined, undefined])
  })
})

describe('a topic for all who hold a permission', () => {
  test('reaches each of them, and nobody else, whatever they wish for', async () => {
    const holders = ['ada', 'bob'].map((sub) =>
      line({ token: toy.token({ sub, permissions: ['toy:break'] }) }),
    )
    const without = line({ token: toy.token({ sub: 'cleo' }) })
    for (const each of [...holders, without]) {
      await each.next('welcome')
      each.send({ type: 'subscribe', topics: ['toy.broke', 'toy.changed'] })
    }
    for (const each of holders) expect((await each.next('subscribed')).topics).toContain('toy.broke')
    expect((await without.next('subscribed')).topics).toEqual(['toy.changed'])
    toy.gateway.realtime.push('toy.broke', undefined, { n: 1 })
    for (const each of holders)
      expect(await each.next('event')).toMatchObject({ topic: 'toy.broke', data: { n: 1 } })
    toy.gateway.realtime.push('toy.changed', 'cleo', { n: 2 })
    // Had the first come to them, it would be the next.
    expect(await without.next('event')).toMatchObject({ topic: 'toy.changed', data: { n: 2 } })
    expect(without.messages.filter(({ type }) => type === 'event')).toHaveLength(1)
  })

  test('ends with a token that holds it no more, and what was missed is not resumed either', async () => {
    const [keeps, loses] = ['fred', 'gina'].map((sub) =>
      line({ token: toy.token({ sub, permissions: ['toy:break'] }) }),
    ) as [Line, Line]
    for (const each of [keeps, loses]) {
      await each.next('welcome')
      each.send({ type: 'subscribe', topics: ['toy.broke', 'toy.changed'] })
      await each.next('subscribed')
    }
    toy.gateway.realtime.push('toy.broke', undefined, { n: 1 })
    const { id } = await loses.next('event')
    loses.send({ type: 'authenticate', token: toy.token({ sub: 'gina' }) })
    await loses.next('authenticated')
    toy.gateway.realtime.push('toy.broke', undefined, { n: 2 })
    await keeps.next('event')
    expect((await keeps.next('event')).data).toEqual({ n: 2 })
    loses.send({ type: 'resume', lastId: id })
    await loses.next('resumed')
    expect(loses.messages.filter(({ type }) => type === 'event')).toHaveLength(1)
    // Whoever holds it and was away gets what came meanwhile.
    keeps.socket.terminate()
    toy.gateway.realtime.push('toy.broke', undefined, { n: 3 })
    const back = line({ token: toy.token({ sub: 'fred', permissions: ['toy:break'] }) })
    await back.next('welcome')
    back.send({ type: 'subscribe', topics: ['toy.broke'] })
    back.send({ type: 'resume', lastId: id })
    await back.next('resumed')
    const seen = back.messages.flatMap((message) => (message.type === 'event' ? [message.data] : []))
    expect(seen.slice(-2)).toEqual([{ n: 2 }, { n: 3 }])
  })
})

describe('ending', () => {
  test('within a second of a revocation', async () => {
    const [revoked, other] = [line({ token: toy.token({ sid: 'gone' }) }), line()]
    await Promise.all([revoked.next('welcome'), other.next('welcome')])
    const at = Date.now()
    const seconds = Math.floor(at / 1000)
    toy.revoke({ sid: 'gone', before: seconds + 1, until: seconds + 600 })
    await until(() => revoked.closed() === 4401)
    expect(Date.now() - at).toBeLessThan(1000)
    expect(other.closed()).toBeUndefined()
  })

  test('when the token expires, after a warning; a fresh token goes on', async () => {
    const seconds = () => Math.floor(Date.now() / 1000)
    const [lazy, keen] = [
      line({ token: toy.token({ exp: seconds() + 3 }) }),
      line({ token: toy.token({ exp: seconds() + 3 }) }),
    ]
    await Promise.all([lazy.next('welcome'), keen.next('welcome')])
    await Promise.all([lazy.next('expiring'), keen.next('expiring')])
    keen.send({ type: 'authenticate', token: 'nope' })
    expect((await keen.next('error')).code).toBe('unauthenticated')
    keen.send({ type: 'authenticate', token: toy.token({ sub: 'bob' }) })
    expect((await keen.next('error')).code).toBe('unauthenticated')
    keen.send({ type: 'authenticate', token: toy.token() })
    expect((await keen.next('authenticated')).expires).toBeGreaterThan(Date.now() + 500_000)
    await until(() => lazy.closed() === 4401)
    expect(keen.closed()).toBeUndefined()
  })

  test('personal access tokens are asked for anew, and end when they do', async () => {
    toy.opaque.set('plt_live', { id: 'ada', sid: 'token-9', kind: 'token', roles: [], permissions: [] })
    const program = line({ token: 'plt_live' })
    await program.next('welcome')
    const seconds = Math.floor(Date.now() / 1000)
    toy.revoke({ sub: 'ada', before: 0, until: seconds + 600 })
    await new Promise((resolve) => setTimeout(resolve, 700))
    expect(program.closed()).toBeUndefined()
    toy.opaque.delete('plt_live')
    toy.revoke({ tokenId: 'token-9', before: seconds, until: seconds + 600 })
    await until(() => program.closed() === 4401)
  })
})

describe('presence', () => {
  test('counts a person’s connections and tells those who want to know', async () => {
    const first = line()
    await first.next('welcome')
    first.send({ type: 'subscribe', topics: ['presence'] })
    expect((await first.next('presence')).connections).toBe(1)
    const second = line()
    await second.next('welcome')
    expect((await first.next('presence')).connections).toBe(2)
    second.socket.close()
    expect((await first.next('presence')).connections).toBe(1)
  })

  test('over several processes, also those that come later or leave', () => {
    const receivers: ((message: unknown) => void)[] = []
    const queue: unknown[] = []
    const seen: [string, string, number][] = []
    const join = (process: string) =>
      createPresence({
        process,
        broadcast: (_channel, message) => void queue.push(message),
        onBroadcast: (_channel, receive) => void receivers.push(receive),
        changed: (userId, total) => void seen.push([process, userId, total]),
      })
    const carry = async () => {
      while (queue.length > 0) {
        const message = queue.shift()
        for (const receive of receivers) receive(message)
        await Promise.resolve()
      }
    }
    return (async () => {
      const one = join('one')
      one.change('ada', 1)
      await carry()
      const two = join('two')
      await carry()
      expect(two.total('ada')).toBe(1)
      two.change('ada', 1)
      await carry()
      expect([one.total('ada'), two.total('ada'), two.here('ada')]).toEqual([2, 2, 1])
      for (const receive of receivers)
        for (const noise of [null, {}, { process: 'x' }, { process: 5, counts: {} }]) receive(noise)
      two.close()
      await carry()
      expect(one.total('ada')).toBe(1)
      expect(seen.at(-1)).toEqual(['one', 'ada', 1])
      one.close()
    })()
  })
})

describe('the client', () => {
  const connect = (options: RealtimeClientOptions = {}): RealtimeClient => {
    const client = connectRealtime({
      baseUrl: toy.url,
      token: () => toy.token({ sub: 'dora' }),
      maxDelayMs: 50,
      ...options,
    })
    opened.push(client)
    return client
  }

  test('subscribes, comes back after a cut, and misses nothing', async () => {
    const seen: unknown[] = []
    const counts: number[] = []
    let refuse = false
    const sockets: globalThis.WebSocket[] = []
    const Spied = class extends globalThis.WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        if (refuse) throw new Error('no network')
        super(url, protocols)
        sockets.push(this)
      }
    }
    const client = connect({ WebSocket: Spied, onPresence: (connections) => counts.push(connections) })
    const off = client.on('toy.changed', (data) => seen.push(data))
    client.on('toy.changed', () => {})
    await until(() => client.state() === 'open' && counts.length > 0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    toy.gateway.realtime.push('toy.changed', 'dora', { n: 1 })
    await until(() => seen.length === 1)
    refuse = true
    sockets[0]!.close()
    await until(() => client.state() === 'connecting')
    toy.gateway.realtime.push('toy.changed', 'dora', { n: 2 })
    await new Promise((resolve) => setTimeout(resolve, 100))
    refuse = false
    await until(() => seen.length === 2)
    expect(seen).toEqual([{ n: 1 }, { n: 2 }])
    off()
    toy.gateway.realtime.push('toy.changed', 'dora', { n: 3 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(seen).toHaveLength(2)
    client.close()
    expect(client.state()).toBe('closed')
  })

  test('is told to load anew when events are lost', async () => {
    let resets = 0
    const client = connect({ token: () => toy.token({ sub: 'eve' }), onReset: () => resets++ })
    client.on('toy.changed', () => {})
    await until(() => client.state() === 'open')
    const seconds = Math.floor(Date.now() / 1000)
    for (let n = 0; n < 100; n++) toy.gateway.realtime.push('nobody.listens', 'eve', n)
    await until(() => toy.gateway.realtime.size() === 1)
    toy.revoke({ sub: 'eve', before: seconds - 1, until: seconds + 600 })
    expect(client.state()).toBe('open')
    toy.revoke({ sub: 'eve', before: seconds + 1, until: seconds + 600 })
    await until(() => resets > 0)
  })

  test('authenticates again before its token ends', async () => {
    let asked = 0
    const client = connect({
      token: () => toy.token({ sub: 'fay', exp: Math.floor(Date.now() / 1000) + (asked++ === 0 ? 3 : 600) }),
    })
    await until(() => asked === 2)
    await new Promise((resolve) => setTimeout(resolve, 3_500))
    expect([client.state(), asked]).toEqual(['open', 2])
  })

  test('with cookies renews the session, and ends when there is none', async () => {
    let renewals = 0
    const states: string[] = []
    const client = connect({
      token: undefined,
      refresh: async () => ++renewals < 2,
      onState: (state) => states.push(state),
    })
    await until(() => client.state() === 'closed')
    expect(renewals).toBe(2)
    expect(states.at(-1)).toBe('closed')
  })
})

test('a server that stops says so', async () => {
  const other = await startToy()
  const last = line({ token: other.token(), url: other.url })
  await last.next('welcome')
  await other.stop()
  await until(() => last.closed() === 1001)
})
