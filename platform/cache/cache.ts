/** The cache of an installation: in this process by default, in Redis when REDIS_URL is set. */
import { createMemoryCache } from './memory.ts'
import type { RedisLink } from './redis.ts'
import { createRedisCache } from './redis-cache.ts'

/**
 * What one service remembers for a while. Keys are the service's own; values are JSON. It may forget anything at any
 * time (a restart, a full memory, a lost Redis) and never fails a request: so it is for what can be looked up again,
 * or for what a person can begin anew. Nothing secret goes into it in clear.
 */
export interface Cache {
  readonly get: <T>(key: string) => Promise<T | undefined>
  /** Keeps `value` for `seconds`, which may be a fraction; zero or less forgets the key. */
  readonly set: (key: string, value: unknown, seconds: number) => Promise<void>
  readonly delete: (...keys: string[]) => Promise<void>
  /**
   * Sets the key unless it is there, and says whether it did. After a loss it says true again: it saves work, it is
   * no guard of what must happen once.
   */
  readonly setIfAbsent: (key: string, value: unknown, seconds: number) => Promise<boolean>
  /** Reads and deletes in one step: of several that take at once, one gets the value. */
  readonly take: <T>(key: string) => Promise<T | undefined>
}

export interface CacheDriver {
  /** The cache of one service; the keys of others are out of its reach. */
  readonly cacheOf: (service: string) => Cache
}

/** The cache on an open Redis, or in this process without one, where `now` (milliseconds) is what entries age by. */
export function openCache(options: {
  readonly redis?: RedisLink | undefined
  readonly now?: () => number
}): CacheDriver {
  return options.redis ? createRedisCache(options.redis) : createMemoryCache(options)
}
