/** Every code a problem can carry, with what it means and how to mend it. */
import type { Contract, ErrorKind } from './contract.ts'
import { platformErrors } from './contract.ts'
import { possibleErrors } from './implied-errors.ts'

export interface CatalogueEntry extends ErrorKind {
  readonly code: string
  /** `platform`, or the services that declare it. */
  readonly from: readonly string[]
  /** Operations that declare it, as `auth.login`; empty for the platform's. */
  readonly operations: readonly string[]
}

/**
 * The entries by code. A code that two contracts declare is listed once when they agree.
 * @throws Error when two contracts mean different things by one code: its anchor could only explain one.
 */
export function errorCatalogue(contracts: readonly Contract[]): CatalogueEntry[] {
  const entries = new Map<string, CatalogueEntry>()
  for (const [code, kind] of Object.entries(platformErrors))
    entries.set(code, { code, ...kind, from: ['platform'], operations: [] })
  for (const contract of contracts)
    for (const [code, kind] of Object.entries(contract.errors ?? {})) {
      const known = entries.get(code)
      if (known && (known.status !== kind.status || known.title !== kind.title))
        throw new Error(
          `Error ${code} of ${contract.name} already means something else in ${known.from.join(', ')}`,
        )
      const operations = Object.entries(contract.operations)
        .filter(([, operation]) => possibleErrors(contract, operation).some((error) => error.code === code))
        .map(([name]) => `${contract.name}.${name}`)
      entries.set(code, {
        code,
        ...kind,
        description: [...new Set([known?.description, kind.description])].filter(Boolean).join(' '),
        from: [...(known?.from ?? []), contract.name],
        operations: [...(known?.operations ?? []), ...operations],
      })
    }
  return [...entries.values()].sort((a, b) => a.code.localeCompare(b.code, 'en'))
}

/** The catalogue as Markdown; each code is a heading, so that `#code` finds it. */
export function errorCatalogueText(contracts: readonly Contract[]): string {
  const sections = errorCatalogue(contracts).flatMap((entry) => [
    `## ${entry.code}`,
    '',
    `**${entry.status}** · ${entry.from.join(', ')}: ${entry.title}`,
    '',
    entry.description,
    ...(entry.operations.length > 0
      ? ['', `Operations: ${entry.operations.map((name) => `\`${name}\``).join(', ')}`]
      : []),
    '',
  ])
  return [
    '# Errors',
    '',
    'Refusals are [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457) problem details; `code` is one of these.',
    '',
    ...sections,
  ].join('\n')
}
