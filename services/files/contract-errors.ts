/** What files refuses, and why. Those with tus in their description are answered at upload addresses. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const filesErrors = {
  fileNameNotAllowed: {
    status: 422,
    title: 'This file name cannot be used.',
    description:
      'A name has 1 to 255 characters, and no slashes, control characters or marks that turn the direction of writing. `reason` says which rule it breaks.',
  },
  fileEmpty: {
    status: 422,
    title: 'The file is empty.',
    description: 'A file has at least one byte; nothing was reserved.',
  },
  fileTooLarge: {
    status: 413,
    title: 'The file is too large.',
    description: '`limit` is the largest size of one file in bytes.',
  },
  fileQuotaExceeded: {
    status: 409,
    title: 'There is not enough room for this file.',
    description:
      '`quota` and `used` are the bytes you may have and have, unfinished uploads included. Delete something first.',
  },
  tooManyUploads: {
    status: 409,
    title: 'Too many uploads are unfinished.',
    description: 'Finish or delete some of them first; `limit` says how many there may be.',
  },
  storageFull: {
    status: 507,
    title: 'The server has no room left for files.',
    description:
      'What was kept so far stays. An administrator has to make room; the upload can go on then, until it expires.',
  },
  fileNotReady: {
    status: 409,
    title: 'The file is still being uploaded.',
    description: 'It can be downloaded when its `state` is `ready`.',
  },
  fileKept: {
    status: 409,
    title: 'The file is needed and cannot be deleted.',
    description: 'Something relies on it, such as an order that is being produced. `keepers` says what.',
  },
  deleteAfterNotRight: {
    status: 422,
    title: 'The file cannot be deleted at that time.',
    description: '`deleteAfter` must lie in the future.',
  },
  fileLost: {
    status: 410,
    title: 'The file is lost.',
    description: 'The object store does not have it any more. An administrator may have a backup.',
  },
  downloadLinkInvalid: {
    status: 404,
    title: 'This link is not valid.',
    description: 'It was changed, or cut off when it was copied. Ask for a new one.',
  },
  downloadLinkExpired: {
    status: 410,
    title: 'This link has expired.',
    description: 'Ask for a new one with `createLink`.',
  },
  rangeNotSatisfiable: {
    status: 416,
    title: 'The file has no such part.',
    description: '`Content-Range` says how long it is.',
  },
  tusVersion: {
    status: 412,
    title: 'This is not the tus protocol in version 1.0.0.',
    description: 'tus: every request but OPTIONS carries `Tus-Resumable: 1.0.0`.',
  },
  uploadTypeNotRight: {
    status: 415,
    title: 'The content type of this request is not right.',
    description: 'tus: a PATCH carries `Content-Type: application/offset+octet-stream`.',
  },
  uploadOffsetMismatch: {
    status: 409,
    title: 'The upload goes on at another place.',
    description: 'tus: `Upload-Offset` of this answer says how many bytes there are; go on from there.',
  },
  uploadTooLong: {
    status: 413,
    title: 'More bytes came than the file was announced with.',
    description: 'tus: nothing beyond the announced size is kept. `limit` is what may still come.',
  },
  uploadExpired: {
    status: 410,
    title: 'The upload was unfinished for too long.',
    description: 'tus: begin a new one with `createUpload`.',
  },
  uploadBusy: {
    status: 423,
    title: 'Another request writes to this upload.',
    description: 'tus: it was asked to stop. Ask for the offset in a moment, and go on from there.',
  },
  checksumUnknown: {
    status: 400,
    title: 'This checksum cannot be verified.',
    description: 'tus: `Upload-Checksum` is `sha1` or `sha256`, a space, and the checksum in Base64.',
  },
  checksumMismatch: {
    status: 460,
    title: 'The bytes do not match their checksum.',
    description: 'tus: they were damaged on their way and are not kept. Send them again.',
  },
} as const satisfies Record<string, ErrorKind>
