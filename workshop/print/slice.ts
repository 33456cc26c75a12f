/**
 * Cuts a mesh into contours. Every contour keeps the part on its left: outer ones run counter-clockwise, holes clockwise.
 * Coordinates are turned by 45°, the direction of the infill, so that scan lines of constant `y` are lines of infill.
 */
import type { Mesh } from '../mesh/mesh.ts'

/** Closed polygons of one layer: loop `i` is the points `starts[i]` to `starts[i + 1] - 1` of `xy`. */
export interface Loops {
  readonly xy: readonly number[]
  readonly starts: readonly number[]
}

export interface Slices {
  /** One for each plane; planes that cut the part alike share the object. */
  readonly layers: readonly Loops[]
  /** Bounds of the turned part. */
  readonly low: readonly [number, number]
  readonly high: readonly [number, number]
  /** Of the part as it stands. */
  readonly sizeMm: { readonly x: number; readonly y: number; readonly z: number }
}

const HALF = Math.SQRT1_2
/** A contour may leave the mesh by this much, in mm: less than the path of a printer shows. */
const TOLERANCE = 0.005
const none: Loops = { xy: [], starts: [0] }

/**
 * Cuts at the heights `planes` above the lowest point of the mesh, ascending, in mm. Holes of the mesh are closed by straight
 * lines; nothing is repaired otherwise.
 */
export function sliceMesh(mesh: Mesh, planes: Float64Array): Slices {
  const { positions, indices } = mesh
  const vertices = positions.length / 3
  const faces = indices.length / 3
  const x = new Float64Array(vertices)
  const y = new Float64Array(vertices)
  const low: [number, number] = [Infinity, Infinity]
  const high: [number, number] = [-Infinity, -Infinity]
  const from = [Infinity, Infinity, Infinity]
  const to = [-Infinity, -Infinity, -Infinity]
  for (let i = 0; i < vertices; i++) {
    for (let axis = 0; axis < 3; axis++) {
      const value = positions[i * 3 + axis]!
      if (value < from[axis]!) from[axis] = value
      if (value > to[axis]!) to[axis] = value
    }
    const px = positions[i * 3]!
    const py = positions[i * 3 + 1]!
    x[i] = (px + py) * HALF
    y[i] = (py - px) * HALF
    if (x[i]! < low[0]) low[0] = x[i]!
    if (x[i]! > high[0]) high[0] = x[i]!
    if (y[i]! < low[1]) low[1] = y[i]!
    if (y[i]! > high[1]) high[1] = y[i]!
  }
  const floor = from[2]!
  const count = planes.length

  // A vertex belongs to the first plane at or above it: never to a plane itself, so that no cut runs through a vertex.
  const level = new Int32Array(vertices)
  for (let i = 0; i < vertices; i++) level[i] = firstPlane(planes, positions[i * 3 + 2]! - floor)

  const sizes = new Int32Array(count + 1)
  const changed = new Uint8Array(count + 1)
  const slopes = new Int32Array(count + 1)
  for (let face = 0; face < faces; face++) {
    const a = indices[face * 3]!
    const b = indices[face * 3 + 1]!
    const c = indices[face * 3 + 2]!
    const first = Math.min(level[a]!, level[b]!, level[c]!)
    const last = Math.max(level[a]!, level[b]!, level[c]!)
    if (first === last) continue
    sizes[first] = sizes[first]! + 1
    sizes[last] = sizes[last]! - 1
    changed[first] = 1
    changed[last] = 1
    if (Math.abs((x[b]! - x[a]!) * (y[c]! - y[a]!) - (x[c]! - x[a]!) * (y[b]! - y[a]!)) < 1e-9) continue
    slopes[first] = slopes[first]! + 1
    slopes[last] = slopes[last]! - 1
  }
  let crossing = 0
  let sloping = 0
  let total = 0
  const offsets = new Int32Array(count + 1)
  const alike = new Uint8Array(count)
  for (let i = 0; i < count; i++) {
    crossing += sizes[i]!
    sloping += slopes[i]!
    alike[i] = i > 0 && !changed[i] && sloping === 0 ? 1 : 0
    offsets[i] = total
    if (!alike[i]) total += crossing
  }
  offsets[count] = total
  const cut = new Int32Array(total)
  const fill = offsets.slice()
  for (let face = 0; face < faces; face++) {
    const a = level[indices[face * 3]!]!
    const b = level[indices[face * 3 + 1]!]!
    const c = level[indices[face * 3 + 2]!]!
    const last = Math.max(a, b, c)
    for (let i = Math.min(a, b, c); i < last; i++) if (!alike[i]) cut[fill[i]!++] = face
  }

  const neighbours = findNeighbours(indices, vertices)
  const seen = new Int32Array(faces)
  const layers: Loops[] = []
  for (let i = 0; i < count; i++)
    layers.push(
      alike[i]
        ? layers[i - 1]!
        : chain(
            { x, y, positions, indices, level, neighbours, seen },
            cut.subarray(offsets[i]!, offsets[i + 1]!),
            i,
            planes[i]! + floor,
          ),
    )
  return {
    layers,
    low,
    high,
    sizeMm: { x: to[0]! - from[0]!, y: to[1]! - from[1]!, z: to[2]! - floor },
  }
}

/** Planes of the layers: the first may differ in height, each is cut in its middle. */
export function layerPlanes(heightMm: number, first: number, layer: number): Float64Array {
  const count =
    heightMm <= first / 2 ? 0 : 1 + Math.max(0, Math.ceil((heightMm - first - layer / 2) / layer - 1e-9))
  return Float64Array.from({ length: count }, (_, i) => (i === 0 ? first / 2 : first + (i - 0.5) * layer))
}

