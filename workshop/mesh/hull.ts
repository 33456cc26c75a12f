/** On what a part can stand. */
import type { Mesh, Vector } from './mesh.ts'

/** Directions of the sphere, evenly spread (the golden spiral). */
export function directions(count: number): Vector[] {
  return Array.from({ length: count }, (_, at): Vector => {
    const z = 1 - (2 * at + 1) / count
    const around = at * Math.PI * (3 - Math.sqrt(5))
    const radius = Math.sqrt(1 - z * z)
    return [radius * Math.cos(around), radius * Math.sin(around), z]
  })
}

/** The vertices that lie outermost in `count` directions: corners of the convex hull. */
function extremes({ positions, indices }: Mesh, count: number): Vector[] {
  const ways = directions(count)
  const best = new Float64Array(count).fill(Number.NEGATIVE_INFINITY)
  const which = new Int32Array(count)
  const seen = new Uint8Array(positions.length / 3)
  for (let corner = 0; corner < indices.length; corner++) {
    const vertex = indices[corner]!
    if (seen[vertex]) continue
    seen[vertex] = 1
    const x = positions[vertex * 3]!
    const y = positions[vertex * 3 + 1]!
    const z = positions[vertex * 3 + 2]!
    for (let at = 0; at < count; at++) {
      const way = ways[at]!
      const reach = x * way[0] + y * way[1] + z * way[2]
      if (reach <= best[at]!) continue
      best[at] = reach
      which[at] = vertex
    }
  }
  return [...new Set(which)]
    .sort((a, b) => a - b)
    .map((vertex): Vector => [positions[vertex * 3]!, positions[vertex * 3 + 1]!, positions[vertex * 3 + 2]!])
}

const minus = (a: Vector, b: Vector): Vector => [a[0] - b[0], a[1] - b[1], a[2] - b[2]]
const dot = (a: Vector, b: Vector) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
const cross = (a: Vector, b: Vector): Vector => [
  a[1] * b[2] - a[2] * b[1],
  a[2] * b[0] - a[0] * b[2],
  a[0] * b[1] - a[1] * b[0],
]

interface Facet {
  readonly corners: readonly [number, number, number]
  readonly normal: Vector
  readonly offset: number
}

export interface Resting {
  /** Outward: down when the part stands on it. */
  readonly normal: Vector
  readonly areaMm2: number
}

/**
 * The sides of the convex hull of the outermost vertices, largest first: each is one on which the part could stand.
 * Point by point (what a new point sees is replaced by a cone to it); empty for flat parts.
 */
export function restingSides(mesh: Mesh, detail = 200): Resting[] {
  const points = extremes(mesh, detail)
  const facets = hullOf(points)
  const sides = new Map<string, { normal: Vector; areaMm2: number }>()
  for (const { corners, normal } of facets) {
    const [a, b, c] = corners.map((at) => points[at]!) as [Vector, Vector, Vector]
    const area = Math.sqrt(dot(cross(minus(b, a), minus(c, a)), cross(minus(b, a), minus(c, a)))) / 2
    const key = normal.map((part) => Math.round(part * 200)).join()
    const side = sides.get(key)
    if (side) side.areaMm2 += area
    else sides.set(key, { normal, areaMm2: area })
  }
  return [...sides.values()].sort((a, b) => b.areaMm2 - a.areaMm2)
}

function hullOf(points: readonly Vector[]): Facet[] {
  const start = firstTetrahedron(points)
  if (!start) return []
  const centre = [0, 1, 2].map(
    (axis) => start.reduce((sum, at) => sum + points[at]![axis]!, 0) / 4,
  ) as unknown as Vector
  const size = Math.sqrt(
    dot(minus(points[start[1]]!, points[start[0]]!), minus(points[start[1]]!, points[start[0]]!)),
  )
  const slack = size * 1e-7
  const facet = (a: number, b: number, c: number): Facet => {
    const raw = cross(minus(points[b]!, points[a]!), minus(points[c]!, points[a]!))
    const length = Math.sqrt(dot(raw, raw)) || 1
    const normal: Vector = [raw[0] / length, raw[1] / length, raw[2] / length]
    const offset = dot(normal, points[a]!)
    return dot(normal, centre) <= offset
      ? { corners: [a, b, c], normal, offset }
      : { corners: [a, c, b], normal: [-normal[0], -normal[1], -normal[2]], offset: -offset }
  }
  const [p, q, r, s] = start
  let facets = [facet(p, q, r), facet(p, q, s), facet(p, r, s), facet(q, r, s)]
  for (let at = 0; at < points.length; at++) {
    const seen = facets.filter(({ normal, offset }) => dot(normal, points[at]!) > offset + slack)
    if (seen.length === 0) continue
    const edges = new Map<string, [number, number]>()
    for (const { corners } of seen)
      for (let k = 0; k < 3; k++) {
        const [a, b] = [corners[k]!, corners[(k + 1) % 3]!]
        if (!edges.delete(`${b} ${a}`)) edges.set(`${a} ${b}`, [a, b])
      }
    const gone = new Set(seen)
    facets = [
      ...facets.filter((each) => !gone.has(each)),
      ...[...edges.values()].map(([a, b]) => facet(a, b, at)),
    ]
  }
  return facets
}

/** Four corners that are not in one plane. */
function firstTetrahedron(points: readonly Vector[]): [number, number, number, number] | undefined {
  const a = 0
  const farthest = (measure: (point: Vector) => number) =>
    points.reduce((best, point, at) => (measure(point) > measure(points[best]!) ? at : best), 0)
  if (points.length < 4) return undefined
  const far = (point: Vector) => dot(minus(point, points[a]!), minus(point, points[a]!))
  const b = farthest(far)
  const line = minus(points[b]!, points[a]!)
  const away = (point: Vector) => {
    const off = cross(line, minus(point, points[a]!))
    return dot(off, off)
  }
  const c = farthest(away)
  const normal = cross(line, minus(points[c]!, points[a]!))
  const d = farthest((point) => Math.abs(dot(normal, minus(point, points[a]!))))
  const volume = Math.abs(dot(normal, minus(points[d]!, points[a]!)))
  return volume > 1e-9 * dot(line, line) ** 1.5 ? [a, b, c, d] : undefined
}
