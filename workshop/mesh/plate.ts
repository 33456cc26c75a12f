/** Several parts on a plate. */
import { boundsOf } from './measure.ts'
import { joinMeshes, type Mesh, MeshError } from './mesh.ts'
import { rotated, rotationAbout } from './place.ts'

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
