import { auth } from '@pleiad/auth/contract'
import { oidc } from '@pleiad/oidc/contract'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { defineService, emit } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { projects } from '@pleiad/projects/contract'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { notifications } from './contract.ts'
import service from './service.ts'
import { type SmtpReceiver, startSmtpReceiver } from './testing-smtp.ts'

/** Only announces what the real service would announce. */
const announcer = ({ name, events }: Contract) =>
  defineService({
    contract: defineContract({
      name,
      version: '1.0.0',
      summary: 'Announces, in tests.',
      operations: {},
      ...(events ? { events } : {}),
    }),
    url: new URL('./announcer/service.ts', import.meta.url).href,
    routes: () => ({}),
  })
const services = [service, announcer(auth), announcer(users), announcer(projects), announcer(oidc)]

let smtp: SmtpReceiver
let platform: TestPlatform
beforeAll(async () => {
  smtp = await startSmtpReceiver()
  platform = await startTestPlatform({
    services,
    env: { SMTP_URL: smtp.url, MAIL_FROM: 'Pleiad <mail@pleiad.example>' },
  })
})
afterAll(async () => {
  await platform?.stop()
  await smtp?.close()
})
beforeEach(() => {
  smtp.mails.length = 0
})

const toolsOf = (name: string) =>
  platform.host.running.find((one) => one.service.contract.name === name)!.tools
