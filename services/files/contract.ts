/** Files: resumable uploads, downloads by signed links, quotas, retention. The bytes lie in the object store. */
import { defineContract, pageOf, pageQuery, Type, Uuid } from '@pleiad/platform/contract'
import { filesErrors } from './contract-errors.ts'
import { filesEvents } from './contract-events.ts'
import { Due, File, Purpose, Removal } from './contract-schemas.ts'

export type { File } from './contract-schemas.ts'

const fileId = '01938a5e-7c00-7000-8000-0000000000f1'
const fileParams = Type.Object({ fileId: Uuid })
const byId = Type.Optional(Type.String({ format: 'uuid', description: '`next` of the page before' }))

export const files = defineContract({
  name: 'files',
  version: '1.0.0',
  summary:
    'Files: resumable uploads, downloads by signed links, quotas, retention and the record of what went.',
  operations: {
    createUpload: {
      method: 'POST',
      path: '/uploads',
      summary: 'Begin to upload a file',
      description:
        'Reserves the room and answers with `uploadUrl`: an address of the tus protocol 1.0.0 (HEAD, PATCH, DELETE), which is open to whoever knows it and ends with the upload. An upload that breaks off is continued there, also after a restart of the server.',
      access: 'user',
      status: 201,
      body: Type.Object(
        {
          name: Type.String({ maxLength: 1000, description: 'Name of the file, without a path' }),
          size: Type.Integer({ minimum: 0, maximum: 2 ** 50, description: 'Bytes' }),
          type: Type.Optional(
            Type.String({
              maxLength: 200,
              pattern: '^[\\x21-\\x7e]+/[\\x20-\\x7e]+$',
              description: 'Media type, if known; the bytes are looked at in any case',
            }),
          ),
          purpose: Purpose,
          deleteAfter: Type.Optional(
            Type.String({ format: 'date-time', description: 'When the file is to go by itself' }),
          ),
        },
        { additionalProperties: false },
      ),
      returns: Type.Object({
        file: File,
        uploadUrl: Type.String({ description: 'Where to send the bytes: tus 1.0.0' }),
      }),
      errors: [
        'fileNameNotAllowed',
        'fileEmpty',
        'fileTooLarge',
        'fileQuotaExceeded',
        'tooManyUploads',
        'storageFull',
        'deleteAfterNotRight',
      ],
      example: { body: { name: 'bracket.stl', size: 684, type: 'model/stl', purpose: 'model' } },
    },
    getUsage: {
      method: 'GET',
      path: '/usage',
      summary: 'How much room I have, and what is taken',
      access: 'user',
      returns: Type.Object({
        bytes: Type.Integer({ minimum: 0, description: 'Bytes of my files, unfinished uploads included' }),
        files: Type.Integer({ minimum: 0, description: 'How many files' }),
        quota: Type.Integer({ minimum: 0, description: 'Bytes I may have' }),
        largestFile: Type.Integer({ minimum: 0, description: 'Bytes one file may have' }),
      }),
    },
    listFiles: {
      method: 'GET',
      path: '',
      summary: 'My files, newest first',
      access: 'user',
      query: Type.Object({
        ...pageQuery,
        cursor: byId,
        purpose: Type.Optional(Purpose),
        state: Type.Optional(Type.Enum(['uploading', 'ready'], { description: 'Only those' })),
      }),
      returns: pageOf(File),
    },
    getFile: {
      method: 'GET',
      path: '/:fileId',
      summary: 'What is known of a file',
      description: 'For its owner, and for those a service has given it to.',
      access: 'user',
      params: fileParams,
      returns: File,
      example: { params: { fileId } },
    },
    resumeUpload: {
      method: 'POST',
      path: '/:fileId/upload',
      summary: 'The address of an unfinished upload, for its owner',
      description:
        'To go on where the address was lost: after a restart of the browser, or on another device.',
      access: 'user',
      params: fileParams,
      returns: Type.Object({
        file: File,
        uploadUrl: Type.String({ description: 'Where to send the rest: tus 1.0.0' }),
      }),
      example: { params: { fileId } },
    },
    createLink: {
      method: 'POST',
      path: '/:fileId/links',
      summary: 'A link to download a file',
      description:
        'Open to whoever has it, until it expires or the file goes. Supports ranges, `ETag` and HEAD. A file whose bytes could run in a browser is only ever saved, never shown.',
      access: 'user',
      status: 201,
      params: fileParams,
      body: Type.Object(
        {
          seconds: Type.Optional(
            Type.Integer({ minimum: 10, maximum: 604_800, default: 900, description: 'How long it works' }),
          ),
          inline: Type.Optional(
            Type.Boolean({ default: false, description: 'To be shown, where its type allows that' }),
          ),
        },
        { additionalProperties: false },
      ),
      returns: Type.Object({
        url: Type.String({ description: 'The link' }),
        expiresAt: Type.String({ format: 'date-time', description: 'When it stops working' }),
      }),
      errors: ['fileNotReady'],
      example: { params: { fileId }, body: {} },
    },
    deleteFile: {
      method: 'DELETE',
      path: '/:fileId',
      summary: 'Delete a file of mine, or give up its upload',
      access: 'user',
      params: fileParams,
      errors: ['fileKept'],
      example: { params: { fileId } },
    },
    previewRemovals: {
      method: 'GET',
      path: '/removals/preview',
      summary: 'What will go by itself, and how much room that makes',
      access: { permission: 'files:manage' },
      maxStalenessMs: 10_000,
      query: Type.Object({
        until: Type.Optional(
          Type.String({ format: 'date-time', description: 'What goes until then. Default: now' }),
        ),
      }),
      returns: Type.Object({
        files: Type.Integer({ minimum: 0, description: 'How many go' }),
        bytes: Type.Integer({ minimum: 0, description: 'Bytes that become free' }),
        first: Type.Array(Due, { description: 'The first hundred of them' }),
      }),
      example: { query: {} },
    },
    listRemovals: {
      method: 'GET',
      path: '/removals',
      summary: 'What went, newest first',
      access: { permission: 'files:manage' },
      maxStalenessMs: 10_000,
      query: Type.Object(pageQuery),
      returns: pageOf(Removal),
      example: { query: {} },
    },
  },
  events: filesEvents,
  errors: filesErrors,
  permissions: {
    'files:manage': 'See what files will go by their dates and what went.',
  },
})
