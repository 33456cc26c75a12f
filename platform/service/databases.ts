/** Which PostgreSQL a service has: the one of all, or one of its own (DATABASE_URLS). */
import { movedName, tracesOf } from '../store/moved.ts'
import { StartError } from './refuse.ts'

const OWN = /^([a-z][a-z0-9-]*)=(postgres(?:ql)?:\/\/[^/]+\/[^/?]+.*)$/

/** Reads `crm=postgres://…,shop=postgres://…`. Throws what is wrong with it, without the URLs: they have passwords. */
export function readDatabases(value: string): ReadonlyMap<string, string> {
  const databases = new Map<string, string>()
  for (const [index, part] of value.split(',').entries()) {
    const [, service, url] = OWN.exec(part.trim()) ?? []
    if (!service || !url)
      throw new Error(`part ${index + 1} is not like crm=postgres://user:password@host/pleiad`)
    if (databases.has(service)) throw new Error(`${service} has two`)
    databases.set(service, url)
  }
  return databases
}

/** The administrator URL of a service's PostgreSQL. `common` is that of all others. */
export function databaseOf(
  service: string,
  { DATABASE_URLS }: { readonly DATABASE_URLS?: string | undefined },
  common: string,
): string {
  return (DATABASE_URLS && readDatabases(DATABASE_URLS).get(service)) || common
}

/** A database for a service that does not exist is a slip of the pen: its data would be looked for where it is not. */
export function refuseUnknownDatabases(
  { DATABASE_URLS }: { readonly DATABASE_URLS?: string | undefined },
  services: readonly string[],
): void {
  const unknown = [...(DATABASE_URLS ? readDatabases(DATABASE_URLS).keys() : [])].filter(
    (name) => !services.includes(name),
  )
  if (unknown.length > 0)
    throw new StartError(
      `DATABASE_URLS names ${unknown.join(', ')}; there are ${[...services].sort().join(', ')}.`,
    )
}

/**
 * Refuses a service whose own database (`own`) knows nothing of it while the common one has its data: it would begin
 * empty. Asks the common database only then, and changes nothing, so any number of processes may ask at once.
 * @throws StartError also when neither can be told.
 */
export async function refuseToBeginEmpty(
  service: string,
  schema: string,
  own: string,
  common: string,
): Promise<void> {
  const here = await tracesOf(own, schema)
  const move = `Stop all processes and run, with the settings of the server: npm run move-database ${service} (in the image: node tools/move-database.ts ${service}).`
  if (here.receiving) throw new StartError(`Moving ${service} to its own database was broken off. ${move}`)
  if (here.here) return
  const there = await tracesOf(common, schema).catch((cause: Error) => {
    throw new StartError(
      `The own database of ${service} (DATABASE_URLS) has nothing of it, and whether the common one (DATABASE_URL) has cannot be told: ${cause.message}`,
      { cause },
    )
  })
  const old = there.here ? schema : movedName(schema)
  const empty = `To begin empty instead: psql "$DATABASE_URL" -c 'alter schema ${old} rename to ${schema}_old'.`
  if (there.here)
    throw new StartError(
      `The data of ${service} is in the common database (DATABASE_URL), and its own (DATABASE_URLS) has nothing of it. ${move} ${empty}`,
    )
  if (there.moved)
    throw new StartError(
      `${service} was moved out of the common database, but the one that DATABASE_URLS names has nothing of it: mend DATABASE_URLS, or restore a backup. ${empty}`,
    )
}
