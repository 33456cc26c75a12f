/** Regions joined, cut and taken from each other, line by line. */
import { lineStarts, NOTHING, type Region, roomFor } from './region.ts'

/** What both have, either has, or the first has and the second has not. Runs no longer than `shortest` are left out. */
export function combine(a: Region, b: Region, how: 'and' | 'or' | 'not', shortest = 0): Region {
  const least = Math.max(shortest, NOTHING)
  if (a.length === 0 && how !== 'or') return a
  if (b.length === 0 && how === 'and') return b
  if (shortest === 0 && (a.length === 0 || b.length === 0)) return a.length === 0 ? b : a
  const starts = lineStarts(a.starts.length)
  const runs = roomFor(a.at.length + b.at.length + 2)
  const length = (how === 'and' ? intersect : how === 'or' ? unite : subtract)(a, b, least, starts, runs)
  return { starts, at: runs.slice(0, starts[starts.length - 1]), length }
}

// Each writes the runs to `runs`, where they begin to `starts`, and returns their length. They stand apart because nothing
// is called as often as these three.

function intersect(a: Region, b: Region, least: number, starts: number[], runs: number[]): number {
  const [ofA, ofB, startsA, startsB] = [a.at, b.at, a.starts, b.starts]
  let written = 0
  let length = 0
  for (let line = 0; line + 1 < starts.length; line++) {
    starts[line] = written
    let i = startsA[line]!
    let j = startsB[line]!
    const endA = startsA[line + 1]!
    const endB = startsB[line + 1]!
    while (i < endA && j < endB) {
      const [toA, toB] = [ofA[i + 1]!, ofB[j + 1]!]
      const from = Math.max(ofA[i]!, ofB[j]!)
      const to = Math.min(toA, toB)
      if (to - from > least) {
        runs[written++] = from
        runs[written++] = to
        length += to - from
      }
      if (toA < toB) i += 2
      else j += 2
    }
  }
  starts[starts.length - 1] = written
  return length
}

function unite(a: Region, b: Region, least: number, starts: number[], runs: number[]): number {
  const [ofA, ofB, startsA, startsB] = [a.at, b.at, a.starts, b.starts]
  let written = 0
  let length = 0
  for (let line = 0; line + 1 < starts.length; line++) {
    starts[line] = written
    let i = startsA[line]!
    let j = startsB[line]!
    const endA = startsA[line + 1]!
    const endB = startsB[line + 1]!
    while (i < endA || j < endB) {
      const ofFirst = j >= endB || (i < endA && ofA[i]! <= ofB[j]!)
      const from = ofFirst ? ofA[i]! : ofB[j]!
      let to = ofFirst ? ofA[i + 1]! : ofB[j + 1]!
      if (ofFirst) i += 2
      else j += 2
      for (;;) {
        if (i < endA && ofA[i]! <= to) {
          if (ofA[i + 1]! > to) to = ofA[i + 1]!
          i += 2
        } else if (j < endB && ofB[j]! <= to) {
          if (ofB[j + 1]! > to) to = ofB[j + 1]!
          j += 2
        } else break
      }
      if (to - from <= least) continue
      runs[written++] = from
      runs[written++] = to
      length += to - from
    }
  }
  starts[starts.length - 1] = written
  return length
}

function subtract(a: Region, b: Region, least: number, starts: number[], runs: number[]): number {
  const [ofA, ofB, startsA, startsB] = [a.at, b.at, a.starts, b.starts]
  let written = 0
  let length = 0
  for (let line = 0; line + 1 < starts.length; line++) {
    starts[line] = written
    let j = startsB[line]!
    const endA = startsA[line + 1]!
    const endB = startsB[line + 1]!
    for (let i = startsA[line]!; i < endA; i += 2) {
      let from = ofA[i]!
      const to = ofA[i + 1]!
      while (j < endB && ofB[j + 1]! <= from) j += 2
      while (j < endB && ofB[j]! < to) {
        const left = ofB[j]! - from
        if (left > least) {
          runs[written++] = from
          runs[written++] = ofB[j]!
          length += left
        }
        from = ofB[j + 1]!
        // It may reach into the next run as well.
        if (from >= to) break
        j += 2
      }
      if (to - from > least) {
        runs[written++] = from
        runs[written++] = to
        length += to - from
      }
    }
  }
  starts[starts.length - 1] = written
  return length
}

/** The runs of `a` that share something with `b`. */
export function touching(a: Region, b: Region): Region {
  const lines = a.starts.length - 1
  const starts = lineStarts(lines + 1)
  const runs = roomFor(a.at.length + 2)
  let written = 0
  let length = 0
  for (let line = 0; line < lines; line++) {
    starts[line] = written
    let j = b.starts[line]!
    const endB = b.starts[line + 1]!
    for (let i = a.starts[line]!; i < a.starts[line + 1]!; i += 2) {
      while (j < endB && b.at[j + 1]! <= a.at[i]!) j += 2
      if (j >= endB) break
      if (b.at[j]! >= a.at[i + 1]!) continue
      runs[written++] = a.at[i]!
      runs[written++] = a.at[i + 1]!
      length += a.at[i + 1]! - a.at[i]!
    }
  }
  starts[lines] = written
  return { starts, at: runs.slice(0, written), length }
}

/** Whether any run is longer than `length` mm. */
export function hasLonger({ at }: Region, length: number): boolean {
  for (let i = 0; i < at.length; i += 2) if (at[i + 1]! - at[i]! > length) return true
  return false
}
