/** Members, invitations and what becomes of a project whose people go, through the client. */
import { emit } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { projects } from './contract.ts'
import projectsService from './service.ts'
import { type Bed, type Someone, startBed } from './testing-bed.ts'

const DAY_MS = 86_400_000
const MINUTE_MS = 60_000

let bed: Bed
beforeAll(async () => {
  bed = await startBed({ PROJECTS_INVITATIONS_PER_DAY: '8', PROJECTS_MEMBERS: '6' })
})
afterAll(() => bed?.platform.stop())

async function start() {
  const owner = await bed.join('Olga')
  const { projectId } = await bed.create(owner)
  return { owner, projectId, params: { projectId } }
}

const rolesOf = async (someone: Someone, projectId: string) =>
  Object.fromEntries(
    (await someone.my().listMembers({ params: { projectId } })).items.map(({ userId, role }) => [
      userId,
      role,
    ]),
  )

describe('invitations', () => {
  test('inviteMember mails a link that only the mail has; accepting makes a member, once', async () => {
    const { owner, projectId, params } = await start()
    const invitation = await owner
      .my()
      .inviteMember({ params, body: { email: 'Bob@Example.com', role: 'developer' } })
    expect(invitation).toMatchObject({
      email: 'Bob@Example.com',
      state: 'pending',
      invitedBy: { displayName: 'Olga' },
    })
    const token = await bed.tokenFor('Bob@Example.com')
    const stored = await bed.tools.sql`select to_jsonb(i) as row from invitations i`
    expect(JSON.stringify([stored, await bed.eventsOf(projectId), invitation])).not.toContain(token)

    const anybody = bed.platform.client(projects)
    expect(await anybody.previewInvitation({ body: { token } })).toMatchObject({
      role: 'developer',
      inviterName: 'Olga',
      email: 'B…@Example.com',
    })
    await expect(anybody.acceptInvitation({ body: { token } })).rejects.toMatchObject({
      code: 'unauthenticated',
    })
    const bob = await bed.join('Bob')
    await expect(bob.my().getProject({ params })).rejects.toMatchObject({ code: 'notFound' })
    expect(await bob.my().acceptInvitation({ body: { token } })).toMatchObject({
      projectId,
      role: 'developer',
    })
    expect((await bob.my().getProject({ params })).role).toBe('developer')
    expect((await bed.eventsOf(projectId)).at(-1)).toMatchObject({
      type: 'project.member.added',
      data: { userId: bob.id, role: 'developer', inviter: owner.id },
    })
    await expect((await bed.join()).my().acceptInvitation({ body: { token } })).rejects.toMatchObject({
      code: 'invitationUsed',
      status: 410,
    })
    expect((await owner.my().listInvitations({ params })).items).toEqual([])
    expect(
      await bed.tools.sql`select 1 from invitations where email is not null and state <> 'open'`,
    ).toEqual([])
  })

  test('whoever loses a role loses what they invited to with it: no way back by a link of their own', async () => {
    const { owner, projectId, params } = await start()
    const admin = await bed.member(owner, projectId, 'admin')
    const invite = (role: 'admin' | 'viewer') =>
      admin.my().inviteMember({ params, body: { email: `${role}-${admin.id}@example.com`, role } })
    await invite('admin')
    const asAdmin = await bed.tokenFor(`admin-${admin.id}@example.com`)
    const target = { params: { ...params, userId: admin.id } }
    await owner.my().changeRole({ ...target, body: { role: 'viewer' } })
    const other = await bed.join()
    await expect(other.my().acceptInvitation({ body: { token: asAdmin } })).rejects.toMatchObject({
      code: 'invitationUnknown',
    })
    await owner.my().changeRole({ ...target, body: { role: 'admin' } })
    await invite('viewer')
    const asViewer = await bed.tokenFor(`viewer-${admin.id}@example.com`)
    await owner.my().removeMember(target)
    await expect(admin.my().acceptInvitation({ body: { token: asViewer } })).rejects.toMatchObject({
      code: 'invitationUnknown',
    })
    expect((await owner.my().listInvitations({ params })).items).toEqual([])
  })

  test('of two who accept one invitation at once, one becomes a member', async () => {
    const { owner, projectId, params } = await start()
    await owner.my().inviteMember({ params, body: { email: 'team@example.com', role: 'viewer' } })
    const token = await bed.tokenFor('team@example.com')
    const people = await Promise.all(Array.from({ length: 5 }, () => bed.join()))
    const answers = await Promise.allSettled(
      people.map((person) => person.my().acceptInvitation({ body: { token } })),
    )
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    for (const answer of answers)
      if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ code: 'invitationUsed' })
    expect(Object.keys(await rolesOf(owner, projectId))).toHaveLength(2)
  })

  test('a wrong, replaced, revoked, expired or declined token says what is the matter', async () => {
    const { owner, params } = await start()
    const guest = (await bed.join()).my()
    const accept = (token: string) => guest.acceptInvitation({ body: { token } })
    const unknown = { code: 'invitationUnknown', status: 404 }
    await expect(accept('nonsense')).rejects.toMatchObject(unknown)

    const invite = (email: string) => owner.my().inviteMember({ params, body: { email, role: 'viewer' } })
    const { invitationId } = await invite('a@example.com')
    const first = await bed.tokenFor('a@example.com')
    const resend = () => owner.my().resendInvitation({ params: { ...params, invitationId } })
    await expect(resend()).rejects.toMatchObject({ code: 'invitationTooSoon', status: 429 })
    const refused = await fetch(
      `${bed.platform.url}/api/v1/projects/${params.projectId}/invitations/${invitationId}/resend`,
      { method: 'POST', headers: { authorization: `Bearer ${bed.platform.tokenFor({ id: owner.id })}` } },
    )
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    bed.platform.advance(MINUTE_MS + 1000)
    await resend()
    const second = await bed.tokenFor('a@example.com')
    expect(second).not.toBe(first)
    await expect(accept(first)).rejects.toMatchObject(unknown)

    await owner.my().revokeInvitation({ params: { ...params, invitationId } })
    await expect(accept(second)).rejects.toMatchObject(unknown)
    await expect(resend()).rejects.toMatchObject({ code: 'notFound' })

    await invite('b@example.com')
    const declined = await bed.tokenFor('b@example.com')
    await bed.platform.client(projects).declineInvitation({ body: { token: declined } })
    await expect(accept(declined)).rejects.toMatchObject({ code: 'invitationUsed' })

    await invite('c@example.com')
    const late = await bed.tokenFor('c@example.com')
    bed.platform.advance(7 * DAY_MS)
    await expect((await bed.join()).my().acceptInvitation({ body: { token: late } })).rejects.toMatchObject({
      code: 'invitationExpired',
      status: 410,
    })
    await expect(
      bed.platform.client(projects).previewInvitation({ body: { token: late } }),
    ).rejects.toMatchObject({ code: 'invitationExpired' })
    expect((await owner.my().listInvitations({ params })).items).toMatchObject([
      { email: 'c@example.com', state: 'expired' },
    ])
    bed.platform.advance(31 * DAY_MS)
    await bed.run('purgeExpired')
    expect((await owner.my().listInvitations({ params })).items).toEqual([])
  })

  test('an address is invited once, however it is written, also by two at once', async () => {
    const { owner, params } = await start()
    const client = owner.my()
    const answers = await Promise.allSettled(
      ['twice@example.com', 'Twice@example.com'].map((email) =>
        client.inviteMember({ params, body: { email, role: 'viewer' } }),
      ),
    )
    const refused = answers.filter((answer) => answer.status === 'rejected')
    expect(refused).toHaveLength(1)
    const [open] = (await client.listInvitations({ params })).items
    expect(refused[0]!.reason.problem).toMatchObject({
      code: 'alreadyInvited',
      invitationId: open!.invitationId,
    })
  })

  test('a member who opens an invitation does not use it up', async () => {
    const { owner, params } = await start()
    await owner.my().inviteMember({ params, body: { email: 'd@example.com', role: 'admin' } })
    const token = await bed.tokenFor('d@example.com')
    await expect(owner.my().acceptInvitation({ body: { token } })).rejects.toMatchObject({
      code: 'alreadyMember',
    })
    expect((await (await bed.join()).my().acceptInvitation({ body: { token } })).role).toBe('admin')
  })

  test('the number of members and of mails a day has a limit', async () => {
    const { owner, params } = await start()
    const invite = (n: number) =>
      owner.my().inviteMember({ params, body: { email: `q${n}@example.com`, role: 'viewer' } })
    const made = []
    for (let n = 0; n < 5; n++) made.push(await invite(n))
    await expect(invite(5)).rejects.toMatchObject({
      problem: { code: 'quotaReached', quota: 'members', limit: 6 },
    })
    expect((await owner.my().getUsage({ params })).members).toEqual({ used: 6, limit: 6 })
    for (const { invitationId } of made)
      await owner.my().revokeInvitation({ params: { ...params, invitationId } })
    for (let n = 6; n < 9; n++) await invite(n)
    await expect(invite(9)).rejects.toMatchObject({ code: 'tooManyInvitations', status: 429 })
    bed.platform.advance(DAY_MS + 1000)
    await invite(9)
  })

  test('refuses bad addresses and roles', async () => {
    const { owner, params } = await start()
    const invite = (body: object) => owner.my().inviteMember({ params, body: body as never })
    await expect(invite({ email: 'nobody', role: 'viewer' })).rejects.toMatchObject({
      code: 'validationFailed',
    })
    await expect(invite({ email: 'a@example.com', role: 'god' })).rejects.toMatchObject({
      code: 'validationFailed',
    })
  })

  test('a project that is archived meanwhile takes nobody in', async () => {
    const { owner, params } = await start()
    await owner.my().inviteMember({ params, body: { email: 'e@example.com', role: 'viewer' } })
    const token = await bed.tokenFor('e@example.com')
    await owner.my().archiveProject({ params })
    await expect((await bed.join()).my().acceptInvitation({ body: { token } })).rejects.toMatchObject({
      code: 'projectArchived',
    })
  })
})

