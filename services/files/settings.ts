/** Settings of files, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  FILES_MAX_MB: Type.Integer({
    default: 1024,
    minimum: 1,
    maximum: 65_536,
    description: 'Largest size of one file, in MiB',
  }),
  FILES_QUOTA_MB: Type.Integer({
    default: 10_240,
    minimum: 1,
    description: 'Room that each person has for files, in MiB',
  }),
  FILES_UPLOAD_HOURS: Type.Integer({
    default: 24,
    minimum: 1,
    maximum: 720,
    description: 'Hours after which an upload that gets no more bytes is given up',
  }),
})
export type FilesConfig = Static<typeof settings>
