import { emit, type Job, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { projects } from './contract.ts'
import { forgetPrograms, forgetRoles } from './service-change.ts'
import type { Own } from './service-own.ts'
import { purgeEntries } from './store-activity.ts'
import { purgeInvitations } from './store-invitations.ts'
import { purgeKeys } from './store-keys.ts'
import { eraseProject, lockDueProjects } from './store-projects.ts'

const DAY_MS = 86_400_000
/** Days for which answered invitations and expired keys can still be told from unknown ones. */
const REMEMBERED_DAYS = 30
/** Projects erased, and entries deleted, in one run: a transaction stays short. */
const PROJECTS = 50
const ENTRIES = 20_000

/** Erases projects whose grace period is over, and tells everybody; how many. */
async function finishDeletions(call: Tools & { readonly tx: Tx }): Promise<number> {
  const { tx } = call
  const due = await lockDueProjects(tx, call.now(), PROJECTS)
  for (const projectId of due) {
    forgetPrograms(tx, call, { projectId })
    await eraseProject(tx, projectId)
    forgetRoles(tx, call, projectId)
    emit(tx, projects, 'project.deleted', { projectId })
  }
  return due.length
}

export const jobs: Readonly<Record<string, Job<Own>>> = {
  finishDeletions: {
    description: 'Erases projects whose grace period is over',
    schedule: '*/5 * * * *',
    run: async (call) => {
      const erased = await finishDeletions(call)
      if (erased > 0) call.log.info({ erased }, 'projects erased')
    },
  },
  purgeExpired: {
    description: 'Deletes expired invitations and keys, and activity past its time',
    schedule: '23 * * * *',
    run: async ({ tx, now }, { settings }) => {
      const daysAgo = (days: number) => new Date(now().getTime() - days * DAY_MS)
      await purgeInvitations(tx, daysAgo(REMEMBERED_DAYS))
      await purgeKeys(tx, daysAgo(REMEMBERED_DAYS), now())
      await purgeEntries(tx, daysAgo(settings.PROJECTS_ACTIVITY_DAYS), ENTRIES)
    },
  },
}
