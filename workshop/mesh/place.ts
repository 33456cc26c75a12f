/** Putting parts where they can be made: scale, rotation, the bed, the best side down, several on a plate. */
import { restingSides } from './hull.ts'
import { boundsOf, sizeOf } from './measure.ts'
import { joinMeshes, type Mesh, MeshError, type Vector } from './mesh.ts'

/** Three rows; a point is multiplied from the right. */
export type Rotation = readonly [number, number, number, number, number, number, number, number, number]

export const upright: Rotation = [1, 0, 0, 0, 1, 0, 0, 0, 1]

/** Throws `meshFlat` for a factor of zero. A negative factor mirrors; faces are turned so that outside stays outside. */
export function scaled(mesh: Mesh, factor: number | Vector): Mesh {
  const [x, y, z] = typeof factor === 'number' ? [factor, factor, factor] : factor
  if (!(x * y * z !== 0) || !Number.isFinite(x * y * z))
    throw new MeshError('meshFlat', 'A factor of zero leaves nothing of the part. Choose another scale.')
  const by = [x, y, z]
  const positions = mesh.positions.map((value, at) => value * by[at % 3]!)
  if (x * y * z > 0) return { positions, indices: mesh.indices }
  const indices = mesh.indices.slice()
  for (let at = 0; at < indices.length; at += 3) {
    indices[at + 1] = mesh.indices[at + 2]!
    indices[at + 2] = mesh.indices[at + 1]!
  }
  return { positions, indices }
}

export function rotated(mesh: Mesh, rotation: Rotation): Mesh {
  const [a, b, c, d, e, f, g, h, i] = rotation
  const positions = mesh.positions.slice()
  for (let at = 0; at < positions.length; at += 3) {
    const x = positions[at]!
    const y = positions[at + 1]!
    const z = positions[at + 2]!
    positions[at] = a * x + b * y + c * z
    positions[at + 1] = d * x + e * y + f * z
    positions[at + 2] = g * x + h * y + i * z
  }
  return { positions, indices: mesh.indices }
}

/** Counter-clockwise when looking against the axis (O. Rodrigues). */
export function rotationAbout(axis: Vector, degrees: number): Rotation {
  const length = Math.hypot(...axis) || 1
  const [x, y, z] = axis.map((part) => part / length) as [number, number, number]
  const cos = Math.cos((degrees * Math.PI) / 180)
  const sin = Math.sin((degrees * Math.PI) / 180)
  const t = 1 - cos
  return [
    t * x * x + cos,
    t * x * y - sin * z,
    t * x * z + sin * y,
    t * x * y + sin * z,
    t * y * y + cos,
    t * y * z - sin * x,
    t * x * z - sin * y,
    t * y * z + sin * x,
    t * z * z + cos,
  ]
}

/** The shortest rotation that makes a direction point down. */
export function rotationDown(direction: Vector): Rotation {
  const length = Math.hypot(...direction) || 1
  const [x, y, z] = direction.map((part) => part / length) as [number, number, number]
  if (z <= -1 + 1e-12) return upright
  if (z >= 1 - 1e-12) return rotationAbout([1, 0, 0], 180)
  // Axis: direction × down.
  return rotationAbout([-y, x, 0], (Math.acos(-z) * 180) / Math.PI)
}

/** Standing on z = 0 with its box around the z axis. */
export function droppedToBed(mesh: Mesh): Mesh {
  const { min, max } = boundsOf(mesh)
  const by = [-(min[0] + max[0]) / 2, -(min[1] + max[1]) / 2, -min[2]]
  return { positions: mesh.positions.map((value, at) => value + by[at % 3]!), indices: mesh.indices }
}

export interface Orientation {
  readonly rotation: Rotation
  /** What hangs over more than allowed, seen from below (mm²). */
  readonly overhangMm2: number
  /** What lies on the bed (mm²). */
  readonly contactMm2: number
  readonly heightMm: number
  /** Less is better. */
  readonly cost: number
}

export interface OrientOptions {
  /** Slopes flatter than this over the bed need support. */
  readonly overhangDegrees?: number
  /** Sides that are tried. */
  readonly candidates?: number
}

/**
 * Ways to print a part, the best first: standing on each side of its convex hull and as it is. Little that hangs over
 * counts most, then much contact with the bed, then little height. Deterministic; 48 passes over the faces.
 */
