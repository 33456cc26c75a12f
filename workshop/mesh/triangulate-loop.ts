/** Triangles for closed loops in space. */
import { type Outline, triangulateFlat } from './triangulate.ts'

/** Loops up to this length are filled with the least area; the cube of it is the work. */
const EXACT = 96

/**
 * Triangles that fill a closed loop in space (`loop`: x, y, z per corner), numbered by corner and going round as the
 * loop does. `taken(a, b)` tells edges that must not be used again. Small loops get the least area (G. Barequet and
 * M. Sharir, "Filling gaps in the boundary of a polyhedron", 1995), large ones are cut flat when their projection is
 * simple, else ear by ear in space. Undefined when the taken edges leave no way.
 */
export function triangulateLoop(
  loop: Float64Array,
  taken: (a: number, b: number) => boolean = () => false,
): number[] | undefined {
  const size = loop.length / 3
  if (size < 3) return undefined
  if (size <= EXACT) return leastArea(loop, taken)
  const flat = triangulateFlat(projected(loop))
  if (flat && !usesTaken(flat, size, taken)) return flat
  return earsInSpace(loop, taken)
}

function usesTaken(
  triangles: readonly number[],
  size: number,
  taken: (a: number, b: number) => boolean,
): boolean {
  for (let at = 0; at < triangles.length; at++) {
    const a = triangles[at]!
    const b = triangles[at % 3 === 2 ? at - 2 : at + 1]!
    const apart = Math.abs(a - b)
    if (apart !== 1 && apart !== size - 1 && taken(a, b)) return true
  }
  return false
}

function area(loop: Float64Array, a: number, b: number, c: number): number {
  const ux = loop[b * 3]! - loop[a * 3]!
  const uy = loop[b * 3 + 1]! - loop[a * 3 + 1]!
  const uz = loop[b * 3 + 2]! - loop[a * 3 + 2]!
  const vx = loop[c * 3]! - loop[a * 3]!
  const vy = loop[c * 3 + 1]! - loop[a * 3 + 1]!
  const vz = loop[c * 3 + 2]! - loop[a * 3 + 2]!
  return Math.sqrt((uy * vz - uz * vy) ** 2 + (uz * vx - ux * vz) ** 2 + (ux * vy - uy * vx) ** 2) / 2
}

function leastArea(loop: Float64Array, taken: (a: number, b: number) => boolean): number[] | undefined {
  const size = loop.length / 3
  const cost = new Float64Array(size * size)
  const choice = new Int32Array(size * size)
  for (let span = 2; span < size; span++)
    for (let from = 0; from + span < size; from++) {
      const to = from + span
      let best = Infinity
      if (span === size - 1 || !taken(from, to))
        for (let mid = from + 1; mid < to; mid++) {
          const sum = cost[from * size + mid]! + cost[mid * size + to]! + area(loop, from, mid, to)
          if (sum < best) {
            best = sum
            choice[from * size + to] = mid
          }
        }
      cost[from * size + to] = best
    }
  if (cost[size - 1] === Infinity) return undefined
  const triangles: number[] = []
  const open: [number, number][] = [[0, size - 1]]
  for (let span = open.pop(); span; span = open.pop()) {
    const [from, to] = span
    if (to - from < 2) continue
    const mid = choice[from * size + to]!
    triangles.push(from, mid, to)
    open.push([from, mid], [mid, to])
  }
  return triangles
}

/** The loop on the plane that fits it best, by Newell's normal. */
function projected(loop: Float64Array): Outline {
  const size = loop.length / 3
  const normal = [0, 0, 0]
  for (let at = 0; at < size; at++) {
    const next = ((at + 1) % size) * 3
    const of = at * 3
    for (let axis = 0; axis < 3; axis++) {
      const u = (axis + 1) % 3
      const v = (axis + 2) % 3
      normal[axis]! += (loop[of + u]! - loop[next + u]!) * (loop[of + v]! + loop[next + v]!)
    }
  }
  const length = Math.hypot(...normal) || 1
  const [nx, ny, nz] = normal.map((part) => part / length) as [number, number, number]
  // Any vector across the normal.
  const seed = Math.abs(nx) < 0.8 ? [1, 0, 0] : [0, 1, 0]
  const u = [ny * seed[2]! - nz * seed[1]!, nz * seed[0]! - nx * seed[2]!, nx * seed[1]! - ny * seed[0]!]
  const ul = Math.hypot(...u)
  const [ux, uy, uz] = u.map((part) => part / ul) as [number, number, number]
  const vx = ny * uz - nz * uy
  const vy = nz * ux - nx * uz
  const vz = nx * uy - ny * ux
  return Array.from({ length: size }, (_, at) => {
    const [x, y, z] = [loop[at * 3]!, loop[at * 3 + 1]!, loop[at * 3 + 2]!]
    return [x * ux + y * uy + z * uz, x * vx + y * vy + z * vz] as const
  })
}

/** Halves the ring again and again by its shortest ears: n log n, for loops that no plane shows. */
function earsInSpace(loop: Float64Array, taken: (a: number, b: number) => boolean): number[] | undefined {
  let ring = Array.from({ length: loop.length / 3 }, (_, at) => at)
  const triangles: number[] = []
  while (ring.length > EXACT) {
    const size = ring.length
    const ears = ring
      .map((_, at) => ({ at, cost: squared(loop, ring[(at + size - 1) % size]!, ring[(at + 1) % size]!) }))
      .sort((a, b) => a.cost - b.cost || a.at - b.at)
    const gone = new Uint8Array(size)
    let cut = 0
    for (const { at } of ears.slice(0, Math.ceil(size / 2))) {
      const before = (at + size - 1) % size
      const after = (at + 1) % size
      if (gone[before] || gone[after] || gone[at] || size - cut <= 3) continue
      if (taken(ring[before]!, ring[after]!)) continue
      triangles.push(ring[before]!, ring[at]!, ring[after]!)
      gone[at] = 1
      cut++
    }
    if (cut === 0) return undefined
    ring = ring.filter((_, at) => !gone[at])
  }
  const rest = new Float64Array(ring.length * 3)
  for (const [at, corner] of ring.entries()) rest.set(loop.subarray(corner * 3, corner * 3 + 3), at * 3)
  const last = leastArea(rest, (a, b) => taken(ring[a]!, ring[b]!))
  return last && [...triangles, ...last.map((at) => ring[at]!)]
}

function squared(loop: Float64Array, a: number, b: number): number {
  let sum = 0
  for (let axis = 0; axis < 3; axis++) sum += (loop[a * 3 + axis]! - loop[b * 3 + axis]!) ** 2
  return sum
}
