/**
 * Areas as runs along scan lines: offsets, unions and differences of whole layers cost little more than a merge of short
 * sorted lists. What is counted is a share of an area and the lengths of lines, never a polygon.
 */
import type { Loops } from './slice.ts'

/** Parallel lines of constant `y`, `pitch` apart, that all layers of a part share. */
export interface Grid {
  readonly from: number
  readonly pitch: number
  readonly lines: number
}

/**
 * Runs of line `i` are the pairs from `starts[i]` to `starts[i + 1] - 1` of `at`: where a run begins and where it ends.
 * They are plain arrays because a job makes tens of thousands of regions: a typed array takes ten times as long to make.
 */
export interface Region {
  readonly starts: readonly number[]
  readonly at: readonly number[]
  /** Sum of the lengths of all runs; times the pitch it is the area. */
  readonly length: number
}

let crossings = new Float64Array(1 << 14)
let directions = new Int8Array(1 << 14)
let spans = new Int32Array(1 << 14)
let counted = new Int32Array(1 << 10)
let filled = new Int32Array(1 << 10)
/** Runs no longer than this are none, mm. */
export const NOTHING = 1e-9

const room: number[] = [0.5]
const zeros: number[] = [0]

/** A place for at least `size` numbers, which is overwritten by whoever asks next. */
export function roomFor(size: number): number[] {
  // Grown by pushing, so that the engine knows of no holes in it and of fractions from the start.
  while (room.length < size) room.push(0.5)
  return room
}

/** An array to write where the runs of each line begin. */
export function lineStarts(size: number): number[] {
  while (zeros.length < size) zeros.push(0)
  return zeros.slice(0, size)
}

/** What the loops enclose, where a point belongs to it that they go round more often to the left than to the right. */
export function scan(loops: Loops, grid: Grid): Region {
  const { xy, starts } = loops
  const { from, pitch, lines } = grid
  if (counted.length < lines + 1) {
    counted = new Int32Array(lines * 2)
    filled = new Int32Array(lines * 2)
  }
  const [counts, fill] = [counted, filled]
  counts.fill(0, 0, lines + 1)
  if (spans.length < xy.length) spans = new Int32Array(xy.length * 2)
  const span = spans
  const perMm = 1 / pitch
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    const end = starts[loop + 1]!
    for (let i = starts[loop]!, before = end - 1; i < end; before = i++) {
      const y0 = xy[before * 2 + 1]!
      const y1 = xy[i * 2 + 1]!
      const first = Math.max(0, Math.ceil((Math.min(y0, y1) - from) * perMm))
      const last = Math.min(lines, Math.ceil((Math.max(y0, y1) - from) * perMm))
      span[i * 2] = first
      span[i * 2 + 1] = last
      if (first >= last) continue
      counts[first]!++
      counts[last]!--
    }
  }
  // So far by how many crossings a line differs from the one before; from here on where its own begin.
  let total = 0
  let size = 0
  for (let line = 0; line <= lines; line++) {
    size += counts[line]!
    counts[line] = total
    fill[line] = total
    total += size
  }
  if (crossings.length < total) {
    crossings = new Float64Array(total * 2)
    directions = new Int8Array(total * 2)
  }
  const [crossed, turns] = [crossings, directions]
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    const end = starts[loop + 1]!
    for (let i = starts[loop]!, before = end - 1; i < end; before = i++) {
      const first = span[i * 2]!
      const last = span[i * 2 + 1]!
      if (first >= last) continue
      const x0 = xy[before * 2]!
      const y0 = xy[before * 2 + 1]!
      const y1 = xy[i * 2 + 1]!
      const slope = (xy[i * 2]! - x0) / (y1 - y0)
      const step = slope * pitch
      let x = x0 + slope * (from + first * pitch - y0)
      // A loop that keeps its inside to the left goes down where the inside begins.
      const direction = y1 < y0 ? 1 : -1
      for (let line = first; line < last; line++, x += step) {
        const begin = counts[line]!
        let place = fill[line]!++
        while (place > begin && crossed[place - 1]! > x) {
          crossed[place] = crossed[place - 1]!
          turns[place] = turns[place - 1]!
          place--
        }
        crossed[place] = x
        turns[place] = direction
      }
    }
  }
  const out = lineStarts(lines + 1)
  const runs = roomFor(total + 2)
  let written = 0
  let length = 0
  for (let line = 0; line < lines; line++) {
    out[line] = written
    let winding = 0
    const end = counts[line + 1]!
    const begin = counts[line]!
    // Most lines of most parts.
    if (end - begin === 2 && turns[begin] === 1 && turns[begin + 1] === -1) {
      const run = crossed[begin + 1]! - crossed[begin]!
      if (run < NOTHING) continue
      runs[written++] = crossed[begin]!
      runs[written++] = crossed[begin + 1]!
      length += run
      continue
    }
    for (let i = begin; i < end; i++) {
      const before = winding
      winding += turns[i]!
      if (before <= 0 && winding > 0) runs[written++] = crossed[i]!
      else if (before > 0 && winding <= 0) {
        const run = crossed[i]! - runs[written - 1]!
        if (run < NOTHING) written--
        else {
          runs[written++] = crossed[i]!
          length += run
        }
      }
    }
    if ((written - out[line]!) % 2 === 1) written--
  }
  out[lines] = written
  return { starts: out, at: runs.slice(0, written), length }
}

