/** The sign-in page through its operations: passwords, sign-up, codes, passkeys, providers, consent. */

import { softwareAuthenticator } from '@pleiad/platform/testing-authenticator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { CALLBACK, follow, onPage, type TestApp, testApp } from './testing-app.ts'
import { type Bed, type Project, startBed } from './testing-bed.ts'

const PASSWORD = 'a rather long phrase 7'
const OTHER = 'another quite long phrase'
let bed: Bed
let project: Project
let app: TestApp
let people = 0

beforeAll(async () => {
  bed = await startBed()
})
beforeEach(async () => {
  project = await bed.createProject()
  app = await testApp(project)
})
afterAll(() => bed?.stop())

const newEmail = () => `person${++people}@example.com`
const refused = (code: string, more: object = {}) => ({ problem: { code, ...more } })

async function change(body: Record<string, unknown>): Promise<void> {
  const { version } = await project.my.getSettings({ params: project.params })
  await project.my.changeSettings({ params: project.params, ifMatch: version, body: body as never })
}

async function signedUp(email: string) {
  const at = await onPage(bed, app)
  await at.page.signUp({ params: at.params, body: { email, password: PASSWORD, name: 'Ada' } })
  const step = await at.page.confirmEmail({ params: at.params, body: { code: await bed.lastCode(email) } })
  const back = await follow(at.browser, step)
  return { ...at, back }
}

async function only(email: string) {
  const { items } = await project.my.listEndUsers({ params: project.params, query: { search: email } })
  expect(items).toHaveLength(1)
  return items[0]!
}

test('the page shows the project, the app and the ways in', async () => {
  const { page, params } = await onPage(bed, app, { login_hint: 'ada@example.com' })
  expect(await page.getSignIn({ params })).toEqual({
    prompt: 'login',
    brand: { name: 'Shop', accent: '#1c7ed6', environment: 'production' },
    appName: 'Shop',
    methods: {
      password: true,
      passkey: true,
      signUp: true,
      providers: [{ key: 'google', name: 'Google', icon: { path: 'M0 0', color: '#4285f4' } }],
    },
    loginHint: 'ada@example.com',
    scopes: [],
    returnsTo: 'shop.example.com',
  })
})

test('sign-up: nothing exists before the address is proved; then the app gets its code', async () => {
  const email = newEmail()
  const { page, params, browser } = await onPage(bed, app)
  const step = await page.signUp({
    params,
    body: { email: email.toUpperCase(), password: PASSWORD, name: 'Ada' },
  })
  expect(step).toEqual({ step: 'enterCode', email })
  expect((await project.my.listEndUsers({ params: project.params, query: {} })).items).toEqual([])
  await expect(page.confirmEmail({ params, body: { code: '00000000' } })).rejects.toMatchObject(
    refused('codeRefused'),
  )
  const back = await follow(
    browser,
    await page.confirmEmail({ params, body: { code: await bed.lastCode(email) } }),
  )
  expect(back.startsWith(`${CALLBACK}?code=`)).toBe(true)
  expect((await app.redeem(back)).status).toBe(200)
  expect(await only(email)).toMatchObject({ email, emailVerified: true, name: 'Ada', hasPassword: true })
})

test('sign-up with an address that has an account: the same answer, and a mail to its owner', async () => {
  const email = newEmail()
  await signedUp(email)
  const { page, params } = await onPage(bed, app)
  expect(await page.signUp({ params, body: { email, password: OTHER } })).toEqual({
    step: 'enterCode',
    email,
  })
  await bed.platform.settled()
  expect(bed.mails.at(-1)).toEqual({ email, kind: 'alreadyRegistered' })
  for (let code = 0; code < 3; code++)
    await expect(
      page.confirmEmail({ params, body: { code: String(code).padStart(8, '0') } }),
    ).rejects.toMatchObject(refused('codeRefused'))
})

