import { startTestPlatform, type TestPlatform } from '@pleiad/platform/testing'
import usersService from '@pleiad/users'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { auth } from './contract.ts'
import authService from './service.ts'

let platform: TestPlatform
beforeAll(async () => {
  platform = await startTestPlatform({
    services: [authService, usersService],
    env: { AUTH_SIGN_UP: 'immediate' },
  })
})
afterAll(() => platform?.stop())

test('register, read me, refresh', async () => {
  const nobody = platform.client(auth)
  const answer = await nobody.register({
    body: {
      email: 'Ada@Example.com',
      password: 'correct horse battery',
      username: 'ada',
      displayName: 'Ada',
    },
  })
  expect(answer.status).toBe('signedIn')
  if (answer.status !== 'signedIn') return
  const me = await platform.client(auth, answer.accessToken!).getMe()
  expect(me.email).toBe('ada@example.com')
  const again = await nobody.refresh({ body: { refreshToken: answer.refreshToken! } })
  expect(again.refreshToken).not.toBe(answer.refreshToken)
  await platform.settled()
})
