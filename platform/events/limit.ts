/** Bounds how long a handler may take: one that never returns must stop neither its lane nor the process. */

/** The process ends: the attempt does not count. */
export class Interrupted extends Error {}

/** The handler took longer than it may: the attempt has failed. */
export class OutOfTime extends Error {}

export interface Limit {
  readonly name: string
  readonly ms: number
  /** Aborted when the process cannot wait any longer. */
  readonly ending: AbortSignal
  /** Stops the statement that runs on the transaction's connection, so that the rollback need not wait for it. */
  readonly cancel: () => Promise<unknown>
}

/** How long the rollback waits for the statement to be stopped before it is left to the statement timeout. */
const CANCEL_MS = 1_000

/**
 * Runs `work`; rejects with `OutOfTime` or `Interrupted` when it may not go on. The work itself cannot be stopped: its
 * transaction takes nothing more from it (see `transact`), and what it still resolves with is not heard.
 */
export async function within(limit: Limit, work: () => Promise<void>): Promise<void> {
  let why: Error | undefined
  let stop = (_why: Error) => {}
  const stopped = new Promise<never>((_, reject) => {
    stop = (given) => {
      if (why) return
      why = given
      const patience = new Promise((resolve) => setTimeout(resolve, CANCEL_MS).unref())
      Promise.race([limit.cancel(), patience]).then(
        () => reject(given),
        () => reject(given),
      )
    }
  })
  const onEnding = () => stop(new Interrupted(`${limit.name} was interrupted: the process ends`))
  const timer = setTimeout(
    () => stop(new OutOfTime(`${limit.name} did not end within ${limit.ms / 1_000} s`)),
    limit.ms,
  )
  limit.ending.addEventListener('abort', onEnding)
  if (limit.ending.aborted) onEnding()
  try {
    await Promise.race([work(), stopped])
  } catch (error) {
    // The statement that was stopped fails too, and may be faster.
    throw why ?? error
  } finally {
    clearTimeout(timer)
    limit.ending.removeEventListener('abort', onEnding)
  }
  if (why) throw why
}
