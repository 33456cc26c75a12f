import { describe, expect, it } from 'vitest'
import { defineContract, Type } from '../../platform/contract/contract.ts'
import { slimContract, slimExports } from './contracts.ts'

describe('slimContract', () => {
  it('keeps addresses, permissions and scopes and leaves the schemas on the server', () => {
    const contract = defineContract({
      name: 'shop',
      version: '1.0.0',
      summary: 'Sells.',
      operations: {
        get: {
          method: 'GET',
          path: '/:id',
          summary: 'One',
          access: 'user',
          params: Type.Object({ id: Type.String() }),
          returns: Type.Object({}),
        },
        keys: { method: 'GET', path: '/keys', root: true, version: 2, summary: 'Keys', access: 'public' },
      },
      permissions: { 'shop:sell': 'Sell' },
      scopes: { 'stock:read': 'Count' },
    })
    expect(slimContract(contract)).toEqual({
      name: 'shop',
      version: '1.0.0',
      summary: 'Sells.',
      operations: {
        get: { method: 'GET', path: '/:id' },
        keys: { method: 'GET', path: '/keys', root: true, version: 2 },
      },
      permissions: { 'shop:sell': 'Sell' },
      scopes: { 'stock:read': 'Count' },
    })
  })
})

describe('slimExports', () => {
  it('passes contracts and tables of words on, and nothing else', () => {
    const contract = defineContract({ name: 'shop', version: '1.0.0', summary: 'Sells.', operations: {} })
    const words = { soldOut: 'There is none left.' }
    const exported = { shop: contract, words, sell: () => 1, limit: 3, list: ['a'], schema: Type.Object({}) }
    expect(slimExports(exported)).toEqual([
      ['shop', slimContract(contract)],
      ['words', words],
    ])
  })
})
