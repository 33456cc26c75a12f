/** The whole platform with the built web app on a free port, plus one service whose handler can be made to fail. */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { discoverServices } from '../../platform/service/discover.ts'
import { type Host, startHost } from '../../platform/service/host.ts'
import { testDatabase } from '../../platform/testing/postgres.ts'
import { builtWeb } from './build.ts'
import { flaky } from './flaky/service.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

export interface Platform {
  readonly host: Host
  readonly url: string
  /** Address of the page where the first administrator registers. */
  readonly setupUrl: string
  readonly stop: () => Promise<void>
}

/** Starts everything. The address is localhost, as passkeys need a name they trust. `env` adds settings. */
export async function startPlatform(env: Readonly<Record<string, string>> = {}): Promise<Platform> {
  const webFolder = await builtWeb()
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-browser-'))
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
      // Pots that cannot be glazed are meant; what else fails shows on the pages.
      LOG_LEVEL: 'fatal',
      AUTH_RATE_LIMIT: '0',
      RATE_LIMIT: '0',
      ...env,
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
