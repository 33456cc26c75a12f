/** Refusals to start: what a person has to mend before the server can run. Printed as one line, without a stack. */

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
