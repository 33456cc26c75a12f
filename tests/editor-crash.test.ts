/**
 * The server dies by kill -9 while it works on a model: when it has read the file, and between storing the mesh and
 * recording it. The next start goes on, the model is announced once, and no file is left that nobody knows of.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { editor } from '@pleiad/editor/contract'
import { files } from '@pleiad/files/contract'
import { box } from '@pleiad/workshop/mesh/solids'
import { writeStl } from '@pleiad/workshop/mesh/stl'
import { createSigner } from 'fast-jwt'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { createClient } from '../platform/contract/client.ts'
import { connect } from '../platform/store/connect.ts'
import { testDatabase } from '../platform/testing/postgres.ts'

const keys = generateKeyPairSync('ed25519')
const kid = 'test'
const sign = createSigner({
  key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  algorithm: 'EdDSA',
  kid,
})
const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' }

let database: Awaited<ReturnType<typeof testDatabase>>
let data: string
let url: string
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
  data = mkdtempSync(join(tmpdir(), 'pleiad-editor-crash-'))
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
    EDITOR_WORKERS: '1',
    EDITOR_LEASE_SECONDS: '2',
    EDITOR_ATTEMPTS: '3',
  }
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await database.drop()
  rmSync(data, { recursive: true, force: true })
})

async function start(
  fault = '',
): Promise<{ ended: Promise<string | null>; stop: () => Promise<string | null> }> {
  const program = fileURLToPath(new URL('./editor-child.ts', import.meta.url))
  const child = spawn(process.execPath, [program, JSON.stringify({ env, jwk })], {
    env: { ...process.env, PLEIAD_FAULT: fault },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const ended = new Promise<string | null>((resolve) => child.on('exit', (_code, signal) => resolve(signal)))
  await Promise.race([
    new Promise((resolve) => child.stdout!.once('data', resolve)),
    ended.then((signal) => {
      // Where a fault waits, work that was left may kill it before it says that it is ready.
      if (!fault || signal !== 'SIGKILL') throw new Error('the server did not start')
    }),
  ])
  return {
    ended,
    stop: () => {
      child.kill('SIGTERM')
      return ended
    },
  }
}

function person() {
  const now = Math.floor(Date.now() / 1000)
  const about = {
    iss: url,
    sub: uuidv7(),
    sid: uuidv7(),
    roles: [],
    permissions: [],
    iat: now,
    exp: now + 600,
  }
  const headers = () => ({ authorization: `Bearer ${sign(about)}` })
  return {
    files: createClient(files, { baseUrl: url, headers }),
    editor: createClient(editor, { baseUrl: url, headers }),
  }
}

/** Uploads a part and makes a model of it. Where a fault waits, the server may die before it has answered. */
async function createModel(anna: ReturnType<typeof person>, dies = false): Promise<string | undefined> {
  const bytes = writeStl(box(20, 20, 20))
  const { file, uploadUrl } = await anna.files.createUpload({
    body: { name: 'part.stl', purpose: 'model', size: bytes.length },
  })
  const sent = await fetch(uploadUrl, {
    method: 'PATCH',
    headers: {
      'tus-resumable': '1.0.0',
      'content-type': 'application/offset+octet-stream',
      'upload-offset': '0',
    },
    body: bytes as BodyInit,
  })
  expect(sent.status).toBe(204)
  const asked = anna.editor.createModel({ body: { fileId: file.fileId } })
  return (await (dies ? asked.catch(() => undefined) : asked))?.modelId
}

const eventsOf = async (modelId: string) => {
  const sql = connect(database.adminUrl, { max: 1 })
  try {
    return await sql<{ type: string }[]>`
      select type from (select type, key from editor.outbox_log union all select type, key from editor.outbox) e
      where key = ${modelId} and type <> 'model.work.due'`
  } finally {
    await sql.end()
  }
}
const onlyModelOf = async (anna: ReturnType<typeof person>): Promise<string> => {
  const { items } = await anna.editor.listModels({ query: {} })
  expect(items).toHaveLength(1)
  return items[0]!.modelId
}
const become = (anna: ReturnType<typeof person>, modelId: string, state: string) =>
  vi.waitFor(
    async () => {
      const model = await anna.editor.getModel({ params: { modelId } })
      expect(model.latest.state).toBe(state)
      return model
    },
    { timeout: 60_000, interval: 200 },
  )

test('a model survives kill -9 when it was read, and when its mesh was stored', async () => {
  const anna = person()
  let server = await start('editor.read')
  await createModel(anna, true)
  expect(await server.ended).toBe('SIGKILL')
  server = await start('editor.stored')
  expect(await server.ended).toBe('SIGKILL')
  server = await start()
  const modelId = await onlyModelOf(anna)
  const model = await become(anna, modelId, 'ready')
  await server.stop()
  expect(await eventsOf(modelId)).toEqual([{ type: 'model.ready' }])
  expect(model.versions).toHaveLength(1)

  // What the second one stored and nobody recorded has a date, and goes by it.
  const sql = connect(database.adminUrl, { max: 1 })
  const rows = await sql<
    { id: string; delete_after: Date | null }[]
  >`select id, delete_after from files.files`
  await sql.end()
  expect(rows.length).toBeGreaterThan(2)
  expect(rows.filter(({ delete_after }) => delete_after === null)).toEqual([])
}, 180_000)

test('a model with which the server dies each time is given up, and the server lives', async () => {
  const anna = person()
  let server = await start('editor.read')
  await createModel(anna, true)
  for (const fault of ['editor.read', 'editor.read', '']) {
    expect(await server.ended).toBe('SIGKILL')
    server = await start(fault)
  }
  const modelId = await onlyModelOf(anna)
  const { latest } = await become(anna, modelId, 'rejected')
  expect(latest.reasons).toMatchObject([{ code: 'tooComplex' }])
  const other = await createModel(anna)
  await become(anna, other!, 'ready')
  await server.stop()
  expect(await eventsOf(modelId)).toEqual([{ type: 'model.rejected' }])
}, 180_000)
