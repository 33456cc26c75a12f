/** Rate limits shared by all processes: the arithmetic of `createMemoryStore`, in Redis, one step for each request. */
import type { Redis } from 'ioredis'
import type { RedisLink } from '../cache/redis.ts'
import { createMemoryStore, type Decision, type RateStore } from './limits.ts'

/**
 * Decides as `createMemoryStore` does; see there. Lua's numbers are doubles, exact for microseconds; only their text
 * must be asked for with all digits. A refusal writes as little as there.
 */
const GCRA = `
local interval, limit, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local burst = interval * limit
local known = tonumber(redis.call('get', KEYS[1]) or now)
local capped = known > now + burst
local arrival = math.min(math.max(known, now), now + burst)
local following = arrival + interval
local ahead = following - now
local function keep(time) redis.call('set', KEYS[1], string.format('%.0f', time), 'PX', math.ceil((time - now) / 1000)) end
if ahead > burst then
  if capped then keep(now + burst) end
  return {0, ahead - burst}
end
keep(following)
return {math.floor((burst - ahead) / interval) + 1, ahead}`

interface WithGcra {
  gcra(key: string, intervalUs: number, limit: number, nowUs: number): Promise<[number, number]>
}

/** The budgets named `name`. While Redis does not answer they are counted in this process. */
export function createRedisStore(link: RedisLink, name: string): RateStore {
  const own = createMemoryStore()
  const command = (redis: Redis): WithGcra => {
    if (!('gcra' in redis)) (redis as Redis).defineCommand('gcra', { numberOfKeys: 1, lua: GCRA })
    return redis as unknown as WithGcra
  }
  return {
    take: (key, intervalUs, limit, nowUs) =>
      link.ask<Decision>(
        'limits',
        async (redis) => {
          const [admitted, us] = await command(redis).gcra(
            `pleiad:limit:${name}:${key}`,
            intervalUs,
            limit,
            nowUs,
          )
          return {
            allowed: admitted > 0,
            remaining: Math.max(0, admitted - 1),
            seconds: Math.ceil(us / 1e6),
          }
        },
        () => own.take(key, intervalUs, limit, nowUs) as Decision,
      ),
  }
}
