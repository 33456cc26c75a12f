/** Services have one way out, which keeps away from private networks: `tools.fetchOutside`. Anything else is a hole beside it. */
import { withoutComments } from './environment.ts'
import { sourceFiles } from './files.ts'

const ways: readonly RegExp[] = [
  /(?<![.\w])fetch\s*\(/,
  /\bglobalThis\s*(\?\.|\.|\[\s*['"])\s*fetch\b/,
  /\bnew\s+(WebSocket|EventSource|XMLHttpRequest)\b/,
  /^\s*import\s+(?!type\b).*from\s+['"](undici|ws|node-fetch|axios|got|(node:)?(http|https|http2|net|tls|dgram|dns|dns\/promises))['"]/,
  /\b(import|require)\s*\(\s*['"](undici|ws|node-fetch|axios|got|(node:)?(http|https|http2|net|tls|dgram|dns|dns\/promises))['"]/,
]

/** Requests that services make past the guard, one line each. Tests may ask whom they like. */
export function outboundTroubles(folder: string): string[] {
  return sourceFiles(folder, ['services/**/*.ts'])
    .filter(({ path }) => !/\.test\.ts$|\/testing-[^/]+\.ts$/.test(path))
    .flatMap(({ path, text }) =>
      withoutComments(text)
        .split('\n')
        .flatMap((line, at) =>
          ways.some((way) => way.test(line))
            ? [`${path}:${at + 1} goes to the network by itself; use tools.fetchOutside`]
            : [],
        ),
    )
}