export function orientations(
  mesh: Mesh,
  { overhangDegrees = 45, candidates = 48 }: OrientOptions = {},
): Orientation[] {
  const { normals, areas, total } = facesOf(mesh)
  const down: Vector = [0, 0, -1]
  const sides = restingSides(mesh)
    .map(({ normal }) => normal)
    .filter((normal) => Math.hypot(normal[0], normal[1], normal[2] + 1) > 1e-3)
  const limit = Math.cos(((90 - overhangDegrees) * Math.PI) / 180)
  const [x, y, z] = sizeOf(boundsOf(mesh))
  const diagonal = Math.hypot(x, y, z) || 1
  return [down, ...sides.slice(0, candidates - 1)]
    .map((direction) => {
      const measured = standing(mesh, direction, normals, areas, limit, diagonal * 1e-4)
      const cost =
        (3 * measured.overhangMm2 - 1.5 * measured.contactMm2) / (total || 1) + measured.heightMm / diagonal
      return { rotation: rotationDown(direction), ...measured, cost }
    })
    .sort((a, b) => a.cost - b.cost)
}

/** The part in its best orientation, on the bed. */
export function orientForPrinting(
  mesh: Mesh,
  options: OrientOptions = {},
): { mesh: Mesh; orientation: Orientation } {
  const [orientation] = orientations(mesh, options) as [Orientation]
  return { mesh: droppedToBed(rotated(mesh, orientation.rotation)), orientation }
}

function facesOf({ positions, indices }: Mesh): {
  normals: Float64Array
  areas: Float64Array
  total: number
} {
  const normals = new Float64Array(indices.length)
  const areas = new Float64Array(indices.length / 3)
  let total = 0
  for (let at = 0; at < indices.length; at += 3) {
    const a = indices[at]! * 3
    const b = indices[at + 1]! * 3
    const c = indices[at + 2]! * 3
    const ux = positions[b]! - positions[a]!
    const uy = positions[b + 1]! - positions[a + 1]!
    const uz = positions[b + 2]! - positions[a + 2]!
    const vx = positions[c]! - positions[a]!
    const vy = positions[c + 1]! - positions[a + 1]!
    const vz = positions[c + 2]! - positions[a + 2]!
    const nx = uy * vz - uz * vy
    const ny = uz * vx - ux * vz
    const nz = ux * vy - uy * vx
    const length = Math.sqrt(nx * nx + ny * ny + nz * nz)
    areas[at / 3] = length / 2
    total += length / 2
    if (length > 0) normals.set([nx / length, ny / length, nz / length], at)
  }
  return { normals, areas, total }
}

function standing(
  { positions, indices }: Mesh,
  [dx, dy, dz]: Vector,
  normals: Float64Array,
  areas: Float64Array,
  limit: number,
  slack: number,
): { overhangMm2: number; contactMm2: number; heightMm: number } {
  let lowest = Number.NEGATIVE_INFINITY
  let highest = Number.POSITIVE_INFINITY
  for (let at = 0; at < indices.length; at++) {
    const of = indices[at]! * 3
    const depth = positions[of]! * dx + positions[of + 1]! * dy + positions[of + 2]! * dz
    if (depth > lowest) lowest = depth
    if (depth < highest) highest = depth
  }
  let overhangMm2 = 0
  let contactMm2 = 0
  for (let face = 0; face < areas.length; face++) {
    const facing = normals[face * 3]! * dx + normals[face * 3 + 1]! * dy + normals[face * 3 + 2]! * dz
    if (facing <= limit) continue
    let highestDepth = Number.POSITIVE_INFINITY
    for (let corner = face * 3; corner < face * 3 + 3; corner++) {
      const of = indices[corner]! * 3
      highestDepth = Math.min(
        highestDepth,
        positions[of]! * dx + positions[of + 1]! * dy + positions[of + 2]! * dz,
      )
    }
    if (highestDepth >= lowest - slack) contactMm2 += areas[face]! * facing
    else overhangMm2 += areas[face]! * facing
  }
  return { overhangMm2, contactMm2, heightMm: indices.length > 0 ? lowest - highest : 0 }
}

export interface Spot {
  /** Number of the part in the list. */
  readonly part: number
  /** Counted from 0; a new plate begins when one is full. */
  readonly plate: number
  /** Where the lower left corner of its box goes (mm from the corner of the plate). */
  readonly x: number
  readonly y: number
  /** Turned by a quarter about z first. */
  readonly turned: boolean
}

export interface Plate {
  readonly x: number
  readonly y: number
  /** Between parts and along the border. */
  readonly gapMm: number
}

type Free = { x: number; y: number; w: number; h: number }

