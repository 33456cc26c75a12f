/** What every change of a project does: lock it, ask for the role again, write the log, tell the other processes. */
import { hasRole } from '@pleiad/platform/contract'
import type { Caller, Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import type { ActivityKind, Details } from './activity.ts'
import type { Role } from './members.ts'
import { type Project, restingOf } from './projects.ts'
import { addEntry, type Entry } from './store-activity.ts'
import { roleOf } from './store-members.ts'
import { lockProject } from './store-projects.ts'

/** Long enough for every verdict on a token that was given before. */
const REMEMBERED_SECONDS = 120

export type MemberCall = Tools & {
  readonly caller: Caller
  readonly params: { readonly projectId: string }
  readonly fail: (code: 'notFound' | 'forbidden') => never
}

/**
 * Locks the project of a call until the transaction ends. The gateway may have let the caller in by a role it
 * remembered, so the role is asked for again: under the lock it cannot change.
 */
export async function open(
  tx: Tx,
  call: MemberCall,
  needed: Role,
): Promise<{ project: Project; role: Role }> {
  const { projectId } = call.params
  const project = await lockProject(tx, projectId)
  const role = await roleOf(tx, projectId, call.caller.id)
  if (!project || !role) return call.fail('notFound')
  if (!hasRole(role, needed)) return call.fail('forbidden')
  return { project, role }
}

/** The same for a project that must not be at rest. */
export async function openActive(
  tx: Tx,
  call: MemberCall & {
    readonly fail: (
      code: 'projectArchived' | 'projectBeingDeleted',
      detail?: string,
      extensions?: Record<string, unknown>,
    ) => never
  },
  needed: Role,
): Promise<{ project: Project; role: Role }> {
  const opened = await open(tx, call, needed)
  const resting = restingOf(opened.project)
  if (!resting) return opened
  const { deleteAt } = opened.project
  return call.fail(resting, undefined, deleteAt ? { deleteAt: deleteAt.toISOString() } : {})
}

/** Who did something, as the log keeps it. */
export function byOf(caller: Caller | undefined): Pick<Entry, 'byKind' | 'byId'> {
  if (!caller) return { byKind: 'system', byId: null }
  return { byKind: caller.kind === 'program' ? 'program' : 'person', byId: caller.id }
}

/** Writes an entry of the activity log, in the transaction of what it tells of. */
export async function note(
  tx: Tx,
  call: Tools & { readonly caller?: Caller | undefined },
  projectId: string,
  kind: ActivityKind,
  details: Details = {},
  by: Pick<Entry, 'byKind' | 'byId'> = byOf(call.caller),
): Promise<void> {
  await addEntry(tx, projectId, { activityId: call.newId(), at: call.now(), kind, details, ...by })
}

/** Makes every process ask anew for the role of a member, or of all members. */
export function forgetRoles(tx: Tx, tools: Tools, projectId: string, userId?: string): void {
  tx.afterCommit(() => tools.broadcast('projects.members', { projectId, ...(userId ? { userId } : {}) }))
}

/** Makes every process ask anew about a key, or about all programs of a project; those that may not are refused from then on. */
export function forgetPrograms(
  tx: Tx,
  tools: Tools,
  which: { readonly keyId: string } | { readonly projectId: string },
): void {
  const before = Math.floor(tools.now().getTime() / 1000)
  const sub = 'keyId' in which ? which.keyId : which.projectId
  tx.afterCommit(() => tools.broadcast('auth.revoked', { sub, before, until: before + REMEMBERED_SECONDS }))
}
