/** Password hashing with bounded concurrency and a bounded queue: a storm of sign-ins cannot starve the process. */
import { availableParallelism } from 'node:os'
import { hash as argonHash, verify as argonVerify } from '@node-rs/argon2'
import { verify as bcryptVerify } from '@node-rs/bcrypt'
import { hashKind, normalizePassword } from './passwords.ts'

/** OWASP's minimum for Argon2id: 19 MiB, two passes, one lane. Algorithm 2 is Argon2id. */
const PARAMETERS = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const
const CURRENT = '$argon2id$v=19$m=19456,t=2,p=1$'

/** The queue is full: say so at once instead of letting everybody wait. */
export class HashQueueFull extends Error {}

export interface Hashing {
  readonly hash: (password: string) => Promise<string>
  /** Without a stored hash it takes the same time and answers false. */
  readonly verify: (password: string, stored: string | undefined) => Promise<boolean>
  /** Whether a stored hash is of an older kind than `hash` makes. */
  readonly outdated: (stored: string) => boolean
  /** Work that waits or runs. */
  readonly load: () => number
}

export interface HashingOptions {
  /** Hashes at once; by default all cores but one. */
  readonly concurrency?: number
  /** Hashes that may wait. */
  readonly queue: number
}

/** Makes the queue and the hash that stands in for accounts which do not exist. */
export async function createHashing(options: HashingOptions): Promise<Hashing> {
  const limit = options.concurrency ?? Math.max(1, availableParallelism() - 1)
  const waiting: (() => void)[] = []
  let running = 0

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= limit) {
      if (waiting.length >= options.queue) throw new HashQueueFull('Too many passwords wait to be hashed')
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

  async function compare(password: string, stored: string | undefined): Promise<boolean> {
    if (stored === undefined) {
      await argonVerify(standIn, normalizePassword(password))
      return false
    }
    const kind = hashKind(stored)
    if (kind === 'bcrypt') return bcryptVerify(password, stored)
    return kind === 'argon2' && argonVerify(stored, normalizePassword(password))
  }

  return {
    hash,
    verify: (password, stored) => inTurn(() => compare(password, stored)),
    outdated: (stored) => !stored.startsWith(CURRENT),
    load: () => running + waiting.length,
  }
}
