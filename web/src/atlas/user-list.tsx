import { Badge } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { atlas } from './api.ts'
import { usePlace } from './project.ts'
import type { Place } from './provider-list.ts'

export type EndUser = Awaited<ReturnType<typeof atlas.oidc.listEndUsers>>['items'][number]
export type EndUserDetails = Awaited<ReturnType<typeof atlas.oidc.getEndUser>>
export const usersKey = (place: Place) => ['oidc', 'endUsers', place] as const
/** Beginning of all that is asked about one person; apart from the list, which changes without them. */
export const userKey = (place: Place, endUserId: string) => ['oidc', 'endUser', place, endUserId] as const

/** One person with passkeys and identities. */
export function useEndUser(endUserId: string | undefined) {
  const place = usePlace()
  return useQuery({
    queryKey: userKey(place, endUserId ?? ''),
    queryFn: ({ signal }) => atlas.oidc.getEndUser({ params: { ...place, endUserId: endUserId! }, signal }),
    enabled: endUserId !== undefined,
  })
}

/** What to call somebody: the name, else the address. */
export function nameOf({ name, email }: Pick<EndUser, 'name' | 'email'>, nobody: string): string {
  return name || email || nobody
}

export function UserState({ state }: { state: EndUser['state'] }) {
  const { t } = useTranslation()
  return <Badge color={state === 'active' ? 'green' : 'red'}>{t(`atlas.users.states.${state}`)}</Badge>
}
