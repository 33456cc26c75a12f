/** Changes the keys of all vaults of an installation, whether it runs or not. */
import { connect } from '../store/connect.ts'
import type { StartLog } from '../store/data-directory.ts'
import { roleOf, roleUrl } from '../store/roles.ts'
import { type Rotation, type RotationStep, rotateKeys } from '../store/rotation.ts'
import { type Access, openAccess } from './access.ts'
import { roleFor, vaultPurpose } from './assemble.ts'
import { StartError } from './refuse.ts'
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

/** All services at once. Throws `StartError` with one line when the installation cannot be opened. */
export async function rotateInstallation(order: RotationOrder): Promise<RotationResult[]> {
  const access = await openAccess(order)
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
