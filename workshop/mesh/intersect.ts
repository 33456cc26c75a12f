/** Faces that go through each other. */
import type { Tree } from './bvh.ts'
import type { Mesh } from './mesh.ts'

export interface Intersections {
  /** Pairs of faces, at most as many as asked for. */
  readonly pairs: readonly (readonly [number, number])[]
  /** Whether there are more, or the search ended before it was through. */
  readonly bounded: boolean
}

/** Pairs of boxes that a search looks at. */
const MOST_TESTS = 200_000_000

/**
 * Pairs of faces of which an edge of one goes through the inside of the other. Faces that share a vertex are
 * neighbours and left out, so are faces that lie in one plane (duplicates are found by `check`). Stops at `most` pairs.
 */
export function selfIntersections(mesh: Mesh, tree: Tree, most = 1000): Intersections {
  const { boxes, rights, firsts, counts, faces } = tree
  const pairs: [number, number][] = []
  if (mesh.indices.length === 0) return { pairs, bounded: false }
  const todo: number[] = [0, 0]
  let tests = 0
  while (todo.length > 0) {
    const one = todo.pop()!
    const other = todo.pop()!
    if (++tests > MOST_TESTS) return { pairs, bounded: true }
    if (one !== other && !overlap(boxes, one, other)) continue
    const oneRight = rights[one]!
    const otherRight = rights[other]!
    if (oneRight === 0 && otherRight === 0) {
      for (let a = firsts[one]!; a < firsts[one]! + counts[one]!; a++)
        for (let b = one === other ? a + 1 : firsts[other]!; b < firsts[other]! + counts[other]!; b++) {
          if (!crosses(mesh, faces[a]!, faces[b]!)) continue
          pairs.push([Math.min(faces[a]!, faces[b]!), Math.max(faces[a]!, faces[b]!)])
          if (pairs.length >= most) return { pairs, bounded: true }
        }
    } else if (one === other) todo.push(one + 1, one + 1, oneRight, oneRight, one + 1, oneRight)
    else if (otherRight === 0 || (oneRight !== 0 && extent(boxes, one) >= extent(boxes, other)))
      todo.push(one + 1, other, oneRight, other)
    else todo.push(one, other + 1, one, otherRight)
  }
  pairs.sort((a, b) => a[0] - b[0] || a[1] - b[1])
  return { pairs, bounded: false }
}

function overlap(boxes: Float32Array, one: number, other: number): boolean {
  const a = one * 6
  const b = other * 6
  return (
    boxes[a]! <= boxes[b + 3]! &&
    boxes[b]! <= boxes[a + 3]! &&
    boxes[a + 1]! <= boxes[b + 4]! &&
    boxes[b + 1]! <= boxes[a + 4]! &&
    boxes[a + 2]! <= boxes[b + 5]! &&
    boxes[b + 2]! <= boxes[a + 5]!
  )
}

function extent(boxes: Float32Array, node: number): number {
  const at = node * 6
  return boxes[at + 3]! - boxes[at]! + boxes[at + 4]! - boxes[at + 1]! + boxes[at + 5]! - boxes[at + 2]!
}

function crosses({ positions, indices }: Mesh, one: number, other: number): boolean {
  const a = [indices[one * 3]!, indices[one * 3 + 1]!, indices[one * 3 + 2]!] as const
  const b = [indices[other * 3]!, indices[other * 3 + 1]!, indices[other * 3 + 2]!] as const
  for (let at = 0; at < 3; at++) if (a[at] === b[0] || a[at] === b[1] || a[at] === b[2]) return false
  return pierces(positions, a, b) || pierces(positions, b, a)
}

/** Whether an edge of `by` goes through the inside of `face`, from one side of its plane to the other. */
function pierces(
  p: Mesh['positions'],
  face: readonly [number, number, number],
  by: readonly [number, number, number],
): boolean {
  const [a, b, c] = [face[0] * 3, face[1] * 3, face[2] * 3] as const
  const s0 = side(p, a, b, c, by[0] * 3)
  const s1 = side(p, a, b, c, by[1] * 3)
  const s2 = side(p, a, b, c, by[2] * 3)
  // Touching is no crossing: below the rounding of single precision a corner lies in the plane.
  const scale = reach(p, a, b) * reach(p, a, c)
  const flat = scale * 1e-6 * Math.max(reach(p, a, b), reach(p, a, c), reach(p, a, by[0] * 3))
  const sides = [s0, s1, s2]
  for (let at = 0; at < 3; at++) {
    const from = sides[at]!
    const to = sides[(at + 1) % 3]!
    if (!((from > flat && to < -flat) || (from < -flat && to > flat))) continue
    const start = by[at]! * 3
    const end = by[(at + 1) % 3]! * 3
    const u = side(p, start, end, a, b)
    const v = side(p, start, end, b, c)
    const w = side(p, start, end, c, a)
    if ((u > 0 && v > 0 && w > 0) || (u < 0 && v < 0 && w < 0)) return true
  }
  return false
}

/** Six times the volume of the tetrahedron of four corners. */
function side(p: Mesh['positions'], a: number, b: number, c: number, d: number): number {
  const ux = p[b]! - p[a]!
  const uy = p[b + 1]! - p[a + 1]!
  const uz = p[b + 2]! - p[a + 2]!
  const vx = p[c]! - p[a]!
  const vy = p[c + 1]! - p[a + 1]!
  const vz = p[c + 2]! - p[a + 2]!
  const wx = p[d]! - p[a]!
  const wy = p[d + 1]! - p[a + 1]!
  const wz = p[d + 2]! - p[a + 2]!
  return ux * (vy * wz - vz * wy) + uy * (vz * wx - vx * wz) + uz * (vx * wy - vy * wx)
}

function reach(p: Mesh['positions'], a: number, b: number): number {
  return Math.max(Math.abs(p[a]! - p[b]!), Math.abs(p[a + 1]! - p[b + 1]!), Math.abs(p[a + 2]! - p[b + 2]!))
}
