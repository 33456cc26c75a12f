/** Into how many pieces a region falls, each of which the printer has to travel to. */
import type { Grid, Region } from './region.ts'

/**
 * How many simple pieces the region falls into: its connected parts and, once more, their holes, round which lines of infill
 * cannot go on. Parts below 1 mm² do not count. (Runs and their overlaps form a graph; its cycles are the holes.)
 */
export function partsOf(region: Region, grid: Grid): number {
  const { starts, at } = region
  const runs = at.length / 2
  const parent = new Int32Array(runs)
  const area = new Float64Array(runs)
  const cycles = new Int32Array(runs)
  for (let i = 0; i < runs; i++) {
    parent[i] = i
    area[i] = (at[i * 2 + 1]! - at[i * 2]!) * grid.pitch
  }
  const root = (i: number) => {
    let at = i
    while (parent[at] !== at) {
      parent[at] = parent[parent[at]!]!
      at = parent[at]!
    }
    return at
  }
  for (let line = 1; line + 1 < starts.length; line++) {
    let j = starts[line - 1]!
    const end = starts[line]!
    for (let i = starts[line]!; i < starts[line + 1]!; i += 2) {
      while (j < end && at[j + 1]! <= at[i]!) j += 2
      for (let k = j; k < end && at[k]! < at[i + 1]!; k += 2) {
        const a = root(i / 2)
        const b = root(k / 2)
        if (a === b) cycles[a]!++
        else {
          parent[b] = a
          area[a] = area[a]! + area[b]!
          cycles[a] = cycles[a]! + cycles[b]!
        }
      }
    }
  }
  let count = 0
  for (let i = 0; i < runs; i++) if (parent[i] === i && area[i]! >= 1) count += 1 + cycles[i]!
  return Math.max(runs > 0 ? 1 : 0, count)
}