/** Height of the mesh, mm. */
export function heightOf({ positions }: Mesh): number {
  let low = Infinity
  let high = -Infinity
  for (let i = 2; i < positions.length; i += 3) {
    low = Math.min(low, positions[i]!)
    high = Math.max(high, positions[i]!)
  }
  return Math.max(0, high - low)
}

function firstPlane(planes: Float64Array, z: number): number {
  let from = 0
  let to = planes.length
  while (from < to) {
    const middle = (from + to) >> 1
    if (planes[middle]! < z) from = middle + 1
    else to = middle
  }
  return from
}

/** For each half-edge (`face * 3 + corner`), the face on its other side, or -1. */
function findNeighbours(indices: Uint32Array, vertices: number): Int32Array {
  const edges = indices.length
  const result = new Int32Array(edges).fill(-1)
  // Half-edges listed by their smaller vertex: short lists, no hashing.
  const heads = new Int32Array(vertices).fill(-1)
  const next = new Int32Array(edges)
  for (let edge = 0; edge < edges; edge++) {
    const a = indices[edge]!
    const b = indices[edge % 3 === 2 ? edge - 2 : edge + 1]!
    const key = Math.min(a, b)
    let before = -1
    let other = heads[key]!
    while (other >= 0) {
      if (indices[other] === b && indices[other % 3 === 2 ? other - 2 : other + 1] === a) break
      before = other
      other = next[other]!
    }
    if (other < 0) {
      next[edge] = heads[key]!
      heads[key] = edge
      continue
    }
    result[edge] = (other / 3) | 0
    result[other] = (edge / 3) | 0
    if (before < 0) heads[key] = next[other]!
    else next[before] = next[other]!
  }
  return result
}

interface Cutting {
  readonly x: Float64Array
  readonly y: Float64Array
  readonly positions: Mesh['positions']
  readonly indices: Uint32Array
  readonly level: Int32Array
  readonly neighbours: Int32Array
  readonly seen: Int32Array
}

const points: number[] = [0.5]

/** Follows the cut from face to face. Going round a face, the cut leaves it where the face's edge rises through the plane. */
function chain(cutting: Cutting, cut: Int32Array, plane: number, z: number): Loops {
  const { x, y, positions, indices, level, neighbours, seen } = cutting
  const stamp = plane + 1
  while (points.length < cut.length * 2 + 8) points.push(0.5)
  const starts = [0]
  let count = 0
  const cross = (face: number, rising: boolean): number => {
    for (let corner = 0; corner < 3; corner++) {
      const a = indices[face * 3 + corner]!
      const b = indices[face * 3 + (corner === 2 ? 0 : corner + 1)]!
      const below = level[a]! <= plane
      if (below === level[b]! <= plane || below !== rising) continue
      const lower = rising ? a : b
      const upper = rising ? b : a
      const share = (z - positions[lower * 3 + 2]!) / (positions[upper * 3 + 2]! - positions[lower * 3 + 2]!)
      points[count * 2] = x[lower]! + (x[upper]! - x[lower]!) * share
      points[count * 2 + 1] = y[lower]! + (y[upper]! - y[lower]!) * share
      return face * 3 + corner
    }
    return -1
  }
  for (const start of cut) {
    if (seen[start] === stamp) continue
    // A mesh with holes: go back to where the open chain begins.
    let begin = start
    for (let steps = 0; steps < cut.length; steps++) {
      const edge = cross(begin, false)
      const back = edge < 0 ? -1 : neighbours[edge]!
      if (back < 0 || seen[back] === stamp || back === start) break
      begin = back
    }
    let face = begin
    while (face >= 0 && seen[face] !== stamp) {
      seen[face] = stamp
      const edge = cross(face, true)
      if (edge < 0) break
      count++
      face = neighbours[edge]!
    }
    count = simplify(starts[starts.length - 1]!, count)
    if (count - starts[starts.length - 1]! >= 3) starts.push(count)
    else count = starts[starts.length - 1]!
  }
  if (starts.length === 1) return none
  return { xy: points.slice(0, count * 2), starts }
}

/**
 * Drops points of the loop from `first` to `end` that lie within the tolerance of the line that stays (the cone method:
 * Williams 1978). Returns the new end.
 */
function simplify(first: number, end: number): number {
  if (end - first < 4) return end
  let write = first + 1
  let ax = points[first * 2]!
  let ay = points[first * 2 + 1]!
  // Bounds of the directions that pass within the tolerance of every point since the anchor.
  let lx = 0
  let ly = 0
  let rx = 0
  let ry = 0
  let open = true
  for (let i = first + 1; i <= end; i++) {
    const at = i === end ? first : i
    const dx = points[at * 2]! - ax
    const dy = points[at * 2 + 1]! - ay
    const distance = Math.hypot(dx, dy)
    if (distance < 1e-6 && i < end) continue
    if (!open && (lx * dy - ly * dx > 0 || rx * dy - ry * dx < 0)) {
      // The line from the anchor no longer fits: the point before stays.
      ax = points[(i - 1) * 2]!
      ay = points[(i - 1) * 2 + 1]!
      points[write * 2] = ax
      points[write * 2 + 1] = ay
      write++
      open = true
    }
    const ex = points[at * 2]! - ax
    const ey = points[at * 2 + 1]! - ay
    const length = Math.hypot(ex, ey)
    if (length <= TOLERANCE) continue
    const half = TOLERANCE / length
    const [nlx, nly, nrx, nry] = [ex - ey * half, ey + ex * half, ex + ey * half, ey - ex * half]
    if (open || lx * nly - ly * nlx < 0) {
      lx = nlx
      ly = nly
    }
    if (open || rx * nry - ry * nrx > 0) {
      rx = nrx
      ry = nry
    }
    open = false
  }
  return write
}
