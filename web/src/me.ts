/** The signed-in person: account (auth) and profile (users). */
import { useQuery } from '@tanstack/react-query'
import { api } from './api.ts'

export const meKey = ['auth', 'me'] as const
export const profileKey = ['users', 'me'] as const

export function useMe() {
  return useQuery({ queryKey: meKey, queryFn: ({ signal }) => api.auth.getMe({ signal }), staleTime: 60_000 })
}

export function useProfile() {
  return useQuery({
    queryKey: profileKey,
    queryFn: ({ signal }) => api.users.getMe({ signal }),
    staleTime: 60_000,
  })
}

/** Whether the person has `permission`; false while it is not known. */
export function useMay(): (permission: string) => boolean {
  const held = useMe().data?.permissions
  return (permission) => held?.includes(permission) ?? false
}
