/** Moves a service's data from the common database to the one that DATABASE_URLS names for it. */
import { type Moved, moveSchema } from '../store/move.ts'
import { type AccessOptions, openAccess } from './access.ts'
import { migrateService, roleFor } from './assemble.ts'
import { StartError } from './refuse.ts'

/**
 * Moves the service called `name`; no process of the installation may run. Throws `StartError` with one line when
 * that cannot be done; then the data is where it was.
 */
export async function moveDatabase(name: string, options: AccessOptions): Promise<Moved> {
  const service = options.services.find(({ contract }) => contract.name === name)
  if (!service) {
    const names = options.services.map(({ contract }) => contract.name).sort()
    throw new StartError(`There is no service ${name}; there are ${names.join(', ')}.`)
  }
  const access = await openAccess(options)
  try {
    const { common, deriveKey } = access
    const own = access.urlOf(name)
    if (own === common) throw new StartError(`DATABASE_URLS names no database of its own for ${name}.`)
    const owner = roleFor(service, deriveKey)
    return await moveSchema({
      from: common,
      to: own,
      owner,
      migrate: (url) => migrateService(service, url, owner.schema, options.log),
    }).catch((error) => {
      if (!/^28/.test(String((error as { code?: unknown }).code))) throw error
      throw new StartError(
        `${name} cannot be opened: PLEIAD_SECRET (or secret.key in PLEIAD_DATA) is not that of the common database.`,
        { cause: error },
      )
    })
  } finally {
    await access.close()
  }
}
