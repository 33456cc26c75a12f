/** Starts the services that SERVICES names in this process. The only place that knows which services there are. */
import { enableCompileCache } from 'node:module'
import { fileURLToPath } from 'node:url'

const started = performance.now()
// The next start finds its two thousand modules compiled. Where the folder cannot be written, it does without.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)))
const { discoverServices, refuseUnheardEvents } = await import('@pleiad/platform/discover')
const { startHost } = await import('@pleiad/platform/server')
const { StartError } = await import('@pleiad/platform/start-error')

async function start() {
  const folder = fileURLToPath(new URL('../services/', import.meta.url))
  const names = process.env['SERVICES'] || 'all'
  // Roles, scopes, the map and the documents speak of all services, wherever they run.
  const installation = await discoverServices(folder, 'all')
  const problems: string[] = []
  const services =
    names === 'all'
      ? installation
      : await discoverServices(folder, names).catch((error) => {
          if (!(error instanceof StartError)) throw error
          problems.push(error.message)
          return installation
        })
  if (services !== installation && !process.env['BUS_URL']) await refuseUnheardEvents(folder, services)
  return startHost({
    services,
    installation,
    problems,
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
