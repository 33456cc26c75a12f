/** The processes of an installation: started, killed with -9 at random, started again. */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createSigner } from 'fast-jwt'
import { uuidv7 } from 'uuidv7'
import type { Start } from './server.ts'

/** How often a process is killed while another one is still starting. */
const TWO_DOWN = 0.25
const PUBLIC_URL = 'http://localhost:8080'
const program = fileURLToPath(new URL('./server.ts', import.meta.url))

/** What runs beside each other; the shop twice, so that two processes have the same orders at once. */
export const divided = [
  'auth,users,projects,operations',
  'notifications,webhooks,partners',
  'shop,crm',
  'shop,crm',
  'editor,files,operators',
  'mes',
  'mes-worker',
  'mes-worker',
]

export interface Fire {
  readonly kills: Record<string, number>
  /** Processes that ended by themselves. */
  readonly crashes: readonly string[]
  /** Handlers that failed on purpose. */
  readonly failures: () => number
  /** Addresses of the processes; any of them answers for all. */
  readonly doors: readonly string[]
  readonly greeting: string
  readonly tokenFor: (userId: string, permissions: readonly string[]) => string
  /** Kills one process after another at random, and starts it again, until `stop` is called. */
  readonly burn: (restMs: number) => { stop: () => Promise<void> }
  readonly end: () => Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return port
}

async function startBroker(folder: string): Promise<{ url: string; end: () => Promise<unknown> }> {
  const port = await freePort()
  const broker = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder], {
    stdio: 'ignore',
  })
  const ended = new Promise((resolve) => broker.once('exit', resolve))
  // Whatever it answers to HTTP, it is there.
  const refused = ({ cause }: { cause?: { code?: string } }) => cause?.code !== 'ECONNREFUSED'
  while (!(await fetch(`http://127.0.0.1:${port}`).then(() => true, refused))) await pause(20)
  return {
    url: `nats://127.0.0.1:${port}`,
    end: () => {
      broker.kill()
      return ended
    },
  }
}

export interface FireOptions {
  readonly databaseUrl: string
  readonly folder: string
  readonly parts?: readonly string[]
  /** Of all runs of handlers, how many fail on purpose. */
  readonly failing: number
  readonly env?: Readonly<Record<string, string>>
}

/** Starts the installation; resolves when all its processes answer. */
export async function startFire(options: FireOptions): Promise<Fire> {
  const parts = options.parts ?? divided
  // One process alone needs none.
  const broker = parts.length > 1 ? await startBroker(join(options.folder, 'broker')) : undefined
  const keys = generateKeyPairSync('ed25519')
  const kid = 'fire'
  const pem = keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const sign = createSigner({ key: pem, algorithm: 'EdDSA', kid })
  const jwk = { ...keys.publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' }
  const secret = randomBytes(32).toString('base64url')
  const kills: Record<string, number> = {}
  const crashes: string[] = []
  let failures = 0
  let ending = false
  let greeting = ''

  async function startPart(services: string, number: number) {
    const port = String(await freePort())
    const env = {
      ...{ HOST: '127.0.0.1', PORT: port, PUBLIC_URL, PLEIAD_SECRET: secret },
      ...{ DATABASE_URL: options.databaseUrl, DATABASE_POOL: '4' },
      ...(broker ? { BUS_URL: broker.url, INTERNAL_PORT: '0' } : {}),
      ...{
        PLEIAD_DATA: join(options.folder, `part-${number}`),
        LOG_LEVEL: 'fatal',
      },
      ...{ RATE_LIMIT: '0', AUTH_RATE_LIMIT: '0', HEAVY_RATE_LIMIT: '0', PROGRAM_RATE_LIMIT: '0' },
      ...{ AUTH_SIGN_UP: 'immediate', OUTBOUND_ALLOW: '127.0.0.1', FILES_QUOTA_MB: '100000' },
      ...{ MES_WORKER_THREADS: '1', MES_LEASE_SECONDS: '3', MES_ATTEMPTS: '10', MES_OWNER_JOBS: '100000' },
      ...{ EDITOR_WORKERS: '1', EDITOR_LEASE_SECONDS: '3', EDITOR_ATTEMPTS: '10' },
      ...{ PARTNERS_REQUESTS_PER_MINUTE: '1000000', PARTNERS_QUOTES_PER_DAY: '1000000' },
      ...{ PARTNERS_ORDERS_PER_DAY: '1000000' },
      ...options.env,
    }
    const start: Start = {
      ...{ services, installation: [...new Set(parts.join(',').split(','))].join(',') },
      ...{ env, jwk, failing: options.failing },
    }
    let child: ChildProcess
    let ended: Promise<unknown>
    let ready = false
    const launch = () =>
      new Promise<void>((resolve) => {
        child = fork(program, [JSON.stringify(start)], {
          stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
          // The same program starts again and again.
          env: { ...process.env, NODE_COMPILE_CACHE: join(options.folder, 'compiled') },
        })
        ended = new Promise((over) => child.once('exit', over))
        child.once('exit', (code, signal) => {
          ready = false
          // Nothing but this fire may end it.
          if (signal !== 'SIGKILL' && !ending) crashes.push(`${services} ended with ${code ?? signal}`)
          resolve()
        })
        child.on('message', (said: { failed?: number; ready?: string; greeting?: string[] }) => {
          failures += said.failed ?? 0
          if (said.ready === undefined) return
          if (greeting === '') greeting = said.greeting!.join('\n')
          ready = true
          resolve()
        })
      })
    await launch()
    return {
      services,
      url: `http://127.0.0.1:${port}`,
      ready: () => ready,
      kill: async () => {
        kills[services] = (kills[services] ?? 0) + 1
        child.kill('SIGKILL')
        await ended
      },
      launch,
      stop: () => {
        if (!child.connected || !ready) child.kill('SIGKILL')
        else child.send('stop')
        return ended
      },
    }
  }

  // The first prepares what all share, such as the first administrator's link.
  const running = [await startPart(parts[0]!, 0)]
  running.push(...(await Promise.all(parts.slice(1).map((part, at) => startPart(part, at + 1)))))

  if (crashes.length > 0) throw new Error(crashes.join(', '))
  return {
    kills,
    crashes,
    failures: () => failures,
    doors: running.filter(({ services }) => services !== 'mes-worker').map(({ url }) => url),
    greeting,
    tokenFor: (userId, permissions) => {
      const iat = Math.floor(Date.now() / 1000)
      const who = { iss: PUBLIC_URL, sub: userId, sid: uuidv7(), roles: ['member'], permissions }
      return sign({ ...who, iat, exp: iat + 600 })
    },
    burn: (restMs) => {
      let over = false
      const starting = new Set<Promise<void>>()
      const work = (async () => {
        while (!over) {
          // Where starting takes longer than the rest between two kills, nobody would be left at last.
          const down = Math.random() < TWO_DOWN ? 2 : 1
          while (starting.size >= down) await Promise.race(starting)
          await pause(restMs * (0.5 + Math.random()))
          const victims = running.filter((part) => part.ready())
          const victim = victims[Math.floor(Math.random() * victims.length)]
          if (over || !victim) continue
          await victim.kill()
          const begun: Promise<void> = victim.launch().finally(() => starting.delete(begun))
          starting.add(begun)
        }
      })()
      return {
        stop: async () => {
          over = true
          await work
          await Promise.all(starting)
        },
      }
    },
    end: async () => {
      ending = true
      await Promise.all(running.map((part) => part.stop()))
      await broker?.end()
    },
  }
}
