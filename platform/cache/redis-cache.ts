/** The cache in Redis, shared by all processes of the installation. */
import type { CacheDriver } from './cache.ts'
import { lifetimeMs, readText, textOf } from './entries.ts'
import type { RedisLink } from './redis.ts'

const MAX_UNSURE = 10_000

/** While Redis is away everything is absent and nothing is kept. */
export function createRedisCache(link: RedisLink): CacheDriver {
  // Keys whose change did not reach Redis: the value there is out of date, and goes when Redis is back.
  const unsure = new Set<string>()
  const doubt = (keys: readonly string[]) => {
    for (const key of keys) unsure.add(key)
    while (unsure.size > MAX_UNSURE) unsure.delete(unsure.keys().next().value!)
  }
  link.onBack(async (redis) => {
    const keys = [...unsure]
    if (keys.length > 0) await redis.unlink(...keys)
    for (const key of keys) unsure.delete(key)
  })

  return {
    cacheOf: (service) => {
      const full = (key: string) => `pleiad:cache:${service}:${key}`
      const forget = async (keys: readonly string[]) => {
        if (keys.length === 0) return
        const names = keys.map(full)
        await link.ask(
          'cache',
          async (redis) => void (await redis.unlink(...names)),
          () => doubt(names),
        )
      }
      return {
        get: async (key) =>
          readText(
            await link.ask(
              'cache',
              (redis) => redis.get(full(key)),
              () => null,
            ),
          ),
        set: async (key, value, seconds) => {
          const [text, ttl] = [textOf(value), lifetimeMs(seconds)]
          if (ttl === 0) return forget([key])
          await link.ask(
            'cache',
            async (redis) => void (await redis.set(full(key), text, 'PX', ttl)),
            () => doubt([full(key)]),
          )
        },
        delete: (...keys) => forget(keys),
        setIfAbsent: async (key, value, seconds) => {
          const [text, ttl] = [textOf(value), lifetimeMs(seconds)]
          return link.ask(
            'cache',
            async (redis) =>
              ttl === 0
                ? (await redis.exists(full(key))) === 0
                : (await redis.set(full(key), text, 'PX', ttl, 'NX')) === 'OK',
            () => true,
          )
        },
        take: async (key) =>
          readText(
            await link.ask(
              'cache',
              (redis) => redis.getdel(full(key)),
              () => null,
            ),
          ),
      }
    },
  }
}
