/** Finds the services: every folder of `services/` with a `service.ts` whose default export is a service. */
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StartError } from './refuse.ts'
import type { Service } from './service.ts'

/**
 * Loads the services named in `names` from `folder`, in alphabetical order: `all`, names separated by commas, or all but
 * some (`all,-auth`).
 * Throws one clear line for a name that does not exist, with the names that do.
 */
export async function discoverServices(folder: string, names: string): Promise<Service[]> {
  const known = readdirSync(folder)
    .filter((name) => existsSync(join(folder, name, 'service.ts')))
    .sort()
  const listed = names
    .split(',')
    .map((name) => name.trim())
    .filter(Boolean)
  const left = listed.filter((name) => name.startsWith('-')).map((name) => name.slice(1))
  const named = listed.filter((name) => name !== 'all' && !name.startsWith('-'))
  const wanted = [...new Set(listed.includes('all') ? [...known, ...named] : named)]
    .filter((name) => !left.includes(name))
    .sort()
  const unknown = [...wanted, ...left].filter((name) => !known.includes(name))
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

/**
 * Without a broker events reach the services of their own process only. Throws one clear line when a service that is
 * left out handles what one of `services` emits: those events would wait for nobody and be lost to it.
 */
export async function refuseUnheardEvents(folder: string, services: readonly Service[]): Promise<void> {
  const here = new Set(services.map(({ contract }) => contract.name))
  const unheard = (await discoverServices(folder, 'all'))
    .filter(({ contract }) => !here.has(contract.name))
    .flatMap(({ contract, handlers }) =>
      Object.values(handlers ?? {})
        .filter(({ source }) => here.has(source.name))
        .map(({ source, type }) => ({ left: contract.name, source: source.name, type })),
    )
  const [first] = unheard
  if (!first) return
  const left = [...new Set(unheard.map((each) => each.left))].join(', ')
  throw new StartError(
    `SERVICES leaves out ${left}, but ${first.left} handles ${first.type} of ${first.source}, which would never reach it: set BUS_URL to a broker that all processes share, or name ${left} too.`,
  )
}
