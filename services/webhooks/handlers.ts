import type { EventName } from '@pleiad/platform/contract'
import { emit, type Handler, on } from '@pleiad/platform/service'
import { projects } from '@pleiad/projects/contract'
import { webhooks } from './contract.ts'
import { bodyOf } from './deliveries.ts'
import { wants } from './endpoints.ts'
import { type Courier, LEASE_MS } from './service-courier.ts'
import { sources } from './sources.ts'
import * as store from './store.ts'
import { claimDelivery, giveUp, insertDelivery, insertMessage, lockDelivery } from './store-deliveries.ts'

const FULL_WAIT_MS = 5_000

/** One handler for each type that webhooks carry: a delivery for every endpoint that wants it. */
const carrying = Object.fromEntries(
  sources.flatMap(({ contract, types }) =>
    types.map((type): [string, Handler<Courier>] => [
      `carry-${type}`,
      on(contract, type as EventName<typeof contract>, async ({ tx, event, now, newId }) => {
        const data = event.data as unknown as { projectId: string; environment: string }
        const { projectId, environment } = data
        const endpoints = await store.listEndpoints(tx, projectId, environment)
        const wanting = endpoints.filter((endpoint) => wants(endpoint, type))
        if (wanting.length === 0) return
        const message = { messageId: event.id, projectId, environment, type, at: event.time }
        const whole = { ...message, body: bodyOf({ ...message, data }) }
        await insertMessage(tx, whole)
        for (const { endpointId } of wanting) {
          const deliveryId = newId()
          if (await insertDelivery(tx, deliveryId, endpointId, whole, now()))
            emit(tx, webhooks, 'delivery.due', { deliveryId })
        }
      }),
    ]),
  ),
)

export const handlers: Readonly<Record<string, Handler<Courier>>> = {
  ...carrying,

  projectCreated: on(projects, 'project.created', ({ tx, event }) =>
    store.addEnvironments(tx, event.data.projectId, event.data.environments),
  ),
  environmentAdded: on(projects, 'project.environment.added', ({ tx, event }) =>
    store.addEnvironments(tx, event.data.projectId, [event.data.environment]),
  ),
  environmentRemoved: on(projects, 'project.environment.removed', ({ tx, event }) =>
    store.erase(tx, event.data.projectId, event.data.environment),
  ),
  projectArchived: on(
    projects,
    'project.archived',
    ({ tx, event }) => store.setArchived(tx, event.data.projectId, true),
    { ordered: true },
  ),
  projectRestored: on(
    projects,
    'project.restored',
    ({ tx, event }) => store.setArchived(tx, event.data.projectId, false),
    { ordered: true },
  ),
  projectDeleted: on(projects, 'project.deleted', ({ tx, event }) => store.erase(tx, event.data.projectId)),

  /** Gives a delivery to the courier once this transaction has committed, and looks after it when its lease ends. */
  sendDelivery: on(webhooks, 'delivery.due', async ({ tx, event, now, newId }, courier: Courier) => {
    const { deliveryId } = event.data
    const delivery = await lockDelivery(tx, deliveryId)
    if (!delivery || (delivery.state !== 'waiting' && delivery.state !== 'sending')) return
    const again = (at: Date) => emit(tx, webhooks, 'delivery.due', { deliveryId }, { at })
    const { endpointId } = delivery
    if (delivery.state === 'sending' && delivery.leaseUntil && delivery.leaseUntil > now())
      return again(delivery.leaseUntil)
    // This one watched over a lease that has ended well; the event of the next attempt comes in its time.
    if (delivery.state === 'waiting' && delivery.early) return
    const endpoint = await store.findEndpoint(tx, endpointId)
    if (!endpoint) return
    if (!endpoint.enabled && delivery.attempts > 0)
      return giveUp(tx, deliveryId, 'The endpoint was switched off.')
    if (!courier.hasRoom(endpointId)) return again(new Date(now().getTime() + FULL_WAIT_MS))
    const lease = newId()
    const until = new Date(now().getTime() + LEASE_MS)
    await claimDelivery(tx, deliveryId, lease, until)
    again(until)
    tx.afterCommit(() => courier.hand({ deliveryId, endpointId, lease }))
  }),
}