test('a code is tried five times, then even the right one does not work', async () => {
  const email = newEmail()
  const { page, params } = await onPage(bed, app)
  await page.signUp({ params, body: { email, password: PASSWORD } })
  const code = await bed.lastCode(email)
  const wrong = code === '11111111' ? '22222222' : '11111111'
  for (let n = 0; n < 5; n++)
    await expect(page.confirmEmail({ params, body: { code: wrong } })).rejects.toMatchObject(
      refused('codeRefused'),
    )
  await expect(page.confirmEmail({ params, body: { code } })).rejects.toMatchObject(refused('codeRefused'))
})

test('a wrong password, an unknown address and a blocked person are answered alike', async () => {
  const email = newEmail()
  await signedUp(email)
  const { page, params } = await onPage(bed, app)
  const unknown = await page
    .signInWithPassword({ params, body: { email: newEmail(), password: PASSWORD } })
    .catch((e) => e.problem)
  const wrong = await page
    .signInWithPassword({ params, body: { email, password: OTHER } })
    .catch((e) => e.problem)
  const { endUserId } = await only(email)
  await project.my.blockEndUser({ params: { ...project.params, endUserId }, body: { reason: 'test' } })
  const blocked = await page
    .signInWithPassword({ params, body: { email, password: PASSWORD } })
    .catch((e) => e.problem)
  const told = ({ requestId: _, instance: __, ...rest }: Record<string, unknown>) => rest
  expect(told(wrong)).toEqual(told(unknown))
  expect(told(blocked)).toEqual(told(unknown))
  await project.my.unblockEndUser({ params: { ...project.params, endUserId } })
  expect((await page.signInWithPassword({ params, body: { email, password: PASSWORD } })).step).toBe(
    'continue',
  )
})

test('guessing is slowed down, for addresses without an account too', async () => {
  const email = newEmail()
  const { page, params } = await onPage(bed, app)
  const answers: string[] = []
  for (let n = 0; n < 7; n++)
    answers.push(
      await page
        .signInWithPassword({ params, body: { email, password: `${PASSWORD}${n}` } })
        .catch((e) => e.problem.code),
    )
  expect(answers.slice(0, 5)).toEqual(Array(5).fill('signInRefused'))
  expect(answers).toContain('tryLater')
})

test('a forgotten password: the same answer for everybody, a code for who has an account, and all sessions end', async () => {
  const email = newEmail()
  const before = await signedUp(email)
  const tokens = await app.redeem(before.back)
  const { page, params, browser } = await onPage(bed, app)
  const mails = bed.mails.length
  await page.forgotPassword({ params, body: { email: newEmail() } })
  await bed.platform.settled()
  expect(bed.mails.length).toBe(mails)
  await expect(
    page.resetPassword({ params, body: { code: '12345678', password: OTHER } }),
  ).rejects.toMatchObject(refused('codeRefused'))
  await page.forgotPassword({ params, body: { email } })
  const code = await bed.lastCode(email)
  await expect(page.resetPassword({ params, body: { code, password: 'short' } })).rejects.toMatchObject(
    refused('passwordTooWeak', { reason: 'tooShort' }),
  )
  const back = await follow(browser, await page.resetPassword({ params, body: { code, password: OTHER } }))
  expect((await app.redeem(back)).status).toBe(200)
  const info = await fetch(`${project.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${tokens.body['access_token']}` },
  })
  expect(info.status).toBe(401)
  // The other browser is signed out.
  const again = await before.browser.go(app.address())
  expect(again.url).toContain('/sign-in/')
})

test('single sign-on: a second app of the project asks nobody; a project next door knows nothing', async () => {
  const { browser } = await signedUp(newEmail())
  const second = await testApp(project, { name: 'Blog' })
  expect((await browser.go(second.address())).url.startsWith(CALLBACK)).toBe(true)
  const elsewhere = await bed.createProject()
  const foreign = await testApp(elsewhere)
  expect((await browser.go(foreign.address())).url).toContain('/sign-in/')
})

