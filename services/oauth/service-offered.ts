/** The providers that an environment offers to sign in with, remembered for a while, in Redis where there is one. */
import type { Tools } from '@pleiad/platform/service'
import { providerNamed } from './providers/catalogue.ts'
import { listConfigurations } from './store-configurations.ts'

const OFFERED_SECONDS = 30

interface OfferedProvider {
  readonly key: string
  readonly name: string
  readonly icon: { readonly path: string; readonly color: string }
}

export interface Offered {
  readonly of: (projectId: string, environment: string) => Promise<readonly OfferedProvider[]>
  /** After a change: whoever asks from now on is told of it. */
  readonly forget: (projectId: string, environment: string) => void
}

export function createOffered(
  { cache, sql, log }: Pick<Tools, 'cache' | 'sql' | 'log'>,
  list: typeof listConfigurations = listConfigurations,
): Offered {
  // What was read before a change must not be remembered after it.
  let changes = 0
  const keyOf = (projectId: string, environment: string) => `offered:${projectId}:${environment}`
  return {
    of: async (projectId, environment) => {
      const key = keyOf(projectId, environment)
      const known = await cache.get<readonly OfferedProvider[]>(key)
      if (known) return known
      const before = changes
      const all = await list(sql, { projectId, environment })
      const providers = all
        .filter(({ enabled, signIn }) => enabled && signIn)
        .map(({ provider, name, catalogue }) => ({
          key: provider,
          name,
          icon: providerNamed(catalogue)!.icon,
        }))
      if (changes === before) await cache.set(key, providers, OFFERED_SECONDS)
      return providers
    },
    forget: (projectId, environment) => {
      changes++
      cache
        .delete(keyOf(projectId, environment))
        .catch((error: unknown) => log.warn({ err: error }, 'the cache did not forget'))
    },
  }
}
