/** The list of people as its table and the panel of one of them share it. */
import type { api } from '../api.ts'

export type Listed = Awaited<ReturnType<typeof api.users.listProfiles>>['items'][number]

export const usersKey = ['users', 'list'] as const
