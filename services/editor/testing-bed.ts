/** What the tests of editor stand on: a platform with files, people, and models of bytes made here. */
import { createHash } from 'node:crypto'
import filesService from '@pleiad/files'
import { files } from '@pleiad/files/contract'
import type { Service } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import type { Mesh } from '@pleiad/workshop/mesh/mesh'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { uuidv7 } from 'uuidv7'
import { expect, vi } from 'vitest'
import { editor, type Model } from './contract.ts'
import service from './service.ts'
import type { Own } from './service-work.ts'

export type Event = { readonly type: string; readonly data: Record<string, unknown> }
export type Create = {
  readonly unit?: 'mm' | 'cm' | 'm' | 'in'
  readonly acceptRepair?: boolean
  readonly options?: typeof options
}

export const options = {
  technology: 'fdm' as const,
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  infillPercent: 20,
  supports: 'auto' as const,
  finish: 'none',
  quantity: 1,
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** A mesh without its last triangles: it does not close. */
export const open = (mesh: Mesh, missing = 1): Mesh => ({
  ...mesh,
  indices: mesh.indices.subarray(0, mesh.indices.length - missing * 3),
})

export const stl = (mesh: Mesh) => Buffer.from(writeStl(mesh))

export async function startBed(env: Record<string, string> = {}, others: readonly Service[] = []) {
  const platform: TestPlatform = await startTestPlatform({
    services: [service, filesService, ...others],
    env: { EDITOR_WORKERS: '1', ...env },
  })
  const running = (name: string) =>
    platform.host.running.find(({ service }) => service.contract.name === name)!
  const tools = running('editor').tools
  const own = running('editor').own as Own

  /** Somebody, with a fresh token each time: tests move the clock by days. */
  function person(id = uuidv7(), permissions: readonly string[] = []) {
    const who = {
      id,
      get editor() {
        return platform.client(editor, { id, permissions })
      },
      get files() {
        return platform.client(files, { id, permissions })
      },
      send: async (uploadUrl: string, bytes: Buffer): Promise<void> => {
        const response = await fetch(uploadUrl.replace('http://localhost:8080', platform.url), {
          method: 'PATCH',
          headers: {
            'tus-resumable': '1.0.0',
            'content-type': 'application/offset+octet-stream',
            'upload-offset': '0',
          },
          body: bytes as BodyInit,
        })
        expect(response.status).toBe(204)
      },
      upload: async (bytes: Buffer, name = 'part.stl', purpose = 'model'): Promise<string> => {
        const { file, uploadUrl } = await who.files.createUpload({
          body: { name, purpose, size: bytes.length },
        })
        await who.send(uploadUrl, bytes)
        return file.fileId
      },
      create: async (bytes: Buffer, name = 'part.stl', more: Create = {}): Promise<Model> =>
        who.editor.createModel({ body: { fileId: await who.upload(bytes, name), ...more } }),
      /** The model when it is worked on no more. */
      done: (modelId: string) =>
        vi.waitFor(
          async () => {
            const model = await who.editor.getModel({ params: { modelId } })
            expect(model.latest.state).not.toBe('processing')
            return model
          },
          { timeout: 60_000, interval: 50 },
        ),
      /** Uploads, makes a model of it, and waits for what becomes of it. */
      make: async (bytes: Buffer, name = 'part.stl', more: Create = {}) =>
        who.done((await who.create(bytes, name, more)).modelId),
      download: async (fileId: string): Promise<Buffer> => {
        const { url } = await who.files.createLink({ params: { fileId }, body: {} })
        const response = await fetch(url.replace('http://localhost:8080', platform.url))
        expect(response.status).toBe(200)
        return Buffer.from(await response.arrayBuffer())
      },
    }
    return who
  }

  return {
    platform,
    tools,
    own,
    person,
    /** What editor announced about a model, but for what is for itself. */
    eventsOf: async (modelId: string): Promise<Event[]> => {
      await platform.settled()
      return tools.sql<Event[]>`
        select type, data from outbox_log where key = ${modelId} and type <> 'model.work.due' order by id`
    },
    runJob: (name: string) =>
      tools.transact((tx) => service.jobs![name]!.run(Object.assign(Object.create(tools), { tx }), own)),
    running,
  }
}
export type Bed = Awaited<ReturnType<typeof startBed>>
