/** Carts, prices and orders as they are kept: what the stores read and write. */
import type { Delivery, Estimate, OrderCustomer, Payment, PrintOptions } from './contract-schemas.ts'
import type { OrderState, Outcome } from './contract-states.ts'

export interface StoredOrder {
  readonly orderId: string
  readonly number: string
  readonly state: OrderState
  readonly channel: 'shop' | 'partner'
  readonly projectId?: string
  readonly environment?: string
  readonly test: boolean
  readonly customerId: string
  readonly customer: OrderCustomer
  readonly cartId?: string
  readonly quotedCart?: string
  readonly quotedCartVersion?: number
  readonly partnerKey?: string
  readonly ordered: boolean
  readonly needsAcceptance: boolean
  readonly stockHeld: boolean
  readonly currency: string
  readonly linesTotal?: number
  readonly total?: number
  readonly delivery?: Delivery
  readonly paymentMethod: Payment['method']
  readonly paymentState: Payment['state']
  readonly note?: string
  readonly reason?: string
  readonly tracking?: { readonly carrier: string; readonly number: string }
  readonly dueAt?: Date
  readonly validUntil?: Date
  readonly placedAt?: Date
  readonly stamp?: string
  readonly outcome?: Outcome
  readonly endedAt?: Date
  readonly erase: boolean
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
  /** Only in lists. */
  readonly lineCount?: number
}

export interface StoredLine {
  readonly lineId: string
  readonly orderId: string
  readonly kind: 'made' | 'ready'
  readonly name: string
  readonly modelId?: string
  readonly version?: number
  readonly fileId?: string
  readonly options?: PrintOptions
  readonly itemId?: string
  readonly sku?: string
  readonly quantity: number
  readonly estimate?: Estimate
  readonly requestId?: string
  readonly priceState: 'asked' | 'calculated' | 'delayed' | 'refused'
  readonly problem?: { readonly code: string; readonly detail: string }
  readonly breakdown?: readonly { code: string; amount: number }[]
  readonly currency?: string
  readonly validUntil?: Date
  readonly unitPrice?: number
  readonly total?: number
  readonly machineSeconds?: number
  readonly materialG?: number
}

export interface StoredEntry {
  readonly entryId: string
  readonly orderId: string
  readonly at: Date
  readonly code: string
  readonly state?: OrderState
  readonly previous?: OrderState
  readonly byKind: 'customer' | 'staff' | 'partner' | 'system'
  readonly byId?: string
  readonly reason?: string
  readonly data?: Record<string, string | number | boolean>
}

export interface StoredCart {
  readonly cartId: string
  readonly ownerId: string
  readonly state: 'open' | 'ordered' | 'abandoned'
  readonly orderId?: string
  readonly version: number
  readonly updatedAt: Date
}

export interface StoredCartLine {
  readonly lineId: string
  readonly cartId: string
  readonly kind: 'made' | 'ready'
  readonly modelId?: string
  readonly version?: number
  readonly follows: boolean
  readonly options?: PrintOptions
  readonly itemId?: string
  readonly quantity: number
  readonly estimate?: Estimate
  readonly requestId?: string
  /** Of the model, where there is one. */
  readonly name?: string
  readonly fileId?: string
}

export interface StoredPrice {
  readonly requestId: string
  readonly ownerId: string
  readonly modelId: string
  readonly version: number
  readonly optionsKey: string
  readonly options: PrintOptions
  readonly state: 'asked' | 'calculated' | 'delayed' | 'refused'
  readonly currency?: string
  readonly unitPrice?: number
  readonly total?: number
  readonly breakdown?: readonly { code: string; amount: number }[]
  /** Of one piece. */
  readonly work?: { readonly materialG: number; readonly supportG: number; readonly machineSeconds: number }
  readonly bookVersion?: number
  readonly validUntil?: Date
  readonly byHand: boolean
  readonly problem?: { readonly code: string; readonly detail: string }
  readonly askedAt: Date
  readonly answeredAt?: Date
}
