/** A service with a PostgreSQL of its own: it has its data there and nowhere else, and events still reach it. */
import auth from '@pleiad/auth'
import { auth as authContract } from '@pleiad/auth/contract'
import notifications from '@pleiad/notifications'
import { startTestPlatform } from '@pleiad/platform/testing'
import users from '@pleiad/users'
import { expect, test } from 'vitest'
import { connect } from '../platform/store/connect.ts'
import { testDatabase } from '../platform/testing/postgres.ts'

test('notifications in a database of its own hears of who registers; the common one knows nothing of it', async () => {
  const own = await testDatabase()
  const platform = await startTestPlatform({
    services: [auth, users, notifications],
    env: { DATABASE_URLS: `notifications=${own.adminUrl}`, AUTH_SIGN_UP: 'immediate' },
  })
  try {
    await platform.client(authContract).register({
      body: {
        ...{ email: 'ada@example.com', username: 'ada', displayName: 'Ada' },
        password: 'a rather long phrase 7',
      },
    })
    await platform.settled()
    const here = connect(own.adminUrl, { max: 1 })
    const schemas = await here<{ name: string }[]>`
      select relnamespace::regnamespace::text as name from pg_class where relname = 'inbox'`
    expect(schemas.map(({ name }) => name)).toEqual(['notifications'])
    expect(await here`select email from notifications.recipients`).toEqual([{ email: 'ada@example.com' }])
    await here.end()
    const { sql } = platform.host.running.find(({ service }) => service === auth)!.tools
    expect(await sql`select to_regclass('notifications.recipients') as there`).toEqual([{ there: null }])
  } finally {
    await platform.stop()
    await own.drop()
  }
}, 60_000)
