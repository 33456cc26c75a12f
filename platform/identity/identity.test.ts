import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { createSigner } from 'fast-jwt'
import { describe, expect, test } from 'vitest'
import type { Caller, Revocation, TokenHolder } from '../service/service.ts'
import { createIdentity, type IdentityOptions } from './identity.ts'
import { createRevocations, revocationOf } from './revocations.ts'
import { createVerdicts } from './verdicts.ts'

const ISSUER = 'https://pleiad.example'

function keyPair(kid: string) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const sign = createSigner({
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string,
    algorithm: 'EdDSA',
    kid,
  })
  return { jwk: { ...publicKey.export({ format: 'jwk' }), kid } as Record<string, unknown>, sign }
}

function setup(overrides: Partial<IdentityOptions> = {}) {
  let offset = 0
  const channels = new Map<string, (message: unknown) => void>()
  const receive = (message: unknown, channel = 'auth.revoked') => channels.get(channel)!(message)
  const first = keyPair('k1')
  const keys = [first.jwk]
  const asked = { keys: 0, tokens: 0, revocations: 0 }
  const opaque = new Map<string, TokenHolder>()
  const revocations: Revocation[] = []
  const now = () => new Date(Date.now() + offset)
  const identity = createIdentity({
    issuer: ISSUER,
    now,
    loadKeys: async () => {
      asked.keys++
      return { keys }
    },
    resolveToken: async (token) => {
      asked.tokens++
      return opaque.get(token)
    },
    loadRevocations: async () => {
      asked.revocations++
      return revocations
    },
    onBroadcast: (channel, listener) => void channels.set(channel, listener),
    ...overrides,
  })
  const seconds = () => Math.floor(now().getTime() / 1000)
  const token = (claims: Record<string, unknown> = {}, sign = first.sign) =>
    sign({
      iss: ISSUER,
      sub: 'ada',
      sid: 's1',
      roles: ['member'],
      permissions: ['a:b'],
      iat: seconds(),
      exp: seconds() + 600,
      ...claims,
    })
  const revoke = (revocation: Partial<Revocation>) =>
    receive({ before: seconds(), until: seconds() + 600, ...revocation })
  return {
    identity,
    token,
    revoke,
    keys,
    asked,
    opaque,
    revocations,
    seconds,
    receive,
    advance: (ms: number) => {
      offset += ms
    },
  }
}

describe('access tokens', () => {
  test('are verified once, then answered at once', async () => {
    const { identity, token, asked } = setup()
    const text = token()
    const first = identity.verify(text)
    expect(first).toBeInstanceOf(Promise)
    expect(await first).toMatchObject({
      caller: { id: 'ada', sid: 's1', kind: 'session', roles: ['member'], permissions: ['a:b'] },
    })
    expect(identity.verify(text)).toBe(await first)
    expect(asked).toEqual({ keys: 1, tokens: 0, revocations: 1 })
  })

  test('end with their time, from the cache too', async () => {
    const { identity, token, advance } = setup()
    const text = token()
    const verified = (await identity.verify(text))!
    advance(601_000)
    expect(identity.holds(verified)).toBe(false)
    expect(await identity.verify(text)).toBeUndefined()
  })

  test('a new key is found, unknown keys ask at most once in a while', async () => {
    const { identity, token, keys, asked } = setup()
    await identity.verify(token())
    const second = keyPair('k2')
    keys.push(second.jwk)
    expect(await identity.verify(token({}, second.sign))).toBeUndefined()
    for (let count = 0; count < 50; count++)
      await identity.verify(token({ sid: `s${count}` }, keyPair(`x${count}`).sign))
    expect(asked.keys).toBe(1)
    const later = setup()
    later.keys.push(second.jwk)
    expect(await later.identity.verify(token({}, second.sign))).toBeDefined()
  })

  test('keys of other kinds are left aside', async () => {
    const { identity, token, keys } = setup()
    keys.unshift({ kty: 'RSA', kid: 'k1', n: 'x', e: 'AQAB' }, { kty: 'OKP', crv: 'Ed25519', x: 'abc' })
    expect(await identity.verify(token())).toBeDefined()
  })

  test('no random change of a token is accepted', async () => {
    const { identity, token } = setup()
    const good = token()
    await identity.verify(good)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(good.length - 2),
        fc.constantFrom(...'ABCDEFghijkl0123456789-_.'),
        async (at, char) => {
          const changed = good.slice(0, at) + char + good.slice(at + 1)
          fc.pre(changed !== good)
          expect(await identity.verify(changed)).toBeUndefined()
        },
      ),
    )
  })
})

test('what a compromised key signed does not hold any more', async () => {
  const { identity, token, keys, receive } = setup()
  const text = token()
  const verified = (await identity.verify(text))!
  receive({ compromised: false }, 'auth.keys')
  expect(identity.holds(verified)).toBe(true)
  const second = keyPair('k2')
  keys.splice(0, 1, second.jwk)
  receive({ compromised: true }, 'auth.keys')
  expect(identity.holds(verified)).toBe(false)
  expect(await identity.verify(text)).toBeUndefined()
  expect(await identity.verify(token({}, second.sign))).toBeDefined()
})

