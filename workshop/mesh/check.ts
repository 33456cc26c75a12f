/** What is wrong with a mesh, and where. */
import { COLLAPSED, CROWDED, type Edges, matchEdges, nextOf, OPEN } from './edges.ts'
import { type Bounds, boundsOf, measure, sizeOf } from './measure.ts'
import { faceCount, type Mesh, MeshError, vertexCount } from './mesh.ts'
import { facesByShell, inconsistentFaces, nestingOf, openShells } from './shells.ts'

export type ProblemCode =
  | 'holes'
  | 'nonManifoldEdges'
  | 'flippedFaces'
  | 'insideOutShells'
  | 'duplicateFaces'
  | 'degenerateFaces'
  | 'sliverFaces'
  | 'selfIntersections'
  | 'thinWalls'

/** One kind of problem, with the first places of it, for a viewer to show. */
export interface Problem {
  readonly code: ProblemCode
  /** How many there are, beyond those that are listed. */
  readonly count: number
  /** Faces in question, by their number in the file. */
  readonly faces: readonly number[]
  /** Their corners: nine numbers each (mm). */
  readonly triangles: readonly number[]
  /** Edges in question: six numbers each (mm). */
  readonly lines: readonly number[]
}

export interface Report {
  readonly triangles: number
  readonly vertices: number
  /** Connected surfaces. */
  readonly shells: number
  /** Shells that lie in another and face inwards: hollows. */
  readonly cavities: number
  /** Every edge has exactly two faces, in opposite directions. */
  readonly watertight: boolean
  /** Groups of connected edges with a face on one side only. */
  readonly holes: number
  readonly openEdges: number
  readonly nonManifoldEdges: number
  /** Faces that go the other way round than most of their neighbours. */
  readonly flippedFaces: number
  readonly insideOutShells: number
  readonly duplicateFaces: number
  /** Faces with two equal corners. */
  readonly degenerateFaces: number
  /** Faces of three different corners on one line. */
  readonly sliverFaces: number
  readonly bounds: Bounds
  readonly sizeMm: { readonly x: number; readonly y: number; readonly z: number }
  /** Of the surface as it is; means what it says when the mesh is watertight. */
  readonly volumeMm3: number
  readonly areaMm2: number
  readonly problems: readonly Problem[]
}

export interface CheckOptions {
  /** Places that are listed per problem. */
  readonly places?: number
}

/** Shells whose nesting is looked at when they face inwards; more are dust, not hollows. */
const NESTED_SHELLS = 2_000

/**
 * Checks the surface: its edges, shells, directions and measures. Linear in the faces but for shells that face
 * inwards, each of which is compared with the shells around it. Walls and self-intersections: `checkDeep`.
 */
export function check(mesh: Mesh, { places = 200 }: CheckOptions = {}): Report {
  const edges = matchEdges(mesh.indices, vertexCount(mesh))
  const volumes = new Float64Array(faceCount(mesh))
  const measures = measure(mesh, { shellOf: edges.shellOf, volumes, limit: places })
  const problems: Problem[] = []
  const tell = (
    code: ProblemCode,
    count: number,
    faces: () => readonly number[],
    halfEdges: readonly number[] = [],
  ) => {
    if (count > 0)
      problems.push(problemOf(mesh, code, count, faces().slice(0, places), halfEdges.slice(0, places)))
  }

  const open = edges.openEdges > 0 ? halfEdgesOf(edges, OPEN) : []
  const holes = open.length > 0 ? countLoops(mesh, open) : 0
  tell('holes', holes, () => [], open)
  tell('nonManifoldEdges', edges.crowdedEdges, () => facesAt(edges, CROWDED, places), edges.crowded)
  const turned = edges.flippedEdges > 0 ? facesMarked(inconsistentFaces(mesh, edges)) : []
  tell('flippedFaces', turned.length, () => turned)
  const { insideOut, cavities } = directions(mesh, edges, volumes)
  tell('insideOutShells', insideOut.length, () => insideOut)
  tell('duplicateFaces', edges.duplicates.length, () => edges.duplicates)
  tell('degenerateFaces', edges.collapsedFaces, () => facesAt(edges, COLLAPSED, places))
  tell('sliverFaces', measures.sliverCount, () => measures.slivers)

  const bounds = boundsOf(mesh)
  const [x, y, z] = sizeOf(bounds)
  return {
    triangles: faceCount(mesh),
    vertices: vertexCount(mesh),
    shells: edges.shells,
    cavities,
    watertight:
      edges.shells > 0 && edges.openEdges === 0 && edges.crowdedEdges === 0 && edges.flippedEdges === 0,
    holes,
    openEdges: edges.openEdges,
    nonManifoldEdges: edges.crowdedEdges,
    flippedFaces: turned.length,
    insideOutShells: insideOut.length,
    duplicateFaces: edges.duplicates.length,
    degenerateFaces: edges.collapsedFaces,
    sliverFaces: measures.sliverCount,
    bounds,
    sizeMm: { x, y, z },
    volumeMm3: measures.volumeMm3,
    areaMm2: measures.areaMm2,
    problems,
  }
}

