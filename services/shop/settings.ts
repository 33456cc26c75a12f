/** Settings of the shop, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

const text = (value: string, description: string) =>
  Type.String({ default: value, maxLength: 1000, description })
const days = (value: number, description: string) =>
  Type.Integer({ default: value, minimum: 1, maximum: 365, description })

export const settings = Type.Object({
  SHOP_CURRENCY: Type.String({
    default: 'EUR',
    pattern: '^[A-Z]{3}$',
    description: 'Currency of the shop before the first price book, ISO 4217',
  }),
  SHOP_QUOTE_DAYS: days(14, 'Days a quote’s prices are frozen at most'),
  SHOP_DRAFT_DAYS: days(
    14,
    'Days after which an order without prices, or a cart nobody touches, is abandoned',
  ),
  SHOP_LEAD_DAYS: days(7, 'Days from the order until it is promised'),
  SHOP_POST_PRICE: Type.Integer({
    default: 490,
    minimum: 0,
    description: 'Price of delivery by post, minor units',
  }),
  SHOP_COURIER_PRICE: Type.Integer({
    default: 990,
    minimum: 0,
    description: 'Price of delivery by courier, minor units',
  }),
  SHOP_SELLER_NAME: text('Workshop', 'Name of the seller, on invoices'),
  SHOP_SELLER_ADDRESS: text('', 'Address of the seller, on invoices'),
  SHOP_SELLER_BANK: text('', 'Where to pay invoices: bank and account'),
  SHOP_TAX_PERCENT: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 40,
    description: 'Tax that prices include, for invoices; 0: none is named',
  }),
  SHOP_INVOICE_DAYS: days(14, 'Days to pay an invoice'),
  SHOP_REHEARSAL_SECONDS: Type.Integer({
    default: 5,
    minimum: 0,
    maximum: 3600,
    description: 'Seconds between the steps of a partner’s rehearsal',
  }),
  STRIPE_SECRET_KEY: Type.Optional(
    Type.String({ description: 'Secret key of Stripe; without it nobody pays by card' }),
  ),
  STRIPE_WEBHOOK_SECRET: Type.Optional(
    Type.String({ description: 'Signing secret of Stripe’s webhook to /shop/stripe/webhook' }),
  ),
  STRIPE_API_URL: Type.String({
    default: 'https://api.stripe.com',
    pattern: '^https?://',
    description: 'Address of Stripe’s API',
  }),
})
export type ShopConfig = Static<typeof settings>

/** Routes and handlers get their tools without the type of the settings. */
export const configOf = (tools: { readonly config: unknown }) => tools.config as ShopConfig
