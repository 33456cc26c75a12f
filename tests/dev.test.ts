/** `npm run dev` as one works with it: it restarts on a change, reloads hot, and leaves nothing behind. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, utimesSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { processesOf } from '../platform/store/orphan.ts'

const root = fileURLToPath(new URL('..', import.meta.url))

async function freePort(): Promise<number> {
  const server = createServer().listen(0, 'localhost')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

/** Saves a file as it is. */
function touch(file: string): void {
  const now = new Date()
  utimesSync(path.join(root, file), now, now)
}

test('the server restarts, the web app reloads hot, and Ctrl-C ends all of it', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pleiad-dev-'))
  const [port, webPort] = [await freePort(), await freePort()]
  const { PATH, HOME } = process.env
  const dev = spawn(process.execPath, ['tools/dev.mjs'], {
    cwd: root,
    env: { PATH, HOME, PLEIAD_DATA: folder, PORT: String(port), WEB_PORT: String(webPort) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise((resolve) => dev.once('close', resolve))
  let said = ''
  for (const stream of [dev.stdout, dev.stderr]) stream.on('data', (chunk) => (said += chunk))
  const starts = () => said.split(`Pleiad is ready at http://localhost:${webPort}`).length - 1
  const web = (address: string) => fetch(`http://localhost:${webPort}${address}`)
  try {
    await expect.poll(starts, { timeout: 90_000 }).toBe(1)
    // The page comes from Vite, its data from the server behind.
    expect(await (await web('/sign-in')).text()).toContain('/@vite/client')
    expect((await (await web('/api/services.json')).json()).services).toContainEqual(
      expect.objectContaining({ name: 'auth' }),
    )

    const client = await (await web('/@vite/client')).text()
    const token = client.match(/wsToken = "([^"]+)"/)![1]!
    const socket = new WebSocket(`ws://localhost:${webPort}/?token=${token}`, 'vite-hmr')
    const heard: string[] = []
    socket.onmessage = ({ data }) => heard.push(String(data))
    await expect.poll(() => heard.length).toBeGreaterThan(0)
    expect((await web('/src/main.tsx')).status).toBe(200)
    expect((await web('/src/styles.css')).status).toBe(200)
    touch('web/src/styles.css')
    await expect.poll(() => heard.join()).toContain('/src/styles.css')
    socket.close()

    touch('server/main.ts')
    await expect.poll(starts, { timeout: 90_000 }).toBeGreaterThan(1)
    await expect.poll(async () => (await web('/health/ready')).status).toBe(200)
  } finally {
    dev.kill('SIGINT')
    await ended
  }
  expect(processesOf(path.join(folder, 'postgres'))).toEqual([])
  for (const free of [port, webPort]) {
    const server = createServer().listen(free, 'localhost')
    await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
    await new Promise((resolve) => server.close(resolve))
  }
  rmSync(folder, { recursive: true, force: true })
}, 240_000)
