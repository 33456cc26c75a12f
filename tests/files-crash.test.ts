/**
 * The server dies by kill -9 in the middle of an upload, and between sealing the object and writing the row: the client
 * goes on after the restart, and neither an object without a row nor a row without an object is left.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { files } from '@pleiad/files/contract'
import { createSigner } from 'fast-jwt'
import { Upload } from 'tus-js-client'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createClient } from '../platform/contract/client.ts'
import { type Bucket, startBucket } from '../platform/files/bucket.ts'
import { testDatabase } from '../platform/testing/postgres.ts'

const MIB = 1024 * 1024
const keys = generateKeyPairSync('ed25519')
const kid = 'test'
const sign = createSigner({
  key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  algorithm: 'EdDSA',
  kid,
})
const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' }
const owner = uuidv7()

let database: Awaited<ReturnType<typeof testDatabase>>
let data: string
let url: string
let bucket: Bucket
let env: Record<string, string>
const children: ChildProcess[] = []

/** A port that is free now; the server is started on it again and again. */
function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}

beforeAll(async () => {
  database = await testDatabase()
  data = mkdtempSync(join(tmpdir(), 'pleiad-files-crash-'))
  bucket = await startBucket()
  const port = await freePort()
  url = `http://127.0.0.1:${port}`
  env = {
    PORT: String(port),
    HOST: '127.0.0.1',
    PUBLIC_URL: url,
    PLEIAD_DATA: data,
    DATABASE_URL: database.adminUrl,
    LOG_LEVEL: 'error',
    RATE_LIMIT: '0',
  }
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await bucket.close()
  await database.drop()
  rmSync(data, { recursive: true, force: true })
})

interface Server {
  readonly ended: Promise<string | null>
  readonly stop: () => Promise<string | null>
}

async function start(more: Record<string, string>, fault = ''): Promise<Server> {
  const program = fileURLToPath(new URL('./files-child.ts', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify({ env: { ...env, ...more }, jwk })], {
    env: { ...process.env, PLEIAD_FAULT: fault },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const ended = new Promise<string | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)))
  await Promise.race([
    new Promise((resolve) => child.stdout!.once('data', resolve)),
    ended.then(() => Promise.reject(new Error('the server did not start'))),
  ])
  return {
    ended,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

const client = () => {
  const now = Math.floor(Date.now() / 1000)
  const token = sign({
    iss: url,
    sub: owner,
    sid: uuidv7(),
    roles: [],
    permissions: [],
    iat: now,
    exp: now + 600,
  })
  return createClient(files, { baseUrl: url, headers: () => ({ authorization: `Bearer ${token}` }) })
}

/** The client that browsers use; it tries again for as long as the test may take. */
function upload(uploadUrl: string, bytes: Buffer, from: (offset: number) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const sending = new Upload(bytes, {
      uploadUrl,
      retryDelays: Array.from({ length: 60 }, () => 300),
      onAfterResponse: (request, response) => {
        if (request.getMethod() === 'HEAD') from(Number(response.getHeader('Upload-Offset')))
      },
      onError: reject,
      onSuccess: () => resolve(),
    })
    sending.start()
  })
}

/** Points at which the server dies, each at a certain pass. */
const faults = ['files.received:30', 'files.received:200', 'files.sealed:1']

for (const place of ['a folder', 'a bucket'])
  test(`an upload to ${place} survives kill -9 at ${faults.join(', ')}`, async () => {
    const s3: Record<string, string> =
      place === 'a folder'
        ? {}
        : {
            S3_ENDPOINT: bucket.endpoint,
            S3_BUCKET: bucket.name,
            S3_ACCESS_KEY: bucket.accessKey,
            S3_SECRET_KEY: bucket.secretKey,
          }
    const bytes = randomBytes(40 * MIB)
    let server = await start(s3, faults[0])
    const { file, uploadUrl } = await client().createUpload({
      body: { name: 'large.bin', purpose: 'test', size: bytes.length },
    })
    const offsets: number[] = []
    const done = upload(uploadUrl, bytes, (offset) => offsets.push(offset))
    for (const fault of [...faults.slice(1), '']) {
      expect(await server.ended).toBe('SIGKILL')
      server = await start(s3, fault)
    }
    await done
    expect(await client().getFile({ params: { fileId: file.fileId } })).toMatchObject({
      state: 'ready',
      sha256: createHash('sha256').update(bytes).digest('hex'),
    })
    const link = await client().createLink({ params: { fileId: file.fileId }, body: {} })
    const got = Buffer.from(await (await fetch(link.url)).arrayBuffer())
    expect(got.equals(bytes)).toBe(true)
    // It did not begin anew: what had arrived was not sent again.
    expect(Math.max(...offsets)).toBeGreaterThan(8 * MIB - 1)
    await server.stop()
    if (place === 'a folder') expect(readdirSync(join(data, 'files/growing'))).toEqual([])
    else {
      expect(bucket.uploads.size).toBe(0)
      expect([...bucket.objects.keys()]).toEqual([`files/${file.fileId}`])
    }
  }, 120_000)
