/** The checksum extension of tus, which the library does not have: https://tus.io/protocols/resumable-upload#checksum */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Refusal } from '@pleiad/platform/problem'

export const ALGORITHMS = ['sha1', 'sha256']
/** A piece with a checksum is held in memory: nothing of it may be kept before it was verified. */
const MAX_CHECKED = 16 * 1024 * 1024

/** The piece whole, if it is what `header` (Upload-Checksum) says. */
export async function* verified(body: AsyncIterable<Uint8Array>, header: string): AsyncIterable<Uint8Array> {
  const [algorithm, expected] = header.split(' ')
  if (!ALGORITHMS.includes(algorithm!) || !/^[A-Za-z0-9+/]+=*$/.test(expected ?? ''))
    throw new Refusal('checksumUnknown')
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > MAX_CHECKED)
      throw new Refusal('uploadTooLong', 'A piece with a checksum may have 16 MiB.', { limit: MAX_CHECKED })
    chunks.push(chunk)
  }
  const whole = Buffer.concat(chunks, size)
  const actual = createHash(algorithm!).update(whole).digest()
  const wanted = Buffer.from(expected!, 'base64')
  if (wanted.length !== actual.length || !timingSafeEqual(wanted, actual))
    throw new Refusal('checksumMismatch')
  yield whole
}
