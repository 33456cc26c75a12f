/**
 * A server of the issuer benchmark: `pleiad` is oidc on the embedded PostgreSQL as `npm start` runs it, `bare` is
 * oidc-provider on its own memory adapter, `better-auth` is that on SQLite in memory. Each has one machine client; tells
 * where it listens and answers CPU time.
 */
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import auth from '@pleiad/auth'
import oauth from '@pleiad/oauth'
import oidc from '@pleiad/oidc'
import { startHost } from '@pleiad/platform/server'
import projects from '@pleiad/projects'
import users from '@pleiad/users'
import { uuidv7 } from 'uuidv7'
import { defaultAppSettings } from '../services/oidc/apps.ts'
import { hashSecret } from '../services/oidc/secrets.ts'
import { insertIssuer, saveApp } from '../services/oidc/store-issuers.ts'
import { startBetterAuth } from './better-auth.ts'

const CLIENT = 'app_benchbenchbench12'
const SECRET = randomBytes(32).toString('base64url')

interface Started {
  readonly token: string
  readonly introspection: string
  readonly client: string
  readonly secret: string
  readonly stop: () => Promise<void>
}
const ours = (issuer: string) => ({
  token: `${issuer}/token`,
  introspection: `${issuer}/token/introspection`,
  client: CLIENT,
  secret: SECRET,
})

async function pleiad(): Promise<Started> {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-'))
  const host = await startHost({
    services: [auth, oauth, oidc, projects, users],
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      PLEIAD_DATA: folder,
      LOG_LEVEL: 'error',
      AUTH_RATE_LIMIT: '0',
      RATE_LIMIT: '0',
    },
  })
  const { store } = host.running.find(({ service }) => service === oidc)!
  const issuerId = uuidv7()
  const now = new Date()
  await store.transact(async (tx) => {
    const place = { projectId: uuidv7(), environment: 'production', slug: 'bench' }
    await insertIssuer(tx, { issuerId, ...place, name: 'Bench', accent: null })
    await saveApp(tx, {
      appId: CLIENT,
      issuerId,
      name: 'Bench',
      kind: 'machine',
      settings: defaultAppSettings,
      secretHash: hashSecret(SECRET),
      secretHint: null,
      previousHash: null,
      previousUntil: null,
      version: 1,
      createdAt: now,
      changedAt: now,
    })
  })
  const stop = async () => {
    await host.stop()
    rmSync(folder, { recursive: true, force: true })
  }
  return { ...ours(`${host.url}/oidc/bench`), stop }
}

async function bare(): Promise<Started> {
  // The library is the service's own: it is found from its folder.
  const fromOidc = createRequire(new URL('../services/oidc/package.json', import.meta.url))
  const { default: Provider } = await import(pathToFileURL(fromOidc.resolve('oidc-provider')).href)
  const server = createServer()
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT,
        client_secret: SECRET,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true },
      devInteractions: { enabled: false },
    },
  })
  server.on('request', provider.callback())
  return { ...ours(issuer), stop: async () => void server.close() }
}

async function better(): Promise<Started> {
  const { auth, url, cookie, stop } = await startBetterAuth(SECRET)
  const made = await auth.api.adminCreateOAuthClient({
    headers: new Headers({ cookie }),
    body: {
      client_name: 'Bench',
      grant_types: ['client_credentials'],
      client_credentials_scopes: ['read'],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    },
  })
  return {
    token: `${url}/api/auth/oauth2/token`,
    introspection: `${url}/api/auth/oauth2/introspect`,
    client: made.client_id,
    secret: made.client_secret!,
    stop,
  }
}

const { stop, ...started } = await { pleiad, bare, 'better-auth': better }[process.argv[2] as 'pleiad']()
process.on('message', async (message) => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send!({ cpuSeconds: (user + system) / 1e6 })
    return
  }
  await stop()
  process.disconnect()
  process.exit(0)
})
process.send!(started)
