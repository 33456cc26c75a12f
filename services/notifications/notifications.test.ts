import { auth } from '@pleiad/auth/contract'
import { defineContract } from '@pleiad/platform/contract'
import { defineService, emit } from '@pleiad/platform/service'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import { users } from '@pleiad/users/contract'
import { uuidv7 } from 'uuidv7'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { notifications } from './contract.ts'
import service from './service.ts'
import { type SmtpReceiver, startSmtpReceiver } from './testing-smtp.ts'

/** Only announces what the real service would announce. */
function announcer(contract: { name: string; events: typeof auth.events | typeof users.events }) {
  return defineService({
    contract: defineContract({
      name: contract.name,
      version: '1.0.0',
      summary: 'Announces, in tests.',
      operations: {},
      events: contract.events,
    }),
    url: new URL('./announcer/service.ts', import.meta.url).href,
    routes: () => ({}),
  })
}
const services = [service, announcer(auth), announcer(users)]

const link = 'https://pleiad.example/reset-password#token=abcdefghijklmnop'
const person = (permissions: string[] = [], id = uuidv7()) => ({ id, permissions })

/** What tests need of a running platform. */
function handy(platform: TestPlatform) {
  const toolsOf = (name: string) =>
    platform.host.running.find((one) => one.service.contract.name === name)!.tools
  const announce = async (source: typeof auth | typeof users, type: string, data: object) => {
    await toolsOf(source.name).transact(async (tx) =>
      emit(tx, source as typeof auth, type as never, data as never),
    )
    await platform.settled()
  }
  let counter = 0
  return {
    tools: toolsOf('notifications'),
    sealed: (text: string) => toolsOf('auth').sealFor('notifications', text),
    announce,
    client: (who: { id: string; permissions: string[] }) => platform.client(notifications, who),
    admin: platform.client(notifications, person(['mail:read', 'mail:send'])),
    join: async (locale: 'en' | 'ru' = 'en') => {
      const userId = uuidv7()
      const email = `person${++counter}-${userId.slice(-6)}@example.com`
      await announce(auth, 'account.registered', {
        userId,
        email,
        username: `person${counter}`,
        displayName: 'Some Person',
        locale,
      })
      return { userId, email, me: platform.client(notifications, { id: userId }) }
    },
    runJob: async (name: string) => {
      const running = platform.host.running.find((one) => one.service.contract.name === 'notifications')!
      await running.tools.transact((tx) => service.jobs![name]!.run({ ...running.tools, tx }, running.own))
      await platform.settled()
    },
  }
}

