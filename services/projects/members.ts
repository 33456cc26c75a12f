/** Roles: who may change whose, and that a project never loses its last owner. */
import { hasRole, type ProjectRole, projectRoles } from '@pleiad/platform/contract'

export type Role = ProjectRole

export interface Member {
  readonly userId: string
  readonly role: Role
  readonly joinedAt: Date
}

/** Production is for admins; developers configure the rest. */
export function mayConfigure(role: Role, environment: string): boolean {
  return hasRole(role, environment === 'production' ? 'admin' : 'developer')
}

/** Whether somebody with the role `own` may give, change or take away `role`: admins do so up to their own. */
export function mayGive(own: Role, role: Role): boolean {
  return hasRole(own, 'admin') && hasRole(own, role)
}

/** The roles that somebody whose role becomes `own` (undefined: they go) may not give any more. */
export function notGivenBy(own: Role | undefined): Role[] {
  return projectRoles.filter((role) => own === undefined || !mayGive(own, role))
}

/**
 * Why a member's role may not become `wanted` (undefined: they are to go), or undefined when it may. `owners` is how
 * many owners there are now; whoever asks holds the project's lock, so that it is still true when they write.
 */
export function changeTrouble(
  own: Role,
  member: Pick<Member, 'role'>,
  wanted: Role | undefined,
  owners: number,
): 'roleAboveOwn' | 'lastOwner' | undefined {
  if (!mayGive(own, member.role) || (wanted && !mayGive(own, wanted))) return 'roleAboveOwn'
  return leaveTrouble(member, wanted, owners)
}

/** Why a member may not become `wanted` or go, whoever asks. */
export function leaveTrouble(
  member: Pick<Member, 'role'>,
  wanted: Role | undefined,
  owners: number,
): 'lastOwner' | undefined {
  return member.role === 'owner' && wanted !== 'owner' && owners <= 1 ? 'lastOwner' : undefined
}

/** Who becomes owner when the last owner is erased: the admin who has been in the project longest; nobody if none. */
export function successorOf(rest: readonly Member[]): Member | undefined {
  return rest
    .filter(({ role }) => role === 'admin')
    .sort((a, b) => a.joinedAt.getTime() - b.joinedAt.getTime() || (a.userId < b.userId ? -1 : 1))[0]
}
