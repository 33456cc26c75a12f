/** Mending what can be mended, so that the part stays what its owner meant. */
import { type CheckOptions, check, type Report } from './check.ts'
import { COLLAPSED, matchEdges } from './edges.ts'
import { fillHoles } from './holes.ts'
import { faceCount, type Mesh, MeshError, vertexCount } from './mesh.ts'
import { isSheet, volumeOfFaces, withoutFaces, withoutUnused } from './repair-faces.ts'
import { facesByShell, inconsistentFaces, nestingOf, openShells } from './shells.ts'
import { closeGaps } from './snap.ts'
import { splitCrowded } from './split.ts'
import { weldVertices } from './weld.ts'

export interface RepairOptions extends CheckOptions {
  /** Open edges whose ends are nearer than this are joined; default: a hundred-thousandth of the part's diagonal. */
  readonly gapMm?: number
  /** Longer holes stay open. */
  readonly holeEdges?: number
}

/** What a repair did, in counts; all zero when nothing was to be done. */
export interface Mended {
  readonly weldedVertices: number
  readonly removedDegenerate: number
  readonly removedDuplicates: number
  /** Vertices moved onto others to close gaps along open edges. */
  readonly closedGaps: number
  /** Edges of more than two faces that were taken apart. */
  readonly splitEdges: number
  /** Faces of sheets without thickness, within or beside the part. */
  readonly removedSheets: number
  readonly turnedFaces: number
  readonly turnedShells: number
  readonly filledHoles: number
  readonly addedFaces: number
}

export interface Repaired {
  readonly mesh: Mesh
  readonly changed: boolean
  readonly mended: Mended
  readonly before: Report
  readonly after: Report
}

type Counts = { -readonly [K in keyof Mended]: number }

/** Rounds until nothing changes; each can uncover what the next mends. */
const ROUNDS = 4

/**
 * The mesh, mended: vertices welded, degenerate and duplicate faces dropped, gaps closed, edges of many faces taken
 * apart, faces turned to one side and shells outwards (hollows stay inwards), holes filled. Mending twice changes
 * nothing more. Throws `meshFlat` when nothing with a volume is left. The owner sees `before` and `after` and decides.
 */
export function repair(mesh: Mesh, options: RepairOptions = {}): Repaired {
  const before = check(mesh, options)
  const mended: Counts = {
    weldedVertices: 0,
    removedDegenerate: 0,
    removedDuplicates: 0,
    closedGaps: 0,
    splitEdges: 0,
    removedSheets: 0,
    turnedFaces: 0,
    turnedShells: 0,
    filledHoles: 0,
    addedFaces: 0,
  }
  const diagonal = Math.hypot(before.sizeMm.x, before.sizeMm.y, before.sizeMm.z)
  const gap = options.gapMm ?? diagonal * 1e-5

  let current = weldVertices(mesh)
  mended.weldedVertices = vertexCount(mesh) - vertexCount(current)
  current = dropWorthless(current, mended)
  for (let round = 0; round < ROUNDS; round++) {
    const faces = current.indices
    current = mendRound(current, mended, gap, options.holeEdges ?? 1_000_000)
    if (current.indices === faces) break
  }
  current = turnOutwards(current, mended)
  current = withoutUnused(current)
  if (current.indices.length === 0)
    throw new MeshError(
      'meshFlat',
      'The faces enclose nothing: the model is a sheet without thickness. Give its surfaces a thickness and export it again.',
    )
  const changed = current.indices !== mesh.indices || current.positions !== mesh.positions
  return { mesh: current, changed, mended, before, after: changed ? check(current, options) : before }
}

function mendRound(mesh: Mesh, mended: Counts, gap: number, holeEdges: number): Mesh {
  let current = mesh
  let edges = matchEdges(current.indices, vertexCount(current))
  if (edges.openEdges > 0) {
    const closed = closeGaps(current, edges, gap)
    if (closed) {
      mended.closedGaps += closed.moved
      current = dropWorthless(closed.mesh, mended)
      edges = matchEdges(current.indices, vertexCount(current))
    }
  }
  if (edges.flippedEdges > 0) {
    current = turned(current, inconsistentFaces(current, edges), mended)
    edges = matchEdges(current.indices, vertexCount(current))
  }
  if (edges.crowdedEdges > 0) {
    const split = splitCrowded(current, edges)
    mended.splitEdges += edges.crowdedEdges
    mended.removedSheets += split.removedFaces
    current = dropWorthless(split.mesh, mended)
    edges = matchEdges(current.indices, vertexCount(current))
    if (edges.flippedEdges > 0) {
      current = turned(current, inconsistentFaces(current, edges), mended)
      edges = matchEdges(current.indices, vertexCount(current))
    }
  }
  if (edges.openEdges > 0) {
    const filled = fillHoles(current, edges, holeEdges)
    mended.filledHoles += filled.holes
    mended.addedFaces += filled.addedFaces
    current = dropSheets(filled.mesh, mended)
  }
  return current
}

