/** What a file looks like to those who may see it. */
import { type Static, Timestamp, Type, Uuid } from '@pleiad/platform/contract'

export const Purpose = Type.String({
  pattern: '^[a-z][a-z0-9-]{0,39}$',
  description: 'What the file is for, such as model or avatar; whoever waits for it knows it by this',
})
const name = Type.String({ description: 'Name, as people see it' })
const size = Type.Integer({ minimum: 0, description: 'Bytes' })
const type = Type.String({ description: 'Media type, by the bytes' })
const sha256 = Type.String({ description: 'SHA-256 of the bytes, in hexadecimal' })

export const File = Type.Object({
  fileId: Uuid,
  ownerId: Type.String({ format: 'uuid', description: 'Whose it is' }),
  purpose: Purpose,
  name,
  size,
  declaredType: Type.String({ description: 'Media type, as announced' }),
  state: Type.Enum(['uploading', 'ready'], { description: 'Whether all of it has arrived' }),
  createdAt: Timestamp,
  upload: Type.Optional(
    Type.Object(
      {
        received: Type.Integer({
          minimum: 0,
          description: 'Bytes that have arrived when the last request ended',
        }),
        expiresAt: Type.String({
          format: 'date-time',
          description: 'When it is given up, unless more arrives',
        }),
      },
      { description: 'While it is uploading' },
    ),
  ),
  type: Type.Optional(type),
  typeMatches: Type.Optional(
    Type.Boolean({ description: 'The bytes are of the announced type, or none in particular was announced' }),
  ),
  sha256: Type.Optional(sha256),
  readyAt: Type.Optional(Type.String({ format: 'date-time', description: 'When all of it had arrived' })),
  deleteAfter: Type.Optional(
    Type.String({ format: 'date-time', description: 'When it goes by itself, unless something keeps it' }),
  ),
  lost: Type.Optional(Type.Boolean({ description: 'The object store does not have it any more' })),
})
export type File = Static<typeof File>

export const Reason = Type.Enum(['deleted', 'expired', 'due', 'erased', 'lost'], {
  description:
    'deleted: by its owner or a service; expired: the upload was not finished; due: its time was over; erased: with its owner; lost: the object store had lost it',
})
export type Reason = Static<typeof Reason>

export const Removal = Type.Object({
  fileId: Uuid,
  at: Timestamp,
  ownerId: Type.Optional(
    Type.String({ format: 'uuid', description: 'Whose it was, unless they are erased' }),
  ),
  purpose: Purpose,
  size,
  reason: Reason,
})

export const Due = Type.Object({
  fileId: Uuid,
  ownerId: Type.String({ format: 'uuid', description: 'Whose it is' }),
  purpose: Purpose,
  name,
  size: Type.Integer({ minimum: 0, description: 'Bytes that its removal frees' }),
  reason: Type.Enum(['expired', 'due', 'lost'], { description: 'Why it goes' }),
  dueAt: Timestamp,
})

export const uploadedData = Type.Object({
  fileId: Uuid,
  ownerId: Uuid,
  purpose: Purpose,
  name,
  size,
  sha256,
  type,
  declaredType: Type.String({ description: 'Media type, as announced' }),
})
