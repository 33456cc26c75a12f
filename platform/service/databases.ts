/** Which PostgreSQL a service has: the one of all, or one of its own (DATABASE_URLS). */
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
