/** Opens pools: postgres.js reads no Unix sockets from URLs, libpq's way of writing them (`%2F` in the host) is added here. */
import postgres from 'postgres'

/** Connects like `postgres(url, options)`, also to `postgres://user:password@%2Fpath%2Fof%2Fsocket/database`. */
export function connect<T extends Record<string, postgres.PostgresType> = {}>(
  url: string,
  options: postgres.Options<T> = {},
): postgres.Sql<{ [K in keyof T]: T[K] extends { parse: (value: never) => infer R } ? R : never }> {
  const host = decodeURIComponent(new URL(url).hostname)
  return postgres(
    url,
    (host.startsWith('/') ? { ...options, host } : options) as postgres.Options<T>,
  ) as never
}