/** A problem with the corners of its faces and edges. */
export function problemOf(
  { positions, indices }: Mesh,
  code: ProblemCode,
  count: number,
  faces: readonly number[],
  halfEdges: readonly number[] = [],
): Problem {
  const point = (corner: number) => [...positions.subarray(indices[corner]! * 3, indices[corner]! * 3 + 3)]
  return {
    code,
    count,
    faces,
    triangles: faces.flatMap((face) => [...point(face * 3), ...point(face * 3 + 1), ...point(face * 3 + 2)]),
    lines: halfEdges.flatMap((halfEdge) => [...point(halfEdge), ...point(nextOf(halfEdge))]),
  }
}

/** Closed shells that face inwards: those in an odd number of others are hollows, the rest is inside out. */
function directions(
  mesh: Mesh,
  edges: Edges,
  volumes: Float64Array,
): { insideOut: number[]; cavities: number } {
  const open = edges.openEdges > 0 || edges.crowdedEdges > 0 ? openShells(edges) : undefined
  const inward: number[] = []
  for (let face = 0; face < volumes.length; face++) if (volumes[face]! < 0 && !open?.[face]) inward.push(face)
  if (inward.length === 0) return { insideOut: [], cavities: 0 }
  if (edges.shells === 1) return { insideOut: inward, cavities: 0 }
  const looked = inward.slice(0, NESTED_SHELLS)
  const nesting = nestingOf(mesh, facesByShell(edges, open), looked)
  const insideOut = inward.filter((shell) => (nesting.get(shell) ?? 0) % 2 === 0)
  return { insideOut, cavities: inward.length - insideOut.length }
}

function halfEdgesOf({ twins }: Edges, kind: number): number[] {
  const found: number[] = []
  for (let at = 0; at < twins.length; at++) if (twins[at] === kind) found.push(at)
  return found
}

function facesAt({ twins }: Edges, kind: number, limit: number): number[] {
  const found: number[] = []
  for (let at = 0; at < twins.length && found.length < limit; at += 3)
    if (twins[at] === kind || twins[at + 1] === kind || twins[at + 2] === kind) found.push(at / 3)
  return found
}

function facesMarked(marks: Uint8Array): number[] {
  const found: number[] = []
  for (let face = 0; face < marks.length; face++) if (marks[face]) found.push(face)
  return found
}

/** Groups of open edges that share vertices. */
function countLoops({ indices }: Mesh, open: readonly number[]): number {
  const parents = new Map<number, number>()
  const rootOf = (vertex: number): number => {
    let at = vertex
    for (let up = parents.get(at); up !== undefined && up !== at; up = parents.get(at)) {
      parents.set(at, parents.get(up) ?? up)
      at = up
    }
    return at
  }
  let groups = 0
  const touch = (vertex: number) => {
    if (parents.has(vertex)) return
    parents.set(vertex, vertex)
    groups++
  }
  for (const halfEdge of open) {
    const a = indices[halfEdge]!
    const b = indices[nextOf(halfEdge)]!
    touch(a)
    touch(b)
    const one = rootOf(a)
    const other = rootOf(b)
    if (one === other) continue
    parents.set(one, other)
    groups--
  }
  return groups
}

/** What can be made at all; sizes in mm. */
export interface Makeable {
  readonly largestMm: number
  readonly smallestMm: number
}

/** Throws `meshFlat` or `meshTooLarge` when nobody could make the part, whatever its repair. */
export function refuseUnmakeable(
  report: Report,
  { largestMm, smallestMm }: Makeable = { largestMm: 10_000, smallestMm: 0.01 },
): void {
  const { x, y, z } = report.sizeMm
  const size = [x, y, z].map((side) => Number(side.toPrecision(3))).join(' × ')
  if (Math.max(x, y, z) > largestMm)
    throw new MeshError(
      'meshTooLarge',
      `The part measures ${size} mm, and nothing above ${largestMm} mm can be made. Check the unit it was exported in, or scale it.`,
    )
  const thinnest = Math.abs(report.volumeMm3) / (report.areaMm2 / 2)
  if (Math.min(x, y, z) < smallestMm || (report.watertight && !(thinnest >= smallestMm / 10)))
    throw new MeshError(
      'meshFlat',
      `The part measures ${size} mm and has no thickness to be made of. Give its surfaces a thickness, or check the unit it was exported in.`,
    )
}
