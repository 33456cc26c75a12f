import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auth } from './contract.ts'
import { type AuthTest, PASSWORD, type Person, refusal, startAuth } from './testing-people.ts'

let t: AuthTest
let boss: Person
beforeAll(async () => {
  t = await startAuth()
  boss = await t.join('boss')
  const code = await t.setupCode()
  expect((await refusal(boss.me.claimAdministrator({ body: { code: 'not-the-code-at-all' } }))).code).toBe(
    'setupCodeInvalid',
  )
  await boss.me.claimAdministrator({ body: { code } })
  expect((await refusal((await t.signIn(boss.email)).me.claimAdministrator({ body: { code } }))).code).toBe(
    'setupCodeInvalid',
  )
  boss = await t.signIn(boss.email)
})
afterAll(() => t?.stop())

const statusOf = async (person: Person) =>
  person.me.getMe().then(
    () => 200,
    (error) => error.status,
  )

describe('the first administrator', () => {
  test('has every permission of every service', async () => {
    const me = await boss.me.getMe()
    const { items } = await boss.me.listPermissions()
    expect(me.roles).toEqual(['admin', 'member'])
    expect(me.permissions).toEqual(items.map((permission) => permission.name))
    expect(me.permissions).toEqual(expect.arrayContaining(['auth:roles', 'users:manage']))
  })
})

describe('roles', () => {
  test('are made, given, changed and deleted; holders get the change with their next access token', async () => {
    const amy = await t.join('amy')
    const role = await boss.me.createRole({
      body: { name: 'auditor', description: 'Reads the log', permissions: ['auth:audit'] },
    })
    expect(role).toMatchObject({ name: 'auditor', builtIn: false, holders: 0 })
    expect(
      (
        await refusal(
          boss.me.createRole({ body: { name: 'auditor', description: 'Again', permissions: [] } }),
        )
      ).code,
    ).toBe('roleExists')

    const account = await boss.me.assignRoles({
      params: { userId: amy.userId },
      body: { roles: ['auditor', 'member'] },
    })
    expect(account.roles).toEqual(['auditor'])
    // The old access token is refused, the refresh token is not, and the new access token works at once.
    expect(await statusOf(amy)).toBe(401)
    const next = await t.nobody.refresh({ body: { refreshToken: amy.refreshToken } })
    const me = t.platform.client(auth, next.accessToken!)
    expect((await me.getMe()).permissions).toEqual(['auth:audit'])
    expect((await me.listAudit()).items.length).toBeGreaterThan(0)

    const changed = await boss.me.updateRole({
      params: { role: 'auditor' },
      body: { permissions: ['auth:accounts'] },
    })
    expect(changed).toMatchObject({
      description: 'Reads the log',
      permissions: ['auth:accounts'],
      holders: 1,
    })
    expect((await refusal(me.getMe())).status).toBe(401)
    const third = await t.nobody.refresh({ body: { refreshToken: next.refreshToken! } })
    expect((await refusal(t.platform.client(auth, third.accessToken!).listAudit())).status).toBe(403)

    expect((await boss.me.listRoles()).items.map(({ name, holders }) => [name, holders])).toEqual([
      ['admin', 1],
      ['member', 0],
      ['auditor', 1],
    ])
    await boss.me.deleteRole({ params: { role: 'auditor' } })
    expect((await refusal(boss.me.deleteRole({ params: { role: 'auditor' } }))).code).toBe('notFound')
    expect((await refusal(boss.me.updateRole({ params: { role: 'auditor' }, body: {} }))).code).toBe(
      'notFound',
    )
    const fourth = await t.nobody.refresh({ body: { refreshToken: third.refreshToken! } })
    expect((await t.platform.client(auth, fourth.accessToken!).getMe()).permissions).toEqual([])

    await t.platform.settled()
    const { sql } = t.platform.host.running.find((one) => one.service.contract.name === 'auth')!.tools
    const told = await sql<{ permissions: string[] }[]>`
      select data -> 'permissions' as permissions from outbox_log
      where type = 'permissions.changed' and key = ${amy.userId} order by id`
    expect(told.map(({ permissions }) => permissions)).toEqual([['auth:audit'], ['auth:accounts'], []])
  })

  test('what is not there, or built in, is refused', async () => {
    expect(
      await refusal(
        boss.me.createRole({ body: { name: 'odd', description: 'x', permissions: ['no:such'] } }),
      ),
    ).toMatchObject({ code: 'permissionUnknown', permissions: ['no:such'] })
    for (const role of ['admin', 'member']) {
      expect((await refusal(boss.me.updateRole({ params: { role }, body: { description: 'x' } }))).code).toBe(
        'roleBuiltIn',
      )
      expect((await refusal(boss.me.deleteRole({ params: { role } }))).code).toBe('roleBuiltIn')
    }
    const bea = await t.join('bea')
    expect(
      await refusal(
        boss.me.assignRoles({ params: { userId: bea.userId }, body: { roles: ['no-such-role'] } }),
      ),
    ).toMatchObject({ code: 'roleUnknown', roles: ['no-such-role'] })
    const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'
    expect(
      (await refusal(boss.me.assignRoles({ params: { userId: nobody }, body: { roles: [] } }))).code,
    ).toBe('notFound')
    await boss.me.assignRoles({ params: { userId: bea.userId }, body: { roles: [] } })
    expect(await statusOf(bea)).toBe(200)
  })

  test('nobody gives, takes or overrules more than they have', async () => {
    const cid = await t.join('cid')
    await boss.me.createRole({
      body: { name: 'helpdesk', description: 'Helps', permissions: ['auth:accounts', 'auth:roles'] },
    })
    await boss.me.assignRoles({ params: { userId: cid.userId }, body: { roles: ['helpdesk'] } })
    const { me } = await t.signIn(cid.email)
    const dot = await t.join('dot')
    const beyond = async (call: Promise<unknown>) =>
      expect((await refusal(call)).code).toBe('beyondOwnPermissions')
    await beyond(me.createRole({ body: { name: 'mighty', description: 'x', permissions: ['auth:keys'] } }))
    await beyond(me.assignRoles({ params: { userId: cid.userId }, body: { roles: ['helpdesk', 'admin'] } }))
    await beyond(me.assignRoles({ params: { userId: boss.userId }, body: { roles: [] } }))
    await beyond(me.lockAccount({ params: { userId: boss.userId }, body: { reason: 'coup' } }))
    await beyond(me.revokeAccountSessions({ params: { userId: boss.userId } }))
    await boss.me.createRole({ body: { name: 'keeper', description: 'Keys', permissions: ['auth:keys'] } })
    await beyond(me.updateRole({ params: { role: 'keeper' }, body: { permissions: [] } }))
    await beyond(me.deleteRole({ params: { role: 'keeper' } }))
    expect(
      (await me.assignRoles({ params: { userId: dot.userId }, body: { roles: ['helpdesk'] } })).roles,
    ).toEqual(['helpdesk'])
    expect(
      (await refusal(me.lockAccount({ params: { userId: cid.userId }, body: { reason: 'x' } }))).code,
    ).toBe('ownAccount')
  })

  test('the last administrator stays', async () => {
    expect(
      (await refusal(boss.me.assignRoles({ params: { userId: boss.userId }, body: { roles: [] } }))).code,
    ).toBe('lastAdministrator')
    expect((await refusal(boss.me.deleteAccount())).code).toBe('lastAdministrator')
    const eck = await t.join('eck')
    await boss.me.assignRoles({ params: { userId: eck.userId }, body: { roles: ['admin'] } })
    const second = await t.signIn(eck.email)
    await second.me.deleteAccount()
  })
})

