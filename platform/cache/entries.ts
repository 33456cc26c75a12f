/** What all drivers agree on about an entry. */

/** A value as it is kept. Throws for what JSON cannot say, whatever the driver. */
export function textOf(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined
  if (text === undefined) throw new TypeError('Only JSON values can be cached, and undefined is none')
  return text
}

/** Whole milliseconds to keep an entry; 0 means not at all. Throws when `seconds` is no number. */
export function lifetimeMs(seconds: number): number {
  if (!Number.isFinite(seconds))
    throw new RangeError(`A cached value has a finite lifetime, not ${seconds} seconds`)
  return Math.max(0, Math.ceil(seconds * 1000))
}

/** The value that was kept; what somebody else wrote there and is no JSON counts as absent. */
export function readText<T>(text: string | null | undefined): T | undefined {
  if (text === null || text === undefined) return undefined
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