async function announce(source: Contract, type: string, data: object) {
  await toolsOf(source.name).transact(async (tx) => emit(tx, source, type, data as never))
  await platform.settled()
}
const admin = () => platform.client(notifications, { permissions: ['mail:read', 'mail:send'] })
const mailsTo = async (to: string) => (await admin().listMails({ query: { to } })).items
/** The mail as it came out of the wire, in one piece. */
async function received(to: string): Promise<string> {
  const mail = await vi.waitFor(
    () => smtp.mails.find((one) => one.to === to) ?? Promise.reject(new Error(`No mail to ${to}`)),
    { timeout: 20_000 },
  )
  return Buffer.from(
    mail.source
      .replace(/=\r\n/g, '')
      .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString()
}

let counter = 0
async function join(locale: 'en' | 'ru' = 'en') {
  const userId = uuidv7()
  const email = `member${++counter}@example.com`
  await announce(auth, 'account.registered', {
    userId,
    email,
    username: `member${counter}`,
    displayName: `Member ${counter}`,
    locale,
  })
  const me = platform.client(notifications, { id: userId })
  await me.markAllRead({ body: {} })
  const news = async () => (await me.listNotifications({ query: { unread: true } })).items
  return { userId, email, news, name: `Member ${counter}` }
}

const projectId = uuidv7()
const url = 'https://pleiad.example/invitation#token=abcdefghijklmnop'
const invite = (email: string, locale: 'en' | 'ru' = 'en') =>
  announce(projects, 'project.invitation.sent', {
    projectId,
    projectName: 'Acme',
    invitationId: uuidv7(),
    email,
    role: 'developer',
    inviterName: 'Anna',
    locale,
    expiresAt: '2026-11-28T10:00:00.000Z',
    sealedUrl: toolsOf('projects').sealFor('notifications', url),
  })

describe('members of projects', () => {
  test('who is invited gets the link by mail, in the language of the inviter', async () => {
    await invite('new@example.com', 'ru')
    expect(await mailsTo('new@')).toMatchObject([
      { kind: 'project-invitation', subject: 'Anna приглашает вас в проект «Acme»', locale: 'ru' },
    ])
    const source = await received('new@example.com')
    expect(source).toContain('Ваша роль: разработчик.')
    expect(source).toContain(url)
    const [row] = await toolsOf('notifications').sql`select * from mails where recipient = 'new@example.com'`
    expect(JSON.stringify(row)).not.toContain('token=')
  })

  test('who has an account is told in the app too, in their language and without the link', async () => {
    const { email, news } = await join('ru')
    await invite(email.toUpperCase())
    expect(await mailsTo(email)).toMatchObject([{ subject: 'Anna приглашает вас в проект «Acme»' }])
    const [notice, ...others] = await news()
    expect(others).toEqual([])
    expect(notice).toMatchObject({ title: 'Anna приглашает вас в проект «Acme»', important: true })
    expect(notice!.body).toContain('Ссылка, чтобы принять приглашение, в письме на ваш адрес.')
    expect(JSON.stringify(notice)).not.toContain('token=')
  })

  test('erasing a person also erases the invitation that came before their account', async () => {
    const email = `member${counter + 1}@example.com`
    await invite(email)
    const { userId } = await join()
    expect(await mailsTo(email)).toHaveLength(1)
    await announce(users, 'user.deleted', { userId, by: userId })
    expect(await mailsTo(email)).toEqual([])
  })

  test('the inviter hears who joined, the member of another role or removal, and nobody of what they did themselves', async () => {
    const [inviter, member] = [await join(), await join()]
    const about = { projectId, projectName: 'Acme', userId: member.userId }
    await announce(projects, 'project.member.added', {
      ...about,
      by: member.userId,
      role: 'viewer',
      inviter: inviter.userId,
    })
    expect(await inviter.news()).toMatchObject([
      { kind: 'project-joined', title: `${member.name} has joined Acme`, body: 'Their role is viewer.' },
    ])
    expect(await member.news()).toEqual([])
    const by = inviter.userId
    await announce(projects, 'project.member.changed', { ...about, by, role: 'admin', before: 'viewer' })
    await announce(projects, 'project.member.removed', { ...about, by, role: 'admin' })
    expect((await member.news()).map(({ title }) => title)).toEqual([
      'You are no member of Acme any more',
      'Your role in Acme has changed',
    ])
    await announce(projects, 'project.member.removed', { ...about, by: member.userId, role: 'admin' })
    expect(await member.news()).toHaveLength(2)
  })

  test('every owner is told that a project will be deleted, each by a mail of their own, once', async () => {
    const owners = [await join(), await join('ru')]
    await announce(projects, 'project.deletion.scheduled', {
      projectId,
      projectName: 'Acme',
      deleteAt: '2026-11-28T10:00:00.000Z',
      owners: owners.map(({ userId }) => userId),
    })
    expect(await received(owners[0]!.email)).toContain('on 28 November 2026 at 10:00 UTC')
    expect(await received(owners[1]!.email)).toContain('Проект «Acme» будет удалён')
    for (const owner of owners) {
      expect(await owner.news()).toMatchObject([{ kind: 'project-deletion', link: '/atlas' }])
      expect(await mailsTo(owner.email)).toHaveLength(1)
    }
  })
})

describe('a project without an owner', () => {
  test('is told to those who administer the platform, each by a mail of their own, and to nobody else', async () => {
    const [first, second, former, member] = [await join(), await join('ru'), await join(), await join()]
    const roles = (userId: string, ...names: string[]) =>
      announce(auth, 'roles.changed', { userId, roles: names })
    await roles(first.userId, 'admin', 'auditor')
    await roles(second.userId, 'admin')
    await roles(former.userId, 'admin')
    await roles(former.userId)
    await announce(projects, 'project.orphaned', { projectId, projectName: 'Acme' })
    expect((await first.news())[0]).toMatchObject({
      kind: 'project-orphaned',
      title: 'Acme has no owner any more',
      link: '/admin/projects',
    })
    expect((await second.news())[0]).toMatchObject({ title: 'У проекта «Acme» больше нет владельца' })
    for (const { email } of [first, second])
      expect((await mailsTo(email)).filter(({ kind }) => kind === 'project-orphaned')).toHaveLength(1)
    for (const { news } of [former, member])
      expect((await news()).filter(({ kind }) => kind === 'project-orphaned')).toEqual([])
  })

  test('reaches administrators from before anybody here heard of them, who are told of nothing else', async () => {
    const old = await join()
    await announce(auth, 'administrator.named', { userId: old.userId })
    await announce(auth, 'administrator.named', { userId: old.userId })
    expect(await old.news()).toEqual([])
    await announce(projects, 'project.orphaned', { projectId, projectName: 'Acme' })
    expect((await old.news()).map(({ kind }) => kind)).toEqual(['project-orphaned'])
  })
})

describe('end users', () => {
  const request = (kind: string, more: object = {}, secret?: object, endUserId = uuidv7()) =>
    announce(oidc, 'enduser.mail.requested', {
      projectId,
      environment: 'production',
      endUserId,
      email: 'shopper@example.com',
      name: 'Sam',
      locale: 'en',
      kind,
      project: { name: 'Shop', accent: '#1c7ed6', supportEmail: 'help@shop.example' },
      ...(secret ? { sealed: toolsOf('oidc').sealFor('notifications', JSON.stringify(secret)) } : {}),
      ...more,
    })

  test.each([
    ['confirmEmail', { code: '12345678' }, 'Your code for Shop'],
    ['resetPassword', { code: '12345678' }, 'Your code for a new password at Shop'],
    ['setPassword', { url: 'https://auth.example/set#token=aaaa' }, 'Set your password for Shop'],
    ['alreadyRegistered', { url: 'https://auth.example/in' }, 'You already have an account at Shop'],
    ['passwordChanged', undefined, 'Your password at Shop was changed'],
  ])(
    '%s is sent in the name of the project, and what gives access is not kept in clear',
    async (kind, secret, subject) => {
      await request(kind, {}, secret)
      const source = await received('shopper@example.com')
      expect(source).toContain(`Subject: ${subject}`)
      expect(source).toContain('From: Shop <mail@pleiad.example>')
      expect(source).toContain('Reply-To: help@shop.example')
      for (const value of Object.values(secret ?? {})) {
        expect(source).toContain(value)
        const { sql } = toolsOf('notifications')
        const rows =
          await sql`select to_jsonb(m)::text as text from mails m union all select to_jsonb(i)::text from inbox i`
        expect(rows.filter(({ text }) => text.includes(value))).toEqual([])
      }
    },
  )

  test('who is erased leaves no mail, and late requests send none', async () => {
    const endUserId = uuidv7()
    await request('passwordChanged', { email: 'gone@example.com' }, undefined, endUserId)
    expect(await mailsTo('gone@')).toHaveLength(1)
    await announce(oidc, 'enduser.deleted', { projectId, environment: 'production', endUserId })
    await request('passwordChanged', { email: 'gone@example.com' }, undefined, endUserId)
    expect(await mailsTo('gone@')).toEqual([])
  })
})
