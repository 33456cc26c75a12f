/** Tags and segments that customers are sorted by, and what of them stands in the address of the list. */
import { queryOptions } from '@tanstack/react-query'
import { forge } from '../api.ts'
import { customersKey, type Segment } from './data.ts'

export type Rules = Segment['rules']

export const tagsQuery = queryOptions({
  queryKey: [...customersKey, 'tags'],
  queryFn: ({ signal }) => forge.crm.listTags({ signal }),
  staleTime: 30_000,
})

export const segmentsKey = [...customersKey, 'segments'] as const
export const segmentsQuery = queryOptions({
  queryKey: segmentsKey,
  queryFn: ({ signal }) => forge.crm.listSegments({ signal }),
  staleTime: 30_000,
})
