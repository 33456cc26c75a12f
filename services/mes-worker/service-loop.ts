/**
 * Claims jobs of mes, works on them and answers. Everything it knows may be lost at any moment: a job whose lease ends
 * goes to another worker, and an answer after that is ignored by mes.
 */
import { randomUUID } from 'node:crypto'
import { availableParallelism, hostname } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { Code, ConnectError } from '@connectrpc/connect'
import { type Job, PriceWork } from '@pleiad/mes/rpc'
import type { Tools } from '@pleiad/platform/service'
import { Failed } from './service-meshes.ts'
import { ThreadError } from './service-pool.ts'
import { createPricer } from './service-pricer.ts'
import type { WorkerConfig } from './settings.ts'
import type { Failure } from './tasks.ts'

/** Below the time that an internal call may take. */
const CLAIM_WAIT_MS = 10_000
const FIRST_PAUSE_MS = 250
const LONGEST_PAUSE_MS = 10_000
const ANSWER_TRIES = 4

export interface WorkerLoop {
  readonly workerId: string
  /** Stops claiming, gives back what it works on, ends the threads. */
  readonly close: () => Promise<void>
}

interface Running {
  readonly lease: string
  readonly controller: AbortController
  readonly done: Promise<void>
}

/** What became of a job that mes has to hear of. */
type Outcome = { readonly kind: 'failed'; readonly failure: Failure } | { readonly kind: 'giveBack' }

class Lost extends Error {}