let nothing: Region = { starts: [], at: [], length: 0 }

export function emptyRegion({ lines }: Grid): Region {
  if (nothing.starts.length !== lines + 1)
    nothing = { starts: lineStarts(lines + 1).fill(0), at: [], length: 0 }
  return nothing
}

let spread: number[] = [0.5]
let widened: number[] = [0.5]

/** Everything within `distance` mm of the region. */
export function dilate(region: Region, distance: number, grid: Grid): Region {
  if (region.length === 0) return region
  const { starts, at } = region
  const lines = starts.length - 1
  const reach = Math.floor(distance / grid.pitch)
  const out = lineStarts(lines + 1)
  const result: number[] = []
  let length = 0
  for (let line = 0; line < lines; line++) {
    out[line] = result.length
    let size = 0
    for (let from = Math.max(0, line - reach); from <= Math.min(lines - 1, line + reach); from++) {
      if (starts[from] === starts[from + 1]) continue
      const by = Math.sqrt(Math.max(0, distance ** 2 - ((from - line) * grid.pitch) ** 2))
      size = widen(size, at, starts[from]!, starts[from + 1]!, by)
    }
    for (let i = 0; i < size; i += 2) {
      result.push(spread[i]!, spread[i + 1]!)
      length += spread[i + 1]! - spread[i]!
    }
  }
  out[lines] = result.length
  return { starts: out, at: result, length }
}

/** Adds the runs `i` to `end` of `at`, each longer by `by` at both ends, to the first `size` numbers of `spread`; returns how many there are then. */
function widen(size: number, at: readonly number[], i: number, end: number, by: number): number {
  const [old, all] = [spread, widened]
  let k = 0
  let written = 0
  while (k < size || i < end) {
    const ofOld = i >= end || (k < size && old[k]! <= at[i]! - by)
    const from = ofOld ? old[k]! : at[i]! - by
    const to = ofOld ? old[k + 1]! : at[i + 1]! + by
    if (ofOld) k += 2
    else i += 2
    if (written > 0 && from <= all[written - 1]!) {
      if (to > all[written - 1]!) all[written - 1] = to
      continue
    }
    all[written++] = from
    all[written++] = to
  }
  spread = all
  widened = old
  return written
}

/**
 * The runs where the region is at least `width` mm thick, made longer by `more` at both ends. A run is as thick as it is long
 * times the sine of the angle at which its borders cross the line, which the run of a neighbouring line tells.
 */
export function thick(region: Region, width: number, more: number, grid: Grid): Region {
  const { starts, at } = region
  if (at.length === 0) return region
  const lines = starts.length - 1
  const out = lineStarts(lines + 1)
  const runs = roomFor(at.length + 2)
  let written = 0
  let length = 0
  for (let line = 0; line < lines; line++) {
    out[line] = written
    for (let i = starts[line]!; i < starts[line + 1]!; i += 2) {
      const from = at[i]!
      const to = at[i + 1]!
      if (to - from < width) continue
      let shift = Infinity
      for (const beside of [line - 1, line + 1]) {
        if (beside < 0 || beside >= lines) continue
        for (let k = starts[beside]!; k < starts[beside + 1]!; k += 2) {
          const left = Math.abs(at[k]! - from)
          const right = Math.abs(at[k + 1]! - to)
          const overlaps = at[k + 1]! > from && at[k]! < to
          shift = Math.min(shift, overlaps ? Math.min(left, right) : Math.max(left, right))
        }
      }
      if (((to - from) * grid.pitch) / Math.hypot(grid.pitch, shift) < width) continue
      const begin = from - more
      const end = to + more
      if (written > out[line]! && begin <= runs[written - 1]!) {
        length += end - runs[written - 1]!
        runs[written - 1] = end
        continue
      }
      runs[written++] = begin
      runs[written++] = end
      length += end - begin
    }
  }
  out[lines] = written
  return { starts: out, at: runs.slice(0, written), length }
}
