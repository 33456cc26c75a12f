import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  PARTNERS_REQUESTS_PER_MINUTE: Type.Integer({
    minimum: 1,
    default: 120,
    description: 'Calls that a project without a rate plan of its own may make in a minute',
  }),
  PARTNERS_QUOTES_PER_DAY: Type.Integer({
    minimum: 1,
    default: 200,
    description: 'Quotes that a project without a rate plan of its own may ask for in a day',
  }),
  PARTNERS_ORDERS_PER_DAY: Type.Integer({
    minimum: 1,
    default: 50,
    description: 'Orders that a project without a rate plan of its own may place in a day',
  }),
})
export type PartnersConfig = Static<typeof settings>