describe('without a mail server', () => {
  let platform: TestPlatform
  let it: ReturnType<typeof handy>
  beforeAll(async () => {
    platform = await startTestPlatform({ services })
    it = handy(platform)
  })
  afterAll(() => platform?.stop())

  const mailsTo = async (to: string) => (await it.admin.listMails({ query: { to } })).items

  test('who joins is welcomed in the app, in their language, and not by mail', async () => {
    const { me, email } = await it.join('ru')
    const { items } = await me.listNotifications()
    expect(items).toMatchObject([
      { kind: 'welcome', title: 'Добро пожаловать, Some Person', link: '/profile', important: false },
    ])
    expect((await me.listNotifications({ query: { locale: 'en' } })).items[0]!.title).toBe(
      'Welcome, Some Person',
    )
    expect(await me.countUnread()).toEqual({ unread: 1 })
    expect(await mailsTo(email)).toEqual([])
  })

  test('a person’s own connections learn of it at once', async () => {
    const pushed = vi.spyOn(platform.host.gateway.realtime, 'push')
    const { userId, me } = await it.join()
    expect(pushed).toHaveBeenCalledWith('notifications.changed', userId, {
      unread: 1,
      notification: expect.objectContaining({ kind: 'welcome', title: 'Welcome, Some Person' }),
    })
    await me.markAllRead({ body: {} })
    expect(pushed).toHaveBeenLastCalledWith('notifications.changed', userId, { unread: 0 })
    pushed.mockRestore()
  })

  test('notifications are read, counted, paged and deleted by their owner only', async () => {
    const { userId, email, me } = await it.join()
    for (const what of ['totpEnabled', 'passkeyAdded', 'newSignIn'])
      await it.announce(auth, 'security.changed', {
        userId,
        what,
        at: '2026-11-21T10:00:00.000Z',
        ip: '192.0.2.1',
      })
    // auth asks for the mails about these itself.
    expect(await mailsTo(email)).toEqual([])
    const first = await me.listNotifications({ query: { limit: 3 } })
    expect(first.items.map(({ kind }) => kind)).toEqual(['new-sign-in', 'security-notice', 'security-notice'])
    expect(first.items[2]).toMatchObject({
      title: 'Two-step sign-in was turned on',
      important: true,
      link: '/security',
    })
    expect(first.items[2]!.body).toContain('Time: 21 November 2026 at 10:00 UTC\nAddress: 192.0.2.1')
    const second = await me.listNotifications({ query: { limit: 3, cursor: first.next! } })
    expect(second.items.map(({ kind }) => kind)).toEqual(['welcome'])
    expect(second.next).toBeUndefined()

    const { notificationId } = first.items[1]!
    const { me: other } = await it.join()
    await expect(other.markRead({ params: { notificationId } })).rejects.toMatchObject({ code: 'notFound' })
    await expect(other.deleteNotification({ params: { notificationId } })).rejects.toMatchObject({
      code: 'notFound',
    })
    expect(await me.markRead({ params: { notificationId } })).toEqual({ unread: 3 })
    expect(await me.markRead({ params: { notificationId } })).toEqual({ unread: 3 })
    expect((await me.listNotifications({ query: { unread: true } })).items).toHaveLength(3)
    expect(await me.markAllRead({ body: { upTo: first.items[2]!.notificationId } })).toEqual({ unread: 1 })
    expect(
      await me.deleteNotification({ params: { notificationId: first.items[0]!.notificationId } }),
    ).toEqual({ unread: 0 })
    expect((await me.listNotifications()).items).toHaveLength(3)
    expect(await other.countUnread()).toEqual({ unread: 1 })
  })

  test('an event that arrives twice is told once', async () => {
    const { userId, me } = await it.join()
    const before = (await me.listNotifications()).items.length
    const { sql } = it.tools
    await it.announce(auth, 'roles.changed', { userId, roles: ['admin'] })
    const [row] = await sql`select * from notifications where user_id = ${userId} and kind = 'roles-changed'`
    await sql`update inbox set state = 'pending', due_at = now() where id = ${row!['notification_id']}`
    platform.host.running.find((one) => one.service.contract.name === 'notifications')!.events.wake()
    await platform.settled()
    await vi.waitFor(async () => {
      const rows = await sql`select state from inbox where id = ${row!['notification_id']}`
      expect(rows.every(({ state }) => state === 'done')).toBe(true)
    }, 20_000)
    expect((await me.listNotifications()).items).toHaveLength(before + 1)
    const mails = (await it.admin.listMails({ query: { limit: 100 } })).items
    expect(mails.filter((mail) => mail.userId === userId)).toHaveLength(1)
  })

  test('mails are kept whole in the outbox, for who may see it', async () => {
    const { userId, email, me } = await it.join()
    await it.announce(auth, 'email.requested', {
      userId,
      email,
      locale: 'en',
      kind: 'reset-password',
      data: { sealedUrl: it.sealed(link), expiresAt: '2026-11-21T11:00:00.000Z' },
    })
    const [summary] = await mailsTo(email.toUpperCase())
    expect(summary).toMatchObject({
      to: email,
      kind: 'reset-password',
      state: 'kept',
      subject: 'Set a new password',
      attempts: 0,
    })
    const mail = await it.admin.getMail({ params: { mailId: summary!.mailId } })
    expect(mail).toMatchObject({ masked: false, text: expect.stringContaining(link) })
    expect((await it.admin.listMails()).smtp).toBe(false)
    await expect(it.admin.resendMail({ params: { mailId: summary!.mailId } })).rejects.toMatchObject({
      code: 'mailServerNotSet',
    })
    await expect(it.admin.resendMail({ params: { mailId: uuidv7() } })).rejects.toMatchObject({
      code: 'notFound',
    })
    await expect(it.admin.getMail({ params: { mailId: uuidv7() } })).rejects.toMatchObject({
      code: 'notFound',
    })
    await expect(me.listMails()).rejects.toMatchObject({ code: 'forbidden' })
    await expect(me.getMail({ params: { mailId: summary!.mailId } })).rejects.toMatchObject({
      code: 'forbidden',
    })
  })

  test('the outbox pages, and finds by state and beginning of the address, taken literally', async () => {
    const userId = uuidv7()
    for (const email of ['page_1@x.example', 'page_2@x.example', 'pagex3@x.example'])
      await it.announce(auth, 'email.requested', {
        userId,
        email,
        locale: 'ru',
        kind: 'verify-email',
        data: { url: link },
      })
    const first = await it.admin.listMails({ query: { to: 'page', limit: 2, state: 'kept' } })
    expect(first.items.map(({ to }) => to)).toEqual(['pagex3@x.example', 'page_2@x.example'])
    const second = await it.admin.listMails({ query: { to: 'page', limit: 2, cursor: first.next! } })
    expect(second.items.map(({ to }) => to)).toEqual(['page_1@x.example'])
    expect((await it.admin.listMails({ query: { to: 'page_' } })).items).toHaveLength(2)
    expect((await it.admin.listMails({ query: { state: 'sent' } })).items).toEqual([])
  })

  test('updatePreferences: choices hold, with the current version', async () => {
    const { userId, email, me } = await it.join()
    expect(await me.getPreferences()).toMatchObject({ digest: 'weekly', version: 0 })
    const body = { digest: 'off' as const, kinds: [{ kind: 'roles-changed', inApp: false, email: true }] }
    expect(await me.updatePreferences({ ifMatch: 0, body })).toMatchObject({ digest: 'off', version: 1 })
    await expect(me.updatePreferences({ ifMatch: 0, body })).rejects.toMatchObject({
      code: 'preconditionFailed',
    })
    await it.announce(auth, 'roles.changed', { userId, roles: ['admin'] })
    expect((await me.listNotifications()).items.map(({ kind }) => kind)).toEqual(['welcome'])
    expect(await mailsTo(email)).toMatchObject([{ kind: 'roles-changed' }])
    const failure = await me
      .updatePreferences({
        ifMatch: 1,
        body: { digest: 'off', kinds: [{ kind: 'security-notice', inApp: true, email: false }] },
      })
      .catch((error) => error)
    expect(failure).toMatchObject({ code: 'choiceNotOffered', status: 422 })
    expect(failure.problem.errors).toEqual([{ path: '/body/kinds/0/email', message: 'cannot be changed' }])
    expect((await me.getPreferences({ query: { locale: 'ru' } })).kinds[0]!.title).toBe('Приветствие')
  })

  test('name, language and time zone follow the profile, and never go back', async () => {
    const { userId, me } = await it.join()
    const profile = {
      userId,
      username: 'someone',
      displayName: 'Новое Имя',
      locale: 'ru',
      timeZone: 'Asia/Tokyo',
      version: 3,
    }
    await it.announce(users, 'user.updated', { ...profile, changed: ['timeZone'] })
    await it.announce(users, 'user.updated', {
      ...profile,
      displayName: 'Old',
      locale: 'en',
      version: 2,
      changed: ['locale'],
    })
    await it.announce(users, 'user.created', { ...profile, displayName: 'Oldest', version: 1 })
    expect((await me.listNotifications()).items[0]!.title).toMatch(/^Добро/)
    await it.announce(auth, 'email.changed', { userId, email: 'moved@example.org' })
    await it.announce(auth, 'roles.changed', { userId, roles: [] })
    const [mail] = await mailsTo('moved@example.org')
    expect((await it.admin.getMail({ params: { mailId: mail!.mailId } })).text).toContain(
      'Здравствуйте, Новое Имя.',
    )
  })

  test('who is deactivated or locked gets important mails only', async () => {
    const { userId, email, me } = await it.join()
    const by = uuidv7()
    await it.announce(users, 'user.deactivated', { userId, by })
    await it.announce(auth, 'roles.changed', { userId, roles: ['x'] })
    expect((await mailsTo(email)).map(({ kind }) => kind)).toEqual(['account-deactivated'])
    await it.announce(users, 'user.reactivated', { userId, by })
    await it.announce(auth, 'account.locked', { userId, locked: true })
    await it.announce(auth, 'roles.changed', { userId, roles: ['y'] })
    expect((await mailsTo(email)).map(({ kind }) => kind)).toEqual([
      'account-reactivated',
      'account-deactivated',
    ])
    expect((await me.listNotifications()).items.map(({ kind }) => kind)).toEqual(['welcome'])
    await it.announce(auth, 'account.locked', { userId, locked: false })
    await it.announce(auth, 'roles.changed', { userId, roles: ['z'] })
    expect(await mailsTo(email)).toHaveLength(3)
  })

  test('who is erased leaves nothing, and late events bring nothing back', async () => {
    const { userId, email, me } = await it.join()
    await it.announce(auth, 'roles.changed', { userId, roles: ['x'] })
    await it.announce(users, 'user.deleted', { userId, by: userId })
    await it.announce(auth, 'account.registered', {
      userId,
      email,
      username: 'late',
      displayName: 'Late',
      locale: 'en',
    })
    await it.announce(auth, 'email.requested', {
      userId,
      email,
      locale: 'en',
      kind: 'verify-email',
      data: { url: link },
    })
    await it.announce(auth, 'email.changed', { userId, email })
    await it.announce(users, 'user.updated', {
      userId,
      username: 'late',
      displayName: 'Late',
      locale: 'en',
      timeZone: 'UTC',
      version: 9,
      changed: [],
    })
    await it.announce(auth, 'security.changed', {
      userId,
      what: 'totpEnabled',
      at: '2026-11-21T10:00:00.000Z',
    })
    expect(await mailsTo(email)).toEqual([])
    expect((await me.listNotifications()).items).toEqual([])
    const [row] = await it.tools.sql`select * from recipients where user_id = ${userId}`
    expect(row).toMatchObject({ state: 'erased', email: null, name: '', digest_due_at: null })
    await expect(
      me.updatePreferences({ ifMatch: 0, body: { digest: 'off', kinds: [] } }),
    ).rejects.toMatchObject({ code: 'forbidden' })
  })

  test('a digest tells of what is unread and was not mailed, once', async () => {
    const { userId, email, me } = await it.join()
    await me.updatePreferences({ ifMatch: 0, body: { digest: 'daily', kinds: [] } })
    await it.announce(auth, 'security.changed', {
      userId,
      what: 'totpEnabled',
      at: '2026-11-21T10:00:00.000Z',
    })
    const due = () =>
      it.tools
        .sql`update recipients set digest_due_at = now() - interval '1 minute' where user_id = ${userId}`
    await due()
    await it.runJob('sendDigests')
    const [mail] = await mailsTo(email)
    expect(mail).toMatchObject({ kind: 'digest', subject: 'One notification is waiting for you' })
    expect((await it.admin.getMail({ params: { mailId: mail!.mailId } })).text).toContain(
      '• Welcome, Some Person',
    )
    const [row] = await it.tools.sql<
      { digest_due_at: Date }[]
    >`select digest_due_at from recipients where user_id = ${userId}`
    expect(row!.digest_due_at.getUTCHours()).toBe(8)
    await due()
    await it.runJob('sendDigests')
    expect(await mailsTo(email)).toHaveLength(1)
    await it.announce(users, 'user.deactivated', { userId, by: userId })
    await it.tools.sql`update notifications set mailed = false where user_id = ${userId}`
    await due()
    await it.runJob('sendDigests')
    expect((await mailsTo(email)).map(({ kind }) => kind)).toEqual(['account-deactivated', 'digest'])
  })

  test('old mails and notifications are purged', async () => {
    const { userId, email, me } = await it.join()
    await it.announce(auth, 'roles.changed', { userId, roles: ['x'] })
    await it.tools.sql`update mails set created_at = now() - interval '31 days' where user_id = ${userId}`
    await it.tools
      .sql`update notifications set created_at = now() - interval '91 days' where user_id = ${userId}`
    const [newest] = (await me.listNotifications()).items
    await me.markRead({ params: { notificationId: newest!.notificationId } })
    await it.runJob('purge')
    expect(await mailsTo(email)).toEqual([])
    expect((await me.listNotifications()).items.map(({ kind }) => kind)).toEqual(['welcome'])
  })

  test('the export holds all that is kept, without what gives access', async () => {
    const { userId, email } = await it.join()
    await it.announce(auth, 'email.requested', {
      userId,
      email,
      locale: 'en',
      kind: 'reset-password',
      data: { sealedUrl: it.sealed(link) },
    })
    const exported = (await it.tools.personalData(userId))['notifications']
    expect(exported).toMatchObject({
      address: { email, name: 'Some Person', locale: 'en', timeZone: 'UTC' },
      preferences: { digest: 'weekly' },
      notifications: [{ kind: 'welcome' }],
      mails: [{ kind: 'reset-password', to: email }],
    })
    expect(JSON.stringify(exported)).not.toContain('token=')
    expect((await it.tools.personalData(uuidv7()))['notifications']).toBeUndefined()
  })
})

