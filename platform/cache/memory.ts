/** The cache inside this process: bounded, the least recently used goes first. */
import { LRUCache } from 'lru-cache'
import type { CacheDriver } from './cache.ts'
import { lifetimeMs, readText, textOf } from './entries.ts'

export interface MemoryCacheOptions {
  /** Milliseconds; a clock that is never set back unless a test moves it. */
  readonly now?: () => number
  /** Upper bound of what all entries take together. Default 32 MiB. */
  readonly maxBytes?: number
}

/** Entries are JSON texts, so that who changes what it read changes nothing that is kept, as with Redis. */
export function createMemoryCache(options: MemoryCacheOptions = {}): CacheDriver {
  const entries = new LRUCache<string, string>({
    maxSize: options.maxBytes ?? 32 * 1024 * 1024,
    // Strings are UTF-16 at worst, and an entry costs something besides them.
    sizeCalculation: (text, key) => 2 * (text.length + key.length) + 200,
    ttlResolution: 0,
    perf: { now: options.now ?? (() => performance.now()) },
  })
  return {
    cacheOf: (service) => {
      const full = (key: string) => `${service}:${key}`
      const write = (key: string, text: string, ttl: number) => {
        if (ttl > 0) entries.set(full(key), text, { ttl })
        else entries.delete(full(key))
      }
      return {
        get: async (key) => readText(entries.get(full(key))),
        set: async (key, value, seconds) => write(key, textOf(value), lifetimeMs(seconds)),
        delete: async (...keys) => {
          for (const key of keys) entries.delete(full(key))
        },
        setIfAbsent: async (key, value, seconds) => {
          const [text, ttl] = [textOf(value), lifetimeMs(seconds)]
          if (entries.has(full(key))) return false
          write(key, text, ttl)
          return true
        },
        take: async (key) => {
          const text = entries.get(full(key))
          entries.delete(full(key))
          return readText(text)
        },
      }
    },
  }
}
