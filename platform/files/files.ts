/** Chooses where files lie: S3 when `S3_*` is set, else the data folder. */
import path from 'node:path'
import type { PlatformConfig } from '../service/platform-settings.ts'
import { openDisk } from './disk.ts'
import type { FilesDriver } from './store.ts'

/** Opens the store of the installation. Throws `StartError` when the bucket cannot be used. */
export async function openFiles(config: PlatformConfig, dataFolder: string): Promise<FilesDriver> {
  if (!config.S3_ENDPOINT) return openDisk(path.join(dataFolder, 'files'))
  // Loaded only where it is used: it is large.
  const { openS3 } = await import('./s3.ts')
  return openS3({
    endpoint: config.S3_ENDPOINT,
    bucket: config.S3_BUCKET!,
    accessKey: config.S3_ACCESS_KEY!,
    secretKey: config.S3_SECRET_KEY!,
    region: config.S3_REGION,
    pathStyle: config.S3_PATH_STYLE,
  })
}
