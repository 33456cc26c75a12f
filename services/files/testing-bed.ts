/** What the tests of files stand on: a platform with people, uploads by hand and by tus-js-client. */
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { type Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import type { Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { Upload } from 'tus-js-client'
import { uuidv7 } from 'uuidv7'
import { files } from './contract.ts'
import service from './service.ts'

export const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')
export const TUS = { 'tus-resumable': '1.0.0' }
const STREAM = { ...TUS, 'content-type': 'application/offset+octet-stream' }

export interface Bed {
  readonly platform: TestPlatform
  readonly person: (id?: string, permissions?: readonly string[]) => ReturnType<typeof personOf>
  /** An address as this process is reached: the platform believes to be elsewhere. */
  readonly here: (url: string) => string
  readonly patch: (
    url: string,
    offset: number,
    bytes: Buffer | string,
    more?: Record<string, string>,
  ) => Promise<Response>
  readonly offset: (url: string) => Promise<number>
  /** A file of these bytes, uploaded in one piece. */
  readonly upload: (
    who: ReturnType<typeof personOf>,
    bytes: Buffer,
    about?: { name?: string; type?: string; purpose?: string; deleteAfter?: string },
  ) => Promise<{ fileId: string; url: string }>
  readonly runJob: (name: string) => Promise<void>
  readonly tools: () => TestPlatform['host']['running'][number]
  readonly eventsOf: (fileId: string) => Promise<{ type: string; data: Record<string, unknown> }[]>
}

function personOf(platform: TestPlatform, id: string, permissions: readonly string[]) {
  return {
    id,
    /** With a fresh token: tests move the clock by days. */
    get client() {
      return platform.client(files, { id, permissions })
    },
  }
}

export async function startBed(
  env: Record<string, string> = {},
  others: readonly Service[] = [],
): Promise<Bed> {
  const platform = await startTestPlatform({ services: [service, ...others], env })
  const here = (url: string) => url.replace('http://localhost:8080', platform.url)
  const tools = () => platform.host.running[0]!
  const patch: Bed['patch'] = (url, offset, bytes, more = {}) =>
    fetch(here(url), {
      method: 'PATCH',
      headers: { ...STREAM, 'upload-offset': String(offset), ...more },
      body: bytes as BodyInit,
    })
  return {
    platform,
    here,
    patch,
    person: (id = uuidv7(), permissions = []) => personOf(platform, id, permissions),
    offset: async (url) => {
      const response = await fetch(here(url), { method: 'HEAD', headers: TUS })
      if (response.status !== 200) throw new Error(`HEAD answered ${response.status}`)
      return Number(response.headers.get('upload-offset'))
    },
    upload: async (who, bytes, about = {}) => {
      const { file, uploadUrl } = await who.client.createUpload({
        body: { name: 'thing.bin', purpose: 'test', size: bytes.length, ...about },
      })
      const response = await patch(uploadUrl, 0, bytes)
      if (response.status !== 204)
        throw new Error(`PATCH answered ${response.status}: ${await response.text()}`)
      return { fileId: file.fileId, url: uploadUrl }
    },
    tools,
    runJob: async (name) => {
      const running = tools()
      await running.tools.transact(async (tx) => {
        await service.jobs![name]!.run(Object.assign(Object.create(running.tools), { tx }), running.own)
      })
      await (running.own as { sweep: () => Promise<number> }).sweep()
    },
    eventsOf: async (fileId) => {
      await platform.settled()
      const { sql } = tools().tools
      return sql<{ type: string; data: Record<string, unknown> }[]>`
        select type, data from outbox_log where key = ${fileId} order by id`
    },
  }
}

/** Uploads with the client that browsers use; `onProgress` may throw it off. */
export function tusUpload(
  url: string,
  bytes: Buffer,
  options: { readonly chunkSize?: number; readonly retryDelays?: number[] } = {},
): { readonly upload: Upload; readonly done: Promise<void> } {
  let upload!: Upload
  const done = new Promise<void>((resolve, reject) => {
    upload = new Upload(bytes, {
      uploadUrl: url,
      chunkSize: options.chunkSize ?? Number.POSITIVE_INFINITY,
      retryDelays: options.retryDelays ?? [0, 200, 500, 1000, 1000, 1000],
      onError: reject,
      onSuccess: () => resolve(),
    })
  })
  upload.start()
  return { upload, done }
}

/** A PATCH whose body the test writes piece by piece. */
export function openPatch(
  url: string,
  headers: Record<string, string | number>,
  agent?: Agent,
): { readonly outgoing: ClientRequest; readonly answer: Promise<IncomingMessage> } {
  const outgoing = request(url, {
    method: 'PATCH',
    headers: { ...STREAM, 'upload-offset': 0, ...headers },
    agent,
  })
  const answer = once(outgoing, 'response').then(([response]) => response as IncomingMessage)
  answer.catch(() => {})
  return { outgoing, answer }
}

export const someBytes = (size: number) => randomBytes(size)
