/**
 * Password hashing with bounded concurrency and a bounded queue: a storm of sign-ins cannot starve the process.
 * Services that read the same limits share one queue, so that two of them in a process do not hash twice as much at once.
 */
import { availableParallelism } from 'node:os'
import { hash as argonHash, verify as argonVerify } from '@node-rs/argon2'
import { verify as bcryptVerify } from '@node-rs/bcrypt'
import { Type } from 'typebox'
import { Refusal } from '../contract/problem.ts'
import { normalizePassword } from './passwords-strength.ts'

/** OWASP's minimum for Argon2id: 19 MiB, two passes, one lane. Algorithm 2 is Argon2id. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$'

/** The settings of every service that hashes passwords: spread them into its own, and give them to `openHashing`. */
export const hashingSettings = {
  AUTH_HASH_CONCURRENCY: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 64,
      description: 'Passwords hashed at once in this process; all cores but one if not given',
    }),
  ),
  AUTH_HASH_QUEUE: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 10_000,
    description: 'Passwords that may wait to be hashed; more are answered with 503',
  }),
}

export interface HashingLimits {
  readonly AUTH_HASH_CONCURRENCY?: number
  readonly AUTH_HASH_QUEUE: number
}

/** All of it waits for a turn; a full queue is answered with 503 and `Retry-After` (a `Refusal`). */
export interface Hashing {
  /** The hash to store, always of the current kind. */
  readonly hash: (password: string) => Promise<string>
  /**
   * Checks a password. Without a stored hash (nobody has the name) it does the same work and answers false.
   * `profiles` are those (`hashProfile`) of all imported hashes among which `stored` was looked up, the same for
   * everybody: the work of each is done, so that the time does not tell who has which, or none.
   */
  readonly verify: (
    password: string,
    stored: string | undefined,
    profiles?: readonly string[],
  ) => Promise<boolean>
  /** Whether a stored hash is of another kind than `hash` makes: hash anew when its owner signs in. */
  readonly needsRehash: (stored: string) => boolean
  /** Work that waits or runs. */
  readonly load: () => number
}

const shared = new Map<string, Promise<Hashing>>()

/** The hashing of this process. The same limits give the same queue. */
export function openHashing(limits: HashingLimits): Promise<Hashing> {
  const key = `${limits.AUTH_HASH_CONCURRENCY ?? ''}/${limits.AUTH_HASH_QUEUE}`
  const made = shared.get(key) ?? createHashing(limits)
  shared.set(key, made)
  return made
}

/** Makes a queue of its own, and the hash that stands in for accounts which do not exist. */
export async function createHashing(limits: HashingLimits): Promise<Hashing> {
  const atOnce = limits.AUTH_HASH_CONCURRENCY ?? Math.max(1, availableParallelism() - 1)
  const waiting: (() => void)[] = []
  let running = 0

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnce) {
      // At once, instead of letting everybody wait.
      if (waiting.length >= limits.AUTH_HASH_QUEUE)
        throw new Refusal('unavailable', 'Too many passwords wait to be hashed.', {}, { 'retry-after': '3' })
      // The slot passes from hand to hand: `running` already counts whoever is woken.
      await new Promise<void>((resolve) => waiting.push(resolve))
    } else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }

  const hash = (password: string) => inTurn(() => argonHash(normalizePassword(password), PARAMETERS))
  const standIn = await hash('a password that nobody has')

  async function compare(
    password: string,
    stored: string | undefined,
    profiles: readonly string[],
  ): Promise<boolean> {
    const own = stored && hashProfile(stored)
    const foreign = [...profiles, ...(own ? [own] : [])].filter((profile) => profile !== CURRENT)
    let right = await argonVerify(own === CURRENT ? stored! : standIn, normalizePassword(password))
    if (own !== CURRENT) right = false
    for (const profile of new Set(foreign)) {
      const matches = await verifyForeign(password, profile === own ? stored! : standInFor(profile))
      if (profile === own) right = matches
    }
    return right
  }

  return {
    hash,
    verify: (password, stored, profiles = []) => inTurn(() => compare(password, stored, profiles)),
    needsRehash: (stored) => !stored.startsWith(CURRENT),
    load: () => running + waiting.length,
  }
}

/** The most that an imported hash may cost: every sign-in pays it. bcrypt of cost 12 takes about a quarter of a second. */
const MOST = { bcryptCost: 12, memory: 65_536, memoryTimesPasses: 262_144, lanes: 8 }

/**
 * Kind and cost of a stored hash, such as `$2b$12$`: two hashes with the same profile take the same work. `undefined` if
 * it is neither Argon2 nor bcrypt, or costs too much to check: such a hash cannot be imported and never verifies.
 */
export function hashProfile(hash: string): string | undefined {
  const bcrypt = /^(\$2[aby]\$(\d\d)\$)[./A-Za-z0-9]{53}$/.exec(hash)
  if (bcrypt) return Number(bcrypt[2]) >= 4 && Number(bcrypt[2]) <= MOST.bcryptCost ? bcrypt[1] : undefined
  const argon =
    /^(\$argon2(?:id|i|d)\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$)[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/.exec(
      hash,
    )
  if (!argon) return undefined
  const [memory, passes, lanes] = argon.slice(2).map(Number) as [number, number, number]
  const affordable =
    memory <= MOST.memory && memory * passes <= MOST.memoryTimesPasses && lanes > 0 && lanes <= MOST.lanes
  return affordable && passes > 0 ? argon[1] : undefined
}

/** The profile that an imported account keeps beside its hash; `undefined` for a hash of the current kind. */
export function foreignProfile(hash: string): string | undefined {
  const profile = hashProfile(hash)
  return profile === CURRENT ? undefined : profile
}

function verifyForeign(password: string, hash: string): Promise<boolean> {
  return hash.startsWith('$2') ? bcryptVerify(password, hash) : argonVerify(hash, normalizePassword(password))
}

/** A hash that nothing is known to match, and that takes the work of the profile. */
function standInFor(profile: string): string {
  return profile.startsWith('$2') ? profile + '.'.repeat(53) : `${profile}${'A'.repeat(22)}$${'A'.repeat(43)}`
}
