/** Who comes next: pure rules of the two lanes. */

/** Of so many claims in a row at least one is regular, if one waits. */
export const STARVATION_BOUND = 5

export interface Head {
  readonly requestId: string
  readonly turn: number
}

/**
 * The jobs to claim now, in order: priority first, but after `STARVATION_BOUND - 1` of them in a row comes a regular one.
 * @param priority and @param regular heads of the lanes in the order of their turns, `wanted` of each where there are so many.
 * @param sinceRegular priority jobs that were claimed in a row before, while a regular one waited.
 */
export function chooseClaims<H extends Head>(
  priority: readonly H[],
  regular: readonly H[],
  sinceRegular: number,
  wanted: number,
): { readonly chosen: readonly H[]; readonly sinceRegular: number } {
  const chosen: H[] = []
  let since = sinceRegular
  let fromPriority = 0
  let fromRegular = 0
  while (chosen.length < wanted) {
    const urgent = priority[fromPriority]
    const patient = regular[fromRegular]
    if (patient && (!urgent || since >= STARVATION_BOUND - 1)) {
      chosen.push(patient)
      fromRegular++
      since = 0
    } else if (urgent) {
      chosen.push(urgent)
      fromPriority++
      since = patient ? since + 1 : 0
    } else break
  }
  return { chosen, sinceRegular: since }
}

export interface Crowd {
  readonly lane: 'regular' | 'priority'
  /** Jobs of the same lane that come first. */
  readonly ahead: number
  /** Jobs of the other lane that wait. */
  readonly others: number
  readonly secondsPerJob: number
  /** Jobs that all workers work on at once. */
  readonly slots: number
}

/** Seconds until a job is worked on, as things stand: whoever comes later may still come first. Needs `slots` > 0. */
export function expectedWait({ lane, ahead, others, secondsPerJob, slots }: Crowd): number {
  const between =
    lane === 'regular'
      ? Math.min(others, (STARVATION_BOUND - 1) * (ahead + 1))
      : Math.min(others, Math.floor((ahead + 1) / (STARVATION_BOUND - 1)))
  return Math.ceil(((ahead + between) / slots) * secondsPerJob)
}

/** Milliseconds before a job is tried again after its `attempt`-th failure. */
export function restMs(attempt: number, firstSeconds: number): number {
  return Math.min(firstSeconds * 1000 * 2 ** Math.min(attempt - 1, 20), 3_600_000)
}
