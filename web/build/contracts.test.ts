import { describe, expect, it } from 'vitest'
import { defineContract, Type } from '../../platform/contract/contract.ts'
import { slimContract } from './contracts.ts'

describe('slimContract', () => {
  it('keeps addresses and permissions and leaves the schemas on the server', () => {
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
    })
  })
})
