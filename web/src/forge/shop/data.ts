/** What the pages of the shop ask for, and how it stays fresh. */
import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useTopic } from '../../live.ts'
import { forge } from '../api.ts'

export type Model = Awaited<ReturnType<typeof forge.editor.listModels>>['items'][number]
export type Version = Model['latest']
export type Cart = Awaited<ReturnType<typeof forge.shop.getCart>>
export type CartLine = Cart['lines'][number]
export type PrintOptions = NonNullable<CartLine['options']>
export type Book = Awaited<ReturnType<typeof forge.mes.getBookInForce>>['book']
export type Intake = Awaited<ReturnType<typeof forge.editor.getIntake>>
export type Item = Awaited<ReturnType<typeof forge.shop.listItems>>['items'][number]

export const stateColors = {
  processing: 'iris',
  needsUnits: 'yellow',
  needsRepair: 'yellow',
  repaired: 'gray',
  ready: 'green',
  rejected: 'red',
} as const satisfies Record<Model['latest']['state'], string>

export const modelsKey = ['forge', 'models'] as const
export const cartKey = ['forge', 'cart'] as const
/** Should an event be lost, prices that are awaited still come. */
const AWAITING_MS = 4000

/** The price book in force: what is offered, and what estimates are made from. */
export const bookQuery = queryOptions({
  queryKey: ['forge', 'book'],
  queryFn: ({ signal }) => forge.mes.getBookInForce({ signal }),
  staleTime: 60_000,
})

export const termsQuery = queryOptions({
  queryKey: ['forge', 'terms'],
  queryFn: ({ signal }) => forge.shop.getTerms({ signal }),
  staleTime: 300_000,
})

/** Which files are read here, and how large they may be. */
export const intakeQuery = queryOptions({
  queryKey: ['forge', 'intake'],
  queryFn: ({ signal }) => forge.editor.getIntake({ signal }),
  staleTime: 300_000,
})

/** The cart; prices that come by themselves appear in it at once. */
export function useCart() {
  const client = useQueryClient()
  useTopic('cart', () => void client.invalidateQueries({ queryKey: cartKey }))
  return useQuery({
    queryKey: cartKey,
    queryFn: ({ signal }) => forge.shop.getCart({ signal }),
    refetchInterval: ({ state }) =>
      state.data?.lines.some((line) => line.priceState === 'asked') ? AWAITING_MS : false,
  })
}

/** A picture, mesh or other file of the workshop, as an address of this origin that works for a while. */
export const fileLinkQuery = (fileId: string, inline = false) =>
  queryOptions({
    queryKey: ['forge', 'link', fileId, inline],
    queryFn: async ({ signal }) => {
      const { url } = await forge.files.createLink({
        params: { fileId },
        body: { inline, seconds: 3600 },
        signal,
      })
      const { pathname, search } = new URL(url, location.href)
      return pathname + search
    },
    staleTime: 3_000_000,
  })
