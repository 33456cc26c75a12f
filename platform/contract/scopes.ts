/** What giving a scope to a program takes: nobody hands on more than they may do themselves. */
import type { Contract, ProjectRole } from './contract.ts'
import { hasRole } from './contract.ts'

/**
 * The lowest role whose holder may do everything in an environment that the scope opens to programs, over all contracts of
 * the installation. A scope that opens nothing to members takes a developer, who gives programs their keys.
 */
export function roleForScope(
  contracts: readonly Pick<Contract, 'operations'>[],
  scope: string,
  environment: string,
): ProjectRole {
  let role: ProjectRole = 'developer'
  for (const { operations } of contracts)
    for (const { access } of Object.values(operations)) {
      if (typeof access !== 'object' || !('project' in access) || access.scope !== scope) continue
      const needed = environment === 'production' ? (access.production ?? access.project) : access.project
      if (!hasRole(role, needed)) role = needed
    }
  return role
}

/** Those of `scopes` that take more than `role` in an environment. */
export function scopesAbove(
  contracts: readonly Pick<Contract, 'operations'>[],
  scopes: readonly string[],
  environment: string,
  role: ProjectRole,
): string[] {
  return scopes.filter((scope) => !hasRole(role, roleForScope(contracts, scope, environment)))
}
