import { Box, Stack } from '@mantine/core'
import type { ReactNode } from 'react'
import type { List } from './list.ts'
import { More } from './more.tsx'
import { Failed, Waiting } from './states.tsx'

/**
 * A list on its own ground, in whichever state it is: grey rows while it comes, what went wrong and a way to try
 * again, `empty` (what would be here and how to get it) when there is nothing, else the items and a button for more.
 */
export function ListPanel<Item>({
  list: { items, query },
  empty,
  waiting,
  children,
}: {
  list: List<Item>
  /** Usually an `Empty` with an action. */
  empty: ReactNode
  /** Stands in for the rows while they come; without one, grey lines. */
  waiting?: ReactNode
  children: (items: readonly Item[]) => ReactNode
}) {
  return (
    <Stack gap="lg">
      <Box component="section" className="panel" style={{ overflow: 'hidden' }} aria-busy={query.isFetching}>
        {query.isError && (
          <Box p="md">
            <Failed error={query.error} retry={() => void query.refetch()} />
          </Box>
        )}
        {query.isPending && <Box p="md">{waiting ?? <Waiting rows={6} />}</Box>}
        {query.data && items.length === 0 && !query.isError && empty}
        {items.length > 0 && children(items)}
      </Box>
      <More query={query} />
    </Stack>
  )
}
