/**
 * The connection to Redis, shared by the cache and the rate limits. Both can do without it, so a Redis that is lost
 * costs one short wait and then nothing: commands are not sent until it is back, and what they would have said is
 * replaced by the caller's own answer.
 */
import type { Redis } from 'ioredis'
import type { Logger } from 'pino'
import { StartError } from '../service/refuse.ts'

/** Who asks: a label of the metric. */
export type RedisUse = 'cache' | 'limits'

export interface RedisLink {
  /** What `work` resolves with, or what `otherwise` says when Redis is away, too slow or refuses. Never rejects. */
  readonly ask: <T>(use: RedisUse, work: (redis: Redis) => Promise<T>, otherwise: () => T) => Promise<T>
  /** Runs when Redis is back, before anybody asks it. */
  readonly onBack: (work: (redis: Redis) => Promise<unknown>) => void
  readonly close: () => void
}

export interface RedisLinkOptions {
  readonly url: string
  readonly log: Pick<Logger, 'warn' | 'info'>
  /** Counts a command that was answered without Redis. */
  readonly missed: (use: RedisUse) => void
  /** Longest wait for an answer. Default 250 ms. */
  readonly timeoutMs?: number
  /** Time without asking after it did not answer. Default 1 s. */
  readonly pauseMs?: number
}

const CONNECT_MS = 5_000

/** Connects; rejects with one clear `StartError` when Redis cannot be used. */
export async function openRedis(options: RedisLinkOptions): Promise<RedisLink> {
  const { log, missed, timeoutMs = 250, pauseMs = 1_000 } = options
  // Loaded only where REDIS_URL is set.
  const { Redis } = await import('ioredis')
  const { host } = new URL(options.url)
  let starting = true
  let lost = false
  let askAgainAt = 0
  const returns: ((redis: Redis) => Promise<unknown>)[] = []

  const redis = new Redis(options.url, {
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A connection that takes commands and gives no answer is dead; without this TCP would wait for many minutes.
    socketTimeout: Math.max(3_000, 4 * timeoutMs),
    retryStrategy: (times) => (starting ? null : Math.min(100 * 2 ** Math.min(times, 6), 5_000)),
    // After a failover the old primary answers READONLY until the connection is made anew.
    reconnectOnError: (error) => error.message.startsWith('READONLY'),
    connectionName: 'pleiad',
  })
  let reason = ''
  redis.on('error', (error) => {
    reason = error.message
    if (!starting) lose(error)
  })
  redis.on('ready', () => lost && mend())

  function lose(error: Error): void {
    askAgainAt = performance.now() + pauseMs
    if (lost) return
    lost = true
    // Only the message: errors of ioredis carry the command with its arguments.
    log.warn(
      { reason: error.message },
      `Redis at ${host} does not answer: caches count as empty and limits are kept in this process until it does`,
    )
  }

  async function comeBack(): Promise<void> {
    // That it takes writes again, too: a full memory or a replica answers reads only.
    await redis.set('pleiad:back', '1', 'PX', 1)
    for (const work of returns) await work(redis)
  }

  let mending = false
  function mend(): void {
    if (mending) return
    mending = true
    withLimit(comeBack(), 4 * timeoutMs)
      .then(
        () => {
          lost = false
          log.info(`Redis at ${host} answers again`)
        },
        (error: Error) => lose(error),
      )
      .finally(() => {
        mending = false
      })
  }

  function without<T>(use: RedisUse, otherwise: () => T): T {
    missed(use)
    return otherwise()
  }

  try {
    await redis.connect()
    // The newest command that is used here, and the one that is permitted least.
    await redis.getdel('pleiad:start')
    await redis.eval('return 1', 0)
    starting = false
  } catch (error) {
    redis.disconnect()
    throw new StartError(`REDIS_URL: Redis at ${host} ${explain(error as Error, reason)}`)
  }

  return {
    ask: async (use, work, otherwise) => {
      if (redis.status !== 'ready' || performance.now() < askAgainAt) return without(use, otherwise)
      if (lost) {
        // Nobody waits for that: this answer, too, comes without Redis.
        mend()
        return without(use, otherwise)
      }
      try {
        return await withLimit(work(redis), timeoutMs)
      } catch (error) {
        lose(error as Error)
        return without(use, otherwise)
      }
    },
    onBack: (work) => void returns.push(work),
    close: () => redis.disconnect(),
  }
}

function withLimit<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

function explain(error: Error, reason: string): string {
  const said = `${error.message} ${reason}`
  if (/WRONGPASS|NOAUTH|invalid password|invalid username/i.test(said))
    return 'refuses the user name or password.'
  if (/NOPERM/.test(said))
    return 'does not let this user do what is needed: all commands on the keys pleiad:*, and scripts.'
  if (/unknown command/i.test(said)) return 'is too old: version 6.2 or newer is needed.'
  if (/invalid DB index|DB index is out of range/i.test(said)) return 'has no database of that number.'
  return `cannot be reached (${reason || error.message}). Check that it runs, or leave REDIS_URL out.`
}
