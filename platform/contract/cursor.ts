/** Opaque cursors of lists: where the next page starts, as base64url of a JSON array. */
import { Refusal } from './problem.ts'

const MAX_LENGTH = 400

/**
 * Encodes the sort key of the last item of a page. Numbers must be finite. Readers treat the text as opaque; it is
 * not secret and not signed, so whoever decodes it must use the parts only as bounds of a query.
 */
export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}

/**
 * The `arity` parts of a cursor made by `encodeCursor`.
 * @throws Refusal `validationFailed` that names `/query/cursor` when `text` is anything else.
 */
export function decodeCursor(text: string, arity: number): (string | number)[] {
  if (text.length <= MAX_LENGTH && /^[\w-]+$/.test(text)) {
    try {
      const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
      if (
        Array.isArray(parts) &&
        parts.length === arity &&
        parts.every(isPart) &&
        encodeCursor(parts) === text
      )
        return parts
    } catch {
      // Not JSON: refused below like everything else that is not ours.
    }
  }
  throw new Refusal('validationFailed', undefined, {
    errors: [
      { path: '/query/cursor', message: 'is not a cursor of this list; send `next` of the page before' },
    ],
  })
}

/** NUL and lone surrogates cannot be sent to PostgreSQL. */
function isPart(part: unknown): part is string | number {
  return typeof part === 'number' || (typeof part === 'string' && part.isWellFormed() && !part.includes('\0'))
}
