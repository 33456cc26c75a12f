import { hash as argonHash } from '@node-rs/argon2'
import { hash as bcryptHash } from '@node-rs/bcrypt'
import { expect, test } from 'vitest'
import { createHashing, HashQueueFull } from './service-hashing.ts'

test('hashes are Argon2id with 19 MiB and two passes, and verify', async () => {
  const hashing = await createHashing({ queue: 10 })
  const hash = await hashing.hash('correct horse battery')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(hashing.outdated(hash)).toBe(false)
  expect(await hashing.verify('correct horse battery', hash)).toBe(true)
  expect(await hashing.verify('correct horse batterz', hash)).toBe(false)
})

test('imported hashes verify and count as outdated; unknown kinds never verify', async () => {
  const hashing = await createHashing({ queue: 10 })
  const bcrypt = await bcryptHash('correct horse battery', { cost: 5 })
  expect(await hashing.verify('correct horse battery', bcrypt)).toBe(true)
  expect(await hashing.verify('wrong', bcrypt)).toBe(false)
  expect(hashing.outdated(bcrypt)).toBe(true)
  const weak = await argonHash('correct horse battery', { memoryCost: 4096, timeCost: 1 })
  expect(await hashing.verify('correct horse battery', weak)).toBe(true)
  expect(hashing.outdated(weak)).toBe(true)
  expect(await hashing.verify('x', 'plain')).toBe(false)
})

test('an account that does not exist takes as long as one that does', async () => {
  const hashing = await createHashing({ queue: 10, concurrency: 1 })
  const hash = await hashing.hash('correct horse battery')
  const time = async (stored: string | undefined) => {
    const started = performance.now()
    expect(await hashing.verify('guess', stored)).toBe(false)
    return performance.now() - started
  }
  const known: number[] = []
  const unknown: number[] = []
  for (let turn = 0; turn < 12; turn++) {
    known.push(await time(hash))
    unknown.push(await time(undefined))
  }
  // The fastest of each: what else the machine does only ever adds.
  const ratio = Math.min(...known) / Math.min(...unknown)
  expect(ratio).toBeGreaterThan(0.6)
  expect(ratio).toBeLessThan(1.6)
})

test('no more run at once than allowed, and a full queue refuses at once', async () => {
  const hashing = await createHashing({ queue: 2, concurrency: 1 })
  const work = Array.from({ length: 5 }, () => hashing.hash('correct horse battery'))
  expect(hashing.load()).toBe(3)
  const settled = await Promise.allSettled(work)
  expect(settled.map((one) => one.status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'rejected',
  ])
  expect((settled[3] as PromiseRejectedResult).reason).toBeInstanceOf(HashQueueFull)
  expect(hashing.load()).toBe(0)
  await hashing.hash('the queue works on')
})
