/**
 * Two replicas on one database. The gateway of each remembers roles and keys; what one replica changes holds on the
 * other: at once where something is changed (the row's lock decides), and, where TEST_NATS_URL says that there is a
 * broker on this machine, as fast as a broadcast travels where something is only read.
 */
import { spawn } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from '@pleiad/platform/client'
import { type Host, startHost } from '@pleiad/platform/server'
import { projects } from '@pleiad/projects/contract'
import { createSigner } from 'fast-jwt'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type Bed, type Someone, startBed } from '../../services/projects/testing-bed.ts'

const PUBLIC_URL = 'http://localhost:8080'
const kid = 'other'
const keys = generateKeyPairSync('ed25519')
const sign = createSigner({
  key: keys.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
  algorithm: 'EdDSA',
  kid,
})
const broker = process.env['TEST_NATS_URL'] !== undefined
const ends: (() => unknown)[] = []
let bed: Bed
let other: Host

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-replica-'))
  ends.push(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A broker of this test's own, so that nothing of another installation arrives. */
async function startBroker(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  const child = spawn('nats-server', ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', temporary()], {
    stdio: 'ignore',
  })
  ends.push(() => child.kill())
  return `nats://127.0.0.1:${port}`
}

beforeAll(async () => {
  const env: Record<string, string> = {
    PLEIAD_SECRET: randomBytes(32).toString('base64url'),
    ...(broker ? { BUS_URL: await startBroker() } : {}),
  }
  bed = await startBed(env)
  const { config } = bed.platform.host
  other = await startHost({
    services: bed.services,
    env: {
      ...env,
      PORT: '0',
      HOST: '127.0.0.1',
      PUBLIC_URL,
      LOG_LEVEL: 'error',
      RATE_LIMIT: '0',
      DATABASE_POOL: '4',
      DATABASE_URL: config.DATABASE_URL,
      PLEIAD_DATA: temporary(),
    },
    extraKeys: [{ ...keys.publicKey.export({ format: 'jwk' }), kid, alg: 'EdDSA', use: 'sig' }],
  })
})
afterAll(async () => {
  await other?.stop()
  await bed?.platform.stop()
  for (const end of ends.splice(0).reverse()) await end()
})

/** The client of the other replica. */
const there = (token: string) =>
  createClient(projects, { baseUrl: other.url, headers: () => ({ authorization: `Bearer ${token}` }) })
const personThere = ({ id }: Someone) => {
  const iat = Math.floor(Date.now() / 1000)
  const claims = { iss: PUBLIC_URL, sub: id, sid: id, roles: [], permissions: [], iat, exp: iat + 600 }
  return there(sign(claims))
}

test('a role that the other replica remembers changes nothing any more', async () => {
  const owner = await bed.join()
  const { projectId } = await bed.create(owner)
  const params = { projectId }
  const admin = await bed.member(owner, projectId, 'admin')
  expect((await personThere(admin).listInvitations({ params })).items).toEqual([])
  await owner.my().changeRole({ params: { ...params, userId: admin.id }, body: { role: 'viewer' } })
  await expect(
    personThere(admin).inviteMember({ params, body: { email: 'x@example.com', role: 'viewer' } }),
  ).rejects.toMatchObject({ code: 'forbidden' })
  await owner.my().removeMember({ params: { ...params, userId: admin.id } })
  await expect(personThere(admin).leaveProject({ params })).rejects.toMatchObject({ code: 'notFound' })
})

test('one of two owners stays when each leaves through another replica', async () => {
  for (let round = 0; round < 5; round++) {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    const params = { projectId }
    const second = await bed.member(owner, projectId, 'owner')
    const answers = await Promise.allSettled([
      owner.my().leaveProject({ params }),
      personThere(second).leaveProject({ params }),
    ])
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'lastOwner' })
  }
})

if (broker)
  test('a key that is revoked and a member who is removed are refused on every replica', async () => {
    const owner = await bed.join()
    const { projectId } = await bed.create(owner)
    const params = { projectId }
    const member = await bed.member(owner, projectId, 'viewer')
    const { secret, keyId } = await owner.my().createKey({
      params,
      body: { environment: 'production', name: 'Backend', scopes: ['project:read'] },
    })
    await there(secret).getProject({ params })
    await personThere(member).getProject({ params })
    await owner.my().revokeKey({ params: { ...params, keyId } })
    await owner.my().removeMember({ params: { ...params, userId: member.id } })
    // Without the word from the other replica both would be let in for as long as verdicts are kept, a minute.
    await vi.waitFor(async () => {
      await expect(there(secret).getProject({ params })).rejects.toMatchObject({ code: 'unauthenticated' })
      await expect(personThere(member).getProject({ params })).rejects.toMatchObject({ code: 'notFound' })
    }, 20_000)
  })