describe('accounts', () => {
  test('are listed newest first, page by page, and found by the beginning of the address', async () => {
    for (const name of ['list-a', 'list-b', 'list-c']) await t.join(name)
    await t.join('listless')
    const first = await boss.me.listAccounts({ query: { email: 'LIST-', limit: 2 } })
    expect(first.items.map((account) => account.email)).toEqual(['list-c@example.com', 'list-b@example.com'])
    const rest = await boss.me.listAccounts({ query: { email: 'list-', limit: 2, cursor: first.next! } })
    expect(rest.items.map((account) => account.email)).toEqual(['list-a@example.com'])
    expect(rest.next).toBeUndefined()
    expect((await boss.me.listAccounts({ query: { email: 'li%' } })).items).toEqual([])
    expect((await boss.me.listAccounts({ query: { userId: boss.userId } })).items).toMatchObject([
      { email: boss.email, roles: ['admin'] },
    ])
    expect((await refusal(boss.me.listAccounts({ query: { cursor: "x' or 1=1" } }))).code).toBe(
      'cursorInvalid',
    )
  })

  test('are locked out at once, tokens included, and in again when unlocked', async () => {
    const fox = await t.join('fox')
    const { secret } = await fox.me.createToken({ body: { name: 'Script', scopes: [] } })
    const program = t.platform.client(auth, secret)
    await program.getMe()
    const params = { userId: fox.userId }
    expect(await boss.me.lockAccount({ params, body: { reason: 'Stolen laptop' } })).toMatchObject({
      state: 'locked',
      lockReason: 'Stolen laptop',
    })
    await boss.me.lockAccount({ params, body: { reason: 'Twice' } })
    expect(await statusOf(fox)).toBe(401)
    expect((await refusal(program.getMe())).status).toBe(401)
    expect((await refusal(t.signIn(fox.email))).code).toBe('signInRefused')
    expect((await refusal(t.nobody.refresh({ body: { refreshToken: fox.refreshToken } }))).code).toBe(
      'refreshRefused',
    )
    expect((await boss.me.unlockAccount({ params })).state).toBe('active')
    await boss.me.unlockAccount({ params })
    expect((await t.signIn(fox.email)).userId).toBe(fox.userId)
    expect((await t.audit('account.locked')).filter((row) => row.subject_id === fox.userId)).toHaveLength(1)
  })

  test('all sessions of a person are ended', async () => {
    const gem = await t.join('gem')
    const second = await t.signIn(gem.email)
    expect(await boss.me.revokeAccountSessions({ params: { userId: gem.userId } })).toEqual({ revoked: 2 })
    expect([await statusOf(gem), await statusOf(second)]).toEqual([401, 401])
    const nobody = '01890a5d-ac96-774b-bcce-b302099a8057'
    expect((await refusal(boss.me.revokeAccountSessions({ params: { userId: nobody } }))).code).toBe(
      'notFound',
    )
  })

  test('administration needs its permission', async () => {
    const hob = await t.join('hob')
    const params = { userId: boss.userId }
    for (const call of [
      () => hob.me.listPermissions(),
      () => hob.me.listRoles(),
      () => hob.me.createRole({ body: { name: 'mine', description: 'x', permissions: [] } }),
      () => hob.me.listAccounts(),
      () => hob.me.assignRoles({ params, body: { roles: [] } }),
      () => hob.me.lockAccount({ params, body: { reason: 'x' } }),
      () => hob.me.listAudit(),
      () => hob.me.rotateSigningKey({ body: {} }),
    ])
      expect((await refusal(call())).status).toBe(403)
  })
})

