/** Live issuers: instances of oidc-provider, made when they are asked and bounded in number. An idle project has none. */
import type Provider from 'oidc-provider'
import type { Issuer } from './issuers.ts'
import type { StoredKey } from './keys.ts'
import { keysOf } from './service-keyring.ts'
import type { Own } from './service-own.ts'
import { buildProvider } from './service-provider.ts'

export interface Live {
  readonly issuer: Issuer
  readonly provider: Provider
  readonly handle: ReturnType<Provider['callback']>
  readonly keys: readonly StoredKey[]
}

export interface Issuers {
  readonly live: (issuer: Issuer) => Promise<Live>
  readonly forget: (matches: (issuer: Issuer) => boolean) => void
  readonly size: () => number
}

/** Keys that another process put in force are noticed within this time even if its message was lost. */
const FRESH_MS = 5 * 60_000

export function createIssuers(owner: () => Own): Issuers {
  const entries = new Map<string, { made: Promise<Live>; issuer: Issuer; at: number }>()

  const make = async (issuer: Issuer): Promise<Live> => {
    const own = owner()
    const keys = await keysOf(own.tools, issuer)
    const provider = await buildProvider(own, issuer, keys)
    own.tools.count('oidc_issuers_made_total')
    return { issuer, provider, handle: provider.callback(), keys }
  }

  return {
    live: (issuer) => {
      const { issuerId } = issuer
      const known = entries.get(issuerId)
      if (known && performance.now() - known.at < FRESH_MS && sameLook(known.issuer, issuer)) {
        entries.delete(issuerId)
        entries.set(issuerId, known)
        return known.made
      }
      const entry = { made: make(issuer), issuer, at: performance.now() }
      entries.delete(issuerId)
      entries.set(issuerId, entry)
      // A failed making is not kept: the next caller tries again.
      entry.made.catch(() => entries.get(issuerId) === entry && entries.delete(issuerId))
      if (entries.size > owner().config.OIDC_LIVE_ISSUERS) entries.delete(entries.keys().next().value!)
      return entry.made
    },
    forget: (matches) => {
      for (const [id, { issuer }] of entries) if (matches(issuer)) entries.delete(id)
    },
    size: () => entries.size,
  }
}

function sameLook(a: Issuer, b: Issuer): boolean {
  return a.version === b.version && a.name === b.name && a.accent === b.accent && a.handle === b.handle
}
