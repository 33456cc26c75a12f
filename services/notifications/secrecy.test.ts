import { createHash } from 'node:crypto'
import authService from '@pleiad/auth'
import { auth } from '@pleiad/auth/contract'
import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import usersService from '@pleiad/users'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { notifications } from './contract.ts'
import service from './service.ts'

const email = 'ada@example.com'
const password = 'correct horse battery'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform({
    services: [authService, usersService, service],
    env: { AUTH_SIGN_UP: 'immediate' },
  })
})
afterAll(() => platform?.stop())

/** `schema.table` of every table, of every service, that holds one of `needles` in any column. */
async function tablesWith(needles: readonly string[]): Promise<string[]> {
  const found: string[] = []
  for (const { service: one, store } of platform.host.running) {
    const { sql } = store
    const tables = await sql<{ name: string }[]>`
      select relname as name from pg_class
      where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')`
    for (const { name } of tables) {
      // As JSON every column is text, whatever its type; bytes are hexadecimal.
      const [row] = await sql<{ n: number }[]>`
        select count(*)::int as n from ${sql(name)} t
        where exists (select from unnest(${needles as string[]}::text[]) needle
          where position(lower(needle) in lower(to_jsonb(t)::text)) > 0)`
      if (row!.n > 0) found.push(`${one.contract.name}.${name}`)
    }
  }
  return found
}

/** A secret as it might stand somewhere: as text, as the bytes of the text, as the bytes that the text encodes. */
function spellings(secret: string): string[] {
  return [
    secret,
    Buffer.from(secret).toString('hex'),
    Buffer.from(secret).toString('base64url').slice(0, -2),
    Buffer.from(secret, 'base64url').toString('hex'),
  ]
}

test('no table holds what gives access: links, refresh and access tokens, passwords', async () => {
  const nobody = platform.client(auth)
  const administrator = platform.client(notifications, { permissions: ['mail:read'] })
  const body = { email, password, username: 'ada', displayName: 'Ada' }
  const joined = (await nobody.register({ body })) as { accessToken: string; refreshToken: string }
  const me = platform.client(auth, joined.accessToken)
  await platform.settled()
  await nobody.requestPasswordReset({ body: { email } })
  await me.requestEmailChange({ body: { email: 'ada@example.org' } })
  const { secret: personal } = await me.createToken({ body: { name: 'Script', scopes: [] } })
  await platform.settled()

  const { items } = await administrator.listMails()
  const texts = await Promise.all(
    items.map(async ({ mailId }) => (await administrator.getMail({ params: { mailId } })).text),
  )
  const tokens = texts.flatMap((text) => /#token=([\w-]+)/.exec(text)?.[1] ?? [])
  // Confirmation, reset and change of address: the administrator sees them, there is no mail server.
  expect(tokens).toHaveLength(3)

  const secrets = [...tokens, joined.refreshToken, joined.accessToken.split('.')[2]!, personal, password]
  for (const secret of secrets) expect(await tablesWith(spellings(secret))).toEqual([])

  // The search does find what is there: text in JSON, and bytes.
  expect(await tablesWith([email])).toEqual(
    expect.arrayContaining([
      'auth.accounts',
      'auth.outbox_log',
      'notifications.inbox',
      'notifications.mails',
    ]),
  )
  const hash = createHash('sha256').update(tokens[0]!).digest('hex')
  expect(await tablesWith([hash])).toEqual(['auth.links'])
})
