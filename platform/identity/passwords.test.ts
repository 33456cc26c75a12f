import { hash as argonHash, verify as argonVerify } from '@node-rs/argon2'
import { hash as bcryptHash, verify as bcryptVerify } from '@node-rs/bcrypt'
import { describe, expect, test, vi } from 'vitest'
import { Refusal } from '../contract/problem.ts'
import { createHashing, foreignProfile, hashProfile, openHashing } from './passwords.ts'

// The real ones, which count their calls.
vi.mock('@node-rs/argon2', async (load) => {
  const real = await load<typeof import('@node-rs/argon2')>()
  return { ...real, verify: vi.fn(real.verify) }
})
vi.mock('@node-rs/bcrypt', async (load) => {
  const real = await load<typeof import('@node-rs/bcrypt')>()
  return { ...real, verify: vi.fn(real.verify) }
})

test('hashes are Argon2id with 19 MiB and two passes, and verify', async () => {
  const hashing = await createHashing({ AUTH_HASH_QUEUE: 10 })
  const hash = await hashing.hash('correct horse battery')
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
  expect(hashing.needsRehash(hash)).toBe(false)
  expect(await hashing.verify('correct horse battery', hash)).toBe(true)
  expect(await hashing.verify('correct horse batterz', hash)).toBe(false)
})

test('imported hashes verify and count as needsRehash; unknown kinds never verify', async () => {
  const hashing = await createHashing({ AUTH_HASH_QUEUE: 10 })
  const bcrypt = await bcryptHash('correct horse battery', { cost: 5 })
  expect(await hashing.verify('correct horse battery', bcrypt)).toBe(true)
  expect(await hashing.verify('wrong', bcrypt)).toBe(false)
  expect(hashing.needsRehash(bcrypt)).toBe(true)
  const weak = await argonHash('correct horse battery', { memoryCost: 4096, timeCost: 1 })
  expect(await hashing.verify('correct horse battery', weak)).toBe(true)
  expect(hashing.needsRehash(weak)).toBe(true)
  expect(await hashing.verify('x', 'plain')).toBe(false)
})

describe('the work of a sign-in', () => {
  const right = 'correct horse battery'
  const work = async (
    hashing: Awaited<ReturnType<typeof createHashing>>,
    stored: string | undefined,
    profiles: readonly string[],
    password = right,
  ) => {
    vi.mocked(argonVerify).mockClear()
    vi.mocked(bcryptVerify).mockClear()
    const answer = await hashing.verify(password, stored, profiles)
    const argon = vi.mocked(argonVerify).mock.calls.map(([hash]) => hashProfile(String(hash)))
    const bcrypt = vi.mocked(bcryptVerify).mock.calls.map(([, hash]) => hashProfile(String(hash)))
    return { answer, done: [...argon, ...bcrypt] }
  }

  test('is the same for nobody, for a current hash and for every imported one', async () => {
    const hashing = await createHashing({ AUTH_HASH_QUEUE: 10 })
    const current = await hashing.hash(right)
    const bcrypt = await bcryptHash(right, { cost: 5 })
    const stronger = await bcryptHash(right, { cost: 6 })
    const weak = await argonHash(right, { memoryCost: 4096, timeCost: 1, parallelism: 1 })
    const profiles = [bcrypt, stronger, weak].map((hash) => foreignProfile(hash)!)
    expect(profiles).toEqual(['$2b$05$', '$2b$06$', '$argon2id$v=19$m=4096,t=1,p=1$'])
    const done = ['$argon2id$v=19$m=19456,t=2,p=1$', '$argon2id$v=19$m=4096,t=1,p=1$', '$2b$05$', '$2b$06$']
    for (const stored of [current, bcrypt, stronger, weak]) {
      expect(await work(hashing, stored, profiles)).toEqual({ answer: true, done })
      expect(await work(hashing, stored, profiles, 'wrong')).toEqual({ answer: false, done })
    }
    for (const stored of [undefined, 'plain'])
      expect(await work(hashing, stored, profiles)).toEqual({ answer: false, done })
  })

  test('is one verification where nothing was imported, and one turn of the queue in any case', async () => {
    const hashing = await createHashing({ AUTH_HASH_QUEUE: 10, AUTH_HASH_CONCURRENCY: 1 })
    const done = ['$argon2id$v=19$m=19456,t=2,p=1$']
    expect(await work(hashing, undefined, [])).toEqual({ answer: false, done })
    expect(await work(hashing, await hashing.hash(right), [])).toEqual({ answer: true, done })
    const both = hashing.verify(right, undefined, ['$2b$05$', '$2b$06$'])
    expect(hashing.load()).toBe(1)
    await both
  })

  test('passwords that other kinds cannot take are only wrong', async () => {
    const hashing = await createHashing({ AUTH_HASH_QUEUE: 10 })
    for (const odd of ['x'.repeat(1000), 'a\0b', 'é'.repeat(80)])
      expect(await hashing.verify(odd, await hashing.hash(odd), ['$2b$05$', '$2a$05$'])).toBe(true)
  })
})

test('no more run at once than allowed, and a full queue refuses at once', async () => {
  const hashing = await createHashing({ AUTH_HASH_QUEUE: 2, AUTH_HASH_CONCURRENCY: 1 })
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
  expect((settled[3] as PromiseRejectedResult).reason).toBeInstanceOf(Refusal)
  expect(hashing.load()).toBe(0)
  await hashing.hash('the queue works on')
})

describe('hashProfile', () => {
  const body = 'abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTU'
  test('kind and cost of Argon2 and bcrypt; a current hash is not foreign', () => {
    const current = '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaGhhc2g'
    expect(hashProfile(current)).toBe('$argon2id$v=19$m=19456,t=2,p=1$')
    expect(foreignProfile(current)).toBeUndefined()
    expect(foreignProfile('$argon2i$v=19$m=65536,t=4,p=1$c2FsdHNhbHQ$aGFzaGhhc2g')).toBe(
      '$argon2i$v=19$m=65536,t=4,p=1$',
    )
    expect(hashProfile(`$2b$12$${body}`)).toBe('$2b$12$')
    expect(hashProfile(`$2y$10$${body}`)).toBe('$2y$10$')
  })

  test.each([
    `$2b$13$${body}`,
    `$2b$03$${body}`,
    '$argon2id$v=19$m=9999999,t=2,p=1$c2FsdA$aGFzaA',
    '$argon2id$v=19$m=65536,t=5,p=1$c2FsdA$aGFzaA',
    '$argon2id$v=19$m=19456,t=99,p=1$c2FsdA$aGFzaA',
    '$argon2id$v=19$m=19456,t=2,p=99$c2FsdA$aGFzaA',
    '$argon2id$v=19$m=19456,t=0,p=1$c2FsdA$aGFzaA',
    '5f4dcc3b5aa765d61d8327deb882cf99',
    '',
  ])('%s costs too much to check, or is something else', (hash) => {
    expect(hashProfile(hash)).toBeUndefined()
  })
})

test('services with the same limits share one queue, others have their own', async () => {
  const limits = { AUTH_HASH_CONCURRENCY: 1, AUTH_HASH_QUEUE: 7 }
  const one = await openHashing(limits)
  expect(await openHashing({ ...limits })).toBe(one)
  expect(await openHashing({ ...limits, AUTH_HASH_QUEUE: 8 })).not.toBe(one)
})
