/** What auth seals is the vault's, also what was sealed before there was one; and administrators are named to who came later. */
import { seal } from '@pleiad/platform/sealing'
import type { Tools } from '@pleiad/platform/service'
import { afterAll, beforeAll, expect, test } from 'vitest'
import service from './service.ts'
import type { Own } from './service-own.ts'
import { type AuthTest, startAuth } from './testing-people.ts'

let t: AuthTest
let tools: Tools
let own: Own
beforeAll(async () => {
  t = await startAuth()
  const running = t.platform.host.running.find(({ service: { contract } }) => contract.name === 'auth')!
  tools = running.tools
  own = running.own as Own
})
afterAll(() => t?.stop())

const run = (job: string) =>
  tools.transact((tx) => service.jobs![job]!.run({ ...tools, tx } as never, own as never))

interface Kept {
  keys: { kid: string; private_key: Buffer }[]
  secrets: { account_id: string; secret: Buffer }[]
}
const kept = async (): Promise<Kept> => ({
  keys: await t.sql`select kid, private_key from signing_keys`,
  secrets: await t.sql`select account_id, secret from totp`,
})

/** Every value opens in the vault, for its own row. */
async function inVault({ keys, secrets }: Kept): Promise<boolean> {
  const opened = await Promise.allSettled([
    ...keys.map(({ kid, private_key }) => tools.vault.open(private_key, `signing key ${kid}`)),
    ...secrets.map(({ account_id, secret }) => tools.vault.open(secret, `authenticator of ${account_id}`)),
  ])
  return opened.every(({ status }) => status === 'fulfilled')
}

/** Puts everything back to how it was sealed before the vault. */
async function asBefore(): Promise<void> {
  const { keys, secrets } = await kept()
  const bySigning = tools.deriveKey('signing keys')
  const byTotp = tools.deriveKey('totp secrets')
  await t.sql`alter table signing_keys disable trigger vault_private_key`
  await t.sql`alter table totp disable trigger vault_secret`
  for (const { kid, private_key } of keys) {
    const plain = await own.sealing.open('signingKey', kid, private_key)
    await t.sql`update signing_keys set private_key = ${seal(bySigning, plain, kid)} where kid = ${kid}`
  }
  for (const { account_id: id, secret } of secrets) {
    const plain = await own.sealing.open('totp', id, secret)
    await t.sql`update totp set secret = ${seal(byTotp, plain, id)} where account_id = ${id}`
  }
  await t.sql`alter table signing_keys enable trigger vault_private_key`
  await t.sql`alter table totp enable trigger vault_secret`
  own.keyring.forget()
}

test('keys and authenticators are the vault’s: `npm run rotate-keys` reaches them', async () => {
  await t.enrol(await t.join('vera'))
  const now = await kept()
  expect(now.keys.length).toBeGreaterThanOrEqual(2)
  expect(await inVault(now)).toBe(true)
  expect(service.sealed!.map(({ table, column }) => `${table}.${column}`)).toEqual([
    'signing_keys.private_key',
    'totp.secret',
  ])
})

test('what was sealed before is read, and sealed anew without anybody noticing', async () => {
  const walt = await t.join('walt')
  const { codeAt } = await t.enrol(walt)
  await asBefore()
  expect(await inVault(await kept())).toBe(false)
  const signIn = async (steps: number) => {
    const first = await t.nobody.login({ body: { email: walt.email, password: 'correct horse battery' } })
    const { challenge } = first as { challenge: string }
    const proof = { method: 'totp' as const, code: codeAt(steps) }
    const answer = await t.nobody.loginSecondFactor({ body: { challenge, proof } })
    return t.platform
      .client((await import('./contract.ts')).auth, (answer as { accessToken: string }).accessToken)
      .getMe()
  }
  // A token signed by an old key, and a code of an old authenticator.
  expect(await signIn(0)).toMatchObject({ totp: true })
  await run('sealAnew')
  expect(await inVault(await kept())).toBe(true)
  own.keyring.forget()
  t.advance(60_000)
  expect(await signIn(0)).toMatchObject({ totp: true })
  // There is nothing left to do.
  const before = await kept()
  await run('sealAnew')
  expect(await kept()).toEqual(before)
})

test('administrators are named to services that follow since later: once a day', async () => {
  const boss = await t.join('boss')
  await boss.me.claimAdministrator({ body: { code: await t.setupCode() } })
  const named = async () => {
    await t.platform.settled()
    const rows = await t.sql<{ data: { userId: string } }[]>`
      select data from outbox_log where type = 'administrator.named' order by sequence`
    return rows.map(({ data }) => data.userId)
  }
  const before = (await named()).length
  await run('tellHolders')
  expect((await named()).slice(before)).toEqual([boss.userId])
})
