/**
 * Changes the keys of all vaults of an installation, whether it runs or not: on the database of DATABASE_URL, on the
 * built-in one of a server that runs, or on the built-in one that it starts for the while.
 */
import { connect } from '../store/connect.ts'
import type { StartLog } from '../store/data-directory.ts'
import { startEmbeddedPostgres } from '../store/embedded.ts'
import { roleOf, roleUrl } from '../store/roles.ts'
import { type Rotation, type RotationStep, rotateKeys } from '../store/rotation.ts'
import { runningPostgres } from '../store/running.ts'
import { roleFor, vaultPurpose } from './assemble.ts'
import { readConfig } from './config.ts'
import { databaseOf } from './databases.ts'
import { StartError } from './refuse.ts'
import { isInUse, openDataFolder, readDataFolder } from './secrets.ts'
import type { Service } from './service.ts'

export interface RotationOrder {
  /** All services there are; those without sealed columns have no keys. */
  readonly services: readonly Service[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly log: StartLog
  readonly progress: (service: string, step: RotationStep) => void
  /** Time for running processes to learn of the new keys. Default: `rotateKeys`'s; none where nothing runs. */
  readonly settleMs?: number
  /** Breaks off; the next rotation goes on. */
  readonly signal?: AbortSignal
}

export interface RotationResult {
  readonly service: string
  /** Undefined when the service never ran here. */
  readonly rotation: Rotation | undefined
}

interface Access {
  /** Administrator URL of a service's PostgreSQL. */
  readonly urlOf: (service: string) => string
  readonly deriveKey: (purpose: string) => Buffer
  /** Whether processes may be at work. */
  readonly shared: boolean
  readonly close: () => Promise<void>
}

/** All services at once. Throws `StartError` with one line when the installation cannot be opened. */
export async function rotateInstallation(order: RotationOrder): Promise<RotationResult[]> {
  const access = await open(order)
  try {
    return await Promise.all(
      order.services
        .filter(({ sealed }) => sealed && sealed.length > 0)
        .map(async (service) => ({
          service: service.contract.name,
          rotation: await rotateService(service, access, order),
        })),
    )
  } finally {
    await access.close()
  }
}

async function open({ env, services, log }: RotationOrder): Promise<Access> {
  const settings = services.flatMap(({ settings }) => (settings ? [settings] : []))
  const { platform } = readConfig(env, settings)
  const { DATABASE_URL, PLEIAD_DATA } = platform
  const from = (common: string) => (service: string) => databaseOf(service, platform, common)
  const secret = env['PLEIAD_SECRET'] || undefined
  if (DATABASE_URL) {
    const { deriveKey } = readDataFolder(PLEIAD_DATA, secret)
    return { urlOf: from(DATABASE_URL), deriveKey, shared: true, close: async () => {} }
  }
  if (isInUse(PLEIAD_DATA)) {
    const adminUrl = runningPostgres(PLEIAD_DATA)
    if (!adminUrl)
      throw new StartError(
        `The server on ${PLEIAD_DATA} has another database, or is starting or stopping: set DATABASE_URL as it has it, or repeat in a moment.`,
      )
    const { deriveKey } = readDataFolder(PLEIAD_DATA, secret)
    return { urlOf: from(adminUrl), deriveKey, shared: true, close: async () => {} }
  }
  readDataFolder(PLEIAD_DATA, secret)
  const folder = openDataFolder(PLEIAD_DATA, secret)
  try {
    const postgres = await startEmbeddedPostgres({ dataFolder: folder.path, log })
    const close = async () => {
      await postgres.stop()
      folder.close()
    }
    return { urlOf: from(postgres.url), deriveKey: folder.deriveKey, shared: false, close }
  } catch (error) {
    folder.close()
    throw error
  }
}

async function rotateService(
  service: Service,
  { urlOf, deriveKey, shared }: Access,
  { progress, settleMs, signal }: RotationOrder,
): Promise<Rotation | undefined> {
  const { name } = service.contract
  const adminUrl = urlOf(name)
  const owner = roleFor(service, deriveKey)
  if (!(await hasRole(adminUrl, roleOf(adminUrl, owner.schema)))) return undefined
  const wait = shared ? settleMs : 0
  return rotateKeys({
    url: roleUrl(adminUrl, owner),
    schema: owner.schema,
    columns: service.sealed!,
    master: deriveKey(vaultPurpose(name)),
    progress: (step) => progress(name, step),
    ...(wait === undefined ? {} : { settleMs: wait }),
    ...(signal ? { signal } : {}),
  }).catch((error) => {
    const code = String((error as { code?: unknown }).code)
    if (/^28/.test(code))
      throw new StartError(
        `${name} cannot be opened: PLEIAD_SECRET (or secret.key in PLEIAD_DATA) is not that of this database.`,
        { cause: error },
      )
    if (code === '42P01')
      throw new StartError(
        `The tables of ${name} are from an older version: start this version once first.`,
        {
          cause: error,
        },
      )
    if (code === '55P03')
      throw new StartError(
        `A transaction of ${name} has been open for more than a minute. Everything still opens; run it again to go on.`,
        { cause: error },
      )
    throw error
  })
}

async function hasRole(adminUrl: string, role: string): Promise<boolean> {
  const admin = connect(adminUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  try {
    return (await admin`select 1 from pg_roles where rolname = ${role}`).length > 0
  } catch (cause) {
    throw new StartError(`The database cannot be reached: ${(cause as Error).message}`, { cause })
  } finally {
    await admin.end({ timeout: 5 })
  }
}
