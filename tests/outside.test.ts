/** Settings that reach beyond the process do what they say, in a whole host: OUTBOUND_ALLOW and REDIS_URL. */
import { randomInt, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { defineContract } from '@pleiad/platform/contract'
import { OutboundError } from '@pleiad/platform/outbound'
import { defineService } from '@pleiad/platform/service'
import { afterEach, expect, test } from 'vitest'
import { startTestPlatform } from '../platform/testing/testing.ts'

const { TEST_REDIS_URL } = process.env
const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const contract = defineContract({
  name: 'pinger',
  version: '1.0.0',
  summary: 'Answers.',
  operations: {
    ping: { method: 'GET', path: '/ping', summary: 'Answers', access: 'public' },
  },
})
const pinger = defineService({
  contract,
  url: import.meta.url,
  routes: () => ({ ping: async () => undefined }),
})

async function start(env: Record<string, string>) {
  const platform = await startTestPlatform({ services: [pinger], env })
  ends.push(() => platform.stop())
  return { url: platform.url, tools: platform.host.running[0]!.tools }
}

test('services reach this machine only when the administrator allows it', async () => {
  const server = createServer((_, response) => response.end('here'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ends.push(() => server.close())
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`

  const closed = await start({})
  const refusal = await closed.tools.fetchOutside(url).catch((error) => error)
  expect(refusal).toBeInstanceOf(OutboundError)
  expect(refusal.reason).toBe('blockedAddress')
  const metrics = await (await fetch(`${closed.url}/metrics`)).text()
  expect(metrics).toContain('pleiad_outbound_requests_total{service="pinger",outcome="blockedAddress"} 1')

  const open = await start({ OUTBOUND_ALLOW: '127.0.0.1/32,::1/128' })
  expect(await open.tools.fetchOutside(url)).toMatchObject({ status: 200, text: 'here' })
  await expect(start({ OUTBOUND_ALLOW: '127.0.0.1/99' })).rejects.toThrow('OUTBOUND_ALLOW')
})

if (TEST_REDIS_URL) {
  test('processes with one Redis share their cache and their limits', async () => {
    const env = { REDIS_URL: TEST_REDIS_URL, RATE_LIMIT: '2', TRUST_PROXY: 'true' }
    const [one, two] = [await start(env), await start(env)]
    const key = randomUUID()
    await one!.tools.cache.set(key, { shared: true }, 60)
    expect(await two!.tools.cache.get(key)).toEqual({ shared: true })

    // Ten for an address; one that no other run uses.
    const address = `198.18.${randomInt(256)}.${randomInt(256)}`
    const statuses = []
    for (let n = 0; n < 14; n++) {
      const { url } = n % 2 ? one! : two!
      const answer = await fetch(`${url}/api/v1/pinger/ping`, { headers: { 'x-forwarded-for': address } })
      statuses.push(answer.status)
    }
    // Each for itself would have let all of them pass.
    expect(statuses.slice(0, 10)).toEqual(Array(10).fill(204))
    expect(statuses).toContain(429)
  })
}
