/** Lists that the server gives by the page. */
import { type InfiniteData, type UseInfiniteQueryResult, useInfiniteQuery } from '@tanstack/react-query'

/** One page of a list, as every contract with `pageOf` answers. */
interface ListPage<Item> {
  readonly items: readonly Item[]
  /** Cursor of the next page; absent on the last. */
  readonly next?: string
}

export interface List<Item, Page extends ListPage<Item> = ListPage<Item>> {
  /** Everything that has been loaded so far. */
  readonly items: readonly Item[]
  readonly query: UseInfiniteQueryResult<InfiniteData<Page>>
}

/**
 * Asks for a list, a page at a time. `load` gets the cursor as the part of a query that names it, empty for the first
 * page. While a filter (a part of `queryKey`) changes, the former rows stay.
 */
export function useList<Page extends ListPage<unknown>>(options: {
  readonly queryKey: readonly unknown[]
  readonly load: (cursor: { cursor?: string }, signal: AbortSignal) => Promise<Page>
  /** Asks again every so many milliseconds. */
  readonly every?: number
}): List<Page['items'][number], Page> {
  const query = useInfiniteQuery({
    queryKey: options.queryKey,
    queryFn: ({ pageParam, signal }) => options.load(pageParam ? { cursor: pageParam } : {}, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next,
    placeholderData: (before) => before,
    ...(options.every ? { refetchInterval: options.every } : {}),
  })
  return { items: query.data?.pages.flatMap((page) => page.items) ?? [], query }
}
