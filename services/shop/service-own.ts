/** What lives as long as the process, and how the parts of the service speak of a call. */
import type { Received, Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import type { PaymentProvider } from './payments.ts'
import { createInvoiceProvider } from './service-invoice.ts'
import { createStripe } from './service-stripe.ts'
import type { ShopConfig } from './settings.ts'

export interface Own {
  /** Ways to pay that are set up, by method. */
  readonly providers: ReadonlyMap<string, PaymentProvider>
  /** Signs links to invoices. */
  readonly linkKey: Buffer
}

export function createOwn(tools: Tools<ShopConfig>): Own {
  const providers = [createInvoiceProvider(), createStripe(tools)].filter((one) => one !== undefined)
  return {
    providers: new Map(providers.map((provider) => [provider.method, provider])),
    linkKey: tools.deriveKey('invoices'),
  }
}

export type Inside = Tools & { readonly tx: Tx }
export type Handling<Data> = Inside & { readonly event: Received<Data> }
