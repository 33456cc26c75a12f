/** What is wrong in a price book, in the reader's words, and where it is shown. */

import type { BookProblem, PriceBook } from '@pleiad/workshop/price/book'
import { type BookProblemCode, checkBook } from '@pleiad/workshop/price/check-book'
import { MAX_QUANTITY } from '@pleiad/workshop/print/options'
import i18next from 'i18next'

export const contentTabs = ['technologies', 'materials', 'finishes', 'quantities', 'general'] as const
export type ContentTab = (typeof contentTabs)[number]

/** `materials[2].price.amount` → `materials.2.price.amount`, as the form names its fields. */
export function fieldOf(path: string): string {
  return path.replaceAll(/\[(\d+)\]/g, '.$1')
}

/** The tab on which a field stands. */
export function tabOf(field: string): ContentTab {
  const top = field.split('.')[0]!
  if (top === 'quantityBreaks') return 'quantities'
  return contentTabs.find((tab) => tab === top) ?? 'general'
}

/** The text of a refused field: names of fields as the form has them, without a book's `book.` before. */
export function troublesOf(book: PriceBook): Record<string, string> {
  const found: Record<string, string> = {}
  for (const problem of checkBook(book)) found[fieldOf(problem.path)] ??= wordsFor(problem, book)
  return found
}

/** The last piece that the breaks before number `index` cover. */
function coveredBefore(book: PriceBook, index: number): number {
  return book.quantityBreaks[index - 1]?.to ?? 0
}

/** One problem in the reader's language. English and Russian say the same, so the check's own English is not used. */
export function wordsFor({ path, code }: BookProblem, book: PriceBook): string {
  const index = Number(/^quantityBreaks\[(\d+)\]/.exec(path)?.[1] ?? book.quantityBreaks.length)
  const next = coveredBefore(book, index) + 1
  const until = (book.quantityBreaks[index]?.from ?? MAX_QUANTITY + 1) - 1
  switch (code as BookProblemCode) {
    case 'quantityGap':
      return i18next.t('prices.problem.quantityGap', { from: next, until })
    case 'quantityOverlap':
      return i18next.t('prices.problem.quantityOverlap', { next })
    case 'empty':
      return emptyWords(path)
    case 'unknown':
      return i18next.t(path.includes('finishes') ? 'prices.problem.noFinish' : 'prices.problem.noTechnology')
    case 'outOfRange':
      return rangeWords(path)
    default:
      return i18next.t(`prices.problem.${code as 'nameMissing'}`)
  }
}

function emptyWords(path: string): string {
  if (/^technologies\[/.test(path)) return i18next.t('prices.problem.emptyTechnology')
  const what = path.split('.').at(-1)!
  return i18next.t(`prices.problem.empty.${what as 'technologies'}`)
}

function rangeWords(path: string): string {
  if (path === 'currency') return i18next.t('prices.problem.currency')
  if (path.endsWith('.id')) return i18next.t('prices.problem.id')
  if (path.endsWith('.hex')) return i18next.t('prices.problem.hex')
  if (/^quantityBreaks\[\d+\]$/.test(path)) return i18next.t('prices.problem.break')
  if (path.endsWith('.percentOff')) return i18next.t('prices.problem.percentOff')
  if (path.endsWith('.infill')) return i18next.t('prices.problem.infill')
  return i18next.t('prices.problem.outOfRange')
}
