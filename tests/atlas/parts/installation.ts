/**
 * An installation that can be broken: a server process on a PostgreSQL of its own (and a Redis, where there may be one),
 * a project with an app, an upstream provider in a process of its own, and a person with a browser.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { oauth } from '@pleiad/oauth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { createClient } from '@pleiad/platform/client'
import { projects } from '@pleiad/projects/contract'
import { createSigner } from 'fast-jwt'
import { Redis } from 'ioredis'
import { uuidv7 } from 'uuidv7'
import { connect } from '../../../platform/store/connect.ts'
import { startEmbeddedPostgres } from '../../../platform/store/embedded.ts'
import { processesOf } from '../../../platform/store/orphan.ts'
import { openBrowser, signInPage } from '../../../services/oidc/testing-browser.ts'
import { freePort, type Part, startPart } from './process.ts'

export const CALLBACK = 'https://shop.example.com/callback'
const VERIFIER = 'v'.repeat(43)

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

export type Installation = Awaited<ReturnType<typeof startInstallation>>

async function startRedis(folder: string): Promise<{ child: ChildProcess; url: string; client: Redis }> {
  const port = await freePort()
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', folder],
    {
      stdio: 'ignore',
    },
  )
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null })
  // It is asked before it listens.
  client.on('error', () => {})
  await client.ping()
  return { child, url: `redis://127.0.0.1:${port}`, client }
}

interface Options {
  /** The cache is in a Redis of its own. */
  readonly redis?: boolean
  /** How long tokens of the upstream provider live. */
  readonly tokenSeconds: number
  readonly env?: Readonly<Record<string, string>>
  /** Gets what the server writes. */
  readonly hear?: (text: string) => void
}

