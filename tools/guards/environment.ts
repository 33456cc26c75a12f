/** Services take settings as arguments: the environment is read in one place, with one schema. */
import { sourceFiles } from './files.ts'

/** Uses of the process's environment in services, one line each. Tests may set what they like. */
export function environmentTroubles(folder: string): string[] {
  return sourceFiles(folder, ['services/**/*.ts'])
    .filter(({ path }) => !path.endsWith('.test.ts'))
    .flatMap(({ path, text }) =>
      withoutComments(text)
        .split('\n')
        .flatMap((line, at) =>
          /\bprocess\s*(\?\.|\.|\[\s*['"])\s*env\b|\bimport\.meta\.env\b|['"](node:)?process['"]/.test(line)
            ? [`${path}:${at + 1} reads the environment; declare a setting instead`]
            : [],
        ),
    )
}

/** Blanks comments, keeping the line numbers. */
export function withoutComments(text: string): string {
  return text
    .replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, ' '))
    .replace(/(^|\s)\/\/.*$/gm, '$1')
}
