/** The server of the benchmark of projects: on the embedded PostgreSQL, as `npm start` runs it. Adds projects when asked. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import auth from '@pleiad/auth'
import { startHost } from '@pleiad/platform/server'
import projects from '@pleiad/projects'
import users from '@pleiad/users'
import { addCrowd } from '../services/projects/testing-crowd.ts'

const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-'))
const host = await startHost({
  services: [auth, projects, users],
  env: {
    PORT: '0',
    HOST: '127.0.0.1',
    PLEIAD_DATA: folder,
    LOG_LEVEL: 'error',
    AUTH_SIGN_UP: 'immediate',
    AUTH_RATE_LIMIT: '0',
    RATE_LIMIT: '0',
    PROJECTS_PER_ACCOUNT: '0',
  },
})
const { store } = host.running.find(({ service }) => service === projects)!

process.on('message', async (message: { add: number; everywhere: string } | 'stop') => {
  if (message !== 'stop') {
    const { projectIds } = await addCrowd(store.sql, message.add, message.everywhere)
    process.send!({ projectIds })
    return
  }
  await host.stop()
  rmSync(folder, { recursive: true, force: true })
  process.disconnect()
})
process.send!({ url: host.url })
