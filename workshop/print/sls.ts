/** Sintering powder: the part takes its share of a bed that other parts fill, and the powder round it has to be refreshed. */
import type { Mesh } from '../mesh/mesh.ts'
import { areaOf, rimOf } from './contour.ts'
import type { LayeredWork } from './sla.ts'
import { heightOf, type Loops, layerPlanes, sliceMesh } from './slice.ts'

/** Settings of a sintering machine with a laser. */
export interface SlsProfile {
  readonly bedMm: { readonly x: number; readonly y: number }
  /** Spreading a layer of powder. */
  readonly recoatSeconds: number
  /** Lines of the laser: apart by mm, at mm/s; outlines at their own speed. */
  readonly hatchMm: number
  readonly hatchSpeed: number
  readonly outlineSpeed: number
  /** Heating up and cooling down of a full bed, shared by what lies in it. */
  readonly warmSeconds: number
  readonly bedHeightMm: number
  /** Room between parts, mm. */
  readonly gapMm: number
  /** Share of its room that a part fills in a well packed bed, at best. */
  readonly packing: number
  /** New powder that the unsintered rest needs, to be used again. */
  readonly refresh: number
}

export const defaultSlsProfile: SlsProfile = {
  bedMm: { x: 320, y: 320 },
  recoatSeconds: 11,
  hatchMm: 0.25,
  hatchSpeed: 8000,
  outlineSpeed: 2500,
  warmSeconds: 6 * 3600,
  bedHeightMm: 400,
  gapMm: 4,
  packing: 0.6,
  refresh: 0.35,
}

/**
 * Powder and time of sintering the mesh as it stands. Time: its share of recoating and of warming up, by the room it takes,
 * and its own scanning. Powder: the part, and (as `supportMm3`) the new powder for what lies round it.
 */
export function printSls(
  mesh: Mesh,
  layerHeightMm: number,
  profile: SlsProfile = defaultSlsProfile,
  stepMm = Math.max(layerHeightMm, 0.2),
): LayeredWork {
  const height = heightOf(mesh)
  const layers = layerPlanes(height, layerHeightMm, layerHeightMm).length
  const step = stepMm
  const slices = sliceMesh(mesh, layerPlanes(height, step, step))
  let volume = 0
  let scanned = 0
  let outlined = 0
  let previous: Loops | undefined
  let area = 0
  let rim = 0
  for (const loops of slices.layers) {
    if (loops !== previous) {
      area = Math.max(0, areaOf(loops))
      rim = rimOf(loops)
      previous = loops
    }
    volume += area * step
    scanned += (area * step) / layerHeightMm
    outlined += (rim * step) / layerHeightMm
  }
  const { x, y } = slices.sizeMm
  const room = (x + profile.gapMm) * (y + profile.gapMm) * (height + profile.gapMm)
  // Neighbours use what the box of a hollow part leaves free, down to the density of a well packed bed.
  const taken = Math.min(room, Math.max(volume / profile.packing, room * 0.55))
  const bed = profile.bedMm.x * profile.bedMm.y
  const share = taken / (height + profile.gapMm) / bed
  const seconds =
    share * profile.recoatSeconds * ((height + profile.gapMm) / layerHeightMm) +
    (taken / (bed * profile.bedHeightMm)) * profile.warmSeconds +
    scanned / profile.hatchMm / profile.hatchSpeed +
    outlined / profile.outlineSpeed
  return {
    materialMm3: volume,
    supportMm3: Math.max(0, taken - volume) * 0.45 * profile.refresh,
    seconds,
    layers,
  }
}
