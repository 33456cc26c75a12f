import { users } from '@pleiad/users/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auth } from './contract.ts'
import { type AuthTest, type Person, refusal, startAuth } from './testing-people.ts'

/** Everything that acts on people; who holds it is still no administrator. */
const OVER_PEOPLE = ['auth:accounts', 'auth:roles', 'users:erase', 'users:manage']

let t: AuthTest
let boss: Person
let helper: Person
let other: Person
beforeAll(async () => {
  t = await startAuth()
  boss = await t.join('boss')
  const code = await t.setupCode()
  await boss.me.claimAdministrator({ body: { code } })
  boss = await t.signIn(boss.email)
  helper = await t.join('helper')
  other = await t.join('other')
  await boss.me.createRole({ body: { name: 'helpdesk', description: 'Helps', permissions: OVER_PEOPLE } })
  await boss.me.assignRoles({ params: { userId: helper.userId }, body: { roles: ['helpdesk'] } })
  helper = await t.signIn(helper.email)
})
afterAll(() => t?.stop())

const peopleOf = (person: Person) => t.platform.client(users, person.accessToken)

type Act = (by: Person, on: Person) => Promise<unknown>
const onAdministrators: Record<string, Act> = {
  deactivateUser: (by, on) => peopleOf(by).deactivateUser({ params: { userId: on.userId } }),
  reactivateUser: (by, on) => peopleOf(by).reactivateUser({ params: { userId: on.userId } }),
  eraseUser: (by, on) =>
    peopleOf(by).eraseUser({
      params: { userId: on.userId },
      body: { username: on.email.split('@')[0]! },
    }),
  lockAccount: (by, on) => by.me.lockAccount({ params: { userId: on.userId }, body: { reason: 'Reported' } }),
  unlockAccount: (by, on) => by.me.unlockAccount({ params: { userId: on.userId } }),
  revokeAccountSessions: (by, on) => by.me.revokeAccountSessions({ params: { userId: on.userId } }),
  assignRoles: (by, on) => by.me.assignRoles({ params: { userId: on.userId }, body: { roles: [] } }),
}

test.each(Object.entries(onAdministrators))(
  '%s: who is no administrator cannot do it to one, and can to others',
  async (name, act) => {
    expect(await refusal(act(helper, boss))).toMatchObject({ status: 403, code: 'beyondOwnPermissions' })
    expect((await boss.me.getMe()).roles).toEqual(['admin', 'member'])
    const victim = await t.join(`of-${name.toLowerCase()}`)
    await act(helper, victim)
  },
)

test('nobody gives themselves or others more than they have', async () => {
  const beyond = async (work: Promise<unknown>) =>
    expect((await refusal(work)).code).toBe('beyondOwnPermissions')
  await beyond(helper.me.assignRoles({ params: { userId: helper.userId }, body: { roles: ['admin'] } }))
  await beyond(helper.me.assignRoles({ params: { userId: other.userId }, body: { roles: ['admin'] } }))
  await beyond(
    helper.me.createRole({ body: { name: 'more', description: 'More', permissions: ['auth:keys'] } }),
  )
  await beyond(
    helper.me.updateRole({
      params: { role: 'helpdesk' },
      body: { permissions: [...OVER_PEOPLE, 'auth:keys'] },
    }),
  )
})

test('a personal access token acts within its own scopes, though its owner has more', async () => {
  const { secret } = await boss.me.createToken({ body: { name: 'Script', scopes: ['auth:accounts'] } })
  const script = t.platform.client(auth, secret)
  const lock = (userId: string) => script.lockAccount({ params: { userId }, body: { reason: 'Script' } })
  expect((await refusal(lock(helper.userId))).code).toBe('beyondOwnPermissions')
  expect((await lock((await t.join('plain')).userId)).state).toBe('locked')
})

test('the last administrator stays: not locked, deactivated, erased, demoted or gone by themselves', async () => {
  // Somebody with every permission there is, who still is not an administrator.
  const { items } = await boss.me.listPermissions()
  const permissions = items.map(({ name }) => name)
  await boss.me.createRole({ body: { name: 'equal', description: 'All of it', permissions } })
  await boss.me.assignRoles({ params: { userId: other.userId }, body: { roles: ['equal'] } })
  other = await t.signIn(other.email)
  for (const name of ['lockAccount', 'deactivateUser', 'eraseUser', 'assignRoles'])
    expect(await refusal(onAdministrators[name]!(other, boss))).toMatchObject({
      status: 409,
      code: 'lastAdministrator',
    })
  expect((await refusal(boss.me.deleteAccount())).code).toBe('lastAdministrator')

  await boss.me.assignRoles({ params: { userId: other.userId }, body: { roles: ['admin'] } })
  other = await t.signIn(other.email)
  const outcomes = await Promise.allSettled([
    onAdministrators['lockAccount']!(boss, other),
    onAdministrators['lockAccount']!(other, boss),
  ])
  expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const rows = await t.sql`
    select a.email from accounts a join account_roles h on h.account_id = a.id
    where h.role = 'admin' and a.locked_at is null`
  expect(rows).toHaveLength(1)
})
