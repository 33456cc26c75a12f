/** What internal calls promise, between listeners and a sender of one process: identity of errors, deadlines, limits, repetition. */
import { randomBytes } from 'node:crypto'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { Code, ConnectError, type ConnectRouter, type ServiceImpl } from '@connectrpc/connect'
import { Files } from '@pleiad/files/rpc'
import { Profiles } from '@pleiad/users/rpc'
import fc from 'fast-check'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { refusalIn } from '../platform/contract/problem.ts'
import { currentTraceparent, withSpan } from '../platform/observe/trace.ts'
import { type AnswerQuestion, createAsk } from '../platform/rpc/ask.ts'
import { createCalls, MAX_MESSAGE_BYTES } from '../platform/rpc/calls.ts'
import { createForward } from '../platform/rpc/forward.ts'
import { openListener } from '../platform/rpc/listener.ts'
import type { About, Peer } from '../platform/rpc/peers.ts'
import { createSender } from '../platform/rpc/send.ts'
import { refuseCall, signCall } from '../platform/rpc/token.ts'
import { connectInMemory, freeAddress } from './rpc-parts.ts'

const key = randomBytes(32)
const log = pino({ level: 'silent' })
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const about: About = {
  services: ['users', 'files'],
  rpc: [Profiles.typeName, Files.typeName],
  mounts: { '/downloads/': 'files' },
  credentials: [],
}
let peerCount = 0
const peerAt = (address: string): Peer => ({ id: `${++peerCount}`, address, about, alive: true, beat: '1' })

interface Answering {
  readonly addRoutes?: (router: ConnectRouter) => void
  readonly answer?: AnswerQuestion
  readonly gateway?: (request: IncomingMessage, response: ServerResponse) => void
}

async function answering({ addRoutes, answer, gateway }: Answering): Promise<Peer> {
  const listener = await openListener({
    host: '127.0.0.1',
    port: 0,
    key,
    log,
    addRoutes: addRoutes ?? (() => {}),
    answer: answer ?? (() => undefined),
    gateway: gateway ?? ((_request, response) => void response.end()),
    runs: () => true,
  })
  ends.push(() => listener.close())
  return peerAt(listener.address)
}

function asking(...peers: Peer[]) {
  const sender = createSender({ key, others: () => peers, refresh: async () => {} })
  ends.push(() => sender.close())
  const calls = createCalls(sender)
  calls.open(() => {})
  return { sender, rpc: calls.rpc, ask: createAsk(sender) }
}

const profiles = (part: Partial<ServiceImpl<typeof Profiles>>) => (router: ConnectRouter) =>
  void router.service(Profiles, part)
const files = (part: Partial<ServiceImpl<typeof Files>>) => (router: ConnectRouter) =>
  void router.service(Files, part)
const failure = (work: PromiseLike<unknown>) =>
  work.then(
    () => undefined,
    (error) => error as ConnectError,
  )

