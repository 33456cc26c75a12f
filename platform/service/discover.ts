/** Finds the services: every folder of `services/` with a `service.ts` whose default export is a service. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StartError } from './refuse.ts'
import type { Service } from './service.ts'

/**
 * Loads the services named in `names` (`all`, or names separated by commas) from `folder`, in alphabetical order.
 * Throws one clear line for a name that does not exist, with the names that do.
 */
export async function discoverServices(folder: string, names: string): Promise<Service[]> {
  const known = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'service.ts')))
    .sort()
  const wanted =
    names === 'all'
      ? known
      : [
          ...new Set(
            names
              .split(',')
              .map((name) => name.trim())
              .filter(Boolean),
          ),
        ].sort()
  const unknown = wanted.filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new StartError(
      `SERVICES names ${unknown.join(', ')}, which does not exist; there are ${known.join(', ')}`,
    )
  return Promise.all(
    wanted.map(
      async (name) => (await import(pathToFileURL(join(folder, name, 'service.ts')).href)).default as Service,
    ),
  )
}
