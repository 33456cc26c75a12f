/**
 * Signatures as the Standard Webhooks specification has them, so that receivers can use its libraries.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
import { createHmac } from 'node:crypto'

const PREFIX = 'whsec_'
const HINT_LENGTH = 12

/** A secret from 32 random bytes, as receivers keep it: `whsec_` and base64. */
export function writeSecret(bytes: Buffer): string {
  return PREFIX + bytes.toString('base64')
}

/** How a secret begins, to tell it from others. */
export function hintOf(secret: string): string {
  return secret.slice(0, HINT_LENGTH)
}

/** The value of `webhook-signature`: one signature for each secret, HMAC-SHA256 of `id.timestamp.body`. */
export function sign(
  secrets: readonly string[],
  messageId: string,
  timestampSeconds: number,
  body: string,
): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.slice(PREFIX.length), 'base64')
      const mac = createHmac('sha256', key).update(`${messageId}.${timestampSeconds}.${body}`)
      return `v1,${mac.digest('base64')}`
    })
    .join(' ')
}
