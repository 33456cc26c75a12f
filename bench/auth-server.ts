/** The server of the sign-in benchmark: auth and users on the embedded PostgreSQL, as `npm start` runs them. Answers its CPU time when asked. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import auth from '@pleiad/auth'
import { startHost } from '@pleiad/platform/server'
import users from '@pleiad/users'

const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-'))
const host = await startHost({
  services: [auth, users],
  env: {
    PORT: '0',
    HOST: '127.0.0.1',
    PLEIAD_DATA: folder,
    LOG_LEVEL: 'error',
    AUTH_SIGN_UP: 'immediate',
    AUTH_RATE_LIMIT: '0',
    RATE_LIMIT: '0',
  },
})

process.on('message', async (message) => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send!({ cpuSeconds: (user + system) / 1e6 })
    return
  }
  await host.stop()
  rmSync(folder, { recursive: true, force: true })
  process.disconnect()
})
process.send!({ url: host.url })
