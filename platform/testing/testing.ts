/** Runs services for a test: the whole host on a database of its own and a free port, callers without passwords. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSigner } from 'fast-jwt'
import { uuidv7 } from 'uuidv7'
import { type Client, createClient } from '../contract/client.ts'
import type { Contract } from '../contract/contract.ts'
import { type Host, startHost } from '../service/host.ts'
import type { Service } from '../service/service.ts'
import { testDatabase } from './postgres.ts'

export interface TestCaller {
  readonly id?: string
  readonly sid?: string
  readonly roles?: readonly string[]
  readonly permissions?: readonly string[]
}

export interface TestPlatform {
  readonly host: Host
  readonly url: string
  /** A bearer token for the given caller, signed by a key that only this platform trusts. */
  readonly tokenFor: (caller?: TestCaller) => string
  /** The typed client of a contract; `as` is a caller or a token, nobody when absent. */
  readonly client: <C extends Contract>(contract: C, as?: TestCaller | string) => Client<C>
  /** Resolves when every event has been handled. */
  readonly settled: () => Promise<void>
  /** Moves the services' clock. */
  readonly advance: (milliseconds: number) => void
  readonly stop: () => Promise<void>
}

export interface TestOptions {
  readonly services: readonly Service[]
  readonly env?: Readonly<Record<string, string>>
}

/** Starts `services`; rate limits are off unless `env` sets them. */
export async function startTestPlatform(options: TestOptions): Promise<TestPlatform> {
  const database = await testDatabase()
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-test-'))
  const keys = generateKeyPairSync('ed25519')
  const kid = 'test'
  const sign = createSigner({
    key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    algorithm: 'EdDSA',
    kid,
  })
  let offset = 0
  const now = () => new Date(Date.now() + offset)
  const host = await startHost({
    services: options.services,
    now,
    extraKeys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' }],
    env: {
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL: 'http://localhost:8080',
      PLEIAD_DATA: folder,
      DATABASE_URL: database.adminUrl,
      DATABASE_POOL: '4',
      LOG_LEVEL: 'error',
      AUTH_RATE_LIMIT: '0',
      RATE_LIMIT: '0',
      ...options.env,
    },
  })
  const tokenFor = (caller: TestCaller = {}): string => {
    const issued = Math.floor(now().getTime() / 1000)
    return sign({
      iss: 'http://localhost:8080',
      sub: caller.id ?? uuidv7(),
      sid: caller.sid ?? uuidv7(),
      roles: caller.roles ?? ['member'],
      permissions: caller.permissions ?? [],
      iat: issued,
      exp: issued + 600,
    })
  }
  return {
    host,
    url: host.url,
    tokenFor,
    client: (contract, as) => {
      const token = as === undefined || typeof as === 'string' ? as : tokenFor(as)
      return createClient(contract, {
        baseUrl: host.url,
        ...(token ? { headers: () => ({ authorization: `Bearer ${token}` }) } : {}),
      })
    },
    settled: host.settled,
    advance: (milliseconds) => {
      offset += milliseconds
    },
    stop: async () => {
      await host.stop()
      await database.drop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
