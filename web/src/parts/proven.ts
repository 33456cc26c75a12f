/** Runs what needs a fresh proof of who is at the keyboard; `ProofDialog` (proof.tsx) asks for it. */
import { isProblem } from './problem.ts'

let waiting: ((proved: boolean) => void) | undefined
const listeners = new Set<() => void>()

function setWaiting(next: typeof waiting): void {
  waiting = next
  for (const listener of listeners) listener()
}

/** Thrown when the person closes the dialog; the action just did not happen. */
export class NotProved extends Error {}

/** Runs `work`; if it needs a fresh proof, asks for one and runs it again. */
export async function proven<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!isProblem(error, 'reauthenticationRequired')) throw error
    const proved = await new Promise<boolean>((resolve) => setWaiting(resolve))
    if (!proved) throw new NotProved()
    return work()
  }
}

/** Answers the question that waits. */
export function settle(proved: boolean): void {
  const resolve = waiting
  setWaiting(undefined)
  resolve?.(proved)
}

/** For `useSyncExternalStore`: whether a proof is being waited for. */
export const waitingStore = {
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },
  isWaiting: (): boolean => waiting !== undefined,
}
