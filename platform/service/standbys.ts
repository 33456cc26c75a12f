/** Which standbys a service may read from (DATABASE_READ_URLS), and whether they fit the databases. */
import type { Logger } from 'pino'
import type { Metrics } from '../observe/metrics.ts'
import { type Standbys, watchStandbys } from '../store/standbys.ts'
import { databaseOf, readDatabases } from './databases.ts'
import type { Service } from './service.ts'

const STANDBY = /^(?:([a-z][a-z0-9-]*)=)?(postgres(?:ql)?:\/\/[^/]+\/[^/?]+.*)$/

interface Databases {
  readonly DATABASE_URL?: string | undefined
  readonly DATABASE_URLS?: string | undefined
  readonly DATABASE_READ_URLS?: string | undefined
}

/**
 * The standbys by service; those of DATABASE_URL stand under no name. Throws what is wrong, without the URLs: they have
 * passwords.
 */
export function readStandbys(value: string): ReadonlyMap<string | undefined, readonly string[]> {
  const standbys = new Map<string | undefined, string[]>()
  for (const [index, part] of value.split(',').entries()) {
    const [, service, url] = STANDBY.exec(part.trim()) ?? []
    if (!url || !URL.canParse(url))
      throw new Error(
        `part ${index + 1} is not like postgres://user:password@host/pleiad or crm=postgres://user:password@host/pleiad`,
      )
    const urls = standbys.get(service) ?? []
    if (urls.some((other) => placeOf(other) === placeOf(url)))
      throw new Error(`part ${index + 1} is there twice`)
    standbys.set(service, [...urls, url])
  }
  return standbys
}

/** What of it does not fit the other settings, each a line. */
export function standbyTroubles(settings: Databases): string[] {
  const { DATABASE_URL, DATABASE_URLS, DATABASE_READ_URLS } = settings
  if (!DATABASE_READ_URLS) return []
  const own = DATABASE_URLS ? readDatabases(DATABASE_URLS) : new Map<string, string>()
  const troubles: string[] = []
  for (const [service, urls] of readStandbys(DATABASE_READ_URLS)) {
    const primary = service === undefined ? DATABASE_URL : own.get(service)
    const owner = service === undefined ? 'DATABASE_URL' : `${service} in DATABASE_URLS`
    if (!primary) troubles.push(`DATABASE_READ_URLS has a standby of ${owner}, which is not there`)
    else if (urls.some((url) => placeOf(url) === placeOf(primary)))
      troubles.push(`DATABASE_READ_URLS has the primary itself: it is ${owner}`)
    else if (urls.some((url) => new URL(url).pathname !== new URL(primary).pathname))
      troubles.push(`DATABASE_READ_URLS must name the same database as ${owner}: a standby is a copy`)
  }
  return troubles
}

/** Where a URL leads: server and database, whoever asks. */
function placeOf(url: string): string {
  const { hostname, port, pathname } = new URL(url)
  return `${hostname}:${port || 5432}${pathname}`
}

/**
 * Watches the standbys that services of this process can use, once for each PostgreSQL, and shows how old they are.
 * @param common administrator URL of the services that have no PostgreSQL of their own.
 */
export async function openStandbys(
  services: readonly Service[],
  platform: Databases,
  common: string,
  log: Logger,
  metrics: Metrics,
): Promise<{ readonly of: (service: string) => Standbys | undefined; readonly close: () => Promise<void> }> {
  const { DATABASE_URLS, DATABASE_READ_URLS } = platform
  if (!DATABASE_READ_URLS) return { of: () => undefined, close: async () => {} }
  const named = readStandbys(DATABASE_READ_URLS)
  const own = DATABASE_URLS ? readDatabases(DATABASE_URLS) : new Map<string, string>()
  const opened = new Map<string, Standbys>()
  const byService = new Map<string, Standbys>()
  const close = async () => {
    await Promise.all([...opened.values()].map((standbys) => standbys.close()))
  }
  const places = services.flatMap((service) => {
    const { name } = service.contract
    const urls = named.get(own.has(name) ? name : undefined)
    const primaryUrl = databaseOf(name, platform, common)
    return urls ? [{ service, urls, primaryUrl, key: [primaryUrl, ...urls].join() }] : []
  })
  // A process without such reads, as of workers, asks nobody.
  const read = new Set(places.flatMap(({ service, key }) => (readsFromStandbys(service) ? [key] : [])))
  try {
    for (const { service, primaryUrl, urls, key } of places) {
      if (!read.has(key)) continue
      const standbys = opened.get(key) ?? (await watchStandbys({ primaryUrl, urls, log }))
      opened.set(key, standbys)
      byService.set(service.contract.name, standbys)
    }
  } catch (error) {
    await close()
    throw error
  }
  metrics.onScrape(() => {
    for (const { all } of opened.values())
      for (const { name, ageMs } of all) metrics.gauge('pleiad_standby_age_seconds', ageMs() / 1000, name)
  })
  return { of: (service) => byService.get(service), close }
}

function readsFromStandbys({ contract }: Service): boolean {
  return Object.values(contract.operations).some(({ maxStalenessMs }) => maxStalenessMs !== undefined)
}
