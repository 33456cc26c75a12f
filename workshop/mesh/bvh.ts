/** A tree of boxes over faces, for questions about what is near or in the way. */
import type { Mesh } from './mesh.ts'

/** Nodes in preorder: the left child follows its parent. */
export interface Tree {
  /** Six numbers per node: min x, y, z, max x, y, z. */
  readonly boxes: Float32Array
  /** Number of the right child; 0 for leaves. */
  readonly rights: Uint32Array
  /** First of the faces of a leaf in `faces`. */
  readonly firsts: Uint32Array
  readonly counts: Uint8Array
  readonly faces: Uint32Array
}

const LEAF = 4
/** Below it faces are halved by number, so that a tree is never deeper than the stack of a search. */
const DEPTH = 200

/** Splits faces at the middle of the longest side of their centres, halves where that fails: n log n. */
export function buildTree({ positions, indices }: Mesh): Tree {
  const count = indices.length / 3
  const lows = new Float32Array(count * 3)
  const highs = new Float32Array(count * 3)
  const centres = new Float32Array(count * 3)
  for (let face = 0; face < count; face++)
    for (let axis = 0; axis < 3; axis++) {
      const a = positions[indices[face * 3]! * 3 + axis]!
      const b = positions[indices[face * 3 + 1]! * 3 + axis]!
      const c = positions[indices[face * 3 + 2]! * 3 + axis]!
      const low = Math.min(a, b, c)
      const high = Math.max(a, b, c)
      // A little larger, so that single precision loses nothing.
      const slack = Math.max(Math.abs(low), Math.abs(high)) * 1e-6
      lows[face * 3 + axis] = low - slack
      highs[face * 3 + axis] = high + slack
      centres[face * 3 + axis] = (low + high) / 2
    }
  const faces = Uint32Array.from({ length: count }, (_, face) => face)
  const most = Math.max(1, 2 * count)
  const boxes = new Float32Array(most * 6)
  const rights = new Uint32Array(most)
  const firsts = new Uint32Array(most)
  const counts = new Uint8Array(most)
  let nodes = 0
  const todo: [from: number, to: number, parent: number, depth: number][] = [[0, count, -1, 0]]
  const box = new Float32Array(6)
  const middle = new Float32Array(6)
  for (let next = todo.pop(); next; next = todo.pop()) {
    const [from, to, parent, depth] = next
    const node = nodes++
    if (parent >= 0) rights[parent] = node
    bound(box, lows, highs, faces, from, to)
    boxes.set(box, node * 6)
    if (to - from <= LEAF) {
      firsts[node] = from
      counts[node] = to - from
      continue
    }
    bound(middle, centres, centres, faces, from, to)
    let axis = 0
    for (let other = 1; other < 3; other++)
      if (middle[other + 3]! - middle[other]! > middle[axis + 3]! - middle[axis]!) axis = other
    const border = (middle[axis]! + middle[axis + 3]!) / 2
    let cut = from
    for (let at = from; at < to; at++) {
      const face = faces[at]!
      if (centres[face * 3 + axis]! >= border) continue
      faces[at] = faces[cut]!
      faces[cut++] = face
    }
    if (cut === from || cut === to || depth > DEPTH) cut = (from + to) >> 1
    // The last in comes out first: the left child gets the next number.
    todo.push([cut, to, node, depth + 1], [from, cut, -1, depth + 1])
  }
  return { boxes, rights, firsts, counts, faces }
}

function bound(
  box: Float32Array,
  lows: Float32Array,
  highs: Float32Array,
  faces: Uint32Array,
  from: number,
  to: number,
): void {
  box.fill(Number.POSITIVE_INFINITY, 0, 3).fill(Number.NEGATIVE_INFINITY, 3)
  for (let at = from; at < to; at++) {
    const of = faces[at]! * 3
    for (let axis = 0; axis < 3; axis++) {
      if (lows[of + axis]! < box[axis]!) box[axis] = lows[of + axis]!
      if (highs[of + axis]! > box[axis + 3]!) box[axis + 3] = highs[of + axis]!
    }
  }
}

