/** What may be chosen for a part, by the price book. */
import { checkOptions, defaultOptions } from '@pleiad/workshop/print/options'
import type { Book, Cart, CartLine, PrintOptions } from '../shop/data.ts'
import type { OpenedModel } from './data.ts'

/** The line of the cart that is this version of the model. */
export const lineOf = (cart: Cart | undefined, { modelId, latest }: OpenedModel): CartLine | undefined =>
  cart?.lines.find((line) => line.modelId === modelId && line.version === latest.version)

/** What was chosen before: in the cart, at the upload, or nothing; only what the book offers still. */
export function firstOptions(
  model: OpenedModel,
  cart: Cart | undefined,
  book: Book | undefined,
): PrintOptions | undefined {
  if (!book) return undefined
  const before = [lineOf(cart, model)?.options, ...model.versions.map(({ options }) => options)]
  const found = before.find((options) => options && checkOptions(options, book).length === 0)
  try {
    return found ?? { ...defaultOptions(book) }
  } catch {
    return undefined
  }
}

/** The options with another technology or material, and what does not fit it any more as usual there. */
export function fitting(options: PrintOptions, change: Partial<PrintOptions>, book: Book): PrintOptions {
  const next = { ...options, ...change }
  if (next.technology !== options.technology)
    return { ...defaultOptions(book, next.technology), quantity: next.quantity }
  const material = book.materials.find(({ id }) => id === next.material)
  if (!material) return next
  return {
    ...next,
    color: material.colors.some(({ id }) => id === next.color) ? next.color : material.colors[0]!.id,
    finish: material.finishes.includes(next.finish) ? next.finish : material.finishes[0]!,
  }
}
