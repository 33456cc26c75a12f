/** Logos: what a picture is, told by its bytes and by nothing that was said about it. */
import { createHash } from 'node:crypto'

const MAX_BYTES = 65_536

export interface Logo {
  readonly type: 'image/png' | 'image/jpeg' | 'image/webp'
  readonly bytes: Buffer
  /** Names this very picture in its address. */
  readonly hash: string
}

/** The picture, or what is wrong with it: `base64`, `size` or `type`. */
export function readLogo(data: string): { readonly logo: Logo } | { readonly reason: string } {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(data) || data.length % 4 !== 0) return { reason: 'base64' }
  const bytes = Buffer.from(data, 'base64')
  if (bytes.length > MAX_BYTES) return { reason: 'size' }
  const type = typeOf(bytes)
  if (!type) return { reason: 'type' }
  return { logo: { type, bytes, hash: createHash('sha256').update(bytes).digest('hex').slice(0, 16) } }
}

function typeOf(bytes: Buffer): Logo['type'] | undefined {
  const text = (from: number, to: number) => bytes.toString('latin1', from, to)
  if (text(0, 8) === '\x89PNG\r\n\x1a\n' && text(12, 16) === 'IHDR') return 'image/png'
  if (text(0, 3) === '\xff\xd8\xff' && bytes.length > 20) return 'image/jpeg'
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP' && text(12, 15) === 'VP8') return 'image/webp'
  return undefined
}
