/** Time-based one-time codes (RFC 6238): six digits, 30 seconds, SHA-1, as every authenticator app has them. */
import { generateSecret, generateURI, verifySync } from 'otplib'

const STEP_SECONDS = 30

/** A secret of 160 bits in Base32. */
export function newTotpSecret(): string {
  return generateSecret({ length: 20 })
}

/** What the QR code says. */
export function totpUri(secret: string, email: string, issuer: string): string {
  return generateURI({ issuer, label: email, secret })
}

/**
 * The time step of a right code, or `undefined`. One step to either side is accepted for clocks that differ; steps up
 * to `lastStep` are not, because their code has been used (RFC 6238, section 5.2).
 */
export function verifyTotp(secret: string, code: string, lastStep: number, now: Date): number | undefined {
  if (!/^\d{6}$/.test(code)) return undefined
  const epoch = Math.floor(now.getTime() / 1000)
  const result = verifySync({ secret, token: code, epoch, epochTolerance: STEP_SECONDS })
  if (!result.valid || !('timeStep' in result)) return undefined
  const step = Number(result.timeStep)
  return step > lastStep ? step : undefined
}
