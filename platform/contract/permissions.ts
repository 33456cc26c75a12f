/** Who may call what: every operation with the access it declares, every permission with what it opens. */
import { type Contract, needsOf, pathOf } from './contract.ts'
import { cell } from './event-map.ts'

/** The permission matrix as Markdown, one table per service. `admin` holds every permission. */
export function permissionMatrix(contracts: readonly Contract[]): string {
  const lines = [
    '# Permissions',
    '',
    'A signed-in person may call what says *signed in* or *anybody*; a permission comes with a role. The role `admin` has all of them.',
    'Whether an object belongs to the caller is decided by the service on top of this.',
    '',
    'A project role is one of viewer, developer, admin, owner: each may do what those before it may. To those who are no members the project is not there.',
    'A scope is for programs: a project key, or an access token of the project’s issuer. Where no scope stands programs are refused, or are nobody.',
    '',
  ]
  for (const contract of contracts) {
    lines.push(
      `## ${contract.name}`,
      '',
      '| operation | address | anybody | signed in | permission | project role | scope |',
      '| --- | --- | --- | --- | --- | --- | --- |',
    )
    for (const [name, operation] of Object.entries(contract.operations)) {
      const { access } = operation
      const mark = (condition: boolean) => (condition ? '✓' : '')
      const { permission, project, production, scope } = needsOf(access)
      const code = (name: string | undefined) => (name ? `\`${name}\`` : '')
      const address = `\`${operation.method} ${pathOf(contract, operation)}\``
      lines.push(
        `| ${name} | ${address} | ${mark(access === 'public')} | ${mark(typeof access === 'string')} | ${code(permission)} | ${code(project)}${production ? `, in production ${code(production)}` : ''} | ${code(scope)} |`,
      )
    }
    lines.push(
      ...meanings('permission', 'what its holder may do', contract.permissions),
      ...meanings('scope', 'what it lets a program do', contract.scopes),
    )
    lines.push('')
  }
  return lines.join('\n')
}

function meanings(what: string, meaning: string, names: Readonly<Record<string, string>> = {}): string[] {
  const rows = Object.entries(names).map(([name, text]) => `| \`${name}\` | ${cell(text)} |`)
  return rows.length > 0 ? ['', `| ${what} | ${meaning} |`, '| --- | --- |', ...rows] : []
}
