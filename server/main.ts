/** Starts the services that SERVICES names in this process. The only place that knows which services there are. */
import { fileURLToPath } from 'node:url'
import { discoverServices } from '@pleiad/platform/discover'
import { startHost } from '@pleiad/platform/server'
import { StartError } from '@pleiad/platform/start-error'

const started = performance.now()

try {
  const services = await discoverServices(
    fileURLToPath(new URL('../services/', import.meta.url)),
    process.env['SERVICES'] ?? 'all',
  )
  const host = await startHost({
    services,
    env: process.env,
    webFolder: fileURLToPath(new URL('../web/dist/', import.meta.url)),
    progress: (line) => process.stdout.isTTY && console.log(`  ${line} …`),
  })
  console.log(`Pleiad is ready at ${host.publicUrl} (${((performance.now() - started) / 1000).toFixed(1)} s)`)
  for (const line of await host.greeting()) console.log(line)

  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, async () => {
      if (stopping) return
      stopping = true
      console.log('Stopping: finishing what is in flight')
      await host.stop()
      process.exit(0)
    })
} catch (error) {
  if (error instanceof StartError) console.error(error.message)
  else console.error('Pleiad cannot start:', error)
  process.exit(1)
}
