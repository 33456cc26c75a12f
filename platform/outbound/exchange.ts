/** One request and its answer, over a connection of its own to an address that was checked before. */
import type { LookupFunction } from 'node:net'
import { pipeline, type Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip } from 'node:zlib'
import { buildConnector, Client } from 'undici'
import { type Address, readAddress } from './addresses.ts'
import { OutboundError } from './errors.ts'

export interface Exchange {
  readonly url: URL
  /** The only addresses to connect to. */
  readonly addresses: readonly string[]
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string | Uint8Array | undefined
  readonly maxBytes: number
  readonly connectMs: number
  readonly signal: AbortSignal
  /** Certificate authorities instead of the system's. */
  readonly ca?: string | undefined
}

export interface RawAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

const MAX_HEADER_BYTES = 16 * 1024
/** For one of several addresses, before the next is tried. */
const ATTEMPT_MS = 2_000

/** Rejects with whatever undici, TLS or the network say; `reasonOf` reads it. */
export async function exchange(request: Exchange): Promise<RawAnswer> {
  const { url, signal } = request
  const client = new Client(url.origin, {
    connect: pinnedConnector(request),
    maxHeaderSize: MAX_HEADER_BYTES,
    // The signal bounds all of it.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  })
  try {
    const { statusCode, headers, body } = await client.request({
      path: `${url.pathname}${url.search}`,
      method: request.method,
      headers: request.headers,
      body: request.body ?? null,
      signal,
    })
    const plain = joined(headers)
    const encoding =
      request.method === 'HEAD' ? 'identity' : (plain['content-encoding']?.trim().toLowerCase() ?? 'identity')
    const bytes = await readBody(body, encoding, request)
    if (encoding !== 'identity') {
      delete plain['content-encoding']
      delete plain['content-length']
    }
    return { status: statusCode, headers: plain, bytes }
  } finally {
    // Not waited for: whoever trickles must not hold the caller.
    void client.destroy().catch(() => {})
  }
}

/** Connects to the checked addresses, whatever the name resolves to by now; name and certificate stay the URL's. */
function pinnedConnector({ addresses, connectMs, ca }: Exchange): buildConnector.connector {
  const list = addresses.map((address) => ({ address, family: readAddress(address)!.family }))
  const lookup: LookupFunction = (_name, { all }, done) =>
    all ? done(null, list) : done(null, list[0]!.address, list[0]!.family)
  const connect = buildConnector({
    lookup,
    timeout: connectMs,
    maxCachedSessions: 0,
    allowH2: false,
    autoSelectFamily: true,
    // Node's 250 ms would give up servers far away.
    autoSelectFamilyAttemptTimeout: ATTEMPT_MS,
    ...(ca ? { ca } : {}),
  } as buildConnector.BuildOptions)
  return (options, done) =>
    connect(options, (...[error, socket]) => {
      if (error) return done(error, null)
      // Whatever way a connection may have taken: it ends where it was allowed to.
      const end = readAddress(socket.remoteAddress ?? '')
      if (end && list.some(({ address }) => same(readAddress(address)!, end))) return done(null, socket)
      socket.destroy()
      done(new OutboundError('blockedAddress', options.host ?? options.hostname), null)
    })
}

function same(one: Address, other: Address): boolean {
  return one.family === other.family && one.value === other.value
}

/** Reads at most `maxBytes`, packed and unpacked, and stops as soon as there is more. */
async function readBody(body: Readable, encoding: string, { maxBytes, url }: Exchange): Promise<Buffer> {
  // Ended early or by the signal, a stream says so once more than anybody listens.
  body.on('error', () => {})
  const tooLarge = () => new OutboundError('tooLarge', url.host)
  let packed = 0
  const counted = async function* () {
    for await (const chunk of body) {
      packed += (chunk as Buffer).length
      if (packed > maxBytes) throw tooLarge()
      yield chunk as Buffer
    }
  }
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of unpacked(counted(), encoding, url)) {
    size += chunk.length
    if (size > maxBytes) throw tooLarge()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size)
}

/** The body as it was before it was packed. An error of the source ends the result with that error. */
function unpacked(source: AsyncIterable<Buffer>, encoding: string, url: URL): AsyncIterable<Buffer> {
  if (encoding === 'identity' || encoding === '') return source
  const unpack = /^(x-)?gzip$/.test(encoding)
    ? createGunzip()
    : encoding === 'br'
      ? createBrotliDecompress()
      : undefined
  if (!unpack) throw new OutboundError('badAnswer', url.host)
  pipeline(source, unpack, () => {})
  return unpack
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), [value ?? []].flat().join(', ')]),
  )
}