/** Without faces of two equal corners, and without copies: of faces on the same corners, at most one stays. */
function dropWorthless(mesh: Mesh, mended: Counts): Mesh {
  const edges = matchEdges(mesh.indices, vertexCount(mesh))
  if (edges.collapsedFaces === 0 && edges.duplicates.length === 0) return mesh
  const drop = new Uint8Array(faceCount(mesh))
  for (let face = 0; face < drop.length; face++) if (edges.twins[face * 3] === COLLAPSED) drop[face] = 1
  mended.removedDegenerate += edges.collapsedFaces
  mended.removedDuplicates += edges.duplicates.length
  dropCopies(mesh, edges.duplicates, drop, mended)
  return withoutFaces(mesh, drop)
}

/** Marks copies; two faces back to back enclose nothing, so both go. */
function dropCopies(mesh: Mesh, duplicates: readonly number[], drop: Uint8Array, mended: Counts): void {
  const cornersOf = (face: number) =>
    [...mesh.indices.subarray(face * 3, face * 3 + 3)] as [number, number, number]
  const keyOf = (face: number) =>
    cornersOf(face)
      .sort((a, b) => a - b)
      .join()
  const isEven = (face: number) => {
    const [a, b, c] = cornersOf(face)
    return (a < b && b < c) || (b < c && c < a) || (c < a && a < b)
  }
  const groups = new Map<string, number[]>()
  for (const face of duplicates) groups.set(keyOf(face), [])
  if (groups.size === 0) return
  const corners = new Set([...duplicates].flatMap(cornersOf))
  for (let face = 0; face < drop.length; face++)
    if (!drop[face] && corners.has(mesh.indices[face * 3]!)) groups.get(keyOf(face))?.push(face)
  for (const faces of groups.values()) {
    const even = faces.filter(isEven)
    const odd = faces.filter((face) => !isEven(face))
    for (const face of faces) drop[face] = 1
    const stays = even.length === odd.length ? undefined : even.length > odd.length ? even[0] : odd[0]
    if (stays === undefined) mended.removedDuplicates++
    else drop[stays] = 0
  }
}

/** Without closed shells that have no volume to speak of: what is left of a loose sheet when its hole is filled. */
function dropSheets(mesh: Mesh, mended: Counts): Mesh {
  const edges = matchEdges(mesh.indices, vertexCount(mesh))
  const drop = new Uint8Array(faceCount(mesh))
  let dropped = 0
  for (const faces of facesByShell(edges).values()) {
    if (faces.length > 1000 || !isSheet(mesh, faces)) continue
    for (const face of faces) drop[face] = 1
    dropped += faces.length
  }
  mended.removedSheets += dropped
  return dropped === 0 ? mesh : withoutFaces(mesh, drop)
}

function turned(mesh: Mesh, marks: Uint8Array, mended: Counts): Mesh {
  const indices = mesh.indices.slice()
  for (let face = 0; face < marks.length; face++) {
    if (!marks[face]) continue
    indices[face * 3 + 1] = mesh.indices[face * 3 + 2]!
    indices[face * 3 + 2] = mesh.indices[face * 3 + 1]!
    mended.turnedFaces++
  }
  return { positions: mesh.positions, indices }
}

/** Shells in an even number of others face outwards; those in an odd number may be hollows and stay as they are. */
function turnOutwards(mesh: Mesh, mended: Counts): Mesh {
  const edges = matchEdges(mesh.indices, vertexCount(mesh))
  const open = edges.openEdges > 0 || edges.crowdedEdges > 0 ? openShells(edges) : undefined
  const shells = facesByShell(edges, open)
  const inward = [...shells].filter(([, faces]) => volumeOfFaces(mesh, faces) < 0).map(([shell]) => shell)
  if (inward.length === 0) return mesh
  const nesting = shells.size === 1 ? new Map<number, number>() : nestingOf(mesh, shells, inward)
  const marks = new Uint8Array(faceCount(mesh))
  let count = 0
  for (const shell of inward) {
    if ((nesting.get(shell) ?? 0) % 2 === 1) continue
    count++
    for (const face of shells.get(shell)!) marks[face] = 1
  }
  if (count === 0) return mesh
  mended.turnedShells += count
  return turned(mesh, marks, mended)
}
