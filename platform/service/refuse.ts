/** Refusals to start: what a person has to mend before the server can run. Printed as one line, without a stack. */
import { createServer } from 'node:net'

/** The message is one clear line that says what is wrong and what to do about it. */
export class StartError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
  }
}

const hints: Record<string, (folder: string) => string> = {
  ENOSPC: (folder) => `The disk that holds ${folder} is full. Free some space and start again.`,
  EDQUOT: (folder) => `The disk quota for ${folder} is used up. Free some space and start again.`,
  EACCES: (folder) =>
    `${folder} cannot be written by this user. Mend its permissions or set PLEIAD_DATA to another folder.`,
  EPERM: (folder) =>
    `${folder} cannot be written by this user. Mend its permissions or set PLEIAD_DATA to another folder.`,
  EROFS: (folder) => `${folder} is on a read-only disk. Set PLEIAD_DATA to another folder.`,
  ENOTDIR: (folder) => `${folder} is not a folder. Set PLEIAD_DATA to a folder.`,
  EEXIST: (folder) => `${folder} is not a folder. Set PLEIAD_DATA to a folder.`,
}

/** Turns an error of the file system below `folder` into a `StartError`; anything else is returned as it is. */
export function explainFolderError(error: unknown, folder: string): unknown {
  const hint = hints[String((error as { code?: unknown } | null)?.code)]
  return hint ? new StartError(hint(folder), { cause: error }) : error
}

/**
 * Refuses a port that cannot be listened on before anything is started that would have to be undone. Who takes it in
 * between is refused when the gateway opens.
 */
export async function tryPort(host: string, port: number): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ host, port }, resolve)
  }).catch((error) => {
    throw explainListenError(error, host, port)
  })
  await new Promise((resolve) => server.close(resolve))
}

/** Turns an error of listening on `host` and `port` into a `StartError`; anything else is returned as it is. */
export function explainListenError(error: unknown, host: string, port: number): unknown {
  const hint = {
    EADDRINUSE: `Port ${port} of ${host} is in use. Stop the program that has it, or set PORT to another one.`,
    EACCES: `Port ${port} may not be used by this user. Set PORT to one above 1023.`,
    EADDRNOTAVAIL: `${host} is not an address of this computer. Set HOST to one that is, or to 0.0.0.0 for all.`,
    ENOTFOUND: `${host} is not a known address. Set HOST to an address of this computer.`,
  }[String((error as { code?: unknown } | null)?.code)]
  return hint ? new StartError(hint, { cause: error }) : error
}
