/** Which services this installation runs, as the server tells; products whose service does not run are not shown. */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { queryClient } from './api.ts'
import { sessionFetch } from './session.ts'

export const servicesQuery = queryOptions({
  queryKey: ['services'],
  queryFn: async ({ signal }) => {
    const response = await sessionFetch('/api/services.json', { signal })
    if (!response.ok) throw new Error(`The list of services is not to be had (${response.status})`)
    const { services }: { services: readonly { name: string }[] } = await response.json()
    return services.map((service) => service.name)
  },
  staleTime: Number.POSITIVE_INFINITY,
})

/** Whether a service runs; false while it is not known. */
export function useRuns(): (service: string) => boolean {
  const running = useQuery(servicesQuery).data
  return (service) => running?.includes(service) ?? false
}

/** For the loader of a route: whether a service runs. */
export async function runs(service: string): Promise<boolean> {
  return (await queryClient.ensureQueryData(servicesQuery)).includes(service)
}
