/** Ends tokens at their providers after a connection was ended here; nobody waits for it. */
import type { Tools } from '@pleiad/platform/service'
import type { Exchange } from './service-exchange.ts'
import { readyById, watched } from './service-providers.ts'
import { openTokens } from './service-tokens.ts'
import type { ConnectionRow } from './store-connections.ts'
import {
  claimRevocations,
  finishRevocation,
  isSharedAccount,
  postponeRevocation,
} from './store-revocations.ts'

const AT_ONCE = 10
const TRIES = 4
const PAUSE_MS = 60_000

export interface Revoker {
  /** Revokes what waits, in the background. */
  readonly wake: () => void
  readonly idle: () => Promise<void>
}

export function createRevoker(tools: Tools, exchange: Exchange): Revoker {
  const { sql, now, log, newId } = tools
  let running: Promise<void> | undefined
  let again = false

  async function revoke(row: ConnectionRow): Promise<void> {
    try {
      const tokens = await openTokens(tools, row)
      if (tokens && !(await isSharedAccount(sql, row))) {
        const { configuration, provider, client } = await readyById(tools, row.configuration_id)
        if (provider.kind !== 'signed' && configuration.epoch === row.epoch)
          await watched(tools, configuration, 'revoke', () => exchange.revoke(provider, client, tokens))
      }
    } catch (error) {
      if (row.failures + 1 < TRIES)
        return postponeRevocation(sql, row.id, new Date(now().getTime() + PAUSE_MS * 4 ** row.failures))
      // What cannot be ended there is at least not kept here.
      log.warn(
        { err: error, connectionId: row.id },
        'tokens were erased without being revoked at the provider',
      )
    }
    await finishRevocation(sql, row.id)
  }

  async function run(): Promise<void> {
    do {
      again = false
      for (;;) {
        const rows = await claimRevocations(sql, newId(), now(), AT_ONCE)
        await Promise.all(rows.map(revoke))
        if (rows.length < AT_ONCE) break
      }
    } while (again)
  }

  return {
    wake: () => {
      again = true
      running ??= run()
        .catch((error) => log.warn({ err: error }, 'revocations were interrupted'))
        .finally(() => {
          running = undefined
        })
    },
    idle: async () => running,
  }
}
