/** What an access means, in words for people and as data for documents. */
import { type Access, type Contract, needsOf } from './contract.ts'

/** One sentence with `code`, or nothing where the scheme of the token says it all. */
export function accessInWords(access: Access): string {
  const { permission, project, production, scope } = needsOf(access)
  if (permission) return `Needs the permission \`${permission}\`.`
  const program = `a program with the scope \`${scope}\``
  if (project)
    return `Needs the role \`${project}\` in the project${production ? ` (in production \`${production}\`)` : ''}${scope ? `, or ${program} of that project` : ''}. To everybody else the project is not there.`
  return scope ? `Needs ${program}: a project key, or an access token of the project’s issuer.` : ''
}

/** A few words, as on a badge. */
export function accessBadge(access: Access): string {
  if (access === 'public') return 'anybody'
  if (access === 'user') return 'signed in'
  const { permission, project, scope } = needsOf(access)
  if (permission) return `permission \`${permission}\``
  return [project && `project \`${project}\``, scope && `scope \`${scope}\``].filter(Boolean).join(' or ')
}

/** Who can be behind a token that passes. */
export function callersOf(access: Access): { readonly people: boolean; readonly programs: boolean } {
  const { project, scope } = needsOf(access)
  return { people: scope === undefined || project !== undefined, programs: scope !== undefined }
}

/** Every scope of the contracts with what it lets a program do. Several services may use one scope. */
export function scopesOf(contracts: readonly Contract[]): Map<string, string> {
  const scopes = new Map<string, string>()
  for (const contract of contracts)
    for (const [scope, text] of Object.entries(contract.scopes ?? {}))
      scopes.set(scope, [...new Set([scopes.get(scope), text])].filter(Boolean).join(' '))
  return scopes
}
