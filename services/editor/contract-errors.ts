/** What editor refuses, and why. */
import type { ErrorKind } from '@pleiad/platform/contract'

export const editorErrors = {
  fileNotAModel: {
    status: 422,
    title: 'There is no such model file.',
    description:
      '`fileId` must be a file of yours that has arrived whole, uploaded with the purpose `model`. Finish the upload first.',
  },
  modelExists: {
    status: 409,
    title: 'This file is a model already.',
    description: '`modelId` names it. Upload the file again to have it twice.',
  },
  modelKept: {
    status: 409,
    title: 'The model is needed and cannot be deleted.',
    description: 'An order relies on it. It can go when the order is closed.',
  },
  tooManyModelsWaiting: {
    status: 409,
    title: 'Too many of your models are being worked on.',
    description: 'Wait until some are done; `limit` says how many there may be at once.',
  },
  tooManyVersions: {
    status: 409,
    title: 'The model has as many versions as there may be.',
    description: 'Make a new model of it; `limit` says how many versions there may be.',
  },
  versionNotReady: {
    status: 409,
    title: 'This version is not ready yet.',
    description: 'Only a version that is ready can be placed; `state` says what it is now.',
  },
  versionNotWaiting: {
    status: 409,
    title: 'This version does not wait for that.',
    description: '`state` says what it is now: somebody may have been faster.',
  },
  rotationNotRight: {
    status: 422,
    title: 'This is not a rotation.',
    description:
      'The nine numbers must be a rotation matrix, row by row: rows of length one, at right angles, not mirrored.',
  },
} as const satisfies Record<string, ErrorKind>
