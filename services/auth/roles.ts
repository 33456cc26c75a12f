/** Roles and the permissions they carry. `member` is everybody, `admin` has every permission there is. */

export interface RoleGrant {
  readonly name: string
  readonly permissions: readonly string[]
}

/** Roles as tokens carry them. */
export function rolesOf(assigned: readonly RoleGrant[]): string[] {
  return ['member', ...assigned.map((role) => role.name).filter((name) => name !== 'member')].sort()
}

/** What the holder of `assigned` and of `member` may do. `all` is every permission that some contract declares. */
export function permissionsOf(
  assigned: readonly RoleGrant[],
  member: readonly string[],
  all: readonly string[],
): string[] {
  if (assigned.some((role) => role.name === 'admin')) return [...all].sort()
  const known = new Set(all)
  return [...new Set([...member, ...assigned.flatMap((role) => role.permissions)])]
    .filter((name) => known.has(name))
    .sort()
}

/** Those of `wanted` that are not in `held`. */
export function missing(wanted: readonly string[], held: readonly string[]): string[] {
  const have = new Set(held)
  return wanted.filter((name) => !have.has(name))
}

/** The roles that an assignment gives or takes. */
export function changedRoles(before: readonly string[], after: readonly string[]): string[] {
  return [...missing(after, before), ...missing(before, after)]
}