describe('a call', () => {
  test('fails with the same code and words over the network as in memory', async () => {
    const codes = Object.values(Code).filter((code) => typeof code === 'number')
    const addRoutes = profiles({
      getProfiles: ({ userIds: [code] }) => {
        throw Number(code) ? new ConnectError(`number ${code}`, Number(code)) : new Error('a bug')
      },
    })
    const { rpc } = asking(await answering({ addRoutes }))
    const near = connectInMemory(addRoutes)
    for (const code of [...codes, 0]) {
      const [far, here] = await Promise.all(
        [rpc, near].map((use) => failure(use(Profiles).getProfiles({ userIds: [`${code}`] }))),
      )
      expect(far).toBeInstanceOf(ConnectError)
      expect([far!.code, far!.rawMessage]).toEqual([here!.code, here!.rawMessage])
      expect(far!.code).toBe(code || Code.Internal)
      // Being late is told as a service that is missing; every other word is the service's own.
      if (code !== Code.DeadlineExceeded) expect(refusalIn(far)).toBeUndefined()
    }
  })

  test('has a deadline that the answering side learns of; being late names the service', async () => {
    let ended: unknown
    const addRoutes = profiles({
      getProfiles: async (_request, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        ended = ConnectError.from(signal.reason).code
        return {}
      },
    })
    const { rpc } = asking(await answering({ addRoutes }))
    const error = await failure(rpc(Profiles).getProfiles({ userIds: [] }, { timeoutMs: 150 }))
    expect(error!.code).toBe(Code.DeadlineExceeded)
    expect(refusalIn(error)).toMatchObject({ code: 'serviceUnavailable', extensions: { service: 'users' } })
    await expect.poll(() => ended).toBeDefined()
  })

  test('that is given up is given up on the other side', async () => {
    let begun = false
    let ended = false
    const addRoutes = profiles({
      getProfiles: async (_request, { signal }) => {
        begun = true
        await new Promise((resolve) => signal.addEventListener('abort', resolve))
        ended = true
        return {}
      },
    })
    const { rpc } = asking(await answering({ addRoutes }))
    const stop = new AbortController()
    const call = failure(rpc(Profiles).getProfiles({ userIds: [] }, { signal: stop.signal }))
    await expect.poll(() => begun).toBe(true)
    stop.abort()
    expect((await call)!.code).toBe(Code.Canceled)
    await expect.poll(() => ended).toBe(true)
  })

  test('carries no message that is too large, neither there nor back', async () => {
    const large = 'x'.repeat(MAX_MESSAGE_BYTES)
    const addRoutes = profiles({
      getProfiles: ({ userIds }) => ({ profiles: userIds.length > 0 ? [] : [{ userId: large }] }),
    })
    const { rpc } = asking(await answering({ addRoutes }))
    for (const userIds of [[], [large]])
      expect((await failure(rpc(Profiles).getProfiles({ userIds })))!.code).toBe(Code.ResourceExhausted)
    expect(await rpc(Profiles).getProfiles({ userIds: ['small'] })).toMatchObject({ profiles: [] })
  })

  test('goes on with the trace of its caller', async () => {
    let seen: string | undefined
    const addRoutes = profiles({
      getProfiles: () => {
        seen = currentTraceparent()
        return {}
      },
    })
    const { rpc } = asking(await answering({ addRoutes }))
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    await withSpan('test', { traceparent }, () => rpc(Profiles).getProfiles({ userIds: [] }))
    expect(seen?.slice(0, 36)).toBe(traceparent.slice(0, 36))
  })

  test('whose process is not there goes to the next; nothing of a stream is lost by the first try', async () => {
    const addRoutes = files({
      put: async (parts) => {
        let size = 0
        for await (const { part } of parts) if (part.case === 'bytes') size += part.value.length
        return { file: { size: BigInt(size) } }
      },
    })
    const gone = peerAt(await freeAddress())
    const there = await answering({ addRoutes })
    const { rpc, sender } = asking(gone, there)
    for (let turn = 0; turn < 4; turn++) {
      const { file } = await rpc(Files).put(
        (async function* () {
          for (let n = 0; n < 3; n++) yield { part: { case: 'bytes' as const, value: new Uint8Array(1000) } }
        })(),
      )
      expect(file!.size).toBe(3000n)
    }
    expect(sender.has(({ rpc: names }) => names.includes(Files.typeName))).toBe(true)
    const alone = asking(gone)
    const error = await failure(alone.rpc(Files).delete({ fileId: 'a' }))
    expect([error!.code, error!.rawMessage]).toEqual([
      Code.Unavailable,
      'The service files does not answer in any process.',
    ])
    expect(alone.sender.has(() => true)).toBe(false)
  })

  test('that broke off after it was sent is not sent again', async () => {
    let sent = 0
    const breaking = createTcpServer((socket) =>
      socket.once('data', () => {
        sent++
        socket.destroy()
      }),
    ).listen(0, '127.0.0.1')
    await new Promise((resolve) => breaking.once('listening', resolve))
    ends.push(() => breaking.close())
    let done = 0
    const addRoutes = files({
      delete: () => {
        done++
        return {}
      },
    })
    const { port } = breaking.address() as { port: number }
    const { rpc } = asking(peerAt(`http://127.0.0.1:${port}`), await answering({ addRoutes }))
    const outcomes = [await failure(rpc(Files).delete({})), await failure(rpc(Files).delete({}))]
    const failed = outcomes.filter((error) => error !== undefined)
    expect([sent, done, failed.length]).toEqual([1, 1, 1])
    expect(refusalIn(failed[0])).toMatchObject({ message: 'The service files broke off before it answered.' })
  })

  test('sends a stream no faster than it is read', async () => {
    const piece = new Uint8Array(256 * 1024)
    let made = 0
    const addRoutes = files({
      open: async function* () {
        for (; made < 400; made++) yield { bytes: piece }
      },
    })
    const { rpc } = asking(await answering({ addRoutes }))
    let read = 0
    for await (const { bytes } of rpc(Files).open({ fileId: 'a' })) {
      if (read === 0) {
        let before = -1
        while (made !== before) {
          before = made
          await new Promise((resolve) => setTimeout(resolve, 300))
        }
        // What the sockets of both sides hold, of a hundred megabytes.
        expect(made).toBeLessThan(100)
      }
      read += bytes.length
    }
    expect(read).toBe(400 * piece.length)
  })
})

