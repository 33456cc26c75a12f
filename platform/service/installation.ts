/**
 * The installation as one of its processes sees it: the services that run here, those that run elsewhere, and the way
 * to them. Without INTERNAL_PORT the process is the whole installation, or knows no other.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { uuidv7 } from 'uuidv7'
import type { BusDriver } from '../events/driver.ts'
import { factsOf, type operationsOf, type ServiceOperations } from '../events/operations.ts'
import { type Ask, createAsk } from '../rpc/ask.ts'
import { type Calls, createCalls, serviceOfRpc } from '../rpc/calls.ts'
import { createForward, type Forward } from '../rpc/forward.ts'
import { openListener } from '../rpc/listener.ts'
import { type About, openPeers, type Peer, type Peers } from '../rpc/peers.ts'
import { createSender } from '../rpc/send.ts'
import { CALL_PURPOSE } from '../rpc/token.ts'
import { answersOf } from './answers.ts'
import type { Running } from './assemble.ts'
import type { PlatformConfig } from './platform-settings.ts'
import { StartError } from './refuse.ts'
import type { Service } from './service.ts'
import type { Sources } from './sources.ts'

export interface Installation {
  /** Every service, wherever it runs. */
  readonly all: readonly Service[]
  /** Those that do not run in this process. */
  readonly elsewhere: readonly Service[]
  /** Whether other processes can be asked. */
  readonly connected: boolean
  readonly others: () => readonly Peer[]
  readonly rpc: Calls['rpc']
  readonly ask: Ask
  /** Services that run elsewhere, or did so within a week: those that nobody ever started are none of it. */
  readonly missed: () => readonly Service[]
  /** What administrators may do in the services elsewhere. */
  readonly operations: () => readonly ServiceOperations[]
  readonly forward: Forward | undefined
  /**
   * Lets the services of this process answer each other.
   * @throws StartError when one calls what nobody can answer.
   */
  readonly open: (running: readonly Running[]) => void
  /** Opens the internal listener. Others find this process only when it has joined. */
  readonly listen: (
    sources: Sources,
    gateway: (request: IncomingMessage, response: ServerResponse) => void,
  ) => Promise<void>
  readonly join: () => Promise<void>
  readonly leave: () => Promise<void>
  /** Ends the listener; then `close` ends the rest. */
  readonly silence: () => Promise<void>
  readonly close: () => Promise<void>
  /** What a service of this process needs of others and misses, one sentence each. */
  readonly troublesOf: (service: Service) => string[]
}

export interface InstallationOptions {
  readonly services: readonly Service[]
  readonly all: readonly Service[]
  readonly platform: PlatformConfig
  readonly adminUrl: string
  readonly deriveKey: (purpose: string) => Buffer
  readonly log: Logger
  readonly driver: Pick<BusDriver, 'broadcast' | 'onBroadcast'>
}

/**
 * A broker and services that are left out mean that those run elsewhere. Without a way to them this process would take
 * the rest of the installation for nothing: exports without their part, people whom nobody recognises.
 */
export function refuseDivision(
  services: readonly Service[],
  all: readonly Service[],
  platform: PlatformConfig,
): void {
  const here = new Set(services.map(({ contract }) => contract.name))
  const left = all.map(({ contract }) => contract.name).filter((name) => !here.has(name))
  if (platform.BUS_URL && platform.INTERNAL_PORT === undefined && left.length > 0)
    throw new StartError(
      `SERVICES leaves out ${left.join(', ')}, and BUS_URL says that they run in other processes: set INTERNAL_PORT (0 takes a free one) here and there, so that the processes can ask each other.`,
    )
}

const REPLAY_MS = 600_000
const SETTLE_MS = 60_000

