/** Taking apart edges of more than two faces. */
import { COLLAPSED, CROWDED, type Edges, faceOf, nextOf, OPEN, previousOf } from './edges.ts'
import { extended, type Mesh } from './mesh.ts'
import { isSheet, withoutFaces } from './repair-faces.ts'

/** How far the copies of a split vertex move into their own body, so that a file of coordinates keeps them apart (mm). */
const APART = 0.001

/**
 * The mesh in which faces around a crowded edge are paired such that each pair encloses material, and bodies that only
 * touched get vertices of their own, a micrometre apart. Walls that two bodies share, and sheets that hang between
 * others, enclose nothing and are dropped. Faces should go the same way round within each patch.
 */
export function splitCrowded(mesh: Mesh, edges: Edges): { mesh: Mesh; removedFaces: number } {
  const { indices } = mesh
  const twins = edges.twins.slice()
  const groups = new Map<number, number[]>()
  for (let at = 0; at < twins.length; at++) {
    if (twins[at] !== CROWDED) continue
    const a = indices[at]!
    const b = indices[nextOf(at)]!
    const key = Math.min(a, b) * 2 ** 26 + Math.max(a, b)
    const list = groups.get(key)
    if (list) list.push(at)
    else groups.set(key, [at])
  }
  const open = openPatches(twins)
  for (const halfEdges of groups.values()) {
    for (const [one, other] of pairsAround(mesh, halfEdges, open)) {
      twins[one] = other
      twins[other] = one
    }
    for (const at of halfEdges) if (twins[at] === CROWDED) twins[at] = UNPAIRED
  }
  const touched = new Set([...groups.values()].flat().map(faceOf))
  const drop = worthlessPatches(mesh, twins, touched)
  let removedFaces = 0
  for (let face = 0; face < drop.length; face++) {
    if (!drop[face]) continue
    removedFaces++
    twins.fill(COLLAPSED, face * 3, face * 3 + 3)
  }
  const separated = separate(mesh, twins, touched)
  return { mesh: removedFaces > 0 ? withoutFaces(separated, drop) : separated, removedFaces }
}

/** In `twins`, here only: a half-edge of a crowded edge that encloses material with no other. */
const UNPAIRED = -4

/** Faces of patches with open edges, 1 for each; patches end at crowded edges. */
function openPatches(twins: Int32Array): Uint8Array {
  const open = new Uint8Array(twins.length / 3)
  const patch: number[] = []
  for (let at = 0; at < twins.length; at++)
    if (twins[at] === OPEN && !open[faceOf(at)]) {
      open[faceOf(at)] = 1
      patch.push(faceOf(at))
    }
  spread(twins, patch, open)
  return open
}

/** Adds to `patch` all faces that twins connect to its faces, and marks them. */
function spread(twins: Int32Array, patch: number[], seen: Uint8Array): void {
  for (let at = 0; at < patch.length; at++)
    for (let halfEdge = patch[at]! * 3; halfEdge < patch[at]! * 3 + 3; halfEdge++) {
      const other = faceOf(twins[halfEdge]!)
      if (twins[halfEdge]! < 0 || seen[other]) continue
      seen[other] = 1
      patch.push(other)
    }
}

interface Spoke {
  readonly at: number
  /** Whether the half-edge goes as the first of its group. */
  readonly forward: boolean
  /** Angle of the face around the edge, in steps of a hundred-thousandth, so that what lies in one plane is equal. */
  readonly angle: number
}
/** Real edges have four faces, or six; the work grows with the square, and faster when the number is odd. */
const MOST_SPOKES = 64
const TURN = Math.round(2 * Math.PI * 1e5)

/**
 * Neighbours in angle around the edge with material between them: going up, a backward face and then a forward one.
 * With one face too many, the best is left out: one of a patch that is open elsewhere, else the one within the widest body.
 */
function pairsAround(mesh: Mesh, halfEdges: readonly number[], open: Uint8Array): [number, number][] {
  if (halfEdges.length > MOST_SPOKES) return []
  const spokes = spokesOf(mesh, halfEdges)
  const excess = spokes.reduce((sum, { forward }) => sum + (forward ? 1 : -1), 0)
  if (Math.abs(excess) !== 1) return matched(spokes).pairs
  let best = matched(spokes)
  let most = -1
  for (const spoke of spokes) {
    if (spoke.forward !== excess > 0) continue
    const found = matched(spokes.filter((other) => other !== spoke))
    const score = found.material + (open[faceOf(spoke.at)] ? 1e9 : 0)
    if (score <= most) continue
    most = score
    best = found
  }
  return best.pairs
}

