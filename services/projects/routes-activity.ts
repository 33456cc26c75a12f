import { wordsOf } from './activity.ts'
import type { projectOperations } from './contract-projects.ts'
import { type Part, pageFrom } from './routes-part.ts'
import { peopleOf } from './service-people.ts'
import { listEntries } from './store-activity.ts'

export const activityRoutes: Part<Pick<typeof projectOperations, 'listActivity'>> = () => ({
  async listActivity({ sql, params, query }) {
    const limit = query.limit ?? 25
    const locale = query.locale ?? 'en'
    const rows = await listEntries(sql, params.projectId, { ...query, limit })
    const people = await peopleOf(
      sql,
      rows.flatMap(({ byKind, byId, details }) => [
        byKind === 'person' ? byId : undefined,
        details['userId'],
      ]),
    )
    const nameOf = (id: string | null | undefined) => people.get(id ?? '')?.displayName ?? undefined
    return pageFrom(
      rows,
      limit,
      ({ activityId, at, kind, byKind, byId, details }) => {
        const name = nameOf(byId)
        return {
          activityId,
          at: at.toISOString(),
          kind,
          by: { kind: byKind, ...(byId ? { id: byId } : {}), ...(name ? { name } : {}) },
          text: wordsOf(kind, details, locale, nameOf(details['userId'])),
          details: { ...details },
        }
      },
      ({ activityId }) => activityId,
    )
  },
})