/** Starts everything. */
export async function startInstallation(options: Options) {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-faults-'))
  const quiet = { debug() {}, info() {}, warn() {}, error() {} }
  const postgres = await startEmbeddedPostgres({ dataFolder: folder, log: quiet })
  const redis = options.redis ? await startRedis(folder) : undefined
  const upstream = await startPart('upstream', { TOKEN_SECONDS: String(options.tokenSeconds) })
  const keys = generateKeyPairSync('ed25519')
  const port = await freePort()
  const url = `http://localhost:${port}`
  const env = {
    PORT: String(port),
    PUBLIC_URL: url,
    PLEIAD_DATA: join(folder, 'data'),
    PLEIAD_SECRET: randomBytes(32).toString('base64url'),
    DATABASE_URL: postgres.url,
    DATABASE_POOL: '4',
    LOG_LEVEL: 'silent',
    RATE_LIMIT: '0',
    AUTH_RATE_LIMIT: '0',
    AUTH_HASH_CONCURRENCY: '1',
    OUTBOUND_ALLOW: '127.0.0.1',
    OAUTH_REFRESH_AHEAD_SECONDS: '0',
    // Longer than a busy machine needs to start a server.
    OIDC_REFRESH_GRACE_SECONDS: '120',
    TEST_KEY: JSON.stringify({
      ...keys.publicKey.export({ format: 'jwk' }),
      kid: 'test',
      alg: 'EdDSA',
      use: 'sig',
    }),
    ...(redis ? { REDIS_URL: redis.url } : {}),
    ...options.env,
  }
  const startServer = () => startPart('server', env, options.hear)
  let server: Part = await startServer()

  const sign = createSigner({
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    algorithm: 'EdDSA',
    kid: 'test',
  })
  const owner = uuidv7()
  const headers = () => {
    const iat = Math.floor(Date.now() / 1000)
    const token = {
      iss: url,
      sub: owner,
      sid: owner,
      roles: ['member'],
      permissions: [],
      iat,
      exp: iat + 600,
    }
    return { authorization: `Bearer ${sign(token)}` }
  }
  const console = {
    projects: createClient(projects, { baseUrl: url, headers }),
    oauth: createClient(oauth, { baseUrl: url, headers }),
    oidc: createClient(oidc, { baseUrl: url, headers }),
  }
  const { projectId, slug } = await console.projects.createProject({
    body: { name: 'Shop', slug: 'fault-shop' },
  })
  await server.ask('settled')
  const place = { projectId, environment: 'production' }
  const scopes = ['connections:read', 'vault:read']
  const { app } = await console.oidc.createApp({
    params: place,
    body: { name: 'Shop', kind: 'browser', redirectUris: [CALLBACK], scopes },
  })
  const { redirectUri } = await console.oauth.getRedirectUri({ params: { ...place, provider: 'upstream' } })
  const { clientId, clientSecret } = await upstream.ask<Record<string, string>>('register', redirectUri)
  await console.oauth.configureProvider({
    params: place,
    body: {
      catalogue: 'oidc',
      provider: 'upstream',
      clientId: clientId!,
      secret: clientSecret!,
      settings: { issuer: upstream.url },
    },
  })
  await server.ask('settled')

  const address = () => {
    const asked = new URL(`${url}/oidc/${slug}/auth`)
    asked.search = new URLSearchParams({
      client_id: app.appId,
      response_type: 'code',
      redirect_uri: CALLBACK,
      scope: `openid email ${scopes.join(' ')}`,
      resource: url,
      code_challenge: createHash('sha256').update(VERIFIER).digest('base64url'),
      code_challenge_method: 'S256',
    }).toString()
    return asked.href
  }
  const ask = async (form: Record<string, string>) => {
    const body = new URLSearchParams({ client_id: app.appId, resource: url, ...form })
    const answer = await fetch(`${url}/oidc/${slug}/token`, { method: 'POST', body })
    return { status: answer.status, body: (await answer.json()) as Tokens & { error?: string } }
  }

  return {
    url,
    slug,
    place,
    console,
    upstream,
    redis: redis?.client,
    address,
    /** Resolves when every event has been handled. */
    settled: () => server.ask('settled'),
    /** A person's browser, here and at the provider. */
    person: (login: string) => person({ url, upstream: upstream.url, address, login }),
    redeem: (back: string) =>
      ask({
        grant_type: 'authorization_code',
        code: new URL(back).searchParams.get('code') ?? '',
        redirect_uri: CALLBACK,
        code_verifier: VERIFIER,
      }),
    refresh: (token: string) => ask({ grant_type: 'refresh_token', refresh_token: token }),
    /** What an app does at the installation’s API with a person’s token. */
    api: (tokens: Tokens) =>
      createClient(oauth, {
        baseUrl: url,
        headers: () => ({ authorization: `Bearer ${tokens.access_token}` }),
      }),
    /** Ends the server as a power cut does. */
    kill: () => server.kill(),
    start: async () => {
      server = await startServer()
    },
    /** Kills PostgreSQL, which comes back by itself; resolves when it answers. */
    crashDatabase: async () => {
      for (const pid of processesOf(join(folder, 'postgres'))) process.kill(pid, 'SIGKILL')
    },
    databaseAnswers: async () => {
      const sql = connect(postgres.url, { max: 1, onnotice: () => {} })
      try {
        await sql`select 1`
      } finally {
        await sql.end({ timeout: 5 })
      }
    },
    stop: async () => {
      await server.kill()
      await upstream.kill()
      redis?.client.disconnect()
      redis?.child.kill()
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The steps of a sign-in through the provider, one by one, so that something can happen between them. */
function person(of: { url: string; upstream: string; address: () => string; login: string }) {
  const here = openBrowser(of.url)
  const there = openBrowser(of.upstream)
  return {
    here,
    /** On the sign-in page of the project. */
    open: async () => signInPage(await here.go(of.address())),
    /** At the provider and through its form; resolves with the address that leads back here. */
    visitProvider: async (params: { handle: string; uid: string }) => {
      const { url } = await here.page.beginProviderSignIn({ params: { ...params, provider: 'upstream' } })
      const landed = await there.go(url)
      if (!landed.url.includes('/interaction/')) return landed.url
      const form = { method: 'POST', body: new URLSearchParams({ login: of.login }) }
      return (await there.go(landed.url, form)).url
    },
    /** Back on the page with the provider’s answer. */
    comeBack: async (back: string) => (await here.go(back)).url,
    /** Hands the answer in and goes where the page leads: to the app. */
    finish: async (params: { handle: string; uid: string }, at: string) => {
      const ticket = new URL(at).searchParams.get('ticket') ?? ''
      const step = await here.page.finishProviderSignIn({ params, body: { ticket } })
      return (await here.go((step as { url: string }).url)).url
    },
  }
}
