/** Source files of a tree, for the guards that read them. */
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface SourceFile {
  /** Relative to the folder, with slashes. */
  readonly path: string
  readonly text: string
}

/** The files under `folder` that match, without dependencies and build results. */
export function sourceFiles(folder: string, patterns: readonly string[]): SourceFile[] {
  return globSync([...patterns], {
    cwd: folder,
    exclude: ['**/node_modules/**', '**/dist/**', '**/coverage/**', '.data/**'],
  })
    .map((path) => path.replaceAll('\\', '/'))
    .sort()
    .map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }))
}