describe('revocation', () => {
  test('takes effect at once, by session and by person', async () => {
    for (const ids of [{ sid: 's1' }, { sub: 'ada' }]) {
      const { identity, token, revoke } = setup()
      const [mine, other] = [token(), token({ sid: 's2', sub: 'bob' })]
      const verified = (await identity.verify(mine))!
      await identity.verify(other)
      let heard = 0
      identity.onRevoked(() => heard++)
      revoke(ids)
      expect(heard).toBe(1)
      expect(identity.holds(verified)).toBe(false)
      expect(await identity.verify(mine)).toBeUndefined()
      expect(await identity.verify(other)).toBeDefined()
    }
  })

  test('a token issued later is good again', async () => {
    const { identity, token, revoke, advance } = setup()
    revoke({ sub: 'ada' })
    expect(await identity.verify(token())).toBeUndefined()
    advance(2_000)
    expect(await identity.verify(token())).toBeDefined()
  })

  test('a process that starts loads what was revoked before', async () => {
    const { identity, token, revocations, seconds } = setup()
    revocations.push({ sid: 's1', before: seconds(), until: seconds() + 600 })
    expect(await identity.verify(token())).toBeUndefined()
    expect(await identity.verify(token({ sid: 's2' }))).toBeDefined()
  })

  test('without keys or revocations nobody is let in, and the next request tries again', async () => {
    let failing = true
    const { identity, token } = setup({
      loadRevocations: async () => {
        if (failing) throw new Error('down')
        return []
      },
    })
    await expect(identity.verify(token())).rejects.toMatchObject({ code: 'unavailable' })
    failing = false
    expect(await identity.verify(token())).toBeDefined()
    const noKeys = setup({ loadKeys: () => Promise.reject(new Error('down')) })
    await expect(noKeys.identity.verify(noKeys.token())).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('messages that are none change nothing', async () => {
    const { identity, token, receive } = setup()
    const text = token()
    await identity.verify(text)
    for (const message of [
      undefined,
      null,
      {},
      'x',
      { sid: 's1' },
      { before: 1, until: 2 },
      { sid: 5, before: 9e9, until: 9e9 },
    ])
      receive(message)
    expect(identity.verify(text)).not.toBeInstanceOf(Promise)
    expect(revocationOf({ sub: 'a', before: 1, until: 2 })).toEqual({ sub: 'a', before: 1, until: 2 })
  })

  test('is forgotten when it cannot matter any more', () => {
    const list = createRevocations()
    list.add({ sid: 'a', before: 10, until: 20 })
    list.add({ sid: 'a', before: 5, until: 15 })
    list.add({ sub: 'b', tokenId: 't', before: 10, until: 30 })
    expect(list.covers({ sub: 'x', sid: 'a' }, 10)).toBe(true)
    expect(list.covers({ sub: 'x', sid: 'a' }, 11)).toBe(false)
    list.forget(25)
    expect(list.size()).toBe(2)
    list.forget(31)
    expect(list.size()).toBe(0)
  })
})

describe('personal access tokens', () => {
  const ada: Caller = { id: 'ada', sid: 'token-1', kind: 'token', roles: [], permissions: ['a:b'] }

  test('are asked for once a minute', async () => {
    const { identity, opaque, asked, advance } = setup()
    opaque.set('plt_a', ada)
    const [one, two] = await Promise.all([identity.verify('plt_a'), identity.verify('plt_a')])
    expect([one?.caller, two?.caller]).toEqual([ada, ada])
    identity.verify('plt_a')
    expect(asked.tokens).toBe(1)
    advance(61_000)
    expect((await identity.verify('plt_a'))?.caller).toEqual(ada)
    expect(asked.tokens).toBe(2)
  })

  test('that end are not believed for longer', async () => {
    const { identity, opaque, asked, advance } = setup()
    opaque.set('plt_a', { ...ada, expires: Date.now() + 10_000 })
    expect((await identity.verify('plt_a'))?.caller).toEqual(ada)
    opaque.delete('plt_a')
    advance(11_000)
    expect(await identity.verify('plt_a')).toBeUndefined()
    expect(asked.tokens).toBe(2)
  })

  test('unknown ones are not asked for again and again', async () => {
    const { identity, asked } = setup()
    for (let count = 0; count < 10; count++) expect(await identity.verify('plt_x')).toBeUndefined()
    expect(asked.tokens).toBe(1)
  })

  test('are dropped when they or their owner are revoked, and asked for anew', async () => {
    for (const ids of [{ tokenId: 'token-1' }, { sub: 'ada' }]) {
      const { identity, opaque, revoke, asked } = setup()
      opaque.set('plt_a', ada)
      const verified = (await identity.verify('plt_a'))!
      opaque.delete('plt_a')
      revoke(ids)
      expect(identity.holds(verified)).toBe(false)
      expect(await identity.verify('plt_a')).toBeUndefined()
      expect(asked.tokens).toBe(2)
    }
  })

  test('a revocation that comes while the answer is under way wins', async () => {
    let answer: (caller: Caller) => void = () => {}
    const { identity, revoke } = setup({
      resolveToken: () =>
        new Promise((resolve) => {
          answer = resolve
        }),
    })
    const pending = identity.verify('plt_a')
    await new Promise((resolve) => setTimeout(resolve, 5))
    revoke({ tokenId: 'token-1' })
    answer(ada)
    expect(await pending).toBeUndefined()
  })
})

test('the cache is bounded and keeps what is used', () => {
  const cache = createVerdicts<number>(100)
  for (let count = 0; count < 10_000; count++) {
    cache.set(`k${count}`, count)
    if (count > 0) expect(cache.get('k0')).toBe(0)
    expect(cache.size()).toBeLessThanOrEqual(100)
  }
  expect(cache.get('k1')).toBeUndefined()
  cache.delete('k0')
  expect(cache.get('k0')).toBeUndefined()
})
