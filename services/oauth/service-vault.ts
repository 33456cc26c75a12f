/**
 * Reads tokens. The usual case asks nobody: a token that is valid long enough is in this process's memory. Everything
 * that changes a connection is broadcast; what a lost broadcast could leave behind is forgotten after half a minute.
 */
import type { ProjectOfCaller, Tools } from '@pleiad/platform/service'
import type { Token } from './contract-schemas.ts'
import type { Own } from './service-own.ts'
import { createRefresher, markBroken, type Refresher } from './service-refresh.ts'
import { openTokens } from './service-tokens.ts'
import { projectState } from './store-configurations.ts'
import { type ConnectionRow, findConnection, noteUses } from './store-connections.ts'
import { decideReading, type Kept } from './tokens.ts'

const KEEP_MS = 30_000
const FLUSH_MS = 20_000
/** A token that was refused is replaced at most this often. */
const REPLACE_MS = 30_000

export type Read =
  | { readonly token: Token }
  | { readonly refused: 'notFound' | 'tokenNotOffered' | 'projectArchived' }
  | { readonly refused: 'reconnectRequired'; readonly reason: string }
  | { readonly refused: 'validityNotOffered'; readonly longest: number }
  | { readonly refused: 'tokenUnavailable'; readonly retryAfter: number }

export interface Vault {
  readonly read: (id: string, caller: ProjectOfCaller, minValidity: number) => Promise<Read>
  /** Another token than the one that the provider refused. */
  readonly replace: (id: string, caller: ProjectOfCaller, refused: string) => Promise<Read>
  readonly refresher: Refresher
  /** Forgets what is remembered of a connection. */
  readonly forget: (connectionId: string) => void
  /** Forgets everything of a project. */
  readonly forgetProject: (projectId: string) => void
  /** Notes in the database which tokens were read since the last time. */
  readonly flush: () => Promise<void>
  readonly stop: () => Promise<void>
}

interface Entry {
  readonly projectId: string
  readonly environment: string
  readonly endUserId: string
  readonly token: Token
  /** Epoch milliseconds; Infinity when the provider named no end. */
  readonly expires: number
  readonly forgetAt: number
}

/** Whose connections a program may see: those of its environment, and with an end user's token only theirs. */
export function isVisible(
  of: { readonly projectId: string; readonly environment: string; readonly endUserId: string | null },
  caller: ProjectOfCaller,
): boolean {
  return (
    of.projectId === caller.id &&
    of.environment === caller.environment &&
    of.endUserId !== null &&
    (caller.endUser === undefined || caller.endUser === of.endUserId)
  )
}

/** Whose a connection is. */
export function ownerOf(row: ConnectionRow) {
  return { projectId: row.project_id, environment: row.environment, endUserId: row.end_user_id }
}

function keptOf(row: ConnectionRow): Kept {
  return {
    state: row.state,
    hasToken: row.access !== null,
    refreshable: row.refresh !== null,
    expiresAt: row.expires_at ?? undefined,
    lifetime: row.lifetime ?? undefined,
    retryAt: row.retry_at ?? undefined,
  }
}

