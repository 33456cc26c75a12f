/** Secrets of apps, compared by their hashes. */
import type { Issuer } from './issuers.ts'
import { hashSecret, sameHash } from './secrets.ts'
import type { Own } from './service-own.ts'

/** Whether a secret is the app's, or the one before while it still counts. */
export async function secretMatches(
  own: Own,
  issuer: Issuer,
  appId: string,
  secret: string,
): Promise<boolean> {
  const app = await own.app(issuer.issuerId, appId)
  if (!app) return false
  const hash = hashSecret(secret)
  const previous = app.previousUntil && app.previousUntil > own.tools.now() ? app.previousHash : null
  return sameHash(app.secretHash, hash) || sameHash(previous, hash)
}
