import { expect, test } from 'vitest'
import { defineContract, Type, Uuid } from './contract.ts'
import { roleForScope, scopesAbove } from './scopes.ts'

const params = Type.Object({ projectId: Uuid, environment: Type.String() })
const operation = { method: 'GET', params, path: '/:projectId/:environment/x', summary: 'X' } as const
const contract = defineContract({
  name: 'things',
  version: '1.0.0',
  summary: 'Things.',
  operations: {
    read: { ...operation, access: { project: 'viewer', scope: 'things:read' } },
    write: { ...operation, access: { project: 'developer', production: 'admin', scope: 'things:write' } },
    settle: { ...operation, access: { project: 'admin', scope: 'things:settle' } },
    end: { ...operation, access: { project: 'owner', scope: 'things:settle' } },
    use: { ...operation, access: { scope: 'things:use' } },
  },
  scopes: {
    'things:read': 'Read things',
    'things:write': 'Write things',
    'things:settle': 'Settle things',
    'things:use': 'Use things',
  },
})

test('a scope takes what its most powerful operation takes there, and a developer at least', () => {
  const roles = (environment: string) =>
    ['things:read', 'things:write', 'things:settle', 'things:use'].map((scope) =>
      roleForScope([contract], scope, environment),
    )
  expect(roles('development')).toEqual(['developer', 'developer', 'owner', 'developer'])
  expect(roles('production')).toEqual(['developer', 'admin', 'owner', 'developer'])
  const all = ['things:read', 'things:write', 'things:settle']
  expect(scopesAbove([contract], all, 'production', 'developer')).toEqual(['things:write', 'things:settle'])
  expect(scopesAbove([contract], all, 'development', 'owner')).toEqual([])
})
