/** The peer of the vault's benchmark: better-auth with a Google account, whose owner asks for its valid token. */
import { randomBytes } from 'node:crypto'
import { symmetricEncrypt } from 'better-auth/crypto'
import { startBetterAuth } from './better-auth.ts'

const { auth, url, cookie, userId, stop } = await startBetterAuth(randomBytes(32).toString('base64url'))
const { internalAdapter, secretConfig } = await auth.$context
const sealed = (data: string) => symmetricEncrypt({ key: secretConfig, data })
const { id } = await internalAdapter.createAccount({
  userId,
  providerId: 'google',
  accountId: '1',
  scope: 'openid',
  accessToken: await sealed(`ya29.${'x'.repeat(180)}`),
  refreshToken: await sealed(`1//${'y'.repeat(90)}`),
  accessTokenExpiresAt: new Date(Date.now() + 3_600_000),
})
process.on('message', async (message) => {
  if (message === 'cpu') {
    const { user, system } = process.cpuUsage()
    return process.send!({ cpuSeconds: (user + system) / 1e6 })
  }
  await stop()
  process.disconnect()
  process.exit(0)
})
process.send!({ url, cookie, ids: [id] })
