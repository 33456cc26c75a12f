/**
 * One process of the installation that the choreography runs in: the services that SERVICES names, whose handlers fail at
 * random, half of the times before and half after they have done their work. Its argument is `Start`, as JSON.
 */
import { fileURLToPath } from 'node:url'
import { discoverServices } from '../../../platform/service/discover.ts'
import { startHost } from '../../../platform/service/host.ts'
import type { Service } from '../../../platform/service/service.ts'

export interface Start {
  readonly services: string
  /** All that run in some process. */
  readonly installation: string
  readonly env: Readonly<Record<string, string>>
  /** Public key of who signs the tokens. */
  readonly jwk: Record<string, unknown>
  /** Of all runs of handlers, how many fail on purpose. */
  readonly failing: number
}

const { services, installation, env, jwk, failing } = JSON.parse(process.argv[2]!) as Start
const folder = fileURLToPath(new URL('../../../services/', import.meta.url))
// Whoever started this is gone: nobody would end it.
process.on('disconnect', () => process.exit(1))

let failed = 0
function fail(where: string): void {
  if (Math.random() >= failing / 2) return
  failed++
  throw new Error(`fails on purpose, ${where}`)
}

function troubled(service: Service): Service {
  if (failing === 0 || !service.handlers) return service
  const handlers = Object.entries(service.handlers).map(([name, handler]) => {
    const handle: typeof handler.handle = async (own, call) => {
      fail('before its work')
      await handler.handle(own, call)
      fail('after its work')
    }
    return [name, { ...handler, handle }] as const
  })
  return { ...service, handlers: Object.fromEntries(handlers) }
}

const all = await discoverServices(folder, installation)
const here = new Set((await discoverServices(folder, services)).map(({ contract }) => contract.name))
const wrapped = all.map(troubled)
const host = await startHost({
  services: wrapped.filter(({ contract }) => here.has(contract.name)),
  installation: wrapped,
  env,
  extraKeys: [jwk],
})
setInterval(() => {
  if (failed > 0) process.send?.({ failed })
  failed = 0
}, 100)
process.on('message', async (said) => {
  if (said !== 'stop') return
  await host.stop()
  process.exit(0)
})
process.send!({ ready: host.url, greeting: await host.greeting() })