export function createVault(
  tools: Tools,
  own: Pick<Own, 'exchange' | 'changed' | 'timeoutSeconds'>,
  limits: { readonly entries: number; readonly aheadSeconds: number },
): Vault {
  const { sql, now, log } = tools
  const refresher = createRefresher(tools, own)
  const entries = new Map<string, Entry>()
  /** Reads of the database under way: callers of the same moment share one. */
  const loading = new Map<string, Promise<ConnectionRow | undefined>>()
  /** Grows with each change, so that a row read before it is not remembered after it. */
  let changes = 0
  let uses = new Map<string, Date>()
  const flushing = setInterval(() => void flush(), FLUSH_MS).unref()

  async function flush(): Promise<void> {
    if (uses.size === 0) return
    const noted = uses
    uses = new Map()
    await noteUses(sql, noted).catch((error) => log.warn({ err: error }, 'uses of tokens were not noted'))
  }

  function load(id: string): Promise<ConnectionRow | undefined> {
    const under = loading.get(id)
    if (under) return under
    const started = findConnection(sql, id).finally(() => loading.delete(id))
    loading.set(id, started)
    return started
  }

  function remember(id: string, row: ConnectionRow, token: Token): void {
    if (limits.entries === 0) return
    if (entries.size >= limits.entries) entries.delete(entries.keys().next().value!)
    entries.set(id, {
      projectId: row.project_id,
      environment: row.environment,
      endUserId: row.end_user_id!,
      token,
      expires: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
      forgetAt: now().getTime() + KEEP_MS,
    })
  }

  async function serve(row: ConnectionRow, changesBefore: number): Promise<Read> {
    const opened = await openTokens(tools, row)
    const token: Token = {
      connectionId: row.id,
      provider: row.provider,
      accessToken: opened!.accessToken,
      tokenType: row.token_type,
      scopes: row.scopes,
      ...(row.expires_at ? { expiresAt: row.expires_at.toISOString() } : {}),
    }
    uses.set(row.id, now())
    if (changes === changesBefore) remember(row.id, row, token)
    return { token }
  }

  async function readSlowly(id: string, caller: ProjectOfCaller, minValidity: number): Promise<Read> {
    for (let round = 1; ; round++) {
      const changesBefore = changes
      const row = await load(id)
      if (!row || row.state === 'pending') return { refused: 'notFound' }
      if (!isVisible(ownerOf(row), caller)) return { refused: 'notFound' }
      if ((await projectState(sql, row.project_id)) !== 'active') return { refused: 'projectArchived' }
      if (row.behind && row.state === 'active') {
        await markBroken(tools, own, row, 'moved')
        return { refused: 'reconnectRequired', reason: 'moved' }
      }
      const reading = decideReading(keptOf(row), minValidity, limits.aheadSeconds, now())
      switch (reading.is) {
        case 'valid':
          if (reading.soonOver) refreshSoon(row)
          return serve(row, changesBefore)
        case 'noToken':
          return { refused: 'tokenNotOffered' }
        case 'broken':
          return { refused: 'reconnectRequired', reason: row.broken_reason ?? 'revoked' }
        case 'over':
          await markBroken(tools, own, row, 'expired')
          return { refused: 'reconnectRequired', reason: 'expired' }
        case 'tooLong':
          return { refused: 'validityNotOffered', longest: reading.longest }
        case 'refresh': {
          // The second round sees what the refresh brought; a third one would begin another.
          if (round > 2) return unavailable(row)
          const after = await refresher.refresh(row)
          if (after && after.generation === row.generation && after.state === 'active')
            return unavailable(after)
        }
      }
    }
  }

  async function replace(id: string, caller: ProjectOfCaller, refused: string): Promise<Read> {
    const row = await findConnection(sql, id)
    if (row?.state !== 'active' || row.behind || row.access === null || !isVisible(ownerOf(row), caller))
      return readSlowly(id, caller, 0)
    if ((await projectState(sql, row.project_id)) !== 'active') return { refused: 'projectArchived' }
    if ((await openTokens(tools, row))!.accessToken === refused) {
      if (row.refresh === null) await markBroken(tools, own, row, 'refused')
      else {
        const pause = (row.refreshed_at ?? row.created_at).getTime() + REPLACE_MS - now().getTime()
        if (pause > 0) return { refused: 'tokenUnavailable', retryAfter: Math.ceil(pause / 1000) }
        const after = await refresher.refresh(row)
        if (after?.generation === row.generation && after.state === 'active') return unavailable(after)
      }
    }
    return readSlowly(id, caller, 0)
  }

  function unavailable(row: ConnectionRow): Read {
    const until = (row.retry_at?.getTime() ?? 0) - now().getTime()
    return { refused: 'tokenUnavailable', retryAfter: Math.max(1, Math.ceil(until / 1000)) }
  }

  /** Refreshes without anybody waiting for it. */
  function refreshSoon(row: ConnectionRow): void {
    if (row.retry_at && row.retry_at > now()) return
    refresher.refresh(row).catch((error) => log.warn({ err: error }, 'a refresh ahead of time failed'))
  }

  return {
    refresher,
    replace,
    flush,
    read: (id, caller, minValidity) => {
      const entry = entries.get(id)
      if (entry) {
        const at = now().getTime()
        if (entry.forgetAt < at) entries.delete(id)
        else if (entry.expires - at >= Math.max(1, minValidity) * 1000) {
          if (!isVisible(entry, caller)) return Promise.resolve({ refused: 'notFound' })
          uses.set(id, now())
          return Promise.resolve({ token: entry.token })
        }
      }
      return readSlowly(id, caller, minValidity)
    },
    forget: (id) => {
      changes++
      entries.delete(id)
      loading.delete(id)
      refresher.changed(id)
    },
    forgetProject: (projectId) => {
      changes++
      loading.clear()
      for (const [id, entry] of entries) if (entry.projectId === projectId) entries.delete(id)
    },
    stop: async () => {
      clearInterval(flushing)
      await refresher.idle()
      await flush()
    },
  }
}