function spokesOf({ positions, indices }: Mesh, halfEdges: readonly number[]): Spoke[] {
  const first = halfEdges[0]!
  const from = indices[first]! * 3
  const to = indices[nextOf(first)]! * 3
  const axis = [0, 1, 2].map((k) => positions[to + k]! - positions[from + k]!)
  const length = Math.hypot(...axis) || 1
  const [ex, ey, ez] = axis.map((part) => part / length) as [number, number, number]
  const across = halfEdges.map((at) => {
    const apex = indices[previousOf(at)]! * 3
    const d = [0, 1, 2].map((k) => positions[apex + k]! - positions[from + k]!) as [number, number, number]
    const along = d[0] * ex + d[1] * ey + d[2] * ez
    return [d[0] - along * ex, d[1] - along * ey, d[2] - along * ez] as const
  })
  const [ux, uy, uz] = across[0]!
  const vx = ey * uz - ez * uy
  const vy = ez * ux - ex * uz
  const vz = ex * uy - ey * ux
  return halfEdges
    .map((at, index): Spoke => {
      const [x, y, z] = across[index]!
      const angle = Math.atan2(x * vx + y * vy + z * vz, x * ux + y * uy + z * uz)
      return { at, forward: indices[at]! * 3 === from, angle: (Math.round(angle * 1e5) + TURN) % TURN }
    })
    .sort((a, b) => a.angle - b.angle || Number(a.forward) - Number(b.forward) || a.at - b.at)
}

/** Backward faces open and forward ones close, around the circle; with the angle that is material. */
function matched(spokes: readonly Spoke[]): { pairs: [number, number][]; material: number } {
  const ring = [...spokes]
  const pairs: [number, number][] = []
  let material = 0
  for (let at = 0, misses = 0; ring.length > 1 && misses <= ring.length; ) {
    const here = ring[at % ring.length]!
    const next = ring[(at + 1) % ring.length]!
    if (!here.forward && next.forward) {
      pairs.push([here.at, next.at])
      material += (next.angle - here.angle + TURN) % TURN
      ring.splice(ring.indexOf(here), 1)
      ring.splice(ring.indexOf(next), 1)
      misses = 0
      at = ring.length > 0 ? (at + ring.length - 1) % ring.length : 0
    } else {
      at++
      misses++
    }
  }
  return { pairs, material }
}

/** Marks patches that only hang on crowded edges, and closed ones without volume: a wall that two bodies had twice. */
function worthlessPatches(mesh: Mesh, twins: Int32Array, touched: ReadonlySet<number>): Uint8Array {
  const drop = new Uint8Array(mesh.indices.length / 3)
  const seen = new Uint8Array(drop.length)
  for (const seed of touched) {
    if (seen[seed]) continue
    seen[seed] = 1
    const patch = [seed]
    spread(twins, patch, seen)
    let unpaired = 0
    let open = 0
    for (const face of patch)
      for (let halfEdge = face * 3; halfEdge < face * 3 + 3; halfEdge++) {
        if (twins[halfEdge] === OPEN) open++
        if (twins[halfEdge] === UNPAIRED) unpaired++
      }
    if (open === 0 && (unpaired > 0 || isSheet(mesh, patch))) for (const face of patch) drop[face] = 1
  }
  return drop
}

/** Gives each fan of faces around a vertex of the touched faces a vertex of its own. */
function separate(mesh: Mesh, twins: Int32Array, touched: ReadonlySet<number>): Mesh {
  const { positions, indices } = mesh
  const crowdedVertices = new Set(
    [...touched].flatMap((face) => [...indices.subarray(face * 3, face * 3 + 3)]),
  )
  const fans = new Map<number, number[][]>()
  const seen = new Uint8Array(indices.length)
  for (let corner = 0; corner < indices.length; corner++) {
    const vertex = indices[corner]!
    if (seen[corner] || !crowdedVertices.has(vertex) || twins[corner] === COLLAPSED) continue
    const fan = [corner]
    seen[corner] = 1
    for (let at = 0; at < fan.length; at++)
      for (const edge of [fan[at]!, previousOf(fan[at]!)]) {
        const twin = twins[edge]!
        if (twin < 0) continue
        const other = indices[twin] === vertex ? twin : nextOf(twin)
        if (seen[other] || indices[other] !== vertex) continue
        seen[other] = 1
        fan.push(other)
      }
    const list = fans.get(vertex)
    if (list) list.push(fan)
    else fans.set(vertex, [fan])
  }
  const result = indices.slice()
  const added: number[] = []
  let vertices = positions.length / 3
  for (const [vertex, list] of fans)
    for (const fan of list.slice(1)) {
      const inward = inwardOf(mesh, fan)
      for (let axis = 0; axis < 3; axis++) added.push(positions[vertex * 3 + axis]! + inward[axis]! * APART)
      for (const corner of fan) result[corner] = vertices
      vertices++
    }
  if (added.length === 0) return mesh
  return { positions: extended(mesh, added), indices: result }
}

/** Against the mean normal of the faces of a fan. */
function inwardOf({ positions, indices }: Mesh, fan: readonly number[]): [number, number, number] {
  const sum: [number, number, number] = [0, 0, 0]
  for (const corner of fan) {
    const p = [corner, nextOf(corner), previousOf(corner)].map((at) => indices[at]! * 3)
    const [a, b, c] = p as [number, number, number]
    const u = [0, 1, 2].map((k) => positions[b + k]! - positions[a + k]!) as [number, number, number]
    const v = [0, 1, 2].map((k) => positions[c + k]! - positions[a + k]!) as [number, number, number]
    const n = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    const length = Math.hypot(...n) || 1
    for (let k = 0; k < 3; k++) sum[k]! -= n[k]! / length
  }
  const length = Math.hypot(...sum) || 1
  return [sum[0] / length, sum[1] / length, sum[2] / length]
}
