/** Pages beside the sign-in: entering a device’s code, setting a password with a mailed link. */
import { weaknessOf } from '@pleiad/platform/password-strength'
import type { deviceOperations } from './contract-devices.ts'
import { brandOf } from './issuers.ts'
import type { Part } from './routes-part.ts'
import { hashSecret, newToken } from './secrets.ts'
import { countOther } from './service-attempts.ts'
import { endEverything, proveAddress } from './service-people.ts'
import { describeScope } from './service-resources.ts'
import { issuerAt, sessionAt } from './service-signin.ts'
import { inUnit } from './service-unit.ts'
import * as people from './store-endusers.ts'
import { giveBackAttempts, takeLink } from './store-signin.ts'

export const deviceRoutes: Part<typeof deviceOperations> = (own) => ({
  async getDevice(call) {
    return { brand: brandOf(await issuerAt(call, own)) }
  },

  async checkDeviceCode(call) {
    const issuer = await issuerAt(call, own)
    // Codes are short: guessing is slowed down by network.
    const counted = await countOther(call, own, issuer, 'deviceCode', call.request.ip)
    const live = await own.issuers.live(issuer)
    const { provider } = live
    const userCode = call.body.userCode.toUpperCase().replace(/[^A-Z0-9]/g, '')
    const code = await provider.DeviceCode.findByUserCode(userCode, { ignoreExpiration: true })
    if (!code || code.isExpired || code.accountId || code.error || code.inFlight)
      return call.fail('deviceCodeRefused')
    const client = await provider.Client.find(code.clientId!)
    if (!client) return call.fail('deviceCodeRefused')
    // A right code takes back its own attempt and no other: codes of one's own devices must not buy more guesses.
    await giveBackAttempts(call.sql, counted, call.now())
    const { ctx, session, set } = await sessionAt(call, live)
    const secret = newToken()
    session.state = { secret }
    await inUnit(own, { ip: call.request.ip }, async () => {
      await session.save(issuer.settings.sessionHours * 3600)
    })
    ctx.cookies.set(provider.cookieName('session'), session.jti, {
      httpOnly: true,
      sameSite: 'lax',
      signed: true,
      path: `/oidc/${issuer.handle}`,
    })
    for (const cookie of set()) call.answer.cookie(cookie)
    const shown = `${userCode.slice(0, 4)}-${userCode.slice(4)}`
    const scopes = String(code.params?.['scope'] ?? '')
      .split(' ')
      .filter((name) => name && name !== 'openid')
    return {
      appName: client.clientName ?? client.clientId,
      userCode: shown,
      requestedFrom: String((code.deviceInfo as { ip?: string } | undefined)?.ip ?? ''),
      scopes: scopes.map((name) => ({ name, description: describeScope(own, issuer, name) })),
      form: {
        action: `${call.publicUrl}/oidc/${issuer.handle}/device`,
        fields: { xsrf: secret, user_code: shown, confirm: 'yes' },
      },
    }
  },

  async setPasswordWithLink(call) {
    const issuer = await issuerAt(call, own)
    const weakness = weaknessOf(call.body.password)
    if (weakness) return call.fail('passwordTooWeak', undefined, { reason: weakness })
    const passwordHash = await own.hashing.hash(call.body.password)
    const done = await call.transact(async (tx) => {
      const id = await takeLink(tx, hashSecret(call.body.token), issuer.issuerId, call.now())
      if (!id) return false
      await people.setPasswordHash(tx, id, passwordHash)
      await proveAddress(tx, own, issuer, id)
      await endEverything(tx, own, issuer, id)
      return true
    })
    return done ? { brand: brandOf(issuer) } : call.fail('linkInvalid')
  },
})