describe('roles', () => {
  test('each role may do what it says', async () => {
    const { owner, projectId, params } = await start()
    const viewer = await bed.member(owner, projectId, 'viewer')
    const developer = await bed.member(owner, projectId, 'developer')
    const admin = await bed.member(owner, projectId, 'admin')
    const forbidden = { code: 'forbidden', status: 403 }
    const key = (environment: string) => ({
      params,
      body: { environment, name: 'K', scopes: ['project:read'] },
    })
    await viewer.my().getProject({ params })
    await expect(viewer.my().listKeys({ params })).rejects.toMatchObject(forbidden)
    await expect(viewer.my().createKey(key('development'))).rejects.toMatchObject(forbidden)
    await developer.my().createKey(key('development'))
    await expect(developer.my().createKey(key('production'))).rejects.toMatchObject(forbidden)
    await expect(developer.my().listInvitations({ params })).rejects.toMatchObject(forbidden)
    await admin.my().createKey(key('production'))
    const invite = (role: 'owner' | 'admin') =>
      admin.my().inviteMember({ params, body: { email: `${role}@example.com`, role } })
    await invite('admin')
    await expect(invite('owner')).rejects.toMatchObject({ code: 'roleAboveOwn', status: 403 })
    await expect(admin.my().deleteProject({ params, body: { slug: 'whatever' } })).rejects.toMatchObject(
      forbidden,
    )
    await expect(
      admin.my().changeRole({ params: { ...params, userId: owner.id }, body: { role: 'viewer' } }),
    ).rejects.toMatchObject({ code: 'roleAboveOwn' })
    await expect(admin.my().removeMember({ params: { ...params, userId: owner.id } })).rejects.toMatchObject({
      code: 'roleAboveOwn',
    })
    await expect(
      admin.my().changeRole({ params: { ...params, userId: admin.id }, body: { role: 'owner' } }),
    ).rejects.toMatchObject({ code: 'roleAboveOwn' })
  })

  test('a change of role and a removal work at once', async () => {
    const { owner, projectId, params } = await start()
    const guest = await bed.member(owner, projectId, 'viewer')
    await expect(guest.my().listKeys({ params })).rejects.toMatchObject({ code: 'forbidden' })
    const target = { params: { ...params, userId: guest.id } }
    await owner.my().changeRole({ ...target, body: { role: 'developer' } })
    expect((await guest.my().listKeys({ params })).items).toEqual([])
    await owner.my().removeMember(target)
    await expect(guest.my().listKeys({ params })).rejects.toMatchObject({ code: 'notFound' })
    await expect(owner.my().removeMember(target)).rejects.toMatchObject({ code: 'notFound' })
    expect((await bed.eventsOf(projectId)).slice(-2)).toMatchObject([
      { type: 'project.member.changed', data: { before: 'viewer', role: 'developer', by: owner.id } },
      { type: 'project.member.removed', data: { userId: guest.id, by: owner.id } },
    ])
  })

  test('members come by page, by when they joined', async () => {
    const { owner, projectId, params } = await start()
    const second = await bed.member(owner, projectId, 'viewer')
    const third = await bed.member(owner, projectId, 'viewer')
    const page = await owner.my().listMembers({ params, query: { limit: 2 } })
    const rest = await owner.my().listMembers({ params, query: { limit: 2, cursor: page.next! } })
    expect([...page.items, ...rest.items].map(({ userId }) => userId)).toEqual([
      owner.id,
      second.id,
      third.id,
    ])
    expect(rest.next).toBeUndefined()
    await expect(owner.my().listMembers({ params, query: { cursor: 'x' } })).rejects.toMatchObject({
      code: 'validationFailed',
    })
  })
})

