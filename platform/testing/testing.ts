/** Runs services for a test: the whole host on a database of its own and a free port, callers without passwords. */
import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSigner } from 'fast-jwt'
import { uuidv7 } from 'uuidv7'
import { type Client, createClient } from '../contract/client.ts'
import type { Contract, ProjectRole } from '../contract/contract.ts'
import { MEMBERS_CHANNEL } from '../identity/memberships.ts'
import { type Host, startHost } from '../service/host.ts'
import type { Caller, Service } from '../service/service.ts'
import { testDatabase } from './postgres.ts'

export interface TestCaller {
  readonly id?: string
  readonly sid?: string
  readonly roles?: readonly string[]
  readonly permissions?: readonly string[]
}

export interface TestProgram {
  readonly projectId: string
  /** Default `production`. */
  readonly environment?: string
  readonly scopes?: readonly string[]
  /** Id of its key. */
  readonly id?: string
  readonly endUser?: string
}

export interface TestPlatform {
  readonly host: Host
  readonly url: string
  /** The data folder. */
  readonly folder: string
  /** A bearer token for the given caller, signed by a key that only this platform trusts. */
  readonly tokenFor: (caller?: TestCaller) => string
  /** A bearer token of a program: what a project key is, without the service that makes keys. */
  readonly programFor: (program: TestProgram) => string
  /** Makes a person a member of a project, without the service that owns projects; `undefined` ends it. */
  readonly setRole: (projectId: string, userId: string, role: ProjectRole | undefined) => void
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
  const programs = new Map<string, Caller>()
  const members = new Map<string, ProjectRole>()
  const host = await startHost({
    services: options.services,
    now,
    extraCredentials: [
      {
        prefix: 'test_',
        resolve: async (token) => {
          const caller = programs.get(token)
          return caller && { caller }
        },
      },
    ],
    extraMembership: { roleOf: async (projectId, userId) => members.get(`${projectId} ${userId}`) },
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
      iss: host.publicUrl,
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
    folder,
    tokenFor,
    programFor: ({ projectId, environment = 'production', scopes = [], endUser, ...program }) => {
      const token = `test_${uuidv7()}`
      const id = program.id ?? uuidv7()
      const project = { id: projectId, environment, scopes, ...(endUser ? { endUser } : {}) }
      programs.set(token, { id, sid: id, kind: 'program', roles: [], permissions: [], project })
      return token
    },
    setRole: (projectId, userId, role) => {
      if (role) members.set(`${projectId} ${userId}`, role)
      else members.delete(`${projectId} ${userId}`)
      host.broadcast(MEMBERS_CHANNEL, { projectId, userId })
    },
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
