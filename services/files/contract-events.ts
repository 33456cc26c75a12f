/** Events that files announces. */
import { type EventKind, Type, Uuid } from '@pleiad/platform/contract'
import { Purpose, Reason, uploadedData } from './contract-schemas.ts'

const fileId = '01938a5e-7c00-7000-8000-0000000000f1'
const ownerId = '01938a5e-7c00-7000-8000-000000000001'

export const filesEvents = {
  'file.uploaded': {
    version: 1,
    description: 'A file has arrived whole: its bytes can be read and will not change.',
    data: uploadedData,
    key: 'fileId',
    example: {
      fileId,
      ownerId,
      purpose: 'model',
      name: 'bracket.stl',
      size: 684,
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      type: 'model/stl',
      declaredType: 'application/octet-stream',
    },
  },
  'file.deleted': {
    version: 1,
    description:
      'A file is gone for good, or an upload that was not finished (`state` says which it was): forget what refers to it.',
    data: Type.Object({
      fileId: Uuid,
      ownerId: Uuid,
      purpose: Purpose,
      state: Type.Enum(['uploading', 'ready'], { description: 'What it was' }),
      size: Type.Integer({ minimum: 0, description: 'Bytes' }),
      reason: Reason,
    }),
    key: 'fileId',
    example: { fileId, ownerId, purpose: 'model', state: 'ready', size: 684, reason: 'due' },
  },
} as const satisfies Record<string, EventKind>