describe('a question', () => {
  test('is answered with plain data; who does not know it and who fails says so', async () => {
    const heard: unknown[] = []
    const answers: Record<string, (...args: never[]) => unknown> = {
      echo: (...args) => {
        heard.push(args)
        return { at: new Date(0), nothing: undefined, args }
      },
      fail: () => Promise.reject(new Error('the database is away')),
      hang: () => new Promise(() => {}),
    }
    const { ask } = asking(
      await answering({
        answer: (service, question) => (service === 'users' ? answers[question] : undefined),
      }),
    )
    expect(await ask('users', 'echo', ['a', undefined, 3])).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      args: ['a', null, 3],
    })
    expect(heard).toEqual([['a', undefined, 3]])
    await expect(ask('users', 'nothing', [])).rejects.toThrow(/users did not answer nothing/)
    await expect(ask('files', 'echo', [])).rejects.toThrow(/files did not answer echo/)
    await expect(ask('users', 'fail', [])).rejects.toThrow(/the database is away/)
    await expect(ask('users', 'hang', [], 200)).rejects.toMatchObject({ code: 'serviceUnavailable' })
    await expect(ask('mail', 'echo', [])).rejects.toMatchObject({
      code: 'serviceUnavailable',
      extensions: { service: 'mail' },
    })
    await expect(createAsk(undefined)('users', 'echo', [])).rejects.toThrow(/INTERNAL_PORT is not set/)
  })
})

