import { expect, test } from 'vitest'
import { changedRoles, missing, permissionsOf, rolesOf } from './roles.ts'

const all = ['auth:audit', 'auth:roles', 'users:read']

test('an administrator has every permission there is', () => {
  expect(permissionsOf([{ name: 'admin', permissions: [] }], [], all)).toEqual(all)
})

test('others have those of their roles and of everybody, each once, and none that no contract declares any more', () => {
  const assigned = [
    { name: 'auditor', permissions: ['auth:audit', 'gone:forever'] },
    { name: 'reader', permissions: ['users:read', 'auth:audit'] },
  ]
  expect(permissionsOf(assigned, ['users:read'], all)).toEqual(['auth:audit', 'users:read'])
})

test('everybody is a member, once', () => {
  expect(rolesOf([])).toEqual(['member'])
  expect(
    rolesOf([
      { name: 'auditor', permissions: [] },
      { name: 'member', permissions: [] },
    ]),
  ).toEqual(['auditor', 'member'])
})

test('what is missing, and what an assignment changes', () => {
  expect(missing(['a', 'b'], ['b', 'c'])).toEqual(['a'])
  expect(changedRoles(['a', 'b'], ['b', 'c'])).toEqual(['c', 'a'])
})
