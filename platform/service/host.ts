import { uuidv7 } from 'uuidv7'
import { openCache } from '../cache/cache.ts'
import { openRedis } from '../cache/redis.ts'
import { documentRoutes } from '../contract/documents.ts'
import { openBus } from '../events/bus.ts'
import { joinRefill } from '../events/refill.ts'
import { openFiles } from '../files/files.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import { createRedisStore } from '../gateway/limits-redis.ts'
import { createIdentity } from '../identity/identity.ts'
import { createMemberships } from '../identity/memberships.ts'
import { createLog } from '../observe/log.ts'
import { createMetrics } from '../observe/metrics.ts'
import { readAllowance } from '../outbound/addresses.ts'
import packageJson from '../package.json' with { type: 'json' }
import { type EmbeddedPostgres, startEmbeddedPostgres } from '../store/embedded.ts'
import { prepareService, type Running, type Shared, startService } from './assemble.ts'
import { misspelt, readConfig, settingNames } from './config.ts'
import { refuseUnknownDatabases } from './databases.ts'
import { openInstallation, refuseDivision } from './installation.ts'
import type { PlatformConfig } from './platform-settings.ts'
import { explainListenError, tryPort } from './refuse.ts'
import { openDataFolder } from './secrets.ts'
import type { CredentialSource, MembershipSource, Service } from './service.ts'
import { credentialsElsewhere, identityFrom, membershipFrom, sourcesOf, withExtra } from './sources.ts'
import { openStandbys } from './standbys.ts'
import { systemRoutes } from './system-routes.ts'

const { version } = packageJson

export interface HostOptions {
  readonly services: readonly Service[]
  /** All services there are, also those that run in other processes. Default: `services`. */
  readonly installation?: readonly Service[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** What is known to be wrong with the settings: told together with all else that is. */
  readonly problems?: readonly string[]
  /** Where the built web app lies. */
  readonly webFolder?: string
  /** Time as the services see it; tests set it. */
  readonly now?: () => Date
  /** Tells a person what is going on while starting. */
  readonly progress?: (line: string) => void
  /** Public keys trusted beside the identity service's own: tests sign callers with them. */
  readonly extraKeys?: readonly Record<string, unknown>[]
  /** Issuers of programs' tokens beside the services': tests make programs with them. */
  readonly extraCredentials?: readonly CredentialSource[]
  /** Asked about members before the service that owns projects: tests make members with it. */
  readonly extraMembership?: MembershipSource
}

export interface Host {
  readonly config: PlatformConfig
  /** Where this process listens. */
  readonly url: string
  /** Where people reach the installation. */
  readonly publicUrl: string
  readonly gateway: Gateway
  readonly running: readonly Running[]
  /** Reaches every process at once, as `tools.broadcast` does. */
  readonly broadcast: (channel: string, message: unknown) => void
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
  const config = readConfig(options.env, settings, options.problems)
  const platform = config.platform
  const allowance = readAllowance(platform.OUTBOUND_ALLOW)
  const all = options.installation ?? options.services
  refuseDivision(options.services, all, platform)
  refuseUnknownDatabases(
    platform,
    all.map(({ contract }) => contract.name),
  )
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
  await tryPort(platform.HOST, platform.PORT)

  let adminUrl = platform.DATABASE_URL
  if (!adminUrl) {
    progress('Starting PostgreSQL')
    const postgres: EmbeddedPostgres = await startEmbeddedPostgres({ dataFolder: folder.path, log })
    stops.push(() => postgres.stop())
    adminUrl = postgres.url
  }