describe('the audit log', () => {
  test('tells who did what to whom, from where, and is read by filters and pages', async () => {
    const ivy = await t.join('ivy')
    await refusal(t.signIn(ivy.email, 'wrong password'))
    await boss.me.lockAccount({ params: { userId: ivy.userId }, body: { reason: 'Test' } })
    const { items } = await boss.me.listAudit({ query: { subjectId: ivy.userId } })
    expect(items.map((entry) => entry.event)).toEqual([
      'account.locked',
      'signIn.refused',
      'signIn.succeeded',
      'account.registered',
    ])
    expect(items[0]).toMatchObject({ actorId: boss.userId, ip: '127.0.0.1', details: { reason: 'Test' } })
    expect(items[0]!.userAgent).toBeTruthy()
    expect(items[1]!.actorId).toBeUndefined()

    const page = await boss.me.listAudit({ query: { subjectId: ivy.userId, limit: 3 } })
    const rest = await boss.me.listAudit({ query: { subjectId: ivy.userId, limit: 3, cursor: page.next! } })
    expect([...page.items, ...rest.items]).toEqual(items)
    expect(
      (await boss.me.listAudit({ query: { actorId: boss.userId, event: 'account.locked', limit: 1 } })).items,
    ).toEqual([items[0]])
    expect(
      (await boss.me.listAudit({ query: { from: new Date(Date.now() + 60_000).toISOString() } })).items,
    ).toEqual([])
    expect((await boss.me.listAudit({ query: { to: '2020-01-01T00:00:00Z' } })).items).toEqual([])
    expect((await refusal(boss.me.listAudit({ query: { cursor: 'abc' } }))).code).toBe('cursorInvalid')
  })

  test('only grows: the database refuses to change, delete or empty it', async () => {
    await expect(t.sql`update audit_log set event = 'nothing'`).rejects.toThrow('append-only')
    await expect(t.sql`update audit_log set ip = null, user_agent = null, details = '{}'`).rejects.toThrow(
      'append-only',
    )
    await expect(t.sql`delete from audit_log`).rejects.toThrow('append-only')
    await expect(t.sql`truncate audit_log`).rejects.toThrow('append-only')
  })
})

test('the gateways of all processes ask whose a token is, which are revoked, and which keys verify', async () => {
  const { service, tools, own } = t.platform.host.running.find((one) => one.service.contract.name === 'auth')!
  const source = service.identity!(tools, own)
  const { secret, token } = await boss.me.createToken({
    body: { name: 'Gateway', scopes: ['auth:audit'], expiresInDays: 1 },
  })
  expect(await source.resolveToken(secret)).toEqual({
    id: boss.userId,
    sid: token.id,
    kind: 'token',
    roles: ['admin', 'member'],
    permissions: ['auth:audit'],
    // No gateway may remember it for longer.
    expires: new Date(token.expiresAt!).getTime(),
  })
  for (const wrong of ['plt_unknown', 'something else', `plt_${'x'.repeat(200)}`])
    expect(await source.resolveToken(wrong)).toBeUndefined()

  await boss.me.revokeToken({ params: { tokenId: token.id } })
  expect(await source.resolveToken(secret)).toBeUndefined()
  expect(await source.loadRevocations()).toContainEqual(expect.objectContaining({ tokenId: token.id }))
  expect((await source.loadKeys()).keys.map((key) => key['kid']).sort()).toEqual(
    (await t.nobody.getJwks()).keys.map((key) => key.kid).sort(),
  )
})

test('signing in as a person who has meanwhile been erased is refused like any other', async () => {
  const jim = await t.join('jim')
  await jim.me.deleteAccount()
  expect((await refusal(t.nobody.login({ body: { email: jim.email, password: PASSWORD } }))).code).toBe(
    'signInRefused',
  )
})
