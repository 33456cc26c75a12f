/** What a load balancer sees of a process that was told to stop: see DRAIN_SECONDS. */
import { Agent, request } from 'node:http'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { discoverServices } from '../platform/service/discover.ts'
import { startTestPlatform } from '../platform/testing/testing.ts'

const folder = fileURLToPath(new URL('../services/', import.meta.url))

test('a process that stops fails its readiness first, and goes on answering while balancers notice', async () => {
  const platform = await startTestPlatform({
    services: await discoverServices(folder, 'operations'),
    env: { DRAIN_SECONDS: '3' },
  })
  const agent = new Agent({ keepAlive: true })
  const get = (path: string) =>
    new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
      request(`${platform.url}${path}`, { agent }, (response) => {
        response
          .resume()
          .once('end', () =>
            resolve({ status: response.statusCode, connection: response.headers.connection }),
          )
      })
        .once('error', reject)
        .end()
    })
  expect(await get('/health/ready')).toEqual({ status: 200, connection: 'keep-alive' })
  const stopping = platform.stop()
  // An answer ends its connection: a balancer that keeps connections opens the next one to another process.
  expect(await get('/health/ready')).toEqual({ status: 503, connection: 'close' })
  expect(await get('/health/live')).toEqual({ status: 200, connection: 'close' })
  expect(await get('/docs')).toEqual({ status: 200, connection: 'close' })
  await stopping
  await expect(get('/health/live')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  agent.destroy()
})
