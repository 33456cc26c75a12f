/** Triangles for polygons: flat ones with holes, and closed loops in space. */

/** A flat polygon: x, y of each corner. */
export type Outline = readonly (readonly [x: number, y: number])[]

/** Twice the signed area: positive when the corners go counter-clockwise. */
export function turnOf(outline: Outline): number {
  let sum = 0
  for (let at = 0; at < outline.length; at++) {
    const [x, y] = outline[at]!
    const [nx, ny] = outline[(at + 1) % outline.length]!
    sum += x * ny - nx * y
  }
  return sum
}

/**
 * Cuts ears off a polygon with holes (D. Eberly, "Triangulation by Ear Clipping"; holes are joined by bridges). Returns
 * corners three by three, counter-clockwise, numbered over the outer outline first and then the holes; undefined when
 * the outline crosses itself. Mostly takes the square of the corners, and gives up where it would take much more.
 */
export function triangulateFlat(outer: Outline, holes: readonly Outline[] = []): number[] | undefined {
  const points = [...outer, ...holes.flat()]
  let ring = ordered(outer, 0, true)
  let first = outer.length
  const inner = holes.map((hole) => {
    const numbered = ordered(hole, first, false)
    first += hole.length
    return numbered
  })
  const rightmost = (hole: readonly number[]) => Math.max(...hole.map((at) => points[at]![0]))
  inner.sort((a, b) => rightmost(b) - rightmost(a))
  for (const hole of inner) {
    const joined = bridge(points, ring, hole)
    if (!joined) return undefined
    ring = joined
  }
  const triangles = clipEars(points, ring)
  if (!triangles) return undefined
  // Ears of a line that crosses itself do not add up.
  const wanted = holes.reduce((sum, hole) => sum - Math.abs(turnOf(hole)), Math.abs(turnOf(outer)))
  let made = 0
  for (let at = 0; at < triangles.length; at += 3)
    made += Math.abs(cross(points[triangles[at]!]!, points[triangles[at + 1]!]!, points[triangles[at + 2]!]!))
  return Math.abs(made - wanted) <= 1e-6 * wanted ? triangles : undefined
}

function ordered(outline: Outline, first: number, counterClockwise: boolean): number[] {
  const numbers = outline.map((_, at) => first + at)
  return turnOf(outline) > 0 === counterClockwise ? numbers : numbers.reverse()
}

const cross = (a: Outline[number], b: Outline[number], c: Outline[number]) =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

/** Joins a hole to the ring by the shortest bridge that crosses nothing. */
function bridge(points: Outline, ring: readonly number[], hole: readonly number[]): number[] | undefined {
  const at = hole.reduce(
    (best, _, index) => (points[hole[index]!]![0] > points[hole[best]!]![0] ? index : best),
    0,
  )
  const from = points[hole[at]!]!
  const byDistance = ring
    .map((corner, index) => ({
      index,
      far: (points[corner]![0] - from[0]) ** 2 + (points[corner]![1] - from[1]) ** 2,
    }))
    .sort((a, b) => a.far - b.far)
  const blocked = (to: Outline[number]) =>
    [ring, hole].some((loop) =>
      loop.some((corner, index) => {
        const a = points[corner]!
        const b = points[loop[(index + 1) % loop.length]!]!
        const touches = (p: Outline[number]) =>
          (p[0] === a[0] && p[1] === a[1]) || (p[0] === b[0] && p[1] === b[1])
        if (touches(from) || touches(to)) return false
        return cross(from, to, a) * cross(from, to, b) <= 0 && cross(a, b, from) * cross(a, b, to) <= 0
      }),
    )
  for (const { index } of byDistance) {
    const corner = points[ring[index]!]!
    const before = points[ring[(index - 1 + ring.length) % ring.length]!]!
    const after = points[ring[(index + 1) % ring.length]!]!
    const convex = cross(before, corner, after) >= 0
    const inside = convex
      ? cross(before, corner, from) >= 0 && cross(corner, after, from) >= 0
      : cross(before, corner, from) >= 0 || cross(corner, after, from) >= 0
    if (!inside || blocked(corner)) continue
    const around = [...hole.slice(at), ...hole.slice(0, at), hole[at]!]
    return [...ring.slice(0, index + 1), ...around, ...ring.slice(index)]
  }
  return undefined
}

/** Corners that ears are tested against before a polygon is given up as too tangled. */
const MOST_TESTS = 100_000_000

function clipEars(points: Outline, corners: readonly number[]): number[] | undefined {
  const ring = [...corners]
  const triangles: number[] = []
  let at = 0
  let misses = 0
  // Ears with area first; when only flat ones are left, those, so that every corner is used.
  let allowFlat = false
  let tests = 0
  while (ring.length > 3) {
    const size = ring.length
    tests += size
    if (tests > MOST_TESTS) return undefined
    const a = ring[(at + size - 1) % size]!
    const b = ring[at % size]!
    const c = ring[(at + 1) % size]!
    if (isEar(points, ring, a, b, c, allowFlat)) {
      triangles.push(a, b, c)
      ring.splice(at % size, 1)
      at = at % size === size - 1 ? 0 : at % size
      misses = 0
      allowFlat = false
      // Not the same corner again at once, which would make a fan of needles.
      at = (at + 1) % ring.length
      continue
    }
    at = (at + 1) % size
    if (++misses > size) {
      if (allowFlat) return undefined
      allowFlat = true
      misses = 0
    }
  }
  return [...triangles, ...ring]
}

function isEar(
  points: Outline,
  ring: readonly number[],
  a: number,
  b: number,
  c: number,
  allowFlat: boolean,
) {
  const pa = points[a]!
  const pb = points[b]!
  const pc = points[c]!
  const area = cross(pa, pb, pc)
  if (area < 0 || (area === 0 && !allowFlat)) return false
  if (area === 0) return true
  const left = Math.min(pa[0], pb[0], pc[0])
  const right = Math.max(pa[0], pb[0], pc[0])
  for (const corner of ring) {
    if (corner === a || corner === b || corner === c) continue
    const p = points[corner]!
    if (p[0] < left || p[0] > right) continue
    // Ends of bridges occur twice.
    if (
      (p[0] === pa[0] && p[1] === pa[1]) ||
      (p[0] === pb[0] && p[1] === pb[1]) ||
      (p[0] === pc[0] && p[1] === pc[1])
    )
      continue
    if (cross(pa, pb, p) >= 0 && cross(pb, pc, p) >= 0 && cross(pc, pa, p) >= 0) return false
  }
  return true
}

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