  const standbys = await openStandbys(options.services, platform, adminUrl, log, metrics)
  stops.push(() => standbys.close())
  const driver = await openBus(
    platform.BUS_URL,
    (error) => log.error({ err: error }, 'the bus reports an error'),
    platform.DATABASE_URLS === undefined,
  )
  stops.push(() => driver.close())
  const redis = platform.REDIS_URL
    ? await openRedis({
        url: platform.REDIS_URL,
        log,
        missed: (use) => metrics.counter('pleiad_redis_missed_total', use).inc(),
      })
    : undefined
  stops.push(() => redis?.close())
  const cache = openCache({ redis, ...(options.now ? { now: () => now().getTime() } : {}) })
  const files = await openFiles(platform, folder.path)
  stops.push(() => files.close())
  const installation = await openInstallation({
    services: options.services,
    all: options.installation ?? options.services,
    platform,
    adminUrl,
    deriveKey: folder.deriveKey,
    log,
    driver,
  })
  stops.push(() => installation.close())
  const shared: Shared = {
    now,
    log,
    metrics,
    driver,
    cache,
    files: files.store,
    allowance,
    installation,
    platform,
    adminUrl,
    standbysOf: standbys.of,
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
  installation.open(shared.running)

  progress('Opening the gateway')
  const sources = sourcesOf(shared.running)
  const source = identityFrom(sources, installation)
  const identity = createIdentity({
    issuer: shared.publicUrl,
    loadKeys: async () => ({
      keys: [...(options.extraKeys ?? []), ...((await source?.loadKeys())?.keys ?? [])],
    }),
    resolveToken: async (token) => source?.resolveToken(token),
    sources: [...(options.extraCredentials ?? []), ...sources.credentials.map(({ source }) => source)],
    elsewhere: credentialsElsewhere(installation),
    loadRevocations: async () => source?.loadRevocations() ?? [],
    onBroadcast: (channel, receive) => driver.onBroadcast(channel, receive),
    now: now,
  })
  const memberships = createMemberships({
    source: withExtra(membershipFrom(sources, installation), options.extraMembership),
    onBroadcast: (channel, receive) => driver.onBroadcast(channel, receive),
  })
  const gateway = await createGateway({
    log,
    metrics,
    identity,
    memberships,
    publicUrl: shared.publicUrl,
    settings: platform,
    broadcast: (channel, message) => driver.broadcast(channel, message),
    onBroadcast: (channel, receive) => driver.onBroadcast(channel, receive),
    now: now,
    newId: uuidv7,
    ...(options.webFolder ? { webFolder: options.webFolder } : {}),
    ...(installation.forward ? { forward: installation.forward } : {}),
    ...(redis ? { rateStore: (name: string) => createRedisStore(redis, name) } : {}),
  })
  shared.push = (topic, userId, data) => gateway.realtime.push(topic, userId, data)
  let ready = false
  systemRoutes(gateway.app, {
    version,
    startedAt: new Date(),
    running: shared.running,
    metrics,
    ready: () => ready,
    troublesOf: installation.troublesOf,
  })
  documentRoutes(gateway.app, installation.all, shared.publicUrl)
  for (const { service, own, tools, store } of shared.running)
    gateway.mount({
      contract: service.contract,
      routes: service.routes(own),
      tools,
      store,
      mounts: sources.mounts.get(service.contract.name) ?? {},
    })
  // Whoever is connected here may listen to what is pushed there.
  for (const { contract } of installation.elsewhere) gateway.realtime.know(contract)
  await gateway.app.ready()
  await installation.listen(sources, (request, response) => gateway.app.routing(request, response))
  stops.push(() => installation.silence())

  // All subscribe before the first one carries: an event that nobody in this process wants yet would pass by.
  const failed = (error: unknown) => log.error({ err: error }, 'what the broker lost cannot be asked for')
  const askForHistory = joinRefill(
    driver,
    uuidv7(),
    shared.running.map(({ events }) => events),
    failed,
  )
  let lost = false
  for (const { events } of shared.running) lost = (await events.subscribe()) || lost
  for (const { events } of shared.running) await events.start()
  if (lost) await askForHistory().catch(failed)
  stops.push(async () => {
    await Promise.all(shared.running.map(({ events }) => events.stop()))
    // Before the stores: what a broker still brings would find them closed.
    await driver.close()
  })
  await gateway.listen({ host: platform.HOST, port: platform.PORT }).catch((error) => {
    throw explainListenError(error, platform.HOST, platform.PORT)
  })
  // Before it is ready and while it drains, answers end their connections: the next one goes to another process.
  gateway.app.server.prependListener('request', (_request, response) => {
    if (!ready) response.shouldKeepAlive = false
  })
  stops.push(async () => {
    ready = false
    await installation.leave()
    // A balancer learns of it at its next probe; until then requests still come, and are answered.
    await new Promise((resolve) => setTimeout(resolve, platform.DRAIN_SECONDS * 1000))
    await gateway.close()
  })
  await installation.join()
  ready = true

  return {
    config: platform,
    url: gateway.url(),
    publicUrl: shared.publicUrl,
    gateway,
    running: shared.running,
    broadcast: (channel, message) => driver.broadcast(channel, message),
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
