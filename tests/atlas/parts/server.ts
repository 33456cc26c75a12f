/** A whole server in a process of its own, as `server/main.ts` starts it; it also believes tokens of the test. */
import { fileURLToPath } from 'node:url'
import { discoverServices } from '@pleiad/platform/discover'
import { startHost } from '@pleiad/platform/server'
import { answering } from './process.ts'

const host = await startHost({
  services: await discoverServices(fileURLToPath(new URL('../../../services/', import.meta.url)), 'all'),
  env: process.env,
  extraKeys: [JSON.parse(process.env['TEST_KEY'] ?? '')],
})
answering(host.url, { settled: () => host.settled() }, () => host.stop())
