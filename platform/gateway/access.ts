/** Whether a caller passes the access that an operation declares, and as whom: people, members of a project, programs. */
import { type Access, hasRole, type ProjectRole } from '../contract/contract.ts'
import { Refusal } from '../contract/problem.ts'
import { canonical, type Memberships } from '../identity/memberships.ts'
import type { Caller } from '../service/service.ts'

/** The parameters of the path that say whose things the operation is about. */
export interface Place {
  readonly projectId?: string
  readonly environment?: string
}

/**
 * The caller as the handler sees it; undefined where the operation must not know it.
 * @throws Refusal (also as rejection) for whoever may not pass.
 */
export type Permit = (caller: Caller, place: Place) => Caller | undefined | Promise<Caller>

export function permitOf(access: Access, memberships: Memberships): Permit {
  // Where anybody passes a program is nobody: handlers take a caller there for a person.
  if (access === 'public') return (caller) => (caller.kind === 'program' ? undefined : caller)
  if (access === 'user') return personOnly
  if ('permission' in access) return (caller) => holder(personOnly(caller), access.permission)
  if ('project' in access)
    return (caller, place) =>
      caller.kind === 'program'
        ? program(caller, place, access.scope)
        : member(
            caller,
            place,
            place.environment === 'production' ? (access.production ?? access.project) : access.project,
            memberships,
          )
  return (caller, place) => {
    if (caller.kind !== 'program')
      throw new Refusal('forbidden', `Only a program with the scope ${access.scope} may do this.`)
    return program(caller, place, access.scope)
  }
}

function personOnly(caller: Caller): Caller {
  if (caller.kind === 'program')
    throw new Refusal('forbidden', 'Programs may not do this: it takes a person’s session or token.')
  return caller
}

function holder(caller: Caller, permission: string): Caller {
  if (!caller.permissions.includes(permission))
    throw new Refusal('forbidden', `This needs the permission ${permission}.`, { permission })
  return caller
}

/** The same words for a project that is not there and for one that is somebody else's. */
const nothing = () => new Refusal('notFound', 'There is no such project.')

function member(
  caller: Caller,
  { projectId = '' }: Place,
  needed: ProjectRole,
  memberships: Memberships,
): Caller | Promise<Caller> {
  const admitted = (role: ProjectRole | undefined): Caller => {
    if (role === undefined) throw nothing()
    if (!hasRole(role, needed))
      throw new Refusal('forbidden', `This needs the role ${needed} in the project; yours is ${role}.`, {
        role: needed,
      })
    return { ...caller, project: { id: projectId.toLowerCase(), role } }
  }
  const role = memberships.roleOf(projectId, caller.id)
  return role instanceof Promise ? role.then(admitted) : admitted(role)
}

function program(caller: Caller, { projectId, environment }: Place, scope: string | undefined): Caller {
  const own = caller.project!
  // What belongs to another project or environment is not there for a program.
  if (projectId !== undefined && canonical(projectId) !== own.id) throw nothing()
  if (environment !== undefined && environment !== own.environment)
    throw new Refusal('notFound', 'There is no such environment.')
  if (scope === undefined) return personOnly(caller)
  if (!own.scopes!.includes(scope))
    throw new Refusal(
      'forbidden',
      `This needs the scope ${scope}.`,
      { scope },
      { 'www-authenticate': `Bearer realm="pleiad", error="insufficient_scope", scope="${scope}"` },
    )
  return caller
}