test('switched off means refused, not only hidden', async () => {
  await change({ password: false, passkey: false, signUp: 'closed' })
  const { page, params } = await onPage(bed, app)
  expect((await page.getSignIn({ params })).methods).toMatchObject({
    password: false,
    passkey: false,
    signUp: false,
  })
  await expect(
    page.signInWithPassword({ params, body: { email: newEmail(), password: PASSWORD } }),
  ).rejects.toMatchObject(refused('methodOff'))
  await expect(
    page.signUp({ params, body: { email: newEmail(), password: PASSWORD } }),
  ).rejects.toMatchObject(refused('methodOff'))
  await expect(page.beginPasskeySignIn({ params })).rejects.toMatchObject(refused('methodOff'))
  await change({ password: true })
  await expect(
    page.signUp({ params, body: { email: newEmail(), password: PASSWORD } }),
  ).rejects.toMatchObject(refused('signUpClosed'))
})

test('without proof of addresses signing up signs in at once', async () => {
  await change({ verifyEmail: false })
  const email = newEmail()
  const { page, params, browser } = await onPage(bed, app)
  await follow(browser, await page.signUp({ params, body: { email, password: PASSWORD } }))
  const next = await onPage(bed, app)
  await expect(
    next.page.signUp({ params: next.params, body: { email, password: OTHER } }),
  ).rejects.toMatchObject(refused('endUserExists'))
})

test('a passkey: added on the account page, then enough to sign in; one of another project is not', async () => {
  const { browser } = await signedUp(newEmail())
  const device = softwareAuthenticator({ origin: bed.platform.host.publicUrl })
  const account = { handle: project.slug }
  const begun = await browser.page.beginPasskey({ params: account })
  const made = await browser.page.finishPasskey({
    params: account,
    body: { flowId: begun.flowId, name: 'Laptop', response: device.create(begun.options) },
  })
  expect(made).toMatchObject({ name: 'Laptop' })
  const { page, params, browser: fresh } = await onPage(bed, app)
  const { flowId, options } = await page.beginPasskeySignIn({ params })
  const response = device.get(options)
  const back = await follow(fresh, await page.finishPasskeySignIn({ params, body: { flowId, response } }))
  const { body } = await app.redeem(back)
  const claims = JSON.parse(Buffer.from(body['id_token']!.split('.')[1]!, 'base64url').toString())
  expect(claims.amr).toEqual(['hwk', 'user'])
  // A challenge is answered once.
  const third = await onPage(bed, app)
  await expect(
    third.page.finishPasskeySignIn({ params: third.params, body: { flowId, response } }),
  ).rejects.toMatchObject(refused('challengeExpired'))
  const elsewhere = await bed.createProject()
  const foreign = await onPage(bed, await testApp(elsewhere))
  const asked = await foreign.page.beginPasskeySignIn({ params: foreign.params })
  await expect(
    foreign.page.finishPasskeySignIn({
      params: foreign.params,
      body: { flowId: asked.flowId, response: device.get(asked.options) },
    }),
  ).rejects.toMatchObject(refused('signInRefused'))
})

let tickets = 0
function ticketFor(
  person: { subject: string; email: string; verified?: boolean; name?: string },
  purpose = 'sign_in',
): string {
  const ticket = `ticket-${++tickets}-0123456789`
  bed.tickets.set(ticket, {
    verified: true,
    name: 'Ada',
    ...person,
    purpose,
    cookie: `flow_${purpose}=secret`,
  })
  return ticket
}

async function byProvider(person: Parameters<typeof ticketFor>[0]) {
  const at = await onPage(bed, app)
  const { url } = await at.page.beginProviderSignIn({ params: { ...at.params, provider: 'google' } })
  expect(url).toContain(encodeURIComponent(`/oidc/${project.slug}/sign-in/${at.params.uid}`))
  const step = await at.page.finishProviderSignIn({ params: at.params, body: { ticket: ticketFor(person) } })
  return { ...at, step }
}

