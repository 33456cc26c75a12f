/** Starts the services that SERVICES names in this process. The only place that knows which services there are. */
import { fileURLToPath } from 'node:url'
import { discoverServices, refuseUnheardEvents } from '@pleiad/platform/discover'
import { startHost } from '@pleiad/platform/server'
import { StartError } from '@pleiad/platform/start-error'

const started = performance.now()

async function start() {
  const folder = fileURLToPath(new URL('../services/', import.meta.url))
  const names = process.env['SERVICES'] ?? 'all'
  const services = await discoverServices(folder, names)
  if (names !== 'all' && !process.env['BUS_URL']) await refuseUnheardEvents(folder, services)
  return startHost({
    services,
    // Roles, scopes, the map and the documents speak of all services, wherever they run.
    installation: names === 'all' ? services : await discoverServices(folder, 'all'),
    env: process.env,
    webFolder: fileURLToPath(new URL('../web/dist/', import.meta.url)),
    progress: (line) => process.stdout.isTTY && console.log(`  ${line} …`),
  })
}

try {
  const starting = start()
  let stopping = false
  const stop = async () => {
    if (stopping) return
    stopping = true
    console.log('Stopping: finishing what is in flight')
    // Ctrl-C while starting waits for the start: PostgreSQL must not be left half way.
    const host = await starting.catch(() => undefined)
    await host?.stop()
    process.exit(0)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop)
  // The channel to `npm start`: it closes when that was killed.
  process.on('disconnect', stop)
  const host = await starting
  if (!stopping) {
    console.log(
      `Pleiad is ready at ${host.publicUrl} (${((performance.now() - started) / 1000).toFixed(1)} s)`,
    )
    for (const line of await host.greeting()) console.log(line)
  }
} catch (error) {
  if (error instanceof StartError) console.error(error.message)
  else console.error('Pleiad cannot start:', error)
  process.exit(1)
}
