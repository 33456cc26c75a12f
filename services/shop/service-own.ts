/** What lives as long as the process, and how the parts of the service speak of a call. */
import { emit, type Received, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { shop } from './contract.ts'
import type { PaymentProvider } from './payments.ts'
import { createInvoiceProvider } from './service-invoice.ts'
import { createStripe } from './service-stripe.ts'
import type { ShopConfig } from './settings.ts'
import { findCatalogue } from './store-catalogue.ts'

export interface Own {
  /** Ways to pay that are set up, by method. */
  readonly providers: ReadonlyMap<string, PaymentProvider>
  /** Signs links to invoices. */
  readonly linkKey: Buffer
}

export async function createOwn(tools: Tools<ShopConfig>): Promise<Own> {
  await askForCatalogue(tools)
  const providers = [createInvoiceProvider(), createStripe(tools)].filter((one) => one !== undefined)
  return {
    providers: new Map(providers.map((provider) => [provider.method, provider])),
    linkKey: tools.deriveKey('invoices'),
  }
}

export type Inside = Tools & { readonly tx: Tx }
export type Handling<Data> = Inside & { readonly event: Received<Data> }

/**
 * The first book is announced when mes starts for the first time. Where that is another process it may be before the
 * shop listens, and nobody would ever say it again: so the shop asks. What it asks is carried when it listens already,
 * and whichever of the two is the first, the other hears of it.
 */
async function askForCatalogue({ sql, transact, now }: Tools): Promise<void> {
  if (await findCatalogue(sql)) return
  await transact(async (tx) => emit(tx, shop, 'catalogue.wanted', { wantedAt: now().toISOString() }))
}