export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { platform, deriveKey, log, driver, all } = options
  const { INTERNAL_PORT: port, INTERNAL_HOST: host } = platform
  const here = new Set(options.services.map(({ contract }) => contract.name))
  const elsewhere = all.filter(({ contract }) => !here.has(contract.name))
  const key = deriveKey(CALL_PURPOSE)
  let peers: Peers | undefined
  if (port !== undefined) {
    peers = await openPeers({
      id: uuidv7(),
      adminUrl: options.adminUrl,
      deriveKey,
      log,
      broadcast: (channel, message) => driver.broadcast(channel, message),
      onBroadcast: (channel, receive) => driver.onBroadcast(channel, receive),
    })
  }
  const others = () => peers?.others() ?? []
  const sender = peers && createSender({ key, others, refresh: peers.refresh })
  const calls = createCalls(sender)
  const ask = createAsk(sender)
  const missed = () => {
    const known = new Set(others().flatMap(({ about }) => about.services))
    return elsewhere.filter(({ contract }) => known.has(contract.name))
  }
  let answering: ReadonlySet<string> = new Set()
  let running: readonly Running[] = []
  let listener: { address: string; close: () => Promise<void> } | undefined
  let about: About | undefined

  return {
    all,
    elsewhere,
    connected: sender !== undefined,
    others,
    rpc: calls.rpc,
    ask,
    missed,
    operations: () => missed().map((service) => operationsElsewhere(service, ask)),
    forward: sender && createForward(sender, () => missed().map(({ contract }) => contract), others),
    open: (services) => {
      running = services
      answering = calls.open((router) => {
        for (const { service, tools, own } of services) service.rpc?.(router, tools, own)
      })
      if (sender) return
      for (const { service } of services)
        for (const { typeName } of service.calls ?? [])
          if (!answering.has(typeName))
            throw new StartError(
              `${service.contract.name} calls ${typeName}, which no service of this process answers. Name its service in SERVICES too, or set INTERNAL_PORT here and where it runs.`,
            )
    },
    listen: async (sources, gateway) => {
      if (!peers || port === undefined) return
      about = {
        services: [...here].sort(),
        rpc: [...answering].sort(),
        mounts: Object.fromEntries(
          [...sources.mounts].flatMap(([service, mounts]) =>
            Object.keys(mounts).map((prefix) => [prefix, service]),
          ),
        ),
        credentials: sources.credentials.map(({ service, source: { prefix, issuer } }) => ({
          service,
          ...(prefix === undefined ? {} : { prefix }),
          ...(issuer === undefined ? {} : { issuer }),
        })),
      }
      const answers = new Map(running.map((each) => [each.service.contract.name, answersOf(each, sources)]))
      listener = await openListener({
        host,
        port,
        key,
        log,
        addRoutes: (router) => {
          for (const { service, tools, own } of running) service.rpc?.(router, tools, own)
        },
        answer: (service, question) => answers.get(service)?.[question],
        gateway,
        runs: (service) => here.has(service),
      })
    },
    join: async () => {
      if (listener && about) await peers?.join(listener.address, about)
    },
    leave: async () => peers?.leave(),
    silence: async () => listener?.close(),
    close: async () => {
      await sender?.close()
      await peers?.close()
    },
    troublesOf: (service) => {
      if (!sender) return []
      const needed = (service.calls ?? [])
        .filter(({ typeName }) => !answering.has(typeName))
        .filter(({ typeName }) => !sender.has(({ rpc }) => rpc.includes(typeName)))
        .map(({ typeName }) => `It calls ${serviceOfRpc(typeName)}, which runs in no process.`)
      const owner = elsewhere.find(({ identity }) => identity)?.contract.name
      const nobody = owner !== undefined && !sender.has(({ services }) => services.includes(owner))
      return [...needed, ...(nobody ? [`Nobody can be recognised: ${owner} runs in no process.`] : [])]
    },
  }
}

/** The operations of a service of another process. What it is, its code says; how it is, only the process knows. */
function operationsElsewhere(service: Service, ask: Ask): ServiceOperations {
  const { name } = service.contract
  const put = <T>(question: keyof ReturnType<typeof operationsOf>, args: readonly unknown[], ms?: number) =>
    ask<T>(name, `operations.${question}`, args, ms)
  return {
    service: name,
    facts: async () => factsOf(service),
    health: async () =>
      put<Awaited<ReturnType<ServiceOperations['health']>>>('health', []).catch((error) => ({
        status: 'down' as const,
        ms: 0,
        detail: (error as Error).message,
      })),
    stats: () => put('stats', []),
    deadLetters: (...args) => put('deadLetters', args),
    deadLetter: async (...args) => (await put('deadLetter', args)) ?? undefined,
    retry: (...args) => put('retry', args, SETTLE_MS),
    discard: (...args) => put('discard', args, SETTLE_MS),
    replay: (...args) => put('replay', args, REPLAY_MS),
  }
}