/** More parts are for several jobs. */
const MOST_PARTS = 2000

/**
 * Places boxes of parts on as few plates as it can: large ones first, each where it leaves the least over (J. Jylänki,
 * "A thousand ways to pack the bin", 2010: maximal rectangles, best short side). The same list gives the same plates.
 * `unplaced` are those larger than a plate.
 */
export function packPlates(
  sizes: readonly { readonly x: number; readonly y: number }[],
  plate: Plate,
): { spots: Spot[]; plates: number; unplaced: number[] } {
  if (sizes.length > MOST_PARTS)
    throw new MeshError(
      'meshTooLarge',
      `A plate takes at most ${MOST_PARTS} parts. Divide them into several orders.`,
    )
  const order = sizes
    .map((_, at) => at)
    .sort((a, b) => sizes[b]!.x * sizes[b]!.y - sizes[a]!.x * sizes[a]!.y || a - b)
  const plates: Free[][] = []
  const spots: Spot[] = []
  const unplaced: number[] = []
  // Each box has its gap on two sides, and the plate one more, so that borders have it as well.
  const fresh = (): Free[] => [
    { x: plate.gapMm, y: plate.gapMm, w: plate.x - plate.gapMm, h: plate.y - plate.gapMm },
  ]
  for (const part of order) {
    const w = sizes[part]!.x + plate.gapMm
    const h = sizes[part]!.y + plate.gapMm
    let number = plates.findIndex((free) => bestFit(free, w, h))
    if (number < 0) {
      if (!bestFit(fresh(), w, h)) {
        unplaced.push(part)
        continue
      }
      number = plates.push(fresh()) - 1
    }
    const fit = bestFit(plates[number]!, w, h)!
    const used = { x: fit.x, y: fit.y, w: fit.turned ? h : w, h: fit.turned ? w : h }
    plates[number] = withoutUsed(plates[number]!, used)
    spots.push({ part, plate: number, x: fit.x, y: fit.y, turned: fit.turned })
  }
  spots.sort((a, b) => a.part - b.part)
  return { spots, plates: plates.length, unplaced: unplaced.sort((a, b) => a - b) }
}

function bestFit(
  free: readonly Free[],
  w: number,
  h: number,
): { x: number; y: number; turned: boolean } | undefined {
  let best: { x: number; y: number; turned: boolean } | undefined
  let least = Number.POSITIVE_INFINITY
  for (const { x, y, w: fw, h: fh } of free)
    for (const turned of [false, true]) {
      const [pw, ph] = turned ? [h, w] : [w, h]
      if (pw > fw + 1e-9 || ph > fh + 1e-9) continue
      const left = Math.min(fw - pw, fh - ph)
      if (left >= least - 1e-9) continue
      least = left
      best = { x, y, turned }
    }
  return best
}

function withoutUsed(free: readonly Free[], used: Free): Free[] {
  const pieces = free.flatMap((each): Free[] => {
    const right = each.x + each.w
    const top = each.y + each.h
    if (used.x >= right || used.x + used.w <= each.x || used.y >= top || used.y + used.h <= each.y)
      return [each]
    return [
      { ...each, w: used.x - each.x },
      { ...each, x: used.x + used.w, w: right - used.x - used.w },
      { ...each, h: used.y - each.y },
      { ...each, y: used.y + used.h, h: top - used.y - used.h },
    ].filter(({ w, h }) => w > 1e-9 && h > 1e-9)
  })
  const within = (a: Free, b: Free) =>
    a.x >= b.x && a.y >= b.y && a.x + a.w <= b.x + b.w + 1e-9 && a.y + a.h <= b.y + b.h + 1e-9
  return pieces.filter(
    (piece, at) =>
      !pieces.some(
        (other, index) => index !== at && within(piece, other) && (index < at || !within(other, piece)),
      ),
  )
}

/** The meshes of one plate as one, each on the bed at its spot; corner of the plate at the origin. */
export function arranged(parts: readonly Mesh[], spots: readonly Spot[], plate: number): Mesh {
  return joinMeshes(
    spots
      .filter((spot) => spot.plate === plate)
      .map(({ part, x, y, turned }) => {
        const mesh = turned ? rotated(parts[part]!, rotationAbout([0, 0, 1], 90)) : parts[part]!
        const { min } = boundsOf(mesh)
        const by = [x - min[0], y - min[1], -min[2]]
        return { positions: mesh.positions.map((value, at) => value + by[at % 3]!), indices: mesh.indices }
      }),
  )
}