describe('a request that is passed on', () => {
  test('arrives as it came, with the address of the client, and cannot pretend to be passed on', async () => {
    const seen: Record<string, unknown>[] = []
    const there = await answering({
      gateway: async (request, response) => {
        let size = 0
        for await (const part of request as AsyncIterable<Buffer>) size += part.length
        const { method, url, socket, headers } = request
        seen.push({ method, url, from: socket.remoteAddress, size, headers })
        response.writeHead(201, { 'set-cookie': ['a=1', 'b=2'], etag: '"1"' }).end('made')
      },
    })
    const { sender } = asking(there)
    const contract = { name: 'files', version: '1.0.0', summary: '', operations: {} }
    const forward = createForward(
      sender,
      () => [contract],
      () => [there],
    )
    expect(forward.serviceOf('/api/v1/files/usage')).toBe('files')
    expect(forward.serviceOf('/downloads/a')).toBe('files')
    expect(forward.serviceOf('/api/v1/filesystem')).toBeUndefined()
    const door = createServer((request, response) => void forward.send('files', request, response)).listen(
      0,
      '127.0.0.2',
    )
    await new Promise((resolve) => door.once('listening', resolve))
    ends.push(() => door.close())
    const { port } = door.address() as { port: number }
    const answer = await new Promise<{
      status: number | undefined
      headers: IncomingMessage['headers']
      text: string
    }>((resolve, reject) => {
      const sent = requestHttp(
        {
          host: '127.0.0.2',
          port,
          localAddress: '127.0.0.3',
          method: 'PUT',
          path: '/downloads/a?b=c%20d',
          headers: { host: 'pleiad.example.org', 'x-pleiad-client': '9.9.9.9', 'x-forwarded-for': '1.2.3.4' },
        },
        async (got) => {
          let text = ''
          for await (const part of got) text += part
          resolve({ status: got.statusCode, headers: got.headers, text })
        },
      )
      sent.once('error', reject)
      for (let n = 0; n < 20; n++) sent.write(Buffer.alloc(100_000))
      sent.end()
    })
    expect(answer).toMatchObject({
      status: 201,
      text: 'made',
      headers: { 'set-cookie': ['a=1', 'b=2'], etag: '"1"' },
    })
    expect(seen).toMatchObject([
      {
        method: 'PUT',
        url: '/downloads/a?b=c%20d',
        from: '127.0.0.3',
        size: 2_000_000,
        headers: { host: 'pleiad.example.org', 'x-forwarded-for': '1.2.3.4' },
      },
    ])
    expect(seen[0]!['headers']).not.toHaveProperty('x-pleiad-client')
    expect(seen[0]!['headers']).not.toHaveProperty('x-pleiad-call')
  })

  test('that is answered before its body was read leaves the connection fit for the next', async () => {
    const there = await answering({
      gateway: (request, response) => {
        response.writeHead(request.url === '/downloads/large' ? 413 : 200).end('said')
      },
    })
    const { sender } = asking(there)
    const forward = createForward(
      sender,
      () => [],
      () => [there],
    )
    const door = createServer(
      (request, response) => void forward.send('files', request, response).catch(() => response.destroy()),
    ).listen(0, '127.0.0.1')
    await new Promise((resolve) => door.once('listening', resolve))
    ends.push(() => door.close())
    const { port } = door.address() as { port: number }
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    ends.push(() => agent.destroy())
    const send = (path: string, bytes: number) =>
      new Promise<number | undefined>((resolve, reject) => {
        const sent = requestHttp({ host: '127.0.0.1', port, agent, method: 'POST', path }, (answer) => {
          answer.resume().once('end', () => resolve(answer.statusCode))
        })
        sent.once('error', reject)
        sent.end(Buffer.alloc(bytes))
      })
    for (let turn = 0; turn < 5; turn++) {
      expect(await send('/downloads/large', 6_000_000)).toBe(413)
      expect(await send('/downloads/small', 10)).toBe(200)
    }
  })
})

describe('a proof', () => {
  const url = '/rpc/pleiad.users.v1.Profiles/GetProfiles'
  test('opens the address it was made for, for half a minute', () => {
    const proof = signCall(key, 'POST', url, 1_000_000)
    expect(refuseCall(key, proof, 'POST', url, 1_000_000)).toBeUndefined()
    expect(refuseCall(key, proof, 'POST', url, 1_029_000)).toBeUndefined()
    expect(refuseCall(key, proof, 'POST', url, 1_031_000)).toMatch(/no longer valid/)
    expect(refuseCall(key, proof, 'GET', url, 1_000_000)).toMatch(/another address/)
    expect(refuseCall(randomBytes(32), proof, 'POST', url, 1_000_000)).toMatch(/another/)
    for (const none of [undefined, '', 'a.b', ['x'], '1.2.3'])
      expect(refuseCall(key, none, 'POST', url)).toMatch(/no proof/)
  })

  test('is void when anything about it or the address is changed', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.string({ minLength: 1, maxLength: 1 }), (address, at, other) => {
        const proof = signCall(key, 'POST', address)
        expect(refuseCall(key, proof, 'POST', address)).toBeUndefined()
        expect(refuseCall(key, proof, 'POST', address + other)).toBeDefined()
        const place = at % proof.length
        const forged = proof.slice(0, place) + other + proof.slice(place + 1)
        // The last digit of base64url has bits that mean nothing.
        if (forged !== proof && place < proof.length - 1)
          expect(refuseCall(key, forged, 'POST', address)).toBeDefined()
      }),
    )
  })
})