/** What a ray meets first. */
export interface Hit {
  face: number
  distance: number
}

const stack = new Uint32Array(512)

/**
 * The first face that the ray from (x, y, z) along (dx, dy, dz) meets beyond `from` and before `to`, but `except`; false
 * when none. Writes into `hit`, so that a million rays make no object. (T. Möller and B. Trumbore, 1997.)
 */
export function castRay(
  { positions, indices }: Mesh,
  tree: Tree,
  origin: Float64Array,
  direction: Float64Array,
  from: number,
  to: number,
  except: number,
  hit: Hit,
): boolean {
  const { boxes, rights, firsts, counts, faces } = tree
  const [x, y, z] = origin as unknown as [number, number, number]
  const [dx, dy, dz] = direction as unknown as [number, number, number]
  const ix = 1 / dx
  const iy = 1 / dy
  const iz = 1 / dz
  let nearest = to
  let found = -1
  let depth = 0
  stack[depth++] = 0
  while (depth > 0) {
    const node = stack[--depth]!
    const at = node * 6
    const x1 = (boxes[at]! - x) * ix
    const x2 = (boxes[at + 3]! - x) * ix
    const y1 = (boxes[at + 1]! - y) * iy
    const y2 = (boxes[at + 4]! - y) * iy
    const z1 = (boxes[at + 2]! - z) * iz
    const z2 = (boxes[at + 5]! - z) * iz
    // A ray along two sides and between them gives -∞ and ∞, one within a side 0 · ∞: neither says anything.
    let enter = from
    let leave = nearest
    if (!Number.isNaN(x1 + x2)) {
      enter = Math.max(enter, Math.min(x1, x2))
      leave = Math.min(leave, Math.max(x1, x2))
    }
    if (!Number.isNaN(y1 + y2)) {
      enter = Math.max(enter, Math.min(y1, y2))
      leave = Math.min(leave, Math.max(y1, y2))
    }
    if (!Number.isNaN(z1 + z2)) {
      enter = Math.max(enter, Math.min(z1, z2))
      leave = Math.min(leave, Math.max(z1, z2))
    }
    if (enter > leave) continue
    const right = rights[node]!
    if (right !== 0) {
      stack[depth++] = right
      stack[depth++] = node + 1
      continue
    }
    const first = firsts[node]!
    for (let each = first; each < first + counts[node]!; each++) {
      const face = faces[each]!
      if (face === except) continue
      const a = indices[face * 3]! * 3
      const b = indices[face * 3 + 1]! * 3
      const c = indices[face * 3 + 2]! * 3
      const ax = positions[a]!
      const ay = positions[a + 1]!
      const az = positions[a + 2]!
      const ux = positions[b]! - ax
      const uy = positions[b + 1]! - ay
      const uz = positions[b + 2]! - az
      const vx = positions[c]! - ax
      const vy = positions[c + 1]! - ay
      const vz = positions[c + 2]! - az
      const px = dy * vz - dz * vy
      const py = dz * vx - dx * vz
      const pz = dx * vy - dy * vx
      const determinant = ux * px + uy * py + uz * pz
      if (determinant === 0) continue
      const inverse = 1 / determinant
      const tx = x - ax
      const ty = y - ay
      const tz = z - az
      const u = (tx * px + ty * py + tz * pz) * inverse
      if (u < 0 || u > 1) continue
      const qx = ty * uz - tz * uy
      const qy = tz * ux - tx * uz
      const qz = tx * uy - ty * ux
      const v = (dx * qx + dy * qy + dz * qz) * inverse
      if (v < 0 || u + v > 1) continue
      const distance = (vx * qx + vy * qy + vz * qz) * inverse
      if (distance <= from || distance >= nearest) continue
      nearest = distance
      found = face
    }
  }
  if (found < 0) return false
  hit.face = found
  hit.distance = nearest
  return true
}
