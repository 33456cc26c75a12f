/** Words and rows of an invoice, without the drawing. */
import type { OrderState } from './contract-states.ts'
import type { StoredLine, StoredOrder } from './records.ts'

const words = {
  en: {
    invoice: 'Invoice',
    date: 'Date',
    dueUntil: 'To be paid until',
    seller: 'Seller',
    customer: 'Customer',
    item: 'Item',
    quantity: 'Quantity',
    price: 'Price',
    sum: 'Sum',
    delivery: { pickup: 'Fetched at the workshop', post: 'Delivery by post', courier: 'Delivery by courier' },
    total: 'Total',
    tax: (percent: number) => `of which ${percent} % tax`,
    payTo: 'Please pay to',
    purpose: 'Name as purpose',
    paid: 'Paid. Thank you.',
    refunded: 'The money was sent back.',
    cancelled: 'The order was cancelled: there is nothing to pay.',
    page: (page: number, of: number) => `Page ${page} of ${of}`,
  },
  ru: {
    invoice: 'Счёт',
    date: 'Дата',
    dueUntil: 'Оплатить до',
    seller: 'Продавец',
    customer: 'Покупатель',
    item: 'Наименование',
    quantity: 'Количество',
    price: 'Цена',
    sum: 'Сумма',
    delivery: { pickup: 'Самовывоз из мастерской', post: 'Доставка почтой', courier: 'Доставка курьером' },
    total: 'Итого',
    tax: (percent: number) => `в том числе налог ${percent} %`,
    payTo: 'Реквизиты для оплаты',
    purpose: 'Назначение платежа',
    paid: 'Оплачено. Спасибо.',
    refunded: 'Деньги возвращены.',
    cancelled: 'Заказ отменён: платить не нужно.',
    page: (page: number, of: number) => `Страница ${page} из ${of}`,
  },
} as const
export type Language = keyof typeof words
export const wordsIn = (language: Language) => words[language]

/** `123450` EUR as people of the language write it: `€1,234.50`, `1 234,50 €`. */
export function writeMoney(minor: number, currency: string, language: Language): string {
  const format = new Intl.NumberFormat(language === 'ru' ? 'ru-RU' : 'en-GB', { style: 'currency', currency })
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2
  return format.format(minor / 10 ** digits)
}

export function writeDate(date: Date, language: Language): string {
  return new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', {
    dateStyle: 'long',
    timeZone: 'UTC',
  }).format(date)
}

/** What a line is, with how it is made. */
export function describeLine({ name, options, sku }: StoredLine): string {
  if (!options) return sku ? `${name} (${sku})` : name
  const { technology, material, color, layerHeightMm } = options
  return `${name} (${technology.toUpperCase()}, ${material}, ${color}, ${layerHeightMm} mm)`
}

export interface InvoiceRow {
  readonly name: string
  readonly quantity: number
  readonly price: number
  readonly sum: number
}

/** The rows of an invoice; their sums add up to its total. */
export function rowsOf(order: StoredOrder, lines: readonly StoredLine[], language: Language): InvoiceRow[] {
  const rows = lines.map((line) => ({
    name: describeLine(line),
    quantity: line.quantity,
    price: line.unitPrice ?? 0,
    sum: line.total ?? 0,
  }))
  const { delivery } = order
  if (!delivery) return rows
  const { price } = delivery
  return [...rows, { name: words[language].delivery[delivery.method], quantity: 1, price, sum: price }]
}

/** The tax that a total includes, rounded to minor units. */
export function taxOf(total: number, percent: number): number {
  return Math.round((total * percent) / (100 + percent))
}

/** There is an invoice from the moment the order was placed. */
export function hasInvoice({
  placedAt,
}: {
  readonly placedAt?: Date | undefined
  readonly state: OrderState
}) {
  return placedAt !== undefined
}