export function startLoop(tools: Tools<WorkerConfig>): WorkerLoop {
  const { config, log, count } = tools
  const slots = config.MES_WORKER_THREADS || Math.max(1, availableParallelism() - 1)
  const workerId = `${hostname().replaceAll(/[^\x21-\x7e]/g, '-')}:${process.pid}:${randomUUID().slice(0, 8)}`
  const pricer = createPricer(tools)
  const running = new Map<string, Running>()
  /** Jobs that hold a thread. The others in `running` wait for mes to take their answer. */
  let busy = 0
  const stopping = new AbortController()
  const work = () => tools.rpc(PriceWork)
  let leaseMs = 30_000
  let freed = Promise.withResolvers<void>()

  /** Calls mes again a few times: the lease may still hold when it is back. */
  async function answer<T>(call: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call()
      } catch (error) {
        if (attempt === ANSWER_TRIES || stopping.signal.aborted) throw error
        await sleep(FIRST_PAUSE_MS * 2 ** attempt)
      }
    }
  }

  async function workOn(job: Job, signal: AbortSignal): Promise<string> {
    const lease = { requestId: job.requestId, lease: job.lease }
    try {
      busy++
      // The next job is claimed while this one's answer is on its way: nobody waits for that.
      const priced = await pricer.price(job, signal).finally(() => {
        busy--
        freed.resolve()
      })
      const { accepted } = await answer(() =>
        work().finish({ lease, ...priced, bookVersion: job.bookVersion }),
      )
      return accepted ? 'finished' : 'late'
    } catch (error) {
      if (signal.aborted && signal.reason instanceof Lost) return 'late'
      const outcome = outcomeOf(error, signal.aborted)
      if (outcome.kind === 'giveBack') {
        if (!signal.aborted) log.warn({ err: error, requestId: job.requestId }, 'a price job is given back')
        await work().release({ leases: [lease] })
        // Whatever does not answer is left alone for a moment.
        if (!signal.aborted)
          await sleep(FIRST_PAUSE_MS * 4, undefined, { signal: stopping.signal }).catch(() => {})
        return 'released'
      }
      const { failure } = outcome
      if (error instanceof ThreadError) count('threads_ended', { trouble: error.trouble })
      log.info({ requestId: job.requestId, code: failure.code, final: failure.final }, failure.detail)
      const { accepted } = await answer(() =>
        work().fail({
          lease,
          code: failure.code,
          detail: failure.detail,
          factsJson: failure.facts ? JSON.stringify(failure.facts) : '',
          final: failure.final,
        }),
      )
      return accepted ? 'failed' : 'late'
    }
  }

  function begin(job: Job): void {
    const controller = new AbortController()
    const begun = performance.now()
    const done = workOn(job, controller.signal)
      // Mes does not answer: the lease ends, and another worker takes the job.
      .catch((error) => {
        log.warn({ err: error, requestId: job.requestId }, 'the answer to a price job did not reach mes')
        return 'late'
      })
      .then((result) => {
        count('jobs', { result })
        count('job_seconds', { result }, (performance.now() - begun) / 1000)
        if (running.get(job.requestId)?.lease === job.lease) running.delete(job.requestId)
        freed.resolve()
      })
    running.set(job.requestId, { lease: job.lease, controller, done })
  }

  /** Answers that mes does not take are not piled up. */
  const room = () => Math.min(slots - busy, 2 * slots - running.size)

  async function claimForever(): Promise<void> {
    let pause = FIRST_PAUSE_MS
    let quiet = true
    while (!stopping.signal.aborted) {
      if (room() <= 0) {
        freed = Promise.withResolvers()
        await freed.promise
        continue
      }
      const wanted = Math.min(room(), 64)
      try {
        const claimed = await work().claim(
          { workerId, slots, wanted, waitMs: CLAIM_WAIT_MS },
          { signal: stopping.signal },
        )
        leaseMs = claimed.leaseMs
        for (const job of claimed.jobs) begin(job)
        if (!quiet) log.info('mes answers again')
        pause = FIRST_PAUSE_MS
        quiet = true
      } catch (error) {
        if (stopping.signal.aborted) return
        // While everything starts mes may be the last; after that somebody should know.
        if (quiet && pause > FIRST_PAUSE_MS * 4) {
          log.warn({ err: error }, 'mes does not answer; workers wait for it')
          quiet = false
        }
        await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {})
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS)
      }
    }
  }

  async function beatForever(): Promise<void> {
    while (!stopping.signal.aborted) {
      await sleep(leaseMs / 3, undefined, { signal: stopping.signal, ref: false }).catch(() => {})
      if (running.size === 0 || stopping.signal.aborted) continue
      const leases = [...running].map(([requestId, { lease }]) => ({ requestId, lease }))
      try {
        const { lost } = await work().heartbeat({ workerId, slots, leases })
        for (const requestId of lost) {
          const held = running.get(requestId)
          if (held && leases.some((each) => each.requestId === requestId && each.lease === held.lease))
            held.controller.abort(new Lost('the job is not this worker’s any more'))
        }
      } catch (error) {
        log.warn({ err: error }, 'a sign of life did not reach mes')
      }
    }
  }

  const loops = Promise.all([claimForever(), beatForever()])
  return {
    workerId,
    close: async () => {
      stopping.abort()
      freed.resolve()
      for (const { controller } of running.values()) controller.abort(new Error('the worker stops'))
      await Promise.all([loops, ...[...running.values()].map(({ done }) => done)])
      await pricer.close()
    },
  }
}

/** A neighbour that does not answer is no fault of the job's. */
const away: readonly Code[] = [
  Code.Unavailable,
  Code.DeadlineExceeded,
  Code.Canceled,
  Code.Aborted,
  Code.ResourceExhausted,
]

function outcomeOf(error: unknown, aborted: boolean): Outcome {
  if (aborted || (error instanceof ConnectError && away.includes(error.code))) return { kind: 'giveBack' }
  if (error instanceof Failed) return { kind: 'failed', failure: error.failure }
  if (error instanceof ThreadError && error.trouble !== 'died') {
    const detail = `Working it out took more ${error.trouble} than it may.`
    return { kind: 'failed', failure: { code: 'tooComplex', detail, final: false } }
  }
  const message = error instanceof Error ? error.message : String(error)
  return { kind: 'failed', failure: { code: 'workerFailed', detail: message.slice(0, 500), final: false } }
}
