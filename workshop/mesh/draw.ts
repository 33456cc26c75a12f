/** A picture of a mesh, drawn by the processor: the same on every machine. */
import { boundsOf, normalOf } from './measure.ts'
import type { Mesh, Vector } from './mesh.ts'

export interface Picture {
  readonly width: number
  readonly height: number
  /** Four bytes per pixel, from the top left; transparent where nothing is. */
  readonly rgba: Uint8ClampedArray
}

export type Colour = readonly [red: number, green: number, blue: number]

export interface DrawOptions {
  /** Pixels of each side. */
  readonly size?: number
  readonly colour?: Colour
  /** Faces in the other colour. */
  readonly marked?: readonly number[]
  readonly markColour?: Colour
  /** From where: degrees about z, and above the horizon. */
  readonly turn?: number
  readonly rise?: number
}

/** Pixels are drawn this often in each direction and averaged. */
const FINE = 2
/** Neighbours whose normals differ by less than this (cosine) look round, others keep their edge. */
const ROUND = 0.75

/**
 * Draws a mesh from the front left and above, without perspective, filling the picture. A depth buffer, light on the
 * corners (H. Gouraud, 1971), smoothed edges. Takes time for faces and pixels, and memory for pixels: 20 bytes × 4 × size².
 */
export function drawMesh(
  mesh: Mesh,
  {
    size = 512,
    colour = [120, 150, 190],
    marked = [],
    markColour = [220, 60, 50],
    turn = 30,
    rise = 25,
  }: DrawOptions = {},
): Picture {
  const side = size * FINE
  const { right, up, back } = cameraOf(turn, rise)
  const screen = projected(mesh, right, up, back, side)
  const normals = cornerNormals(mesh)
  const depth = new Float32Array(side * side).fill(Number.NEGATIVE_INFINITY)
  const light = new Float32Array(side * side)
  const isMarked = new Uint8Array(mesh.indices.length / 3)
  for (const face of marked) isMarked[face] = 1
  const mark = new Uint8Array(side * side)
  const shades = new Float64Array(3)
  for (let face = 0; face < isMarked.length; face++) {
    for (let k = 0; k < 3; k++) shades[k] = shadeOf(normals.subarray(face * 9 + k * 3), right, up, back)
    fill(screen, mesh.indices, face, shades, depth, light, mark, isMarked[face]!, side)
  }
  return averaged(depth, light, mark, size, colour, markColour)
}

function cameraOf(turn: number, rise: number): { right: Vector; up: Vector; back: Vector } {
  const a = (turn * Math.PI) / 180
  const b = (rise * Math.PI) / 180
  return {
    right: [Math.cos(a), Math.sin(a), 0],
    up: [-Math.sin(a) * Math.sin(b), Math.cos(a) * Math.sin(b), Math.cos(b)],
    back: [Math.sin(a) * Math.cos(b), -Math.cos(a) * Math.cos(b), Math.sin(b)],
  }
}

/** x to the right, y down (pixels), z towards the eye, per vertex; the part fills nine tenths of the picture. */
function projected(mesh: Mesh, right: Vector, up: Vector, back: Vector, side: number): Float64Array {
  const { positions, indices } = mesh
  const screen = new Float64Array(positions.length)
  for (let at = 0; at < positions.length; at += 3) {
    const [x, y, z] = [positions[at]!, positions[at + 1]!, positions[at + 2]!]
    screen[at] = x * right[0] + y * right[1] + z * right[2]
    screen[at + 1] = -(x * up[0] + y * up[1] + z * up[2])
    screen[at + 2] = x * back[0] + y * back[1] + z * back[2]
  }
  const { min, max } = boundsOf({ positions: screen, indices })
  const scale = (side * 0.9) / (Math.max(max[0] - min[0], max[1] - min[1]) || 1)
  const centre = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, 0]
  for (let at = 0; at < screen.length; at++) {
    const axis = at % 3
    screen[at] = (screen[at]! - centre[axis]!) * scale + (axis < 2 ? side / 2 : 0)
  }
  return screen
}

/** Faces around a vertex that are looked at; the tip of a fine cone has thousands. */
const AROUND = 32

