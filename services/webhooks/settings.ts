import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  WEBHOOK_LOG_DAYS: Type.Integer({
    default: 14,
    minimum: 2,
    maximum: 365,
    description: 'Days that the log of webhook deliveries is kept',
  }),
})
export type WebhooksConfig = Static<typeof settings>
