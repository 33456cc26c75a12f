/** The import rule: `boundary-rules.ts`, and that nothing leaves its package by a relative path. */
import { existsSync } from 'node:fs'
import { cruise, type ICruiseResult } from 'dependency-cruiser'
import { forbidden, options } from './boundary-rules.ts'

const roots = ['platform', 'services', 'server', 'web', 'workshop', 'tools', 'bench', 'tests']

/** What in `folder` breaks the rule, one line each. */
export async function boundaryTroubles(folder: string): Promise<string[]> {
  const { enhancedResolveOptions, ...cruiseOptions } = options
  const result = await cruise(
    roots.filter((root) => existsSync(`${folder}/${root}`)),
    { ...cruiseOptions, baseDir: folder, validate: true, ruleSet: { forbidden: forbidden } } as never,
    enhancedResolveOptions as never,
  )
  const { modules, summary } = result.output as ICruiseResult
  const troubles = summary.violations.map(({ rule, from, to }) => {
    const comment = forbidden.find(({ name }) => name === rule.name)?.comment
    return `${from} → ${to} (${rule.name}): ${comment}`
  })
  for (const module of modules) {
    const own = packageOf(module.source)
    for (const { module: specifier, resolved } of module.dependencies)
      if (own && specifier.startsWith('.') && packageOf(resolved) !== own)
        troubles.push(`${module.source} → ${specifier}: leaves ${own} by a relative path; import the package`)
  }
  return troubles
}

/** `services/auth` of a file in it; only what has a package.json of its own and exports. */
function packageOf(path: string): string | undefined {
  return /^(services\/[^/]+|platform|workshop)\//.exec(path)?.[1]
}
