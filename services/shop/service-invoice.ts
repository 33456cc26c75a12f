/** Invoices: the built-in way to pay, the PDF, and links to it. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Mount, Tools } from '@pleiad/platform/service'
import { hasInvoice, type Language, rowsOf, taxOf, wordsIn, writeDate, writeMoney } from './invoices.ts'
import type { PaymentProvider } from './payments.ts'
import type { Own } from './service-own.ts'
import type { ShopConfig } from './settings.ts'
import { configOf } from './settings.ts'
import { findOrder, listLines, type StoredLine, type StoredOrder } from './store-orders.ts'

const DAY_MS = 86_400_000
const LINK_SECONDS = 900
const MARGIN = 50
const REGULAR = fileURLToPath(
  import.meta.resolve('@expo-google-fonts/pt-sans/400Regular/PTSans_400Regular.ttf'),
)
const BOLD = fileURLToPath(import.meta.resolve('@expo-google-fonts/pt-sans/700Bold/PTSans_700Bold.ttf'))

/** Nothing to go to: the customer pays by bank, the staff notes it, also when it went back. */
export function createInvoiceProvider(): PaymentProvider {
  return {
    method: 'invoice',
    automatic: false,
    begin: async () => ({}),
    refund: async () => 'refunded',
  }
}

function sign(key: Buffer, payload: string): string {
  return createHmac('sha256', key).update(payload).digest('base64url')
}

/** An address that answers with the invoice until it expires. */
export function linkToInvoice(tools: Tools, own: Own, orderId: string, language: Language) {
  const expires = Math.floor(tools.now().getTime() / 1000) + LINK_SECONDS
  const payload = `${orderId}.${language}.${expires}`
  return {
    url: `${tools.publicUrl}/shop/invoices/${payload}.${sign(own.linkKey, payload)}`,
    expiresAt: new Date(expires * 1000).toISOString(),
  }
}

function readLink(key: Buffer, path: string, now: Date) {
  const match = /^\/shop\/invoices\/(([0-9a-f-]{36})\.(en|ru)\.(\d{1,12}))\.([\w-]{43})$/.exec(path)
  if (!match) return undefined
  const [, payload = '', orderId = '', language, expires, signature = ''] = match
  const right = timingSafeEqual(Buffer.from(signature), Buffer.from(sign(key, payload)))
  if (!right || Number(expires) * 1000 < now.getTime()) return undefined
  return { orderId, language: language as Language }
}

/** `GET /shop/invoices/<link>`: the PDF. */
export function createInvoiceMount(tools: Tools, own: Own): Mount {
  return async (request, response) => {
    const end = (status: number, text: string) =>
      response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text)
    if (request.method !== 'GET') {
      end(405, 'An invoice can only be read.')
      return
    }
    const link = readLink(own.linkKey, request.url?.split('?', 1)[0] ?? '', tools.now())
    const order = link && (await findOrder(tools.sql, link.orderId))
    if (!link || !order || !hasInvoice(order)) {
      end(404, 'This link has expired. Ask for a new one on the page of the order.')
      return
    }
    const lines = await listLines(tools.sql, order.orderId)
    const pdf = await drawInvoice(order, lines, link.language, configOf(tools))
    response
      .writeHead(200, {
        'content-type': 'application/pdf',
        'content-length': pdf.length,
        'content-disposition': `inline; filename="${order.number}.pdf"`,
        'cache-control': 'private, no-store',
      })
      .end(pdf)
  }
}

