/** Errors of a database that a start or a command meets, in words for a person. */
import { StartError } from '../service/refuse.ts'

/** What a person can mend becomes one line that never shows the password. */
export function explain(error: unknown, adminUrl: string): unknown {
  const { host } = new URL(adminUrl)
  const code = String((error as { code?: unknown }).code)
  const message = (error as Error).message
  if (code === '42501')
    return new StartError(
      `The role in DATABASE_URL may not create roles and schemas (${message}). Use one with CREATEROLE and CREATE on the database.`,
      { cause: error },
    )
  if (/^(28|3D)/.test(code))
    return new StartError(`The database refuses the connection: ${message}. Mend DATABASE_URL.`, {
      cause: error,
    })
  if (/^(ECONN|ENOTFOUND|EAI_|ETIMEDOUT|EHOST|ENOENT|CONNECT)/.test(code))
    return new StartError(
      `The database at ${decodeURIComponent(host)} cannot be reached (${code}). Check that it runs and that DATABASE_URL is right.`,
      { cause: error },
    )
  return error
}
