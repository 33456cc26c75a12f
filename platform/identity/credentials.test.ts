import { describe, expect, test } from 'vitest'
import type { Caller, CredentialSource, Revocation } from '../service/service.ts'
import { createIdentity } from './identity.ts'

const ISSUER = 'https://pleiad.example'

const program = (more: Partial<Caller> = {}): Caller => ({
  id: 'key-1',
  sid: 'key-1',
  kind: 'program',
  roles: [],
  permissions: [],
  project: { id: 'project-1', environment: 'production', scopes: ['vault:read'], endUser: 'eve' },
  ...more,
})

const jwt = (claims: object, header: object = { alg: 'RS256', kid: 'r1' }) =>
  [header, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .concat('c2ln')
    .join('.')

function setup(
  answer: (token: string) => { caller: Caller; expires?: Date } | undefined,
  more: readonly CredentialSource[] = [],
) {
  let offset = 0
  let revoke: (message: unknown) => void = () => {}
  const asked: string[] = []
  const resolve = async (token: string) => {
    asked.push(token)
    return answer(token)
  }
  const now = () => new Date(Date.now() + offset)
  const identity = createIdentity({
    issuer: ISSUER,
    now,
    loadKeys: async () => ({ keys: [] }),
    resolveToken: async () => undefined,
    sources: [{ prefix: 'plk_', issuer: `${ISSUER}/oidc/`, resolve }, ...more],
    loadRevocations: async () => [],
    onBroadcast: (channel, receive) => {
      if (channel === 'auth.revoked') revoke = receive
    },
  })
  const seconds = () => Math.floor(now().getTime() / 1000)
  return {
    identity,
    asked,
    now,
    advance: (ms: number) => {
      offset += ms
    },
    revoke: (ids: Partial<Revocation>) => revoke({ before: seconds(), until: seconds() + 60, ...ids }),
  }
}

describe('tokens of programs', () => {
  test('are found by prefix and by issuer, and answered at once the second time', async () => {
    const { identity, asked } = setup(() => ({ caller: program() }))
    const token = jwt({ iss: `${ISSUER}/oidc/shop`, sub: 'eve' })
    for (const text of ['plk_a', token]) {
      expect((await identity.verify(text))?.caller).toEqual(program())
      expect(identity.verify(text)).toMatchObject({ caller: { id: 'key-1' } })
    }
    expect(asked).toEqual(['plk_a', token])
  })

  test('of others are asked of nobody', async () => {
    const { identity, asked } = setup(() => ({ caller: program() }))
    for (const token of [
      'plx_a',
      'plk',
      jwt({ iss: `${ISSUER}/oidc` }),
      jwt({ iss: 'https://evil.example/oidc/shop' }),
      jwt({ iss: ISSUER }),
      jwt({ iss: [`${ISSUER}/oidc/shop`] }, {}).slice(1),
      jwt({}),
      `plk_${'x'.repeat(600)}`,
    ])
      expect(await identity.verify(token)).toBeUndefined()
    expect(asked).toEqual([])
  })

  test('are people’s for no source, and have no permissions', async () => {
    const { identity } = setup(() => ({
      caller: program({ kind: 'session', roles: ['admin'], permissions: ['users:delete'] }),
    }))
    expect((await identity.verify('plk_a'))?.caller).toEqual(program())
    const bare = setup(() => ({ caller: { ...program(), project: { id: 'project-1' } } }))
    await expect(bare.identity.verify('plk_a')).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('are asked for anew after a minute, or when they end', async () => {
    const { identity, asked, advance, now } = setup((token) => ({
      caller: program(),
      ...(token === 'plk_short' ? { expires: new Date(now().getTime() + 10_000) } : {}),
      ...(token === 'plk_long' ? { expires: new Date(now().getTime() + 3_600_000) } : {}),
    }))
    for (const token of ['plk_short', 'plk_long', 'plk_open']) await identity.verify(token)
    advance(11_000)
    for (const token of ['plk_short', 'plk_long', 'plk_open']) await identity.verify(token)
    expect(asked.slice(3)).toEqual(['plk_short'])
    advance(50_000)
    for (const token of ['plk_long', 'plk_open']) await identity.verify(token)
    expect(asked.slice(4)).toEqual(['plk_long', 'plk_open'])
  })

  test('are asked for once by all who wait, and unknown ones not again at once', async () => {
    const { identity, asked } = setup((token) => (token === 'plk_a' ? { caller: program() } : undefined))
    const answers = await Promise.all([1, 2, 3].map(() => identity.verify('plk_a')))
    expect(answers.map((verified) => verified?.caller.id)).toEqual(['key-1', 'key-1', 'key-1'])
    const unknown = jwt({ iss: `${ISSUER}/oidc/shop` })
    for (let count = 0; count < 5; count++)
      for (const token of ['plk_x', unknown]) expect(await identity.verify(token)).toBeUndefined()
    expect(asked).toEqual(['plk_a', 'plk_x', unknown])
  })

  test.each([{ sub: 'key-1' }, { sid: 'key-1' }, { tokenId: 'key-1' }, { sub: 'project-1' }, { sub: 'eve' }])(
    'are forgotten when %o is revoked',
    async (ids) => {
      let alive = true
      const { identity, revoke } = setup(() => (alive ? { caller: program() } : undefined))
      const verified = (await identity.verify('plk_a'))!
      alive = false
      revoke({ sub: 'somebody-else' })
      expect(identity.holds(verified)).toBe(true)
      revoke(ids)
      expect(identity.holds(verified)).toBe(false)
      expect(await identity.verify('plk_a')).toBeUndefined()
    },
  )

  test('a revocation that comes while the answer is under way wins', async () => {
    let letGo: () => void = () => {}
    const waiting = new Promise<void>((resolve) => {
      letGo = resolve
    })
    const { identity, revoke } = setup(
      () => undefined,
      [
        {
          prefix: 'slow_',
          resolve: async () => {
            await waiting
            return { caller: program() }
          },
        },
      ],
    )
    const pending = identity.verify('slow_a')
    await new Promise((resolve) => setTimeout(resolve, 5))
    revoke({ sub: 'key-1' })
    letGo()
    expect(await pending).toBeUndefined()
  })

  test('no two services may issue the same kind', () => {
    const source = (prefix: string): CredentialSource => ({ prefix, resolve: async () => undefined })
    expect(() => setup(() => undefined, [source('plk_')])).toThrow(/Two services/)
    expect(() => setup(() => undefined, [source('plt_')])).toThrow(/Two services/)
    for (const prefix of ['', 'p', 'Plk_', 'much_too_long_'])
      expect(() => setup(() => undefined, [source(prefix)])).toThrow(/cannot be told/)
  })
})
