/** The project that the pages below `/atlas/$slug` are about, and the environment they look at. */
import { hasRole, type ProjectRole } from '@pleiad/platform/contract'
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { atlas } from './api.ts'

const route = getRouteApi('/app/atlas/$slug')

export type Project = Awaited<ReturnType<typeof atlas.projects.getProjectBySlug>>

export const projectQuery = (slug: string) =>
  queryOptions({
    queryKey: ['projects', 'one', slug],
    queryFn: ({ signal }) => atlas.projects.getProjectBySlug({ params: { slug }, signal }),
  })

/** The project of the address; the frame shows its page only once it is there. */
export function useProject(): Project {
  const { slug } = route.useParams()
  return useSuspenseQuery(projectQuery(slug)).data
}

/** The environment that was chosen, production when none was or it is gone. */
export function useEnvironment(): string {
  const { env } = route.useSearch()
  const { environments } = useProject()
  return env && environments.includes(env) ? env : 'production'
}

/** Path parameters of everything that belongs to the chosen environment. */
export function usePlace(): { projectId: string; environment: string } {
  return { projectId: useProject().projectId, environment: useEnvironment() }
}

/** The name under which an environment is an issuer: `{origin}/oidc/{handle}`. */
export function handleOf(slug: string, environment: string): string {
  return environment === 'production' ? slug : `${slug}.${environment}`
}

/** Whether this person's role allows what takes `needed`, and the project is not at rest. */
export function useMayHere(): (needed: ProjectRole) => boolean {
  const { role, state } = useProject()
  return (needed) => state === 'active' && role !== undefined && hasRole(role, needed)
}

/** Whether this person may configure the chosen environment: production takes an admin. */
export function useMayConfigure(): boolean {
  const may = useMayHere()
  return may(useEnvironment() === 'production' ? 'admin' : 'developer')
}
