/**
 * One server of the gateway's benchmark, by name: `node bench/gateway-servers.ts pleiad`. Prints its port as a line.
 * All answer POST /api/v1/bench/orders with the same small JSON; only `pleiad` authenticates, limits, traces and counts.
 */
import 'reflect-metadata'
import { generateKeyPairSync } from 'node:crypto'
import type { INestApplication } from '@nestjs/common'
import { Body, Controller, HttpCode, Module, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { createSigner } from 'fast-jwt'
import fastify from 'fastify'
import { pino } from 'pino'
import { uuidv7 } from 'uuidv7'
import { defineContract, Type } from '../platform/contract/contract.ts'
import { createGateway } from '../platform/gateway/gateway.ts'
import { createIdentity } from '../platform/identity/identity.ts'
import { createMetrics } from '../platform/observe/metrics.ts'
import type { Call } from '../platform/service/service.ts'

const PATH = '/api/v1/bench/orders'

interface Order {
  readonly name: string
  readonly count: number
}

const answer = ({ name, count }: Order) => ({
  id: '0190b5a8-0000-7000-8000-000000000001',
  name,
  count,
  total: count * 250,
})

async function bareFastify(): Promise<number> {
  const app = fastify()
  app.post<{ Body: Order }>(PATH, async (request) => answer(request.body))
  return portOf(await app.listen({ port: 0, host: '127.0.0.1' }))
}

async function nest(adapter: 'fastify' | 'express'): Promise<number> {
  class Orders {
    make(body: Order) {
      return answer(body)
    }
  }
  class Application {}
  // Decorators are plain functions; Node runs TypeScript without them.
  const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, 'make')!
  Body()(Orders.prototype, 'make', 0)
  Post('orders')(Orders.prototype, 'make', descriptor)
  HttpCode(200)(Orders.prototype, 'make', descriptor)
  Controller('api/v1/bench')(Orders)
  Module({ controllers: [Orders] })(Application)
  const app: INestApplication = await NestFactory.create(
    Application,
    adapter === 'fastify' ? (new FastifyAdapter() as never) : new ExpressAdapter(),
    { logger: false },
  )
  await app.listen(0, '127.0.0.1')
  return portOf(await app.getUrl())
}

async function pleiad(): Promise<number> {
  const contract = defineContract({
    name: 'bench',
    version: '1.0.0',
    summary: 'One operation.',
    operations: {
      makeOrder: {
        method: 'POST',
        path: '/orders',
        summary: 'Make an order',
        access: 'user',
        body: Type.Object({
          name: Type.String({ minLength: 2, maxLength: 40 }),
          count: Type.Integer({ minimum: 1 }),
        }),
        returns: Type.Object({
          id: Type.String(),
          name: Type.String(),
          count: Type.Integer(),
          total: Type.Integer(),
        }),
      },
    },
  })
  const issuer = 'http://localhost:8080'
  const keys = generateKeyPairSync('ed25519')
  const now = () => new Date()
  const gateway = await createGateway({
    log: pino({ level: 'info' }),
    publicUrl: issuer,
    // Limits are checked and counted; the budget is more than a benchmark can spend.
    settings: { RATE_LIMIT: 100_000_000 },
    metrics: createMetrics(),
    identity: createIdentity({
      issuer,
      now,
      loadKeys: async () => ({ keys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid: 'k1' }] }),
      resolveToken: async () => undefined,
      loadRevocations: async () => [],
      onBroadcast: () => {},
    }),
    now,
    newId: uuidv7,
    broadcast: () => {},
    onBroadcast: () => {},
    strictAnswers: false,
  })
  gateway.mount({
    contract,
    tools: {} as never,
    store: {} as never,
    routes: {
      makeOrder: async ({ body }: Call<typeof contract.operations.makeOrder>) => answer(body),
    },
  })
  await gateway.listen({ host: '127.0.0.1', port: 0 })
  const issued = Math.floor(Date.now() / 1000)
  const key = keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string
  const token = createSigner({ key, algorithm: 'EdDSA', kid: 'k1' })({
    iss: issuer,
    sub: uuidv7(),
    sid: uuidv7(),
    roles: ['member'],
    permissions: ['orders:make', 'orders:see'],
    exp: issued + 3600,
  })
  process.stdout.write(`token ${token}\n`)
  return portOf(gateway.url())
}

const portOf = (url: string) => Number(new URL(url).port)

const servers: Record<string, () => Promise<number>> = {
  pleiad,
  fastify: bareFastify,
  'nest-fastify': () => nest('fastify'),
  'nest-express': () => nest('express'),
}

process.stdout.write(`port ${await servers[process.argv[2]!]!()}\n`)

// Asked between runs: the CPU time so far, which other programs on the machine do not change as they change rates.
process.on('message', () => process.send!(process.cpuUsage().user + process.cpuUsage().system))
