/**
 * Sends deliveries outside of any transaction: an endpoint that hangs holds a lease on its own rows, and nothing else.
 * What was sent but not recorded when the process dies is sent again when the lease ends (`delivery.due`), with the
 * same `webhook-id`, so that the receiver can tell.
 */
import { OutboundError } from '@pleiad/platform/outbound'
import { emit, type Tools } from '@pleiad/platform/service'
import { webhooks } from './contract.ts'
import { explainStatus, nextAttempt, outcomeOf, type StoredDelivery } from './deliveries.ts'
import { belongsTo, hostOf, type StoredEndpoint } from './endpoints.ts'
import { sign } from './signature.ts'
import { findEndpoint, noteOutcome, switchOff } from './store.ts'
import { recordAttempt, renewLease, type StoredAttempt } from './store-deliveries.ts'

/** How long an endpoint may take to answer. */
const TIMEOUT_MS = 15_000
/** How long one attempt may take with everything around it, before another sender may take over. */
export const LEASE_MS = 60_000
const ANSWER_KEPT = 4096
const ANSWER_READ = 64 * 1024
const AT_ONCE = 32
/** One slow endpoint must not hold up the others. */
const AT_ONCE_PER_ENDPOINT = 4
const QUEUE_PER_ENDPOINT = 8

interface Waiting {
  readonly deliveryId: string
  readonly endpointId: string
  readonly lease: string
}

export interface Courier {
  /** False while so many wait for this endpoint that more would outlive their lease. */
  readonly hasRoom: (endpointId: string) => boolean
  /** Sends the delivery soon, if its lease still holds then. */
  readonly hand: (waiting: Waiting) => void
  /** Lets what is being sent finish; what waits is taken up again when its lease ends. */
  readonly close: () => Promise<void>
}

export function startCourier(tools: Tools): Courier {
  const { log } = tools
  const waiting: Waiting[] = []
  const running = new Set<Promise<void>>()
  /** Handed over and not finished, by endpoint. */
  const held = new Map<string, number>()
  const active = new Map<string, number>()
  let closed = false

  async function attempt(
    delivery: StoredDelivery & { body: string },
    endpoint: StoredEndpoint,
  ): Promise<StoredAttempt> {
    const at = tools.now()
    const begun = performance.now()
    const taken = () => ({ at, durationMs: Math.round(performance.now() - begun) })
    const secrets = await Promise.all(
      [
        endpoint.secret,
        endpoint.previousUntil && endpoint.previousUntil > at ? endpoint.previousSecret : null,
      ]
        .filter((sealed) => sealed !== null)
        .map(async (sealed) => (await tools.vault.open(sealed, belongsTo(endpoint.endpointId))).toString()),
    )
    const timestamp = Math.floor(at.getTime() / 1000)
    try {
      const answer = await tools.fetchOutside(endpoint.url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'user-agent': 'Pleiad-Webhooks/1',
          'webhook-id': delivery.messageId,
          'webhook-timestamp': String(timestamp),
          'webhook-signature': sign(secrets, delivery.messageId, timestamp, delivery.body),
        },
        body: delivery.body,
        timeoutMs: TIMEOUT_MS,
        maxBytes: ANSWER_READ,
        redirects: 0,
      })
      const delivered = outcomeOf(answer.status) === 'delivered'
      return {
        ...taken(),
        status: answer.status,
        // PostgreSQL takes no NUL.
        answer: answer.text.slice(0, ANSWER_KEPT).replaceAll('\0', '�').toWellFormed(),
        error: delivered ? null : explainStatus(answer.status),
      }
    } catch (error) {
      if (!(error instanceof OutboundError)) throw error
      return { ...taken(), status: null, answer: null, error: error.message.slice(0, 500) }
    }
  }

  async function deliver({ deliveryId, lease }: Waiting): Promise<void> {
    const until = new Date(tools.now().getTime() + LEASE_MS)
    const delivery = await renewLease(tools.sql, deliveryId, lease, until)
    if (!delivery) return
    const endpoint = await findEndpoint(tools.sql, delivery.endpointId)
    if (!endpoint) return
    const made = await attempt(delivery, endpoint)
    const outcome = outcomeOf(made.status ?? undefined)
    const again =
      outcome === 'failed'
        ? nextAttempt(delivery.begunAt, delivery.runAttempts + 1, tools.now(), Math.random())
        : undefined
    const { projectId, environment, endpointId, type } = delivery
    const host = hostOf(endpoint.url)
    const result = outcome === 'delivered' ? 'delivered' : again ? 'postponed' : 'failed'
    const recorded = await tools.transact(async (tx) => {
      const next = again
        ? ({ state: 'waiting', at: again } as const)
        : ({ state: outcome === 'delivered' ? 'delivered' : 'failed' } as const)
      if (!(await recordAttempt(tx, deliveryId, lease, made, next))) return false
      await noteOutcome(tx, endpointId, outcome === 'delivered', tools.now())
      if (again) emit(tx, webhooks, 'delivery.due', { deliveryId }, { at: again, lane: 'low' })
      if (result === 'failed')
        emit(tx, webhooks, 'webhook.delivery.failed', {
          projectId,
          environment,
          endpointId,
          deliveryId,
          host,
          type,
        })
      if (outcome === 'gone') {
        await switchOff(tx, endpointId)
        emit(tx, webhooks, 'webhook.endpoint.changed', {
          projectId,
          environment,
          endpointId,
          host,
          change: 'gone',
        })
      }
      return true
    })
    if (!recorded) return
    tools.count('deliveries', { result })
    if (result !== 'delivered')
      log.info(
        { deliveryId, endpointId, host, status: made.status, reason: made.error, again },
        'webhook not delivered',
      )
  }

  function next(): void {
    for (let index = 0; !closed && running.size < AT_ONCE && index < waiting.length; ) {
      const candidate = waiting[index]!
      const busy = active.get(candidate.endpointId) ?? 0
      if (busy >= AT_ONCE_PER_ENDPOINT) {
        index++
        continue
      }
      waiting.splice(index, 1)
      add(active, candidate.endpointId, 1)
      const work: Promise<void> = deliver(candidate)
        // The lease ends and the delivery is taken up again: only the log has to know.
        .catch((error) =>
          log.error(
            { err: error, deliveryId: candidate.deliveryId },
            'the outcome of a delivery could not be recorded',
          ),
        )
        .finally(() => {
          running.delete(work)
          add(active, candidate.endpointId, -1)
          add(held, candidate.endpointId, -1)
          next()
        })
      running.add(work)
    }
  }

  return {
    hasRoom: (endpointId) => (held.get(endpointId) ?? 0) < QUEUE_PER_ENDPOINT,
    hand: (handed) => {
      add(held, handed.endpointId, 1)
      waiting.push(handed)
      next()
    },
    close: async () => {
      closed = true
      await Promise.all(running)
    },
  }
}

function add(counts: Map<string, number>, key: string, by: number): void {
  const sum = (counts.get(key) ?? 0) + by
  if (sum === 0) counts.delete(key)
  else counts.set(key, sum)
}