test('a provider: the account is made the first time and found the second, connections are handed over', async () => {
  const email = newEmail()
  const first = await byProvider({ subject: 'g1', email })
  await follow(first.browser, first.step)
  const person = await only(email)
  expect(person).toMatchObject({ emailVerified: true, hasPassword: false, name: 'Ada' })
  const second = await byProvider({ subject: 'g1', email: 'changed@example.com' })
  await follow(second.browser, second.step)
  expect(bed.attached.filter(({ endUserId }) => endUserId === person.endUserId)).toHaveLength(2)
  expect((await project.my.listEndUsers({ params: project.params, query: {} })).items).toHaveLength(1)
})

test('a provider that knows the address of an account: linked only after a proof of the account', async () => {
  const email = newEmail()
  await signedUp(email)
  const { step, page, params, browser } = await byProvider({ subject: 'g2', email })
  expect(step).toEqual({ step: 'link', email, provider: 'Google' })
  expect((await page.getSignIn({ params })).linking).toEqual({ provider: 'Google', email })
  await follow(browser, await page.signInWithPassword({ params, body: { email, password: PASSWORD } }))
  const { endUserId } = await only(email)
  const details = await project.my.getEndUser({ params: { ...project.params, endUserId } })
  expect(details.identities).toMatchObject([{ provider: 'google', email }])
  const again = await byProvider({ subject: 'g2', email })
  expect(again.step.step).toBe('continue')
})

test('a link that waits is not given to somebody else who signs in meanwhile', async () => {
  const email = newEmail()
  await signedUp(email)
  const other = newEmail()
  await signedUp(other)
  const { page, params } = await byProvider({ subject: 'g3', email })
  await page.signInWithPassword({ params, body: { email: other, password: PASSWORD } })
  const rows = await bed.own.tools.sql`select 1 from identities where subject = 'g3'`
  expect(rows).toHaveLength(0)
})

test('a provider that does not vouch for the address: it is proved by a code first', async () => {
  const email = newEmail()
  const { step, page, params, browser } = await byProvider({ subject: 'g4', email, verified: false })
  expect(step).toEqual({ step: 'enterCode', email })
  await follow(browser, await page.confirmEmail({ params, body: { code: await bed.lastCode(email) } }))
  expect(await only(email)).toMatchObject({ emailVerified: true })
  expect((await byProvider({ subject: 'g4', email })).step.step).toBe('continue')
})

test('an address that the provider does not vouch for: nothing tells whether it has an account', async () => {
  const known = newEmail()
  await signedUp(known)
  const fresh = newEmail()
  const asks = async (email: string, subject: string) => {
    const before = bed.mails.length
    const at = await byProvider({ subject, email, verified: false })
    await bed.platform.settled()
    const { linking } = await at.page.getSignIn({ params: at.params })
    return {
      at,
      told: { step: at.step.step, linking, mails: bed.mails.slice(before).map(({ kind }) => kind) },
    }
  }
  const first = await asks(known, 'u1')
  const second = await asks(fresh, 'u2')
  expect(first.told).toEqual(second.told)
  expect(first.told).toEqual({ step: 'enterCode', linking: undefined, mails: ['confirmEmail'] })
  // Wrong codes are answered alike, too.
  for (const { at } of [first, second])
    await expect(
      at.page.confirmEmail({ params: at.params, body: { code: '00000000' } }),
    ).rejects.toMatchObject(refused('codeRefused'))
  // Who reads the mail may know: the account is linked after a proof of both, as ever.
  const { page, params, browser } = first.at
  const step = await page.confirmEmail({ params, body: { code: await bed.lastCode(known) } })
  expect(step).toEqual({ step: 'link', email: known, provider: 'Google' })
  await follow(browser, await page.signInWithPassword({ params, body: { email: known, password: PASSWORD } }))
  const { endUserId } = await only(known)
  const details = await project.my.getEndUser({ params: { ...project.params, endUserId } })
  expect(details.identities).toMatchObject([{ provider: 'google' }])
  // The new account has its connection.
  await follow(
    second.at.browser,
    await second.at.page.confirmEmail({
      params: second.at.params,
      body: { code: await bed.lastCode(fresh) },
    }),
  )
  expect(bed.attached.at(-1)).toMatchObject({ endUserId: (await only(fresh)).endUserId })
})

