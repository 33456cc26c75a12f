/**
 * What a command needs of an installation, whether it runs or not: the database of DATABASE_URL, the built-in one of a
 * server that runs, or the built-in one that is started for the while.
 */
import type { StartLog } from '../store/data-directory.ts'
import { startEmbeddedPostgres } from '../store/embedded.ts'
import { runningPostgres } from '../store/running.ts'
import { readConfig } from './config.ts'
import { databaseOf } from './databases.ts'
import { StartError } from './refuse.ts'
import { isInUse, openDataFolder, readDataFolder } from './secrets.ts'
import type { Service } from './service.ts'

export interface AccessOptions {
  /** All services there are: the settings are theirs, too. */
  readonly services: readonly Service[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: StartLog
}

export interface Access {
  /** Administrator URL of the PostgreSQL of all services that have none of their own. */
  readonly common: string
  /** Administrator URL of a service's PostgreSQL. */
  readonly urlOf: (service: string) => string
  readonly deriveKey: (purpose: string) => Buffer
  /** Whether processes may be at work. */
  readonly shared: boolean
  readonly close: () => Promise<void>
}

/** Opens an installation. Throws `StartError` with one line when it cannot be. */
export async function openAccess({ env, services, log }: AccessOptions): Promise<Access> {
  const settings = services.flatMap(({ settings }) => (settings ? [settings] : []))
  const { platform } = readConfig(env, settings)
  const { DATABASE_URL, PLEIAD_DATA } = platform
  const on = (common: string) => ({
    common,
    urlOf: (service: string) => databaseOf(service, platform, common),
  })
  const secret = env['PLEIAD_SECRET'] || undefined
  if (DATABASE_URL) {
    const { deriveKey } = readDataFolder(PLEIAD_DATA, secret)
    return { ...on(DATABASE_URL), deriveKey, shared: true, close: async () => {} }
  }
  if (isInUse(PLEIAD_DATA)) {
    const adminUrl = runningPostgres(PLEIAD_DATA)
    if (!adminUrl)
      throw new StartError(
        `The server on ${PLEIAD_DATA} has another database, or is starting or stopping: set DATABASE_URL as it has it, or repeat in a moment.`,
      )
    const { deriveKey } = readDataFolder(PLEIAD_DATA, secret)
    return { ...on(adminUrl), deriveKey, shared: true, close: async () => {} }
  }
  readDataFolder(PLEIAD_DATA, secret)
  const folder = openDataFolder(PLEIAD_DATA, secret)
  try {
    const postgres = await startEmbeddedPostgres({ dataFolder: folder.path, log })
    const close = async () => {
      await postgres.stop()
      folder.close()
    }
    return { ...on(postgres.url), deriveKey: folder.deriveKey, shared: false, close }
  } catch (error) {
    folder.close()
    throw error
  }
}