describe('with a mail server', () => {
  let smtp: SmtpReceiver
  let platform: TestPlatform
  let it: ReturnType<typeof handy>
  beforeAll(async () => {
    smtp = await startSmtpReceiver()
    platform = await startTestPlatform({
      services,
      env: { SMTP_URL: smtp.url, SMTP_TIMEOUT_MS: '400', MAIL_CONCURRENCY: '2' },
    })
    it = handy(platform)
  })
  afterAll(async () => {
    await platform?.stop()
    await smtp?.close()
  })
  beforeEach(() => {
    smtp.answer = 'accept'
    smtp.mails.length = 0
  })

  async function request(email: string, kind = 'reset-password') {
    await it.announce(auth, 'email.requested', {
      userId: uuidv7(),
      email,
      locale: 'en',
      kind,
      data: { sealedUrl: it.sealed(link) },
    })
    return (await it.admin.listMails({ query: { to: email } })).items[0]!.mailId
  }
  const mailOf = (mailId: string) => it.admin.getMail({ params: { mailId } })
  const reaches = (mailId: string, state: string) =>
    vi.waitFor(async () => expect((await mailOf(mailId)).state).toBe(state), {
      timeout: 10_000,
      interval: 50,
    })
  /** Makes the next delayed attempt due now. */
  async function hurry(mailId: string) {
    await it.tools.sql`update outbox set due_at = now() where key = ${mailId}`
    platform.host.running.find((one) => one.service.contract.name === 'notifications')!.events.wake()
    await platform.settled()
  }

  test('a mail is sent under the id of its event, and its link is forgotten', async () => {
    const mailId = await request('sent@example.com')
    await reaches(mailId, 'sent')
    expect(smtp.mails).toHaveLength(1)
    const { to, source } = smtp.mails[0]!
    expect(to).toBe('sent@example.com')
    expect(source).toContain(`Message-ID: <${mailId}@localhost>`)
    expect(source).toContain('From: Pleiad <no-reply@localhost>')
    expect(source).toContain('Subject: Set a new password')
    expect(source).toContain('Auto-Submitted: auto-generated')
    expect(source).not.toContain('List-Unsubscribe')
    expect(source.replace(/=\r\n/g, '').replaceAll('=3D', '=')).toContain(link)
    const mail = await mailOf(mailId)
    expect(mail).toMatchObject({ state: 'sent', attempts: 1, masked: true, sentAt: expect.any(String) })
    expect(mail.text + mail.html).not.toContain('token=')
    expect(JSON.stringify(await it.tools.sql`select data, sealed from mails where mail_id = ${mailId}`)).toBe(
      '[{"data":{},"sealed":{}}]',
    )
    await expect(it.admin.resendMail({ params: { mailId } })).rejects.toMatchObject({
      code: 'mailNotResendable',
    })
    // Looking after it when the lease would have ended finds it sent.
    await hurry(mailId)
    expect(smtp.mails).toHaveLength(1)
  })

  test('a mail without secrets can be sent again under the same id', async () => {
    const { userId, email } = await it.join()
    await it.announce(auth, 'roles.changed', { userId, roles: ['admin'] })
    const { mailId } = (await it.admin.listMails({ query: { to: email } })).items[0]!
    await reaches(mailId, 'sent')
    expect(await it.admin.resendMail({ params: { mailId } })).toMatchObject({ state: 'queued' })
    await vi.waitFor(() => expect(smtp.mails).toHaveLength(2), 20_000)
    await reaches(mailId, 'sent')
    const ids = smtp.mails.map(({ source }) => /Message-ID: (.*)/.exec(source)?.[1])
    expect(ids[0]).toBe(ids[1])
    expect(smtp.mails[0]!.source).toContain('List-Unsubscribe: <http://localhost:8080/settings>')
  })

  test('a mail that was kept before there was a mail server can be sent from the outbox', async () => {
    const mailId = uuidv7()
    const keep = (id: string, expiresAt: string) => it.tools.sql`
      insert into mails (mail_id, recipient, kind, locale, data, sealed, subject, state, created_at)
      values (${id}, 'kept@example.com', 'reset-password', 'en', ${it.tools.sql.json({ expiresAt })},
        ${it.tools.sql.json({ url: it.sealed(link) })}, 'Set a new password', 'kept', now())`
    await keep(mailId, '2999-01-01T00:00:00.000Z')
    expect(await mailOf(mailId)).toMatchObject({ state: 'kept', resendable: true, masked: true })
    expect(await it.admin.resendMail({ params: { mailId } })).toMatchObject({
      state: 'queued',
      resendable: false,
    })
    await reaches(mailId, 'sent')
    expect(smtp.mails[0]!.source.replace(/=\r\n/g, '').replaceAll('=3D', '=')).toContain(link)
    expect((await mailOf(mailId)).resendable).toBe(false)

    const late = uuidv7()
    await keep(late, '2026-01-01T00:00:00.000Z')
    expect((await it.admin.listMails({ query: { to: 'kept@' } })).items[0]).toMatchObject({
      mailId: late,
      resendable: false,
    })
    await expect(it.admin.resendMail({ params: { mailId: late } })).rejects.toMatchObject({
      code: 'mailNotResendable',
    })
  })

  test('a server that is busy is asked again later', async () => {
    smtp.answer = '450 4.2.0 busy, come back'
    const mailId = await request('busy@example.com')
    await reaches(mailId, 'queued')
    await vi.waitFor(async () => expect((await mailOf(mailId)).error).toContain('busy, come back'), 20_000)
    await expect(it.admin.resendMail({ params: { mailId } })).rejects.toMatchObject({ code: 'mailBeingSent' })
    expect(await mailOf(mailId)).toMatchObject({ attempts: 1, masked: true })
    smtp.answer = 'accept'
    await hurry(mailId)
    await reaches(mailId, 'sent')
    expect(await mailOf(mailId)).toMatchObject({ attempts: 2 })
    expect(smtp.mails).toHaveLength(1)
  })

  test('a refusal for good is not tried again, but an administrator may', async () => {
    smtp.answer = '550 5.1.1 no such mailbox'
    const mailId = await request('nobody@example.com')
    await reaches(mailId, 'failed')
    expect((await mailOf(mailId)).error).toContain('no such mailbox')
    smtp.answer = 'accept'
    await it.admin.resendMail({ params: { mailId } })
    await reaches(mailId, 'sent')
  })

  test('a server that hangs holds no transaction and delays nobody for long', async () => {
    smtp.answer = 'hang'
    const ids = await Promise.all([1, 2, 3].map((n) => request(`hang${n}@example.com`)))
    await vi.waitFor(async () => {
      const rows = await it.tools.sql`select 1 from mails where state = 'sending'`
      expect(rows.length).toBeGreaterThan(0)
    }, 20_000)
    const open = await it.tools.sql`
      select 1 from pg_stat_activity where application_name = 'pleiad-notifications' and state = 'idle in transaction'`
    expect(open).toHaveLength(0)
    const { me } = await it.join()
    expect(await me.countUnread()).toEqual({ unread: 1 })
    for (const mailId of ids) await reaches(mailId, 'queued')
    smtp.answer = 'accept'
    for (const mailId of ids) await hurry(mailId)
    for (const mailId of ids) await reaches(mailId, 'sent')
    expect(smtp.mails).toHaveLength(3)
  })

  test('a mail whose sender died is taken up when its lease has ended, not before', async () => {
    smtp.answer = '450 4.2.0 later'
    const mailId = await request('orphan@example.com')
    await reaches(mailId, 'queued')
    smtp.answer = 'accept'
    const { sql } = it.tools
    await sql`delete from outbox where key = ${mailId}`
    await sql`update mails set state = 'sending', lease = ${uuidv7()}, lease_until = now() + interval '1 hour' where mail_id = ${mailId}`
    await it.tools.transact(async (tx) => emit(tx, notifications, 'mail.due', { mailId }))
    await platform.settled()
    expect(await mailOf(mailId)).toMatchObject({ state: 'sending' })
    const [waits] = await sql<{ due_at: Date }[]>`select due_at from outbox where key = ${mailId}`
    expect(waits!.due_at.getTime()).toBeGreaterThan(Date.now() + 50 * 60_000)
    await sql`update mails set lease_until = now() - interval '1 second' where mail_id = ${mailId}`
    await hurry(mailId)
    await reaches(mailId, 'sent')
    expect(smtp.mails).toHaveLength(1)
  })

  test('a sender that lost its lease sends nothing', async () => {
    const mailId = await request('lost@example.com')
    await reaches(mailId, 'sent')
    const running = platform.host.running.find((one) => one.service.contract.name === 'notifications')!
    ;(running.own as { courier: { hand: (mailId: string, lease: string) => void } }).courier.hand(
      mailId,
      uuidv7(),
    )
    await request('next@example.com').then((next) => reaches(next, 'sent'))
    expect(smtp.mails.filter(({ to }) => to === 'lost@example.com')).toHaveLength(1)
  })

  test('a storm of mails is all sent, each once', async () => {
    const count = 120
    const auths = platform.host.running.find((one) => one.service.contract.name === 'auth')!.tools
    await auths.transact(async (tx) => {
      for (let n = 0; n < count; n++)
        emit(tx, auth, 'email.requested', {
          userId: uuidv7(),
          email: `storm${n}@example.com`,
          locale: 'en',
          kind: 'new-sign-in',
          data: {},
        })
    })
    await vi.waitFor(
      async () => {
        // Those for which there was no room come back after a few seconds: not in a test.
        await it.tools
          .sql`update outbox set due_at = now() where due_at > now() + interval '1 second' and due_at < now() + interval '10 seconds'`
        platform.host.running.find((one) => one.service.contract.name === 'notifications')!.events.wake()
        const [row] = await it.tools.sql<{ sent: number }[]>`
          select count(*) as sent from mails where recipient like 'storm%' and state = 'sent'`
        expect(row!.sent).toBe(count)
      },
      { timeout: 25_000, interval: 200 },
    )
    const addresses = smtp.mails.map(({ to }) => to).filter((to) => to.startsWith('storm'))
    expect(addresses).toHaveLength(count)
    expect(new Set(addresses).size).toBe(count)
  })
})

test('mails that were queued are kept when the mail server is gone from the settings', async () => {
  const platform = await startTestPlatform({ services })
  const { tools, admin } = handy(platform)
  const mailId = uuidv7()
  await tools.sql`
    insert into mails (mail_id, recipient, kind, locale, data, subject, state, created_at)
    values (${mailId}, 'left@example.com', 'welcome', 'en', '{}', 'Welcome', 'queued', now())`
  await tools.transact(async (tx) => emit(tx, notifications, 'mail.due', { mailId }))
  await platform.settled()
  expect(await admin.getMail({ params: { mailId } })).toMatchObject({ state: 'kept' })
  await platform.stop()
})
