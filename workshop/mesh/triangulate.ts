/** Triangles for flat polygons with holes. */

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
