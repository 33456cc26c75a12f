import { randomBytes } from 'node:crypto'
import { type Caller, defineRoutes, emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { webhooks } from './contract.ts'
import { bodyOf, viewDelivery } from './deliveries.ts'
import {
  belongsTo,
  checkDraft,
  hostOf,
  MAX_ENDPOINTS,
  type StoredEndpoint,
  viewEndpoint,
} from './endpoints.ts'
import type { Courier } from './service-courier.ts'
import { hintOf, writeSecret } from './signature.ts'
import { carried, listTypes, TEST_TYPE } from './sources.ts'
import * as store from './store.ts'
import * as deliveries from './store-deliveries.ts'

type Fail = (code: 'notFound' | 'forbidden', detail?: string) => never
interface Place {
  readonly projectId: string
  readonly environment: string
}
type OnEndpoint = Tools & {
  readonly caller: Caller
  readonly params: Place & { readonly endpointId: string }
  readonly fail: Fail
}

function announce(
  tx: Tx,
  caller: Caller,
  {
    projectId,
    environment,
    endpointId,
    url,
  }: Pick<StoredEndpoint, 'projectId' | 'environment' | 'endpointId' | 'url'>,
  change: 'created' | 'updated' | 'secretRotated' | 'removed',
): void {
  const by = caller.kind === 'program' ? {} : { by: caller.id }
  emit(tx, webhooks, 'webhook.endpoint.changed', {
    projectId,
    environment,
    endpointId,
    host: hostOf(url),
    change,
    ...by,
  })
}

async function newSecret(vault: Tools['vault'], endpointId: string) {
  const secret = writeSecret(randomBytes(32))
  return { secret, hint: hintOf(secret), sealed: await vault.seal(secret, belongsTo(endpointId)) }
}

/** Changes one endpoint in a transaction that holds it. */
async function withEndpoint<T>(
  call: OnEndpoint,
  work: (tx: Tx, endpoint: StoredEndpoint) => Promise<T>,
): Promise<T> {
  return call.transact(async (tx) => {
    const endpoint = await store.lockEndpoint(tx, call.params)
    return endpoint ? work(tx, endpoint) : call.fail('notFound')
  })
}

export const routes = defineRoutes<typeof webhooks, Courier>(webhooks, () => ({
  listEventTypes: async () => ({ items: listTypes() }),

  listEndpoints: async ({ sql, params, now, fail }) => {
    const found = await store.listEndpoints(sql, params.projectId, params.environment)
    if (found.length === 0 && !(await store.findEnvironment(sql, params.projectId, params.environment)))
      fail('notFound', 'The project has no such environment.')
    return { items: found.map((endpoint) => viewEndpoint(endpoint, now())) }
  },

  createEndpoint: async ({ transact, caller, params, body, now, newId, vault, fail }) => {
    const errors = checkDraft(body, params.environment, carried)
    if (errors.length > 0) fail('endpointNotRight', undefined, { errors })
    return transact(async (tx) => {
      const place = await store.lockEnvironment(tx, params.projectId, params.environment)
      if (!place) return fail('notFound', 'The project has no such environment.')
      if (place.archived) return fail('forbidden', 'The project is archived. Restore it first.')
      const others = await store.listEndpoints(tx, params.projectId, params.environment)
      if (others.length >= MAX_ENDPOINTS)
        return fail('endpointQuotaReached', `An environment may have ${MAX_ENDPOINTS} endpoints.`)
      const endpointId = newId()
      const { secret, hint, sealed } = await newSecret(vault, endpointId)
      const endpoint: StoredEndpoint = {
        endpointId,
        ...params,
        ...body,
        disabledReason: null,
        secretHint: hint,
        secret: sealed,
        previousSecret: null,
        previousUntil: null,
        lastSuccessAt: null,
        lastFailureAt: null,
        version: 1,
        createdAt: now(),
      }
      await store.insertEndpoint(tx, endpoint)
      announce(tx, caller, endpoint, 'created')
      return { ...viewEndpoint(endpoint, now()), secret }
    })
  },

  updateEndpoint: (call) =>
    withEndpoint(call, async (tx, before) => {
      const { body, params, ifMatch, caller, now, fail } = call
      if (ifMatch !== String(before.version)) return fail('preconditionFailed')
      const errors = checkDraft(body, params.environment, carried)
      if (errors.length > 0) return fail('endpointNotRight', undefined, { errors })
      const endpoint = await store.saveEndpoint(tx, params.endpointId, body)
      announce(tx, caller, endpoint, 'updated')
      return viewEndpoint(endpoint, now())
    }),

  removeEndpoint: (call) =>
    withEndpoint(call, async (tx, endpoint) => {
      await store.removeEndpoint(tx, endpoint.endpointId)
      announce(tx, call.caller, endpoint, 'removed')
    }),

  rotateSecret: (call) =>
    withEndpoint(call, async (tx, before) => {
      const { overlapSeconds } = call.body
      const { secret, hint, sealed } = await newSecret(call.vault, before.endpointId)
      const endpoint = await store.saveSecret(tx, before.endpointId, {
        secret: sealed,
        hint,
        previous: overlapSeconds > 0 ? before.secret : null,
        previousUntil: overlapSeconds > 0 ? new Date(call.now().getTime() + overlapSeconds * 1000) : null,
      })
      announce(tx, call.caller, endpoint, 'secretRotated')
      return { ...viewEndpoint(endpoint, call.now()), secret }
    }),

  sendTest: ({ transact, params, caller, now, newId, fail }) =>
    transact(async (tx) => {
      const endpoint = await store.lockEndpoint(tx, params)
      if (!endpoint) return fail('notFound')
      const { projectId, environment, endpointId } = endpoint
      if ((await store.findEnvironment(tx, projectId, environment))?.archived)
        return fail('forbidden', 'The project is archived. Restore it first.')
      const message = { messageId: newId(), projectId, environment, type: TEST_TYPE, at: now() }
      const data = { endpointId, sentBy: caller.id }
      const whole = { ...message, body: bodyOf({ ...message, data }) }
      await deliveries.insertMessage(tx, whole)
      const deliveryId = newId()
      const delivery = await deliveries.insertDelivery(tx, deliveryId, endpointId, whole, now())
      emit(tx, webhooks, 'delivery.due', { deliveryId })
      return viewDelivery(delivery!)
    }),

  listDeliveries: async ({ sql, params, query }) => {
    const limit = query.limit ?? 25
    const found = await deliveries.listDeliveries(sql, params, { ...query, limit })
    const page = found.slice(0, limit)
    return {
      items: page.map(viewDelivery),
      ...(found.length > limit ? { next: page.at(-1)!.deliveryId } : {}),
    }
  },

  getDelivery: async ({ sql, params, fail }) => {
    const delivery = await deliveries.findDelivery(sql, params)
    if (!delivery) return fail('notFound')
    const history = await deliveries.listAttempts(sql, params.deliveryId)
    return {
      ...viewDelivery(delivery),
      payload: delivery.body,
      history: history.map(({ at, durationMs, status, answer, error }) => ({
        at: at.toISOString(),
        durationMs,
        ...(status === null ? {} : { status }),
        ...(answer === null ? {} : { answer }),
        ...(error === null ? {} : { error }),
      })),
    }
  },

  sendAgain: ({ transact, sql, params, now, fail }) =>
    transact(async (tx) => {
      if (!(await deliveries.findDelivery(sql, params))) return fail('notFound')
      const delivery = await deliveries.lockDelivery(tx, params.deliveryId)
      if (!delivery) return fail('notFound')
      if (delivery.state === 'sending' && delivery.leaseUntil && delivery.leaseUntil > now())
        return fail('deliveryUnderWay')
      const begun = await deliveries.beginAgain(tx, params.deliveryId, now())
      emit(tx, webhooks, 'delivery.due', { deliveryId: params.deliveryId })
      return viewDelivery(begun)
    }),
}))
