/** How long a printer takes for a way: the planner of Marlin's kind, with constant acceleration and a step of speed per axis. */
import type { Loops } from './slice.ts'

/** Seconds for `length` mm at up to `speed` mm/s, entered and left at `slow`. */
export function lineTime(length: number, slow: number, speed: number, acceleration: number): number {
  if (speed <= slow) return length / speed
  const ramps = (speed * speed - slow * slow) / acceleration
  if (length >= ramps) return (length - ramps) / speed + (2 * (speed - slow)) / acceleration
  const peak = Math.sqrt(slow * slow + acceleration * length)
  return (2 * (peak - slow)) / acceleration
}

export interface LoopTimes {
  /** mm of all loops, as they would be without the places where they collapse. */
  length: number
  seconds: number
  /** mm of loops short enough to be printed slowly. */
  smallLength: number
  count: number
}

let lengths = new Float64Array(4096)
let limits = new Float64Array(4096)

/**
 * Loops printed `inset` mm inside of their outline. `speedOf` says how fast a loop of some length goes. A corner is passed as
 * fast as no axis has to step by more than `jerk` mm/s.
 */
export function loopTimes(
  { xy, starts }: Loops,
  inset: number,
  speedOf: (length: number) => number,
  acceleration: number,
  jerk: number,
): LoopTimes {
  const result: LoopTimes = { length: 0, seconds: 0, smallLength: 0, count: 0 }
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    const first = starts[loop]!
    const size = starts[loop + 1]! - first
    if (lengths.length < size + 1) {
      lengths = new Float64Array(size * 2)
      limits = new Float64Array(size * 2)
    }
    let length = 0
    // limits[i]: largest part of the speed with which corner i, between edges i - 1 and i, is passed.
    const px = xy[(first + size - 1) * 2]!
    const py = xy[(first + size - 1) * 2 + 1]!
    let x = xy[first * 2]!
    let y = xy[first * 2 + 1]!
    const before = Math.hypot(x - px, y - py) || 1e-12
    let ux = (x - px) / before
    let uy = (y - py) / before
    lengths.fill(0, 0, size)
    for (let i = 0; i < size; i++) {
      const next = first + (i + 1 < size ? i + 1 : 0)
      const nx = xy[next * 2]!
      const ny = xy[next * 2 + 1]!
      const edge = Math.hypot(nx - x, ny - y) || 1e-12
      const vx = (nx - x) / edge
      const vy = (ny - y) / edge
      const along = Math.max(0.05, 1 + ux * vx + uy * vy)
      const trim = (inset * (ux * vy - uy * vx)) / along
      lengths[i] = lengths[i]! + edge - trim
      const last = i > 0 ? i - 1 : size - 1
      lengths[last] = lengths[last]! - trim
      // Contours are turned by 45°; the axes of the printer are not.
      const step = Math.max(stepOf(ux - uy, vx - vy), stepOf(ux + uy, vx + vy)) * Math.SQRT1_2
      limits[i] = step
      ux = vx
      uy = vy
      x = nx
      y = ny
    }
    for (let i = 0; i < size; i++) {
      if (lengths[i]! < 0) lengths[i] = 0
      length += lengths[i]!
    }
    if (length < 0.3) continue
    const speed = speedOf(length)
    result.length += length
    result.count++
    result.seconds += plan(size, speed, acceleration, jerk)
  }
  return result
}

/** The step of one axis between two directions: of a reversal only the larger half counts, as in the planner. */
const stepOf = (a: number, b: number): number =>
  a * b < 0 ? Math.max(Math.abs(a), Math.abs(b)) : Math.abs(a - b)

let entries = new Float64Array(4096)

function plan(size: number, speed: number, acceleration: number, jerk: number): number {
  if (entries.length < size + 1) entries = new Float64Array(size * 2)
  const slow = Math.min(speed, jerk)
  entries[0] = slow
  for (let i = 1; i < size; i++) {
    const step = limits[i]! * speed
    const corner = step > jerk ? Math.max(slow, (speed * jerk) / step) : speed
    const reached = Math.sqrt(entries[i - 1]! ** 2 + 2 * acceleration * lengths[i - 1]!)
    entries[i] = Math.min(corner, reached)
  }
  let exit = slow
  let seconds = 0
  for (let i = size - 1; i >= 0; i--) {
    const length = lengths[i]!
    const possible = Math.sqrt(exit * exit + 2 * acceleration * length)
    const entry = Math.min(entries[i]!, possible)
    const peakSquared = (entry * entry + exit * exit) / 2 + acceleration * length
    if (peakSquared >= speed * speed) {
      const ramps = (2 * speed * speed - entry * entry - exit * exit) / (2 * acceleration)
      seconds += (2 * speed - entry - exit) / acceleration + (length - ramps) / speed
    } else {
      const peak = Math.sqrt(peakSquared)
      seconds += (2 * peak - entry - exit) / acceleration
    }
    exit = entry
  }
  return seconds
}
