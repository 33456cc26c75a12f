/** Opens pools: postgres.js reads no Unix sockets from URLs, libpq's way of writing them (`%2F` in the host) is added here. */
import postgres from 'postgres'
import { arrayTypes } from './arrays.ts'

/** Seconds before the next attempt to connect: a database that comes back is found within a second, not within twenty. */
const backoff = (retries: number) => Math.min(1, 0.02 * 2 ** retries) * (0.5 + Math.random() / 2)

/** Connects like `postgres(url, options)`, also to `postgres://user:password@%2Fpath%2Fof%2Fsocket/database`. */
export function connect<T extends Record<string, postgres.PostgresType> = {}>(
  url: string,
  options: postgres.Options<T> = {},
): postgres.Sql<{ [K in keyof T]: T[K] extends { parse: (value: never) => infer R } ? R : never }> {
  const host = decodeURIComponent(new URL(url).hostname)
  const all = {
    backoff,
    fetch_types: false,
    ...options,
    types: { ...arrayTypes, ...options.types },
    ...(host.startsWith('/') ? { host } : {}),
  }
  return postgres(url, all as unknown as postgres.Options<T>) as never
}
