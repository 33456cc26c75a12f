/** The whole platform with the built web app on a free port, plus one service whose handler can be made to fail. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { discoverServices } from '../../platform/service/discover.ts'
import { type Host, startHost } from '../../platform/service/host.ts'
import { testDatabase } from '../../platform/testing/postgres.ts'
import { flaky } from './flaky/service.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Platform {
  readonly host: Host
  readonly url: string
  /** Address of the page where the first administrator registers. */
  readonly setupUrl: string
  readonly stop: () => Promise<void>
}

/**
 * Builds the web app into a folder of its own, so that no stale build is tested, and starts everything. The address is
 * localhost, as passkeys need a name they trust.
 */
export async function startPlatform(): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-browser-'))
  const webFolder = join(folder, 'web')
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', 'web', '--config', 'web/vite.config.ts', '--outDir', webFolder],
    {
      cwd: root,
      // As it is shipped; Vitest’s own NODE_ENV would build React for development.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  )
  const database = await testDatabase()
  const port = await freePort()
  const url = `http://localhost:${port}`
  const host = await startHost({
    services: [...(await discoverServices(join(root, 'services'), 'all')), flaky],
    webFolder,
    env: {
      PORT: String(port),
      PUBLIC_URL: url,
      PLEIAD_DATA: join(folder, 'data'),
      DATABASE_URL: database.adminUrl,
      DATABASE_POOL: '4',
      LOG_LEVEL: 'error',
      AUTH_RATE_LIMIT: '0',
      RATE_LIMIT: '0',
    },
  })
  const setupUrl = (await host.greeting()).join('\n').match(/https?:\/\/\S+\/setup\?code=\S+/)?.[0]
  if (!setupUrl) throw new Error('The server printed no link for the first administrator')
  return {
    host,
    url,
    setupUrl,
    stop: async () => {
      await host.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('No free port')
  return address.port
}
