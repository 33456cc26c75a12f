/** What the gateway itself refuses with, whatever the contract. */
import type { ErrorKind } from './contract.ts'

/** Failures the platform itself answers with; every operation may meet the ones its declaration implies. */
export const platformErrors = {
  malformedRequest: {
    status: 400,
    title: 'The request cannot be read.',
    description:
      'The body, path or a header is not well formed; `detail` says where. Mend it and send it again.',
  },
  validationFailed: {
    status: 400,
    title: 'Some fields are not right.',
    description: '`errors` lists every bad field with its place and what is expected there.',
  },
  unauthenticated: {
    status: 401,
    title: 'Sign in first.',
    description: 'The access token is missing, expired or not valid. Sign in or refresh, then repeat.',
  },
  forbidden: {
    status: 403,
    title: 'You may not do this.',
    description:
      'The caller lacks the permission that the operation declares, or the object belongs to somebody else.',
  },
  foreignOrigin: {
    status: 403,
    title: 'This origin is not allowed.',
    description:
      'A browser page of another origin sent a request that changes something. Add the origin to CORS_ORIGINS if it is yours.',
  },
  notFound: {
    status: 404,
    title: 'There is nothing here.',
    description: 'No operation or object has this address.',
  },
  methodNotAllowed: {
    status: 405,
    title: 'This method is not offered here.',
    description: '`Allow` lists the methods this address offers.',
  },
  conflict: {
    status: 409,
    title: 'This clashes with what is already there.',
    description: 'The database refused the write because it breaks a uniqueness or reference rule.',
  },
  idempotencyInFlight: {
    status: 409,
    title: 'The same request is still being worked on.',
    description: 'Another request with this Idempotency-Key has not finished. Repeat after `Retry-After`.',
  },
  preconditionFailed: {
    status: 412,
    title: 'It was changed meanwhile.',
    description: '`If-Match` names an older version. Load the current one, apply the change again.',
  },
  payloadTooLarge: {
    status: 413,
    title: 'The request is too large.',
    description: 'The body is over the limit that `detail` names.',
  },
  uriTooLong: {
    status: 414,
    title: 'The address is too long.',
    description: 'Path and query together may have 8192 characters. Send what is long in a body.',
  },
  unsupportedMediaType: {
    status: 415,
    title: 'This content type is not understood.',
    description: 'Send JSON with `Content-Type: application/json`.',
  },
  idempotencyMismatch: {
    status: 422,
    title: 'This Idempotency-Key was used for another request.',
    description: 'A key belongs to one request with one set of parameters. Use a new key.',
  },
  preconditionRequired: {
    status: 428,
    title: 'If-Match is required.',
    description: 'Send the `ETag` you last read as `If-Match`, so that nobody’s change is overwritten.',
  },
  rateLimited: {
    status: 429,
    title: 'Too many requests.',
    description: 'The budget of this address or person is spent. Repeat after `Retry-After` seconds.',
  },
  headersTooLarge: {
    status: 431,
    title: 'The headers are too large.',
    description: 'All headers together may take 16 KiB.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side.',
    description: 'Nothing was written. The answer’s `requestId` finds the log line.',
  },
  unavailable: {
    status: 503,
    title: 'A part of the system is not available.',
    description:
      'The database or a service did not answer in time. Nothing was written; repeat after `Retry-After`.',
  },
  serviceUnavailable: {
    status: 503,
    title: 'A service is not there at the moment.',
    description:
      'The request needs the service that `service` names, which runs in another process and does not answer. Repeat after `Retry-After`, with the same Idempotency-Key where the operation takes one.',
  },
} as const satisfies Record<string, ErrorKind>

export type PlatformErrorCode = keyof typeof platformErrors