describe('the last owner', () => {
  test('can neither leave nor be demoted nor be removed', async () => {
    const { owner, projectId, params } = await start()
    await bed.member(owner, projectId, 'admin')
    const self = { params: { ...params, userId: owner.id } }
    const refused = { code: 'lastOwner', status: 409 }
    await expect(owner.my().leaveProject({ params })).rejects.toMatchObject(refused)
    await expect(owner.my().changeRole({ ...self, body: { role: 'admin' } })).rejects.toMatchObject(refused)
    await expect(owner.my().removeMember(self)).rejects.toMatchObject(refused)
  })

  test.each([
    [
      'both leave',
      (one: Someone, _two: Someone, params: { projectId: string }) => one.my().leaveProject({ params }),
    ],
    [
      'each demotes the other',
      (one: Someone, two: Someone, params: { projectId: string }) =>
        one.my().changeRole({ params: { ...params, userId: two.id }, body: { role: 'viewer' } }),
    ],
    [
      'each removes the other',
      (one: Someone, two: Someone, params: { projectId: string }) =>
        one.my().removeMember({ params: { ...params, userId: two.id } }),
    ],
  ])('one of two owners stays when at once %s', async (_what, act) => {
    for (let round = 0; round < 5; round++) {
      const { owner, projectId, params } = await start()
      const other = await bed.member(owner, projectId, 'owner')
      await Promise.allSettled([act(owner, other, params), act(other, owner, params)])
      const owners = await bed.tools.sql`
        select 1 from members where project_id = ${projectId} and role = 'owner'`
      expect(owners).toHaveLength(1)
    }
  })

  test('transferOwnership makes a member owner and the caller admin, at once', async () => {
    const { owner, projectId, params } = await start()
    const heir = await bed.member(owner, projectId, 'viewer')
    const to = (userId: string) => owner.my().transferOwnership({ params, body: { userId } })
    await expect(to(uuidv7())).rejects.toMatchObject({ code: 'notAMember' })
    await expect(to(owner.id)).rejects.toMatchObject({ code: 'notAMember' })
    expect(await to(heir.id)).toMatchObject({ userId: heir.id, role: 'owner' })
    expect(await rolesOf(heir, projectId)).toEqual({ [heir.id]: 'owner', [owner.id]: 'admin' })
    await expect(to(heir.id)).rejects.toMatchObject({ code: 'forbidden' })
    await owner.my().leaveProject({ params })
  })

  test('of two transfers at once one happens', async () => {
    const { owner, projectId, params } = await start()
    const one = await bed.member(owner, projectId, 'viewer')
    const two = await bed.member(owner, projectId, 'viewer')
    const client = owner.my()
    const answers = await Promise.allSettled(
      [one, two].map(({ id }) => client.transferOwnership({ params, body: { userId: id } })),
    )
    expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(Object.values(await rolesOf(one, projectId)).sort()).toEqual(['admin', 'owner', 'viewer'])
  })
})

