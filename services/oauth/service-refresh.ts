/**
 * Refreshes a connection's tokens once, however many ask on however many processes. Callers of one process share one
 * promise; between processes a row lease decides (store-refresh.ts), and the others wait for the winner's broadcast.
 *
 * A process that dies with the provider's answer in hand loses it. Where refresh tokens are rotated, using the old one
 * again may make the provider revoke the whole family; so an interrupted refresh is repeated only when the old access
 * token is over and there is nothing more to lose. If the provider then refuses, the connection ends as `interrupted`.
 */
import { emit, type Tools } from '@pleiad/platform/service'
import { oauth } from './contract.ts'
import { ProviderTrouble } from './problems.ts'
import type { Provider, Tokens } from './provider.ts'
import type { Own } from './service-own.ts'
import { readyById, watched } from './service-providers.ts'
import { eventOf, openTokens, sealTokens } from './service-tokens.ts'
import { type BrokenReason, type ConnectionRow, findConnection } from './store-connections.ts'
import {
  breakConnection,
  claimRefresh,
  postponeRefresh,
  refreshState,
  saveRefreshed,
} from './store-refresh.ts'
import { isSharedAccount } from './store-revocations.ts'
import { backoffSeconds } from './tokens.ts'

/** Beyond the provider's timeouts (metadata, then the refresh): how long others leave a lease alone. */
const LEASE_EXTRA_SECONDS = 5
/** What is left of a token is not worth protecting any more. */
const PROTECT_MS = 60_000
const STORE_TRIES = 40

export interface Refresher {
  /** Resolves with the connection after somebody refreshed it, or after that turned out not to be possible now. */
  readonly refresh: (row: ConnectionRow) => Promise<ConnectionRow | undefined>
  /** Somebody refreshed, broke or ended this connection. */
  readonly changed: (connectionId: string) => void
  /** Resolves when no refresh is under way in this process. */
  readonly idle: () => Promise<void>
}

/** Whether the old refresh token may be used again when an answer was lost. */
function isRepeatable(provider: Provider): boolean {
  return provider.refresh === 'kept'
}

