/** A configured provider, ready to be talked to; every conversation is counted for the health page. */
import type { Tools } from '@pleiad/platform/service'
import type { Configuration } from './configurations.ts'
import { ProviderTrouble } from './problems.ts'
import type { Client, Provider } from './provider.ts'
import { providerNamed } from './providers/catalogue.ts'
import { findConfigurationById, noteCall, type Sealed } from './store-configurations.ts'

export interface Ready {
  readonly configuration: Configuration
  readonly provider: Provider
  readonly client: Client
}

/** What a configuration's secret is sealed for. */
export function secretOwner(configurationId: string): string {
  return `configuration:${configurationId}`
}

/** Opens the secret of a configuration. */
export async function ready(
  { vault }: Pick<Tools, 'vault'>,
  { configuration, secret }: Sealed,
): Promise<Ready> {
  const { clientId, settings, parameters, catalogue, id } = configuration
  const provider = providerNamed(catalogue)
  if (!provider) throw new Error(`The catalogue has lost ${catalogue}`)
  const opened = secret && (await vault.open(secret, secretOwner(id))).toString()
  return { configuration, provider, client: { clientId, secret: opened, settings, parameters } }
}

export async function readyById(tools: Pick<Tools, 'vault' | 'sql'>, id: string): Promise<Ready> {
  const sealed = await findConfigurationById(tools.sql, id)
  if (!sealed) throw new Error(`Configuration ${id} is gone`)
  return ready(tools, sealed)
}

type Kind = 'code' | 'refresh' | 'revoke' | 'discovery'

/** Runs a conversation with a provider, times it and notes how it went. Trouble is thrown on. */
export async function watched<T>(
  tools: Pick<Tools, 'sql' | 'now' | 'count' | 'log'>,
  { id, catalogue }: Pick<Configuration, 'id' | 'catalogue'>,
  kind: Kind,
  talk: () => Promise<T>,
): Promise<T> {
  const started = performance.now()
  const note = (trouble?: ProviderTrouble) => {
    tools.count('provider_requests', { provider: catalogue, kind, outcome: trouble?.code ?? 'ok' })
    // How a provider does is no reason to fail or to wait.
    noteCall(
      tools.sql,
      {
        configurationId: id,
        ms: performance.now() - started,
        trouble: trouble && { code: trouble.code, words: trouble.message },
      },
      tools.now(),
    ).catch((error) => tools.log.warn({ err: error }, 'the health of a provider was not noted'))
  }
  try {
    const value = await talk()
    // Metadata mostly comes from the cache: that it did says nothing of the provider.
    if (kind !== 'discovery') note()
    return value
  } catch (error) {
    if (error instanceof ProviderTrouble) {
      // A person's refusal or an old refresh token says nothing against the provider.
      note(error.forGood ? undefined : error)
      if (!error.forGood) tools.log.info({ provider: catalogue, kind, code: error.code }, error.message)
    }
    throw error
  }
}