describe('people who go', () => {
  test('the longest-serving admin follows the last owner who is erased', async () => {
    const { owner, projectId, params } = await start()
    await bed.member(owner, projectId, 'developer')
    const heir = await bed.member(owner, projectId, 'admin')
    const later = await bed.member(owner, projectId, 'admin')
    await bed.erase(owner)
    expect(await rolesOf(later, projectId)).toMatchObject({ [heir.id]: 'owner', [later.id]: 'admin' })
    expect((await heir.my().getProject({ params })).role).toBe('owner')
    expect((await bed.eventsOf(projectId)).slice(-2)).toMatchObject([
      { type: 'project.member.removed', data: { userId: owner.id } },
      { type: 'project.member.changed', data: { userId: heir.id, role: 'owner' } },
    ])
    const activity = await heir.my().listActivity({ params })
    expect(JSON.stringify(activity)).not.toContain('Olga')
  })

  test('without an admin the project is archived until an administrator appoints an owner', async () => {
    const { owner, projectId, params } = await start()
    const developer = await bed.member(owner, projectId, 'developer')
    await bed.erase(owner)
    expect((await developer.my().getProject({ params })).state).toBe('archived')
    expect((await bed.eventsOf(projectId)).slice(-2).map(({ type }) => type)).toEqual([
      'project.archived',
      'project.orphaned',
    ])
    const administrator = () => bed.platform.client(projects, { permissions: ['projects:manage'] })
    const lost = async () =>
      (await administrator().listAllProjects({ query: { ownerless: true } })).items.map((p) => p.projectId)
    expect(await lost()).toContain(projectId)
    await administrator().appointOwner({ params, body: { userId: developer.id } })
    expect(await lost()).not.toContain(projectId)
    expect((await developer.my().restoreProject({ params })).role).toBe('owner')
    await expect(
      administrator().appointOwner({ params: { projectId: uuidv7() }, body: { userId: developer.id } }),
    ).rejects.toMatchObject({ code: 'notFound' })
    for (const userId of [uuidv7(), owner.id])
      await expect(administrator().appointOwner({ params, body: { userId } })).rejects.toMatchObject({
        code: 'notFound',
      })
  })

  test('an administrator can appoint somebody who is no member', async () => {
    const { params } = await start()
    const newcomer = await bed.join('Nora')
    await bed.platform
      .client(projects, { permissions: ['projects:manage'] })
      .appointOwner({ params, body: { userId: newcomer.id } })
    expect((await newcomer.my().getProject({ params })).role).toBe('owner')
    expect((await newcomer.my().listActivity({ params, query: { kind: 'member' } })).items[0]!.text).toBe(
      'Nora made owner by an administrator of the platform',
    )
  })

  test('names follow users, are asked for once of those who were there before, and end with the person', async () => {
    const early = bed.joinBefore('Early')
    const { projectId } = await bed.create(early)
    const params = { projectId }
    const name = async () => (await early.my().listMembers({ params })).items[0]!.displayName
    expect(await name()).toBe('Early')
    const { tools } = bed.platform.host.running.find(({ service }) => service.contract.name === 'users')!
    const announce = (displayName: string, version: number) =>
      tools.transact(async (tx) =>
        emit(tx, users, 'user.updated', {
          userId: early.id,
          username: 'early',
          displayName,
          locale: 'ru',
          timeZone: 'UTC',
          version,
          changed: ['displayName'],
        }),
      )
    await announce('Earlier', 3)
    await announce('Old news', 2)
    await bed.platform.settled()
    expect(await name()).toBe('Earlier')

    const own = bed.platform.host.running.find(({ service }) => service.contract.name === 'projects')!
    const exported = await projectsService.personalData!(own.tools, own.own, early.id)
    expect(exported).toMatchObject({
      name: { displayName: 'Earlier' },
      memberships: [{ projectId, role: 'owner' }],
      activity: [{ kind: 'project.created' }],
    })
    await bed.erase(early)
    await announce('Ghost', 4)
    await bed.platform.settled()
    const kept = await bed.tools.sql`select to_jsonb(p) as row from people p where user_id = ${early.id}`
    expect(JSON.stringify(kept)).not.toMatch(/Earl|Ghost|early/)
    expect(await bed.tools.sql`select 1 from members where user_id = ${early.id}`).toEqual([])
    expect(await projectsService.personalData!(own.tools, own.own, uuidv7())).toBeUndefined()
  })
})