test('where new accounts are closed a stranger’s address is answered as an account’s is', async () => {
  const known = newEmail()
  await signedUp(known)
  await change({ signUp: 'closed' })
  const stranger = newEmail()
  const steps = []
  for (const [email, subject] of [
    [known, 'c1'],
    [stranger, 'c2'],
  ] as const)
    steps.push(await byProvider({ subject, email, verified: false }))
  expect(steps.map(({ step }) => step.step)).toEqual(['enterCode', 'enterCode'])
  const { page, params } = steps[1]!
  await expect(
    page.confirmEmail({ params, body: { code: await bed.lastCode(stranger) } }),
  ).rejects.toMatchObject(refused('signUpClosed'))
})

test('a right device code does not buy more guesses', async () => {
  const device = await testApp(project, { kind: 'device', redirectUris: [] })
  const { page } = bed.browser()
  const params = { handle: project.slug }
  const ask = async () => {
    const answer = await fetch(`${project.issuer}/device/auth`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: device.appId, scope: 'openid' }),
    })
    return ((await answer.json()) as { user_code: string }).user_code
  }
  const guess = (userCode: string) =>
    page.checkDeviceCode({ params, body: { userCode } }).then(
      () => 'right',
      (error) => error.problem.code as string,
    )
  const answers: string[] = []
  // An attacker of the same network as somebody with devices of their own: four guesses, then a right code, and again.
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 4; n++) answers.push(await guess(`WRNG-${round}${n}ZZ`))
    answers.push(await guess(await ask()))
  }
  expect(answers.slice(0, 5)).toEqual([...Array(4).fill('deviceCodeRefused'), 'right'])
  expect(answers).toContain('tryLater')
  expect(answers.filter((code) => code === 'deviceCodeRefused').length).toBeLessThanOrEqual(6)
})

test('right device codes alone are never slowed down: an office has many televisions', async () => {
  const device = await testApp(project, { kind: 'device', redirectUris: [] })
  const { page } = bed.browser()
  for (let n = 0; n < 9; n++) {
    const answer = await fetch(`${project.issuer}/device/auth`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: device.appId, scope: 'openid' }),
    })
    const { user_code: userCode } = (await answer.json()) as { user_code: string }
    const shown = await page.checkDeviceCode({ params: { handle: project.slug }, body: { userCode } })
    expect(shown.userCode).toBe(userCode)
  }
})

test('whoever took an address before its owner came is out once the owner has proved it', async () => {
  await change({ verifyEmail: false })
  const email = newEmail()
  const stranger = await byProvider({ subject: 'squatter', email, verified: false })
  await follow(stranger.browser, stranger.step)
  const device = softwareAuthenticator({ origin: bed.platform.host.publicUrl })
  const account = { handle: project.slug }
  const begun = await stranger.browser.page.beginPasskey({ params: account })
  const body = { flowId: begun.flowId, name: 'Mine', response: device.create(begun.options) }
  await stranger.browser.page.finishPasskey({ params: account, body })
  // The owner finds the address taken, and takes it back.
  const { page, params, browser } = await onPage(bed, app)
  await page.forgotPassword({ params, body: { email } })
  const code = await bed.lastCode(email)
  await follow(browser, await page.resetPassword({ params, body: { code, password: PASSWORD } }))
  const { endUserId } = await only(email)
  const details = await project.my.getEndUser({ params: { ...project.params, endUserId } })
  expect(details).toMatchObject({ emailVerified: true, passkeys: [], identities: [] })
  const later = await onPage(bed, app)
  const { flowId, options } = await later.page.beginPasskeySignIn({ params: later.params })
  await expect(
    later.page.finishPasskeySignIn({ params: later.params, body: { flowId, response: device.get(options) } }),
  ).rejects.toMatchObject(refused('signInRefused'))
  expect((await byProvider({ subject: 'squatter', email, verified: false })).step.step).toBe('link')
  // What the owner added stays when they forget their password later.
  const again = await byProvider({ subject: 'owner', email })
  await again.page.signInWithPassword({ params: again.params, body: { email, password: PASSWORD } })
  const third = await onPage(bed, app)
  await third.page.forgotPassword({ params: third.params, body: { email } })
  const next = { code: await bed.lastCode(email), password: OTHER }
  await third.page.resetPassword({ params: third.params, body: next })
  const kept = await project.my.getEndUser({ params: { ...project.params, endUserId } })
  expect(kept.identities).toMatchObject([{ provider: 'google' }])
})