/** The invoice of an order that was placed, A4; a long one takes several pages. */
export async function drawInvoice(
  order: StoredOrder,
  lines: readonly StoredLine[],
  language: Language,
  config: ShopConfig,
): Promise<Buffer> {
  const words = wordsIn(language)
  // Loaded with the first invoice: it is large.
  const { default: PDFDocument } = await import('pdfkit')
  const doc = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    lang: language,
    info: { Title: `${words.invoice} ${order.number}`, Author: config.SHOP_SELLER_NAME },
  })
  const chunks: Buffer[] = []
  doc.on('data', (chunk: Buffer) => chunks.push(chunk))
  const ended = new Promise<void>((resolve, reject) => doc.on('end', resolve).on('error', reject))
  const money = (minor: number) => writeMoney(minor, order.currency, language)
  const width = doc.page.width - 2 * MARGIN
  const placedAt = order.placedAt ?? order.createdAt
  const regular = (size = 10) => doc.font(REGULAR).fontSize(size)
  const bold = (size = 10) => doc.font(BOLD).fontSize(size)

  bold(20).text(`${words.invoice} ${order.number}`)
  regular().text(`${words.date}: ${writeDate(placedAt, language)}`)
  if (order.paymentState === 'open' || order.paymentState === 'pending') {
    const until = new Date(placedAt.getTime() + config.SHOP_INVOICE_DAYS * DAY_MS)
    doc.text(`${words.dueUntil}: ${writeDate(until, language)}`)
  }
  doc.moveDown()
  const top = doc.y
  const { address } = order.delivery ?? {}
  const block = (x: number, title: string, rows: readonly (string | undefined)[]) => {
    bold().text(title, x, top, { width: width / 2 - 10 })
    regular().text(rows.filter((row) => row).join('\n'), { width: width / 2 - 10 })
    return doc.y
  }
  const left = block(MARGIN, words.seller, [config.SHOP_SELLER_NAME, config.SHOP_SELLER_ADDRESS])
  const right = block(MARGIN + width / 2, words.customer, [
    order.customer.company,
    order.customer.name,
    address && `${address.street}, ${address.postalCode} ${address.city}, ${address.country}`,
    order.customer.email,
  ])
  doc.y = Math.max(left, right) + 20

  const columns = [0, width * 0.55, width * 0.68, width * 0.84] as const
  const row = (cells: readonly [string, string, string, string]) => {
    const height = Math.max(doc.heightOfString(cells[0], { width: columns[1] - 10 }), 14)
    if (doc.y + height > doc.page.height - MARGIN - 30) doc.addPage()
    const y = doc.y
    for (const [index, cell] of cells.entries()) {
      const x = columns[index]!
      const room = (columns[index + 1] ?? width) - x - (index === 0 ? 10 : 0)
      doc.text(cell, MARGIN + x, y, { width: room, align: index === 0 ? 'left' : 'right' })
    }
    doc.x = MARGIN
    doc.y = y + height + 4
  }
  const rule = () => {
    doc
      .moveTo(MARGIN, doc.y)
      .lineTo(MARGIN + width, doc.y)
      .lineWidth(0.5)
      .stroke()
    doc.y += 6
  }
  bold()
  row([words.item, words.quantity, words.price, words.sum])
  rule()
  regular()
  for (const { name, quantity, price, sum } of rowsOf(order, lines, language))
    row([name, String(quantity), money(price), money(sum)])
  rule()
  bold(12)
  const total = order.total ?? 0
  row([words.total, '', '', money(total)])
  regular()
  if (config.SHOP_TAX_PERCENT > 0)
    row([words.tax(config.SHOP_TAX_PERCENT), '', '', money(taxOf(total, config.SHOP_TAX_PERCENT))])
  doc.moveDown()
  if (order.paymentState === 'paid') doc.text(words.paid)
  else if (order.paymentState === 'refunded') doc.text(words.refunded)
  else if (order.paymentState === 'cancelled') doc.text(words.cancelled)
  else {
    if (config.SHOP_SELLER_BANK !== '') doc.text(`${words.payTo}: ${config.SHOP_SELLER_BANK}`)
    doc.text(`${words.purpose}: ${order.number}`)
  }
  const { count } = doc.bufferedPageRange()
  for (let page = 0; page < count; page++) {
    doc.switchToPage(page)
    // Below the margin: without this the text would begin another page.
    doc.page.margins.bottom = 0
    regular(8).text(words.page(page + 1, count), MARGIN, doc.page.height - 35, { width, align: 'center' })
  }
  doc.end()
  await ended
  return Buffer.concat(chunks)
}