export function createRefresher(
  tools: Tools,
  own: Pick<Own, 'exchange' | 'changed' | 'timeoutSeconds'>,
): Refresher {
  const { sql, now, log, newId } = tools
  const running = new Map<string, Promise<ConnectionRow | undefined>>()
  const waiting = new Map<string, Set<() => void>>()
  const leaseSeconds = 2 * own.timeoutSeconds + LEASE_EXTRA_SECONDS

  /** Until somebody says that the connection has changed, or a moment is over. */
  function pause(id: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const set = waiting.get(id) ?? new Set()
      waiting.set(id, set)
      const done = () => {
        clearTimeout(timer)
        set.delete(done)
        if (set.size === 0) waiting.delete(id)
        resolve()
      }
      const timer = setTimeout(done, ms)
      set.add(done)
    })
  }

  async function run(row: ConnectionRow): Promise<ConnectionRow | undefined> {
    const { provider } = await readyById(tools, row.configuration_id)
    // Two whole leases: the first owner may have died just after it took its own.
    const until = performance.now() + 2 * leaseSeconds * 1000
    for (let wait = 50, free = 0; ; wait = Math.min(1000, wait * 2)) {
      const claimed = await claimRefresh(sql, {
        id: row.id,
        generation: row.generation,
        lease: newId(),
        seconds: leaseSeconds,
        repeatable: isRepeatable(provider),
        now: now(),
        protect: new Date(now().getTime() + PROTECT_MS),
      })
      if (claimed) {
        await ask(claimed)
        return findConnection(sql, row.id)
      }
      const current = await refreshState(sql, row.id)
      if (current?.state !== 'active' || current.generation > row.generation) return current
      // The lease may have ended just after it was asked for; free twice means that it is not due now.
      if (!current.leased && ++free === 2) return current
      if (performance.now() > until) return current
      await pause(row.id, wait)
    }
  }

  /** With the lease in hand: asks the provider, and stores what it says before anything else happens. */
  async function ask(row: ConnectionRow): Promise<void> {
    const { configuration, provider, client } = await readyById(tools, row.configuration_id)
    // The provider has another address by now: what the old one gave is not for the new one's eyes.
    if (row.epoch !== configuration.epoch) return markBroken(tools, own, row, 'moved')
    try {
      const old = await openTokens(tools, row)
      const tokens = await watched(tools, configuration, 'refresh', () =>
        own.exchange.refresh(provider, client, old!.refreshToken!, row.extra),
      )
      const kept = await keep(row, tokens)
      // Ended here while the provider was asked: nobody may be left with tokens that work.
      if (
        !kept &&
        (await findConnection(sql, row.id))?.state !== 'active' &&
        !(await isSharedAccount(sql, row))
      )
        await own.exchange.revoke(provider, client, tokens)
      tools.count('refreshes', { provider: configuration.catalogue, outcome: 'refreshed' })
    } catch (error) {
      const trouble = error instanceof ProviderTrouble ? error : undefined
      if (!trouble) log.error({ err: error, connectionId: row.id }, 'a refresh failed')
      const outcome = trouble?.forGood ? 'broken' : 'failed'
      tools.count('refreshes', { provider: configuration.catalogue, outcome })
      if (trouble?.forGood) await markBroken(tools, own, row, row.interrupted ? 'interrupted' : 'refused')
      else await postpone(row, provider, trouble)
    }
  }

  /** Stores new tokens. They exist nowhere else, so a database that is away for a moment is waited for. */
  async function keep(row: ConnectionRow, tokens: Tokens): Promise<boolean> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await tools.transact(async (tx) => {
          const sealed = await sealTokens(tools, row.id, tokens, [])
          const { expiresAt } = sealed
          if (!(await saveRefreshed(tx, row.id, row.generation, sealed, now()))) return false
          emit(tx, oauth, 'oauth.connection.refreshed', {
            ...eventOf(row),
            ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
          })
          tx.afterCommit(() => own.changed(row.id))
          return true
        })
      } catch (error) {
        if (attempt === STORE_TRIES) throw error
        log.warn({ err: error, connectionId: row.id, attempt }, 'new tokens could not be stored yet')
        await new Promise((resolve) => setTimeout(resolve, Math.min(3000, 100 * 2 ** attempt)))
      }
    }
  }

  async function postpone(
    row: ConnectionRow,
    provider: Provider,
    trouble: ProviderTrouble | undefined,
  ): Promise<void> {
    const unsure = (trouble?.ambiguous ?? true) && !isRepeatable(provider)
    const seconds = backoffSeconds(row.failures + 1, Math.random(), trouble?.retryAfter)
    await postponeRefresh(sql, row.id, row.lease!, new Date(now().getTime() + seconds * 1000), unsure)
    own.changed(row.id)
  }

  return {
    refresh: (row) => {
      const under = running.get(row.id)
      if (under) return under
      const started = run(row).finally(() => running.delete(row.id))
      running.set(row.id, started)
      return started
    },
    changed: (id) => {
      for (const wake of waiting.get(id) ?? []) wake()
    },
    idle: async () => {
      while (running.size > 0) await Promise.allSettled([...running.values()])
    },
  }
}

/** The person must connect again. */
export async function markBroken(
  tools: Pick<Tools, 'transact'>,
  own: Pick<Own, 'changed'>,
  row: ConnectionRow,
  reason: BrokenReason,
): Promise<void> {
  await tools.transact(async (tx) => {
    if (!(await breakConnection(tx, row.id, row.generation, reason))) return
    emit(tx, oauth, 'oauth.connection.broken', { ...eventOf(row), reason })
    tx.afterCommit(() => own.changed(row.id))
  })
}
