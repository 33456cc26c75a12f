/**
 * The servers of the benchmark of files, one per process: `ours` is files alone on the embedded PostgreSQL, `plain` is
 * node:http that writes the body to a file, and reads it again. Both tell the most memory they had.
 */

import { generateKeyPairSync } from 'node:crypto'
import { createReadStream, createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import files from '@pleiad/files'
import { startHost } from '@pleiad/platform/server'
import { createSigner } from 'fast-jwt'
import { uuidv7 } from 'uuidv7'

const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-'))
let mostBytes = 0
const watch = () => {
  mostBytes = Math.max(mostBytes, process.memoryUsage.rss())
}
setInterval(watch, 20).unref()

async function startOurs() {
  const keys = generateKeyPairSync('ed25519')
  const sign = createSigner({
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    algorithm: 'EdDSA',
    kid: 'bench',
  })
  const host = await startHost({
    services: [files],
    extraKeys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'bench', alg: 'EdDSA', use: 'sig' }],
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      PLEIAD_DATA: folder,
      LOG_LEVEL: 'error',
      RATE_LIMIT: '0',
      FILES_QUOTA_MB: '100000',
      FILES_MAX_MB: '4096',
    },
  })
  const now = Math.floor(Date.now() / 1000)
  const person = { sub: uuidv7(), sid: uuidv7(), roles: [], permissions: [] }
  const token = sign({ iss: host.publicUrl, ...person, iat: now, exp: now + 3000 })
  return { url: host.url, publicUrl: host.publicUrl, token, stop: host.stop }
}

async function startPlain() {
  const path = join(folder, 'plain')
  const server = createServer(async (request, response) => {
    if (request.method === 'GET') return pipeline(createReadStream(path), response)
    await pipeline(request, createWriteStream(path))
    // As we do: an answer means that it would survive a power cut.
    const file = await open(path, 'r+')
    await file.datasync()
    await file.close()
    response.writeHead(204).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, publicUrl: url, token: '', stop: async () => void server.closeAllConnections() }
}

const { stop, ...about } = await (process.argv[2] === 'ours' ? startOurs() : startPlain())
process.send!(about)
process.on('message', async (asked) => {
  if (asked === 'stop') {
    await stop()
    rmSync(folder, { recursive: true, force: true })
    process.exit(0)
  }
  watch()
  const rss = mostBytes
  if (asked === 'forget') mostBytes = 0
  process.send!({ rss, cpuSeconds: (process.cpuUsage().user + process.cpuUsage().system) / 1e6 })
})
