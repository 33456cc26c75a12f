/** Which faces meet at which edges. Half-edge `3 * face + k` goes from corner k of its face to the next corner. */

/** In `twins`: no other face has this edge. */
export const OPEN = -1
/** In `twins`: more than two faces have this edge. */
export const CROWDED = -2
/** In `twins`: the face has two equal corners and takes no part. */
export const COLLAPSED = -3

export interface Edges {
  /** The half-edge of the other face at each half-edge, or one of the constants. The other may go the same way. */
  readonly twins: Int32Array
  /** A face of each face's shell, the same for all faces of one; shells meet at no edge. Collapsed faces stand alone. */
  readonly shellOf: Uint32Array
  readonly shells: number
  readonly openEdges: number
  readonly crowdedEdges: number
  /** Edges whose two faces go the same way: one of them is turned over. */
  readonly flippedEdges: number
  readonly collapsedFaces: number
  /** Faces that have the same three corners as one before them, ascending. */
  readonly duplicates: readonly number[]
  /** One half-edge of each crowded edge. */
  readonly crowded: readonly number[]
}

export const nextOf = (halfEdge: number): number => (halfEdge % 3 === 2 ? halfEdge - 2 : halfEdge + 1)
export const previousOf = (halfEdge: number): number => (halfEdge % 3 === 0 ? halfEdge + 2 : halfEdge - 1)
export const faceOf = (halfEdge: number): number => (halfEdge / 3) | 0

/**
 * Matches the edges of faces over `vertices` vertices. Half-edges are put into one bucket per lower vertex (a counting
 * sort) and matched within it by their upper one, so that memory is read nearly in order; no object is made.
 */
export function matchEdges(indices: Uint32Array, vertices: number): Edges {
  const halfEdges = indices.length
  const twins = new Int32Array(halfEdges)
  const starts = new Uint32Array(vertices + 1)
  const parents = new Uint32Array(halfEdges / 3)
  let collapsedFaces = 0
  for (let at = 0, face = 0; at < halfEdges; at += 3, face++) {
    parents[face] = face
    const a = indices[at]!
    const b = indices[at + 1]!
    const c = indices[at + 2]!
    if (a === b || b === c || c === a) {
      collapsedFaces++
      twins[at] = twins[at + 1] = twins[at + 2] = COLLAPSED
      continue
    }
    starts[Math.min(a, b) + 1]!++
    starts[Math.min(b, c) + 1]!++
    starts[Math.min(c, a) + 1]!++
  }
  for (let vertex = 0; vertex < vertices; vertex++) starts[vertex + 1]! += starts[vertex]!
  const filled = starts[vertices]!
  const uppers = new Uint32Array(filled)
  const owners = new Uint32Array(filled)
  const free = starts.slice(0, vertices)
  for (let at = 0; at < halfEdges; at += 3) {
    if (twins[at] === COLLAPSED) continue
    let from = indices[at + 2]!
    let owner = at + 2
    for (let k = 0; k < 3; k++) {
      const to = indices[at + k]!
      const slot = free[Math.min(from, to)]!++
      uppers[slot] = Math.max(from, to)
      owners[slot] = owner
      owner = at + k
      from = to
    }
  }
  let openEdges = 0
  let crowdedEdges = 0
  let flippedEdges = 0
  const crowded: number[] = []
  const copies = new Set<number>()
  const opposite = (halfEdge: number) => indices[previousOf(halfEdge)]!
  for (let vertex = 0; vertex < vertices; vertex++) {
    const end = starts[vertex + 1]!
    let at = starts[vertex]!
    if (end - at > 1) sortBucket(uppers, owners, at, end)
    while (at < end) {
      const upper = uppers[at]!
      const first = owners[at]!
      let after = at + 1
      while (after < end && uppers[after] === upper) after++
      const count = after - at
      if (count === 2) {
        const second = owners[at + 1]!
        twins[first] = second
        twins[second] = first
        if (indices[first] === indices[second]) flippedEdges++
        unite(parents, faceOf(first), faceOf(second))
        if (opposite(first) === opposite(second)) copies.add(Math.max(faceOf(first), faceOf(second)))
      } else if (count === 1) {
        twins[first] = OPEN
        openEdges++
      } else {
        crowdedEdges++
        crowded.push(first)
        const seen = new Set<number>()
        for (let each = at; each < after; each++) {
          const halfEdge = owners[each]!
          twins[halfEdge] = CROWDED
          unite(parents, faceOf(first), faceOf(halfEdge))
          const apex = opposite(halfEdge)
          if (seen.has(apex)) copies.add(faceOf(halfEdge))
          else seen.add(apex)
        }
      }
      at = after
    }
  }
  let shells = 0
  for (let face = 0; face < parents.length; face++) {
    const root = rootOf(parents, face)
    parents[face] = root
    if (root === face && twins[face * 3] !== COLLAPSED) shells++
  }
  return {
    twins,
    shellOf: parents,
    shells,
    openEdges,
    crowdedEdges,
    flippedEdges,
    collapsedFaces,
    duplicates: [...copies].sort((a, b) => a - b),
    crowded,
  }
}

/** Sorts a bucket by upper vertex, then by half-edge. */
function sortBucket(uppers: Uint32Array, owners: Uint32Array, from: number, to: number): void {
  const length = to - from
  if (length > 40) {
    // A vertex of many faces: insertion would take the square of them.
    const keys = new Float64Array(length)
    for (let at = 0; at < length; at++) keys[at] = uppers[from + at]! * length + at
    keys.sort()
    const before = owners.slice(from, to)
    for (let at = 0; at < length; at++) {
      uppers[from + at] = Math.floor(keys[at]! / length)
      owners[from + at] = before[keys[at]! % length]!
    }
    return
  }
  for (let at = from + 1; at < to; at++) {
    const upper = uppers[at]!
    const owner = owners[at]!
    let before = at - 1
    while (before >= from && uppers[before]! > upper) {
      uppers[before + 1] = uppers[before]!
      owners[before + 1] = owners[before]!
      before--
    }
    uppers[before + 1] = upper
    owners[before + 1] = owner
  }
}

function rootOf(parents: Uint32Array, face: number): number {
  let at = face
  while (parents[at] !== at) {
    parents[at] = parents[parents[at]!]!
    at = parents[at]!
  }
  return at
}

/** The lower face is the root, so that results do not depend on the order of edges. */
function unite(parents: Uint32Array, a: number, b: number): void {
  const one = rootOf(parents, a)
  const other = rootOf(parents, b)
  if (one < other) parents[other] = one
  else if (other < one) parents[one] = other
}