/** The unit normal at each corner of each face: the mean of the faces around that bend little away from it. */
function cornerNormals(mesh: Mesh): Float32Array {
  const { positions, indices } = mesh
  const normal = new Float64Array(3)
  const flat = new Float32Array(indices.length)
  const starts = new Uint32Array(positions.length / 3 + 1)
  for (let at = 0; at < indices.length; at += 3) {
    normalOf(mesh, at / 3, normal)
    flat.set(normal, at)
    for (let k = 0; k < 3; k++) starts[indices[at + k]! + 1]!++
  }
  for (let vertex = 1; vertex < starts.length; vertex++) starts[vertex]! += starts[vertex - 1]!
  const around = new Uint32Array(indices.length)
  const free = starts.slice()
  for (let corner = 0; corner < indices.length; corner++)
    around[free[indices[corner]!]!++] = corner - (corner % 3)
  const normals = new Float32Array(indices.length * 3)
  for (let corner = 0; corner < indices.length; corner++) {
    const own = corner - (corner % 3)
    const fx = flat[own]!
    const fy = flat[own + 1]!
    const fz = flat[own + 2]!
    let x = fx
    let y = fy
    let z = fz
    const from = starts[indices[corner]!]!
    const to = Math.min(starts[indices[corner]! + 1]!, from + AROUND)
    for (let at = from; at < to; at++) {
      const face = around[at]!
      if (face === own || fx * flat[face]! + fy * flat[face + 1]! + fz * flat[face + 2]! < ROUND) continue
      x += flat[face]!
      y += flat[face + 1]!
      z += flat[face + 2]!
    }
    const length = Math.sqrt(x * x + y * y + z * z) || 1
    normals[corner * 3] = x / length
    normals[corner * 3 + 1] = y / length
    normals[corner * 3 + 2] = z / length
  }
  return normals
}

/** A lamp at the upper left, a weak one at the right, and what comes from everywhere. Both sides of a face are lit. */
function shadeOf(normal: Float32Array, right: Vector, up: Vector, back: Vector): number {
  let r = 0
  let u = 0
  let b = 0
  for (let k = 0; k < 3; k++) {
    r += normal[k]! * right[k]!
    u += normal[k]! * up[k]!
    b += normal[k]! * back[k]!
  }
  const sign = b < 0 ? -1 : 1
  const main = Math.max(0, sign * (-0.45 * r + 0.65 * u + 0.62 * b))
  const weak = Math.max(0, sign * (0.8 * r + 0.1 * u + 0.59 * b))
  return 0.22 + 0.68 * main + 0.2 * weak
}

function fill(
  screen: Float64Array,
  indices: Uint32Array,
  face: number,
  shades: Float64Array,
  depth: Float32Array,
  light: Float32Array,
  mark: Uint8Array,
  isMarked: number,
  side: number,
): void {
  const a = indices[face * 3]! * 3
  const b = indices[face * 3 + 1]! * 3
  const c = indices[face * 3 + 2]! * 3
  const ax = screen[a]!
  const ay = screen[a + 1]!
  const bx = screen[b]!
  const by = screen[b + 1]!
  const cx = screen[c]!
  const cy = screen[c + 1]!
  const area = (bx - ax) * (cy - ay) - (by - ay) * (cx - ax)
  if (area === 0) return
  const left = Math.max(0, Math.floor(Math.min(ax, bx, cx)))
  const last = Math.min(side - 1, Math.ceil(Math.max(ax, bx, cx)))
  const top = Math.max(0, Math.floor(Math.min(ay, by, cy)))
  const bottom = Math.min(side - 1, Math.ceil(Math.max(ay, by, cy)))
  for (let y = top; y <= bottom; y++)
    for (let x = left; x <= last; x++) {
      const px = x + 0.5
      const py = y + 0.5
      const u = ((bx - px) * (cy - py) - (by - py) * (cx - px)) / area
      const v = ((cx - px) * (ay - py) - (cy - py) * (ax - px)) / area
      const w = 1 - u - v
      if (u < 0 || v < 0 || w < 0) continue
      const z = u * screen[a + 2]! + v * screen[b + 2]! + w * screen[c + 2]!
      const pixel = y * side + x
      if (z <= depth[pixel]!) continue
      depth[pixel] = z
      light[pixel] = u * shades[0]! + v * shades[1]! + w * shades[2]!
      mark[pixel] = isMarked
    }
}

function averaged(
  depth: Float32Array,
  light: Float32Array,
  mark: Uint8Array,
  size: number,
  colour: Colour,
  markColour: Colour,
): Picture {
  const rgba = new Uint8ClampedArray(size * size * 4)
  const side = size * FINE
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const sum = [0, 0, 0]
      let covered = 0
      for (let fine = 0; fine < FINE * FINE; fine++) {
        const pixel = (y * FINE + Math.floor(fine / FINE)) * side + x * FINE + (fine % FINE)
        if (depth[pixel] === Number.NEGATIVE_INFINITY) continue
        covered++
        const base = mark[pixel] ? markColour : colour
        for (let k = 0; k < 3; k++) sum[k]! += Math.min(255, base[k]! * light[pixel]! * 1.15)
      }
      if (covered === 0) continue
      const to = (y * size + x) * 4
      for (let k = 0; k < 3; k++) rgba[to + k] = sum[k]! / covered
      rgba[to + 3] = (255 * covered) / (FINE * FINE)
    }
  return { width: size, height: size, rgba }
}
