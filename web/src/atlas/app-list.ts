import { useList } from '../parts/list.ts'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'

export type App = Awaited<ReturnType<typeof atlas.oidc.listApps>>['items'][number]
export const appsKey = (place: { projectId: string; environment: string }) => ['oidc', 'apps', place] as const

/** The apps that people of the environment sign in to. */
export function useApps() {
  const place = usePlace()
  return useList({
    queryKey: appsKey(place),
    load: (cursor, signal) => atlas.oidc.listApps({ params: place, query: cursor, signal }),
  })
}
