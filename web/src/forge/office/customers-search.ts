/** What of the list of customers stands in its address. */
export interface CustomersSearch {
  readonly q?: string | undefined
  readonly tag?: string | undefined
  readonly segment?: string | undefined
}

export function customersSearch(search: Record<string, unknown>): CustomersSearch {
  const { q, tag, segment } = search
  return {
    ...(typeof q === 'string' && q !== '' ? { q } : {}),
    ...(typeof tag === 'string' && tag !== '' ? { tag } : {}),
    ...(typeof segment === 'string' && /^[0-9a-f-]{36}$/.test(segment) ? { segment } : {}),
  }
}
