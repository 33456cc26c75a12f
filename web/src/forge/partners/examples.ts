/** What webhooks carry, to be shown: the browser has contracts without their events, so the types alone come from there. */
import type { partners } from '@pleiad/partners/contract'

type Events = typeof partners.events

const place = { projectId: '01938a5e-7c00-7000-8000-0000000000b1', environment: 'production' }

export const webhookExamples: { readonly [Name in keyof Events]: Events[Name]['example'] } = {
  'partner.order.changed': {
    ...place,
    orderId: '01938a5e-7c00-7000-8000-0000000000c1',
    number: 'F-2026-000123',
    state: 'confirmed',
    previous: 'created',
    test: false,
  },
  'partner.model.changed': {
    ...place,
    modelId: '01938a5e-7c00-7000-8000-0000000000c1',
    state: 'ready',
    reasons: [],
  },
}
