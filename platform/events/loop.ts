/** The one way of doing something in the background: one run at a time, woken, timed, and patient with errors. */
import { AsyncLocalStorage } from 'node:async_hooks'

export interface Loop {
  /** Runs as soon as possible; during a run, once more after it. */
  wake(): void
  /** Runs no later than `ms` from now. */
  wakeIn(ms: number): void
  /** True while a run is in progress or asked for. */
  busy(): boolean
  /** Starts no further run and waits for the one in progress. */
  stop(): Promise<void>
}

const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5_000

/**
 * `work` resolves with the milliseconds after which it wants to run again: 0 at once, Infinity when woken.
 * When it rejects, `onError` hears of it and the next run waits, longer with every failure in a row.
 */
export function createLoop(work: () => Promise<number>, onError: (error: unknown) => void): Loop {
  // Whoever wakes a loop does not lend it their trace.
  const outside = AsyncLocalStorage.snapshot()
  let stopped = false
  let running: Promise<void> | undefined
  let wanted = false
  let failures = 0
  let timer: NodeJS.Timeout | undefined
  let timerAt = Number.POSITIVE_INFINITY

  function wake(): void {
    if (stopped) return
    wanted = true
    if (!running && failures === 0) running = outside(run)
  }

  function wakeIn(ms: number): void {
    if (stopped || ms === Number.POSITIVE_INFINITY) return
    const at = Date.now() + ms
    if (timer && timerAt <= at) return
    clearTimeout(timer)
    timerAt = at
    // Longer than a timer can count: the poll finds it.
    timer = setTimeout(elapsed, Math.min(ms, 2 ** 31 - 1))
    timer.unref()
  }

  function elapsed(): void {
    timer = undefined
    timerAt = Number.POSITIVE_INFINITY
    if (stopped) return
    wanted = true
    running ??= outside(run)
  }

  async function run(): Promise<void> {
    while (wanted && !stopped) {
      wanted = false
      try {
        const next = await work()
        failures = 0
        if (next <= 0) wanted = true
        else wakeIn(next)
      } catch (error) {
        failures++
        onError(error)
        const bound = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures, 10))
        wanted = false
        wakeIn(bound * (0.5 + Math.random() / 2))
        break
      }
    }
    running = undefined
  }

  return {
    wake,
    wakeIn,
    busy: () => running !== undefined || wanted,
    async stop() {
      stopped = true
      clearTimeout(timer)
      await running
    },
  }
}

/** At most `size` pieces of work at once; the rest wait their turn, first come first served. */
export function createSlots(size: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = size
  const waiting: (() => void)[] = []
  return async (work) => {
    if (free > 0) free--
    else await new Promise<void>((resolve) => waiting.push(resolve))
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}
