/**
 * One server of the gateway's benchmark, by name: `node bench/gateway-servers.ts pleiad`. Prints its port as a line, and
 * before it the token its callers need. All answer POST /api/v1/bench/orders with the same small JSON; the peers are in
 * gateway-peers.ts.
 */
import { generateKeyPairSync } from 'node:crypto'
import { createSigner } from 'fast-jwt'
import { pino } from 'pino'
import { uuidv7 } from 'uuidv7'
import { defineContract, Type } from '../platform/contract/contract.ts'
import { createGateway } from '../platform/gateway/gateway.ts'
import { createIdentity } from '../platform/identity/identity.ts'
import { createMemberships } from '../platform/identity/memberships.ts'
import { createMetrics } from '../platform/observe/metrics.ts'
import type { Call } from '../platform/service/service.ts'
import { answer, bareFastify, bareNest, nestWithDuties, portOf, type Started } from './gateway-peers.ts'

async function pleiad(): Promise<Started> {
  const contract = defineContract({
    name: 'bench',
    version: '1.0.0',
    summary: 'One operation.',
    permissions: { 'orders:make': 'Make orders' },
    operations: {
      makeOrder: {
        method: 'POST',
        path: '/orders',
        summary: 'Make an order',
        access: { permission: 'orders:make' },
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
    memberships: createMemberships({ source: undefined, onBroadcast: () => {} }),
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
  return { port: portOf(gateway.url()), token }
}

const servers: Record<string, () => Promise<Started>> = {
  pleiad,
  fastify: bareFastify,
  'nest-fastify': () => bareNest('fastify'),
  'nest-express': () => bareNest('express'),
  'nest-express-duties': nestWithDuties,
}

const { port, token } = await servers[process.argv[2]!]!()
if (token) process.stdout.write(`token ${token}\n`)
process.stdout.write(`port ${port}\n`)

// Asked between runs: the CPU time so far, which other programs on the machine do not change as they change rates.
process.on('message', () => process.send!(process.cpuUsage().user + process.cpuUsage().system))
