/** What the health pages answer, as data; the host mounts them. */

export type HealthState = 'up' | 'degraded' | 'down'

export interface ServiceHealth {
  readonly state: HealthState
  /** Why it is not `up`, one sentence per trouble. */
  readonly troubles: readonly string[]
  readonly checks: Readonly<Record<string, unknown>>
}

export interface HealthReport {
  readonly state: HealthState
  readonly version: string
  readonly uptimeSeconds: number
  readonly services: Readonly<Record<string, ServiceHealth>>
}

/** What is known of one service; functions, because asking takes time and can fail. */
export interface HealthSource {
  /** Resolves when the database answers (`select 1`). */
  readonly store: () => Promise<unknown>
  /** Whether migrations and `start` have finished. */
  readonly started: () => boolean
  /** What it needs of other processes and misses, one sentence each. */
  readonly missing?: () => readonly string[]
  /** Due events that wait, and the age of the oldest in seconds. */
  readonly backlog?: () => Promise<{
    readonly outbox: number
    readonly inbox: number
    readonly dead: number
    readonly oldestSeconds: number
  }>
}

/** A backlog older than this makes a service `degraded`: events move, but late. */
const LATE_SECONDS = 60
const TIMEOUT_MS = 2_000

/** Asks one service. Never rejects: what cannot be found out is a trouble. */
export async function healthOf(source: HealthSource): Promise<ServiceHealth> {
  const troubles: string[] = []
  const checks: Record<string, unknown> = { started: source.started(), store: true }
  let state: HealthState = 'up'
  if (!checks.started) {
    state = 'down'
    troubles.push('The service is still starting.')
  }
  try {
    await within(source.store())
  } catch {
    state = 'down'
    checks.store = false
    troubles.push('The database does not answer.')
  }
  if (state === 'up' && source.backlog) {
    try {
      const backlog = await within(source.backlog())
      checks.backlog = backlog
      if (backlog.oldestSeconds > LATE_SECONDS)
        troubles.push(`Events wait for ${Math.round(backlog.oldestSeconds)} s.`)
      if (backlog.dead > 0)
        troubles.push(
          `${backlog.dead} dead ${backlog.dead === 1 ? 'letter waits' : 'letters wait'} for a decision.`,
        )
    } catch {
      troubles.push('The backlog cannot be read.')
    }
  }
  troubles.push(...(source.missing?.() ?? []))
  if (state === 'up' && troubles.length > 0) state = 'degraded'
  return { state, troubles, checks }
}

/** Asks all services at once; the whole is as well as its worst part. */
export async function healthReport(
  sources: Readonly<Record<string, HealthSource>>,
  info: { readonly version: string; readonly startedAt: Date; readonly now: Date },
): Promise<HealthReport> {
  const entries = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => [name, await healthOf(source)] as const),
  )
  const states = entries.map(([, health]) => health.state)
  return {
    state: states.includes('down') ? 'down' : states.includes('degraded') ? 'degraded' : 'up',
    version: info.version,
    uptimeSeconds: Math.round((info.now.getTime() - info.startedAt.getTime()) / 1000),
    services: Object.fromEntries(entries),
  }
}

/** `/health` and `/health/ready` answer 503 only when a part is down: late events must not take a process out of service. */
export function healthStatus(state: HealthState): 200 | 503 {
  return state === 'down' ? 503 : 200
}

function within<T>(promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('timed out')), TIMEOUT_MS)
    promise.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
