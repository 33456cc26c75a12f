import { expect, test } from 'vitest'
import type { Configuration } from './configurations.ts'
import { createOffered } from './service-offered.ts'

test('what was read before a change is not remembered after it', async () => {
  let enabled = true
  let hold: Promise<void> | undefined
  const list = async () => {
    const read = [{ provider: 'corporate', name: 'Corporate', catalogue: 'oidc', enabled, signIn: true }]
    await hold
    return read as unknown as Configuration[]
  }
  const entries = new Map<string, unknown>()
  const cache = {
    get: async (key: string) => entries.get(key),
    set: async (key: string, value: unknown) => void entries.set(key, value),
    delete: async (key: string) => void entries.delete(key),
  }
  const offered = createOffered({ cache } as never, list as never)
  const keys = async () => (await offered.of('shop', 'production')).map(({ key }) => key)

  const { promise, resolve } = Promise.withResolvers<void>()
  hold = promise
  const slow = keys()
  await Promise.resolve()
  enabled = false
  offered.forget('shop', 'production')
  resolve()
  expect(await slow).toEqual(['corporate'])
  expect(await keys()).toEqual([])
  // Without a change it is remembered, until it is told of one.
  enabled = true
  expect(await keys()).toEqual([])
  offered.forget('shop', 'production')
  expect(await keys()).toEqual(['corporate'])
})
