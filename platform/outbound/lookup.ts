/** From a host name to addresses, once: what is checked is what is connected to. */
import { lookup, Resolver } from 'node:dns/promises'

/** Resolves with every address of a name; rejects when there is none or `signal` says that time is over. */
export type Lookup = (name: string, signal: AbortSignal) => Promise<readonly string[]>

const TRY_MS = 2_500

/**
 * Asks the DNS servers. Only names of this network (without a dot, or allowed by the administrator) go through the
 * system, which reads `/etc/hosts` too: it occupies one of Node's few threads until it answers, which must not be up
 * to a stranger's slow server. `servers` replaces the system's name servers, for tests.
 */
export function createLookup(local: ReadonlySet<string>, servers?: readonly string[]): Lookup {
  return async (name, signal) => {
    if (local.has(name) || !name.includes('.')) {
      const found = await Promise.race([lookup(name, { all: true }), failWhenAborted(signal)])
      return found.map(({ address }) => address)
    }
    const resolver = new Resolver({ timeout: TRY_MS, tries: 2 })
    if (servers) resolver.setServers(servers)
    const cancel = () => resolver.cancel()
    signal.addEventListener('abort', cancel)
    try {
      const [four, six] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
      signal.throwIfAborted()
      const found = [four, six].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
      if (found.length === 0) throw (four as PromiseRejectedResult).reason
      return found
    } finally {
      signal.removeEventListener('abort', cancel)
    }
  }
}

export function failWhenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason)
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
