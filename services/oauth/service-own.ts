/** What lives as long as the process. */
import type { Tools } from '@pleiad/platform/service'
import { createSend } from './service-ask.ts'
import { createDiscovery, type Discovery } from './service-discovery.ts'
import { createExchange, type Exchange } from './service-exchange.ts'
import { createOffered, type Offered } from './service-offered.ts'
import { createRevoker, type Revoker } from './service-revocations.ts'
import { createVault, type Vault } from './service-vault.ts'
import type { OauthConfig } from './settings.ts'

export interface Own {
  readonly discovery: Discovery
  readonly exchange: Exchange
  readonly vault: Vault
  readonly offered: Offered
  readonly revoker: Revoker
  readonly timeoutSeconds: number
  readonly aheadSeconds: number
  /** From which the secrets of flows follow. */
  readonly flowKey: Buffer
  /** Tells every process, this one included, that a connection is not what it was. */
  readonly changed: (connectionId: string) => void
  /** Tells every process that a project, or what it offers, is not what it was. */
  readonly projectChanged: (projectId: string, environment?: string) => void
}

const CONNECTION = 'oauth.connection'
const PROJECT = 'oauth.project'

export function createOwn(tools: Tools<OauthConfig>): Own {
  const { config } = tools
  const timeoutSeconds = config.OAUTH_PROVIDER_TIMEOUT_SECONDS
  const send = createSend(tools, timeoutSeconds * 1000)
  const discovery = createDiscovery(tools, send)
  const exchange = createExchange(tools, send, discovery)
  const changed = (connectionId: string) => {
    vault.forget(connectionId)
    tools.broadcast(CONNECTION, { connectionId })
  }
  const vault = createVault(
    tools,
    { exchange, changed, timeoutSeconds },
    {
      entries: config.OAUTH_VAULT_CACHE,
      aheadSeconds: config.OAUTH_REFRESH_AHEAD_SECONDS,
    },
  )
  const offered = createOffered(tools)
  const forgetProject = (projectId: string, environment?: string) => {
    vault.forgetProject(projectId)
    if (environment !== undefined) offered.forget(projectId, environment)
  }
  tools.onBroadcast(CONNECTION, (message) => vault.forget((message as { connectionId: string }).connectionId))
  tools.onBroadcast(PROJECT, (message) => {
    const { projectId, environment } = message as { projectId: string; environment?: string }
    forgetProject(projectId, environment)
  })
  return {
    discovery,
    exchange,
    vault,
    offered,
    revoker: createRevoker(tools, exchange),
    timeoutSeconds,
    aheadSeconds: config.OAUTH_REFRESH_AHEAD_SECONDS,
    flowKey: tools.deriveKey('flows'),
    changed,
    projectChanged: (projectId, environment) => {
      forgetProject(projectId, environment)
      tools.broadcast(PROJECT, { projectId, ...(environment === undefined ? {} : { environment }) })
    },
  }
}
