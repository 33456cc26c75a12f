/** Who may call what: every operation with the access it declares, every permission with what it opens. */
import { type Contract, pathOf } from './contract.ts'
import { cell } from './event-map.ts'

/** The permission matrix as Markdown, one table per service. `admin` holds every permission. */
export function permissionMatrix(contracts: readonly Contract[]): string {
  const lines = [
    '# Permissions',
    '',
    'A signed-in person may call what says *signed in* or *anybody*; a permission comes with a role. The role `admin` has all of them.',
    'Whether an object belongs to the caller is decided by the service on top of this.',
    '',
  ]
  for (const contract of contracts) {
    lines.push(
      `## ${contract.name}`,
      '',
      '| operation | address | anybody | signed in | permission |',
      '| --- | --- | --- | --- | --- |',
    )
    for (const [name, operation] of Object.entries(contract.operations)) {
      const { access } = operation
      const mark = (condition: boolean) => (condition ? '✓' : '')
      const permission = typeof access === 'object' ? `\`${access.permission}\`` : ''
      const address = `\`${operation.method} ${pathOf(contract, operation)}\``
      lines.push(
        `| ${name} | ${address} | ${mark(access === 'public')} | ${mark(typeof access === 'string')} | ${permission} |`,
      )
    }
    const permissions = Object.entries(contract.permissions ?? {})
    if (permissions.length > 0)
      lines.push(
        '',
        '| permission | what its holder may do |',
        '| --- | --- |',
        ...permissions.map(([name, text]) => `| \`${name}\` | ${cell(text)} |`),
      )
    lines.push('')
  }
  return lines.join('\n')
}
