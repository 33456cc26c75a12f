/** What was read a moment ago: bounded, read again after a while, forgotten when somebody says that it changed. */

export interface Remembered<V> {
  /** The value, read with `load` when it is not remembered. What is not there is not remembered. */
  readonly get: (key: string, load: () => Promise<V | undefined>) => Promise<V | undefined>
  readonly forget: (matches: (value: V) => boolean) => void
  readonly size: () => number
}

export function createRemembered<V>(
  capacity: number,
  freshMs: number,
  clock: () => number = () => performance.now(),
): Remembered<V> {
  const entries = new Map<string, { value: V; at: number }>()
  const loading = new Map<string, Promise<V | undefined>>()
  let generation = 0

  const read = async (key: string, load: () => Promise<V | undefined>): Promise<V | undefined> => {
    const before = generation
    const at = clock()
    const value = await load()
    // What was forgotten while it was being read may be the older state: it serves this once.
    if (value !== undefined && before === generation) {
      entries.delete(key)
      entries.set(key, { value, at })
      if (entries.size > capacity) entries.delete(entries.keys().next().value!)
    }
    return value
  }

  return {
    get: (key, load) => {
      const entry = entries.get(key)
      if (entry && clock() - entry.at < freshMs) return Promise.resolve(entry.value)
      const work = loading.get(key) ?? read(key, load).finally(() => loading.delete(key))
      loading.set(key, work)
      return work
    },
    forget: (matches) => {
      generation++
      loading.clear()
      for (const [key, { value }] of entries) if (matches(value)) entries.delete(key)
    },
    size: () => entries.size,
  }
}
