/** What the object store and the library of the upload protocol say, as the errors of the contract. */
import { StoreError } from '@pleiad/platform/files'
import { Refusal } from '@pleiad/platform/problem'
import { ERRORS, TUS_RESUMABLE } from '@tus/server'

/** What the store says, as an answer. */
export function explain(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error
  const refusal = {
    full: () => new Refusal('storageFull'),
    offset: () => new Refusal('uploadOffsetMismatch'),
    missing: () => new Refusal('notFound'),
    unavailable: () => new Refusal('unavailable', undefined, {}, { 'retry-after': '5' }),
  }[error.reason]()
  refusal.cause = error
  return refusal
}

/** What the library or our store threw, as an answer; `length` and `size` are those of the upload, if known. */
export function explainTus(error: unknown, length = 0, size = 0): unknown {
  const { status_code } = (error ?? {}) as { status_code?: number }
  switch (status_code) {
    case undefined:
      return explain(error)
    case ERRORS.FILE_NOT_FOUND.status_code:
      return new Refusal('notFound')
    case ERRORS.INVALID_OFFSET.status_code:
      return new Refusal(
        'uploadOffsetMismatch',
        undefined,
        { offset: length },
        { 'upload-offset': String(length) },
      )
    // Told before the first byte and at the first one too many: two errors, one status.
    case ERRORS.ERR_SIZE_EXCEEDED.status_code:
      return new Refusal('uploadTooLong', undefined, { limit: size - length })
    default:
      return error === ERRORS.INVALID_CONTENT_TYPE
        ? new Refusal('uploadTypeNotRight')
        : new Refusal('malformedRequest', (error as { body: string }).body.trim())
  }
}

/**
 * Headers that are missing or not well formed: the library answers by itself and throws nothing. `words` are the body
 * of its answer. It says 400 to another version of the protocol, where the protocol says 412.
 */
export function explainHeaders(status: number, words: string): Refusal {
  if (status === 412 || words.includes('tus-resumable'))
    return new Refusal('tusVersion', undefined, {}, { 'tus-version': TUS_RESUMABLE })
  if (words.includes('content-type')) return new Refusal('uploadTypeNotRight')
  return new Refusal('malformedRequest', words.trim())
}
