/** How shells lie in one another, and which way their faces go. */
import { CROWDED, type Edges, faceOf, OPEN } from './edges.ts'
import type { Mesh } from './mesh.ts'

/** Shells with an edge that has not exactly two faces: they have no inside. 1 at the face that names the shell. */
export function openShells({ twins, shellOf }: Edges): Uint8Array {
  const open = new Uint8Array(shellOf.length)
  for (let at = 0; at < twins.length; at++)
    if (twins[at] === OPEN || twins[at] === CROWDED) open[shellOf[faceOf(at)]!] = 1
  return open
}

/** Faces of each shell, by the face that names it (`Edges.shellOf`); collapsed faces, and shells in `except`, are left out. */
export function facesByShell(edges: Edges, except?: Uint8Array): Map<number, number[]> {
  const faces = new Map<number, number[]>()
  for (let face = 0; face < edges.shellOf.length; face++) {
    if (except?.[edges.shellOf[face]!]) continue
    if (edges.twins[face * 3] === -3) continue
    const shell = edges.shellOf[face]!
    const list = faces.get(shell)
    if (list) list.push(face)
    else faces.set(shell, [face])
  }
  return faces
}

/**
 * Faces to turn over so that neighbours go the same way round, 1 for each: in every patch that manifold edges connect,
 * the minority by number. Patches that cannot be oriented (a Möbius strip) keep some inconsistent edges.
 */
export function inconsistentFaces(mesh: Mesh, edges: Edges): Uint8Array {
  const { indices } = mesh
  const { twins } = edges
  const faces = indices.length / 3
  const turned = new Uint8Array(faces)
  const seen = new Uint8Array(faces)
  const patch = new Uint32Array(faces)
  for (let seed = 0; seed < faces; seed++) {
    if (seen[seed] || twins[seed * 3] === -3) continue
    seen[seed] = 1
    patch[0] = seed
    let size = 1
    let turnedHere = 0
    for (let at = 0; at < size; at++) {
      const face = patch[at]!
      for (let halfEdge = face * 3; halfEdge < face * 3 + 3; halfEdge++) {
        const twin = twins[halfEdge]!
        if (twin < 0) continue
        const other = faceOf(twin)
        if (seen[other]) continue
        seen[other] = 1
        const sameWay = indices[halfEdge] === indices[twin] ? 1 : 0
        turned[other] = turned[face]! ^ sameWay
        turnedHere += turned[other]!
        patch[size++] = other
      }
    }
    if (turnedHere * 2 > size) for (let at = 0; at < size; at++) turned[patch[at]!]! ^= 1
  }
  return turned
}

/** Comparisons that finding the nesting of shells may take; shells beyond are taken to lie in nothing. */
const BUDGET = 50_000_000

/** In how many other shells each shell of the list lies: rays along z from one of its points, counted by parity. */
export function nestingOf(
  mesh: Mesh,
  faces: ReadonlyMap<number, readonly number[]>,
  shells: readonly number[],
): Map<number, number> {
  const others = [...faces]
  const boxes = others.map(([, list]) => boxOf(mesh, list))
  const nesting = new Map<number, number>()
  let spent = 0
  for (const shell of shells) {
    const [x, y, z] = pointOf(mesh, faces.get(shell)!)
    const own = boxOf(mesh, faces.get(shell)!)
    let depth = 0
    for (let at = 0; at < others.length; at++) {
      if (++spent > BUDGET) return nesting
      const [other, list] = others[at]!
      if (other === shell || !holds(boxes[at]!, own)) continue
      spent += list.length
      if (crossings(mesh, list, x, y, z) % 2 === 1) depth++
    }
    nesting.set(shell, depth)
  }
  return nesting
}

function boxOf({ positions, indices }: Mesh, faces: readonly number[]): Float64Array {
  const box = new Float64Array([Infinity, Infinity, Infinity, -Infinity, -Infinity, -Infinity])
  for (const face of faces)
    for (let corner = face * 3; corner < face * 3 + 3; corner++)
      for (let axis = 0; axis < 3; axis++) {
        const value = positions[indices[corner]! * 3 + axis]!
        if (value < box[axis]!) box[axis] = value
        if (value > box[axis + 3]!) box[axis + 3] = value
      }
  return box
}

function holds(outer: Float64Array, inner: Float64Array): boolean {
  return (
    outer[0]! <= inner[0]! &&
    outer[1]! <= inner[1]! &&
    outer[2]! <= inner[2]! &&
    outer[3]! >= inner[3]! &&
    outer[4]! >= inner[4]! &&
    outer[5]! >= inner[5]!
  )
}

/** A point of a face, off its centre, so that a ray from it meets no edge of a regular model. */
function pointOf({ positions, indices }: Mesh, faces: readonly number[]): [number, number, number] {
  const face = faces[0]! * 3
  const point: [number, number, number] = [0, 0, 0]
  for (let axis = 0; axis < 3; axis++)
    point[axis] =
      positions[indices[face]! * 3 + axis]! * 0.4137 +
      positions[indices[face + 1]! * 3 + axis]! * 0.3171 +
      positions[indices[face + 2]! * 3 + axis]! * 0.2692
  return point
}

/** How often the ray from the point upwards goes through the faces. */
function crossings({ positions, indices }: Mesh, faces: readonly number[], x: number, y: number, z: number) {
  let count = 0
  for (const face of faces) {
    const a = indices[face * 3]! * 3
    const b = indices[face * 3 + 1]! * 3
    const c = indices[face * 3 + 2]! * 3
    const ax = positions[a]! - x
    const ay = positions[a + 1]! - y
    const bx = positions[b]! - x
    const by = positions[b + 1]! - y
    const cx = positions[c]! - x
    const cy = positions[c + 1]! - y
    const u = bx * cy - by * cx
    const v = cx * ay - cy * ax
    const w = ax * by - ay * bx
    if ((u < 0 || v < 0 || w < 0) && (u > 0 || v > 0 || w > 0)) continue
    const sum = u + v + w
    if (sum === 0) continue
    if ((u * positions[a + 2]! + v * positions[b + 2]! + w * positions[c + 2]!) / sum > z) count++
  }
  return count
}
