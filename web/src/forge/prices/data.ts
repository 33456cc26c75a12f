/** What the pages of the price book ask for. */
import { queryOptions } from '@tanstack/react-query'
import { forge } from '../api.ts'

export type BookInfo = Awaited<ReturnType<typeof forge.mes.listBooks>>['items'][number]
export type Book = Awaited<ReturnType<typeof forge.mes.getBook>>
export type PreviewLine = Awaited<ReturnType<typeof forge.mes.previewBook>>['items'][number]

export const manage = 'prices:manage'
export const booksKey = ['forge', 'books'] as const

export const bookQuery = (version: number) =>
  queryOptions({
    queryKey: [...booksKey, 'one', version],
    queryFn: ({ signal }) => forge.mes.getBook({ params: { version }, signal }),
  })

/** What is in force now and what was published for later. */
export const aliveQuery = queryOptions({
  queryKey: [...booksKey, 'alive'],
  queryFn: ({ signal }) => forge.mes.listBooks({ query: { state: 'published', limit: 100 }, signal }),
})

export const stateColors = {
  draft: 'yellow',
  published: 'green',
  superseded: 'gray',
} as const satisfies Record<BookInfo['state'], string>

interface Turn {
  readonly info: BookInfo
  readonly from: string
  readonly until?: string
}

/** Whose turn it is now and whose it will be, in order of time. */
export function turnsOf(books: readonly BookInfo[], now: Date): Turn[] {
  return books
    .flatMap((info) =>
      info.periods
        .filter(({ until }) => until === undefined || new Date(until) > now)
        .map((period) => ({ info, ...period })),
    )
    .sort((a, b) => Date.parse(a.from) - Date.parse(b.from))
}
