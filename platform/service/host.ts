import { uuidv7 } from 'uuidv7'
import { documentRoutes } from '../contract/documents.ts'
import { openBus } from '../events/bus.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import { createIdentity } from '../identity/identity.ts'
import { createLog } from '../observe/log.ts'
import { createMetrics } from '../observe/metrics.ts'
import packageJson from '../package.json' with { type: 'json' }
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded.ts'
import { prepareService, type Running, type Shared, startService } from './assemble.ts'
import { misspelt, type PlatformConfig, readConfig, settingNames } from './config.ts'
import { connectInternally } from './internal-calls.ts'
import { explainListenError, StartError } from './refuse.ts'
import { openDataFolder } from './secrets.ts'
import type { IdentitySource, Service } from './service.ts'
import { systemRoutes } from './system-routes.ts'

const { version } = packageJson

export interface HostOptions {
  readonly services: readonly Service[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Where the built web app lies. */
  readonly webFolder?: string
  /** Time as the services see it; tests set it. */
  readonly now?: () => Date
  /** Tells a person what is going on while starting. */
  readonly progress?: (line: string) => void
  /** Public keys trusted beside the identity service's own: tests sign callers with them. */
  readonly extraKeys?: readonly Record<string, unknown>[]
}

export interface Host {
  readonly config: PlatformConfig
  /** Where this process listens. */
  readonly url: string
  /** Where people reach the installation. */
  readonly publicUrl: string
  readonly gateway: Gateway
  readonly running: readonly Running[]
  /** What the services want a person to read once everything is ready. */
  readonly greeting: () => Promise<string[]>
  /** Resolves when no event is waiting or being handled anywhere in this process. */
  readonly settled: () => Promise<void>
  /** Finishes requests and handlers in flight, then stops everything, PostgreSQL last. */
  readonly stop: () => Promise<void>
}

/** Starts the services and resolves when they answer. Whatever was started is stopped again when a step fails. */
export async function startHost(options: HostOptions): Promise<Host> {
  const stops: (() => Promise<void> | void)[] = []
  const stop = async () => {
    for (const undo of stops.splice(0).reverse()) await undo()
  }
  try {
    return await start(options, stops, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  options: HostOptions,
  stops: (() => Promise<void> | void)[],
  stop: () => Promise<void>,
): Promise<Host> {
  const progress = options.progress ?? (() => {})
  const now = options.now ?? (() => new Date())
  const settings = options.services.flatMap((service) => (service.settings ? [service.settings] : []))
  const config = readConfig(options.env, settings)
  const platform = config.platform
  const log = createLog({ level: platform.LOG_LEVEL })
  for (const { name, like } of misspelt(options.env, settingNames(settings)))
    log.warn(`The environment has ${name}, which nothing reads; is ${like} meant?`)
  if (platform.OTEL_EXPORTER_OTLP_ENDPOINT) {
    // OpenTelemetry is loaded only where somebody listens.
    const { startTracing } = await import('../observe/tracing.ts')
    const tracing = startTracing({ endpoint: platform.OTEL_EXPORTER_OTLP_ENDPOINT })
    stops.push(() => tracing.stop())
  }
  const metrics = createMetrics()
  const folder = openDataFolder(platform.PLEIAD_DATA, options.env['PLEIAD_SECRET'])
  stops.push(() => folder.close())

  let adminUrl = platform.DATABASE_URL
  if (!adminUrl) {
    progress('Starting PostgreSQL')
    const postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataFolder: folder.path, log })
    stops.push(() => postgres.stop())
    adminUrl = postgres.url
  }

  const driver = await openBus(platform.BUS_URL, (error) =>
    log.error({ err: error }, 'the bus reports an error'),
  )
  stops.push(() => driver.close())
  const calls = connectInternally()
  const shared: Shared = {
    services: options.services,
    now,
    log,
    metrics,
    driver,
    calls,
    platform,
    adminUrl,
    deriveKey: folder.deriveKey,
    publicUrl: (platform.PUBLIC_URL ?? `http://localhost:${platform.PORT}`).replace(/\/$/, ''),
    running: [],
    push: () => {},
  }

  progress('Preparing the database')
  const prepared = await Promise.all(
    options.services.map((service) => prepareService(service, shared, config.values)),
  )
  for (const running of prepared) stops.push(() => running.store.close())
  for (const part of prepared) {
    const running = await startService(part, shared)
    shared.running.push(running)
    stops.push(() => running.service.stop?.(running.own))
  }
  const answering = calls.open((router) => {
    for (const { service, tools, own } of shared.running) service.rpc?.(router, tools, own)
  })
  for (const { contract, calls: called = [] } of options.services)
    for (const { typeName } of called)
      if (!answering.has(typeName))
        throw new StartError(
          `${contract.name} calls ${typeName}, which no service of this process answers. Name its service in SERVICES too.`,
        )

  progress('Opening the gateway')
  const source = identitySource(shared.running)
  const identity = createIdentity({
    issuer: shared.publicUrl,
    loadKeys: async () => ({
      keys: [...(options.extraKeys ?? []), ...((await source?.loadKeys())?.keys ?? [])],
    }),
    resolveToken: async (token) => source?.resolveToken(token),
    loadRevocations: async () => source?.loadRevocations() ?? [],
    onBroadcast: (channel, receive) => driver.onBroadcast(channel, receive),
    now: now,
  })
  const gateway = await createGateway({
    log,
    metrics,
    identity,
    publicUrl: shared.publicUrl,
    settings: platform,
    broadcast: (channel, message) => driver.broadcast(channel, message),
    onBroadcast: (channel, receive) => driver.onBroadcast(channel, receive),
    now: now,
    newId: uuidv7,
    ...(options.webFolder ? { webFolder: options.webFolder } : {}),
  })
  shared.push = (topic, userId, data) => gateway.realtime.push(topic, userId, data)
  let ready = false
  systemRoutes(gateway.app, {
    version,
    startedAt: new Date(),
    running: shared.running,
    metrics,
    ready: () => ready,
  })
  documentRoutes(gateway.app, options.services, shared.publicUrl)
  for (const { service, own, tools, store } of shared.running)
    gateway.mount({ contract: service.contract, routes: service.routes(own), tools, store })

  // All subscribe before the first one carries: an event that nobody in this process wants yet would pass by.
  for (const { events } of shared.running) await events.subscribe()
  for (const { events } of shared.running) await events.subscribe()
  for (const { events } of shared.running) await events.start()
  stops.push(async () => {
    await Promise.all(shared.running.map(({ events }) => events.stop()))
  })
  await gateway.listen({ host: platform.HOST, port: platform.PORT }).catch((error) => {
    throw explainListenError(error, platform.HOST, platform.PORT)
  })
  stops.push(() => {
    ready = false
    return gateway.close()
  })
  ready = true

  return {
    config: platform,
    url: gateway.url(),
    publicUrl: shared.publicUrl,
    gateway,
    running: shared.running,
    stop,
    greeting: async () =>
      (
        await Promise.all(
          shared.running.map(async ({ service, tools, own }) => (await service.greeting?.(tools, own)) ?? []),
        )
      ).flat(),
    // An event handled in one service may wake another: go round until a whole round finds nothing.
    settled: async () => {
      for (let quiet = 0; quiet < 2; ) {
        const before = shared.running.reduce((sum, { events }) => sum + events.activity(), 0)
        for (const { events } of shared.running) await events.idle()
        quiet =
          shared.running.reduce((sum, { events }) => sum + events.activity(), 0) === before ? quiet + 1 : 0
      }
    },
  }
}

function identitySource(running: readonly Running[]): IdentitySource | undefined {
  const owner = running.find(({ service }) => service.identity)
  return owner?.service.identity?.(owner.tools, owner.own)
}