test('tickets: not twice, not from another browser, and no unknown provider', async () => {
  const ticket = ticketFor({ subject: 'g5', email: newEmail() })
  const stranger = await onPage(bed, app)
  await expect(
    stranger.page.finishProviderSignIn({ params: stranger.params, body: { ticket } }),
  ).rejects.toMatchObject(refused('ticketRefused'))
  const at = await onPage(bed, app)
  await at.page.beginProviderSignIn({ params: { ...at.params, provider: 'google' } })
  await at.page.finishProviderSignIn({ params: at.params, body: { ticket } })
  const twice = await onPage(bed, app)
  await twice.page.beginProviderSignIn({ params: { ...twice.params, provider: 'google' } })
  await expect(
    twice.page.finishProviderSignIn({ params: twice.params, body: { ticket } }),
  ).rejects.toMatchObject(refused('ticketRefused'))
  await expect(
    twice.page.beginProviderSignIn({ params: { ...twice.params, provider: 'nobody' } }),
  ).rejects.toMatchObject(refused('providerUnavailable'))
})

test('consent: asked once, remembered, revoked; cancelling tells the app', async () => {
  const email = newEmail()
  const { browser } = await signedUp(email)
  const asking = await testApp(project, { name: 'Partner', consent: 'ask' })
  const { page, params } = await onPage(bed, asking, {}, browser)
  expect(await page.getSignIn({ params })).toMatchObject({
    prompt: 'consent',
    appName: 'Partner',
    account: { email, name: 'Ada' },
    scopes: [{ name: 'email' }, { name: 'profile' }],
  })
  const denied = await follow(browser, await page.cancelSignIn({ params }))
  expect(new URL(denied).searchParams.get('error')).toBe('access_denied')
  const again = await onPage(bed, asking, {}, browser)
  const back = await follow(browser, await again.page.acceptConsent({ params: again.params }))
  const { body } = await asking.redeem(back)
  expect(body['access_token']).toBeTruthy()
  expect((await browser.go(asking.address())).url.startsWith(CALLBACK)).toBe(true)
  const { items } = await browser.page.listOwnConsents({ params: { handle: project.slug } })
  const consent = items.find(({ appName }) => appName === 'Partner')!
  expect(consent.scopes).toEqual(['openid', 'email', 'profile'])
  await browser.page.revokeOwnConsent({ params: { handle: project.slug, id: consent.id } })
  const info = await fetch(`${project.issuer}/userinfo`, {
    headers: { authorization: `Bearer ${body['access_token']}` },
  })
  expect(info.status).toBe(401)
  expect((await browser.go(asking.address())).url).toContain('/sign-in/')
})

test('a sign-in ends: finished ones, invented ones and those of archived projects say so', async () => {
  const email = newEmail()
  const { page, params } = await signedUp(email)
  await expect(page.getSignIn({ params })).rejects.toMatchObject(refused('signInGone'))
  await expect(page.getSignIn({ params: { ...params, uid: 'V1StGXR8_Z5jdHi6B-myT' } })).rejects.toMatchObject(
    refused('signInGone'),
  )
  await expect(page.getSignIn({ params: { ...params, handle: 'nobody-here' } })).rejects.toMatchObject(
    refused('issuerUnknown'),
  )
})
