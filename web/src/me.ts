/** The signed-in person: account (auth) and profile (users). */
import { useQuery } from '@tanstack/react-query'
import { api } from './api.ts'
import { isProblem } from './parts/problem.ts'

export const meKey = ['auth', 'me'] as const
export const profileKey = ['users', 'me'] as const

export function useMe() {
  return useQuery({ queryKey: meKey, queryFn: ({ signal }) => api.auth.getMe({ signal }), staleTime: 60_000 })
}

/** One's own profile. Right after registration it may take a moment to appear: an event carries it between services. */
export function useProfile() {
  return useQuery({
    queryKey: profileKey,
    queryFn: ({ signal }) => api.users.getMe({ signal }),
    staleTime: 60_000,
    retry: (count, error) => isProblem(error, 'notFound') && count < 12,
    retryDelay: 250,
  })
}

/** Whether the person has `permission`; false while it is not known. */
export function useMay(): (permission: string) => boolean {
  const held = useMe().data?.permissions
  return (permission) => held?.includes(permission) ?? false
}
