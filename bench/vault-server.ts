/**
 * The server of the benchmark of the vault: oauth alone on the embedded PostgreSQL, filled with connections whose tokens
 * are sealed as in life. Reads over HTTP come with the token of a program; `own` reads without HTTP, in this process.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import oauth from '@pleiad/oauth'
import { startHost } from '@pleiad/platform/server'
import { uuidv7 } from 'uuidv7'
import type { Own } from '../services/oauth/service-own.ts'
import { secretOwner } from '../services/oauth/service-providers.ts'
import { sealTokens } from '../services/oauth/service-tokens.ts'
import { saveConfiguration } from '../services/oauth/store-configurations.ts'
import { insertConnection } from '../services/oauth/store-connections.ts'

const CONNECTIONS = 1000
const TOKEN = 'bench_program'
const project = { id: uuidv7(), environment: 'production', scopes: ['vault:read'] }
const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-'))
const host = await startHost({
  services: [oauth],
  env: {
    PORT: '0',
    HOST: '127.0.0.1',
    PLEIAD_DATA: folder,
    LOG_LEVEL: 'error',
    RATE_LIMIT: '0',
    ...process.env,
  },
  extraCredentials: [
    {
      prefix: 'bench_',
      resolve: async () => ({
        caller: { id: project.id, sid: project.id, kind: 'program', roles: [], permissions: [], project },
      }),
    },
  ],
})
const { tools, own } = host.running[0]! as unknown as { tools: (typeof host.running)[0]['tools']; own: Own }

const place = { projectId: project.id, environment: 'production' }
const configurationId = uuidv7()
const now = new Date()
const ids: string[] = []
await tools.transact(async (tx) => {
  await saveConfiguration(
    tx,
    {
      ...place,
      id: configurationId,
      provider: 'google',
      catalogue: 'google',
      name: 'Google',
      epoch: 1,
      clientId: 'client',
      secretSet: true,
      secretChangedAt: now,
      settings: {},
      scopes: [],
      parameters: {},
      returnUrls: [],
      signIn: true,
      enabled: true,
      handle: 'google',
      version: 1,
      createdAt: now,
      updatedAt: now,
    },
    await tools.vault.seal('secret', secretOwner(configurationId)),
  )
  for (let n = 0; n < CONNECTIONS; n++) {
    const id = uuidv7()
    ids.push(id)
    const tokens = {
      accessToken: `ya29.${'x'.repeat(180)}${n}`,
      refreshToken: `1//${'y'.repeat(90)}${n}`,
      tokenType: 'Bearer',
      expiresIn: 3600,
    }
    await insertConnection(
      tx,
      {
        ...place,
        id,
        configurationId,
        provider: 'google',
        purpose: 'connect',
        endUserId: `user-${n}`,
        identity: { subject: String(n), emailVerified: false },
        tokens: await sealTokens(tools, id, tokens, ['openid']),
        epoch: 1,
      },
      now,
    )
  }
})

const caller = { id: project.id, environment: 'production', scopes: project.scopes }
async function readOwn(seconds: number): Promise<number> {
  const until = performance.now() + seconds * 1000
  let reads = 0
  while (performance.now() < until)
    for (let n = 0; n < 500; n++, reads++) {
      const read = await own.vault.read(ids[reads % CONNECTIONS]!, caller, 60)
      if (!('token' in read)) throw new Error(read.refused)
    }
  return reads
}

process.on('message', async (message: 'cpu' | 'stop' | { own: number }) => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    return process.send!({ cpuSeconds: (user + system) / 1e6 })
  }
  if (message !== 'stop') return process.send!({ reads: await readOwn(message.own) })
  await host.stop()
  rmSync(folder, { recursive: true, force: true })
  process.disconnect()
})
process.send!({ url: host.url, token: TOKEN, ids })
