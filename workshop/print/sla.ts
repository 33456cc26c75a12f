/** Printing with resin: a layer is exposed whole, so time hangs on the height alone; resin on the volume and what holds it. */
import type { Mesh } from '../mesh/mesh.ts'
import { areaOf, rimOf } from './contour.ts'
import { heightOf, type Loops, layerPlanes, sliceMesh } from './slice.ts'

/** Settings of a resin printer with a mask (MSLA). */
export interface SlaProfile {
  readonly exposureSeconds: number
  readonly bottomLayers: number
  readonly bottomExposureSeconds: number
  /** The plate rises and sinks by this much after each layer, mm, at mm/s up and down. */
  readonly liftMm: number
  readonly liftSpeed: number
  readonly sinkSpeed: number
  /** Rest before the light goes on. */
  readonly restSeconds: number
  /** The exposure is for this layer; a thicker one needs in proportion more. */
  readonly exposureLayerMm: number
  /** Parts stand on supports this high, mm, so that they come off the plate. */
  readonly standMm: number
  /** One column for this much overhanging area, mm², this thick, mm. */
  readonly areaPerColumnMm2: number
  readonly columnDiameterMm: number
  /** Thickness of the foot below all columns, mm. */
  readonly footMm: number
  /** Resin that stays on the part and in the tank, as a share of the volume. */
  readonly wasteShare: number
  /** Filling, levelling and washing, for each job. */
  readonly jobSeconds: number
}

export const defaultSlaProfile: SlaProfile = {
  exposureSeconds: 2.6,
  bottomLayers: 6,
  bottomExposureSeconds: 28,
  liftMm: 7,
  liftSpeed: 2.5,
  sinkSpeed: 3.5,
  restSeconds: 1,
  exposureLayerMm: 0.05,
  standMm: 5,
  areaPerColumnMm2: 9,
  columnDiameterMm: 1,
  footMm: 1.2,
  wasteShare: 0.06,
  jobSeconds: 240,
}

export interface LayeredWork {
  readonly materialMm3: number
  readonly supportMm3: number
  readonly seconds: number
  readonly layers: number
}

/**
 * Resin and time of printing the mesh as it stands. Supports: columns under what has nothing below it, from the foot or the
 * part up, and a foot under the part's shadow. Without supports the part stands on the plate itself.
 * The volume is cut into steps of `stepMm`, 0.2 mm unless told: finer layers change the time, not what is solid.
 */
export function printSla(
  mesh: Mesh,
  layerHeightMm: number,
  supports: boolean,
  profile: SlaProfile = defaultSlaProfile,
  stepMm = Math.max(layerHeightMm, 0.2),
): LayeredWork {
  const height = heightOf(mesh)
  const layers = layerPlanes(height, layerHeightMm, layerHeightMm).length
  const step = stepMm
  const slices = sliceMesh(mesh, layerPlanes(height, step, step))
  let volume = 0
  let columns = 0
  let previous: Loops | undefined
  let area = 0
  let shadow = 0
  slices.layers.forEach((loops, i) => {
    if (loops !== previous) {
      const now = Math.max(0, areaOf(loops))
      // What a layer has more than the one below hangs over, unless it stands steeper than 45°.
      const more = Math.max(0, now - area - rimOf(loops) * step)
      if (supports) columns += (more / profile.areaPerColumnMm2) * (i * step + profile.standMm)
      area = now
      shadow = Math.max(shadow, now)
      previous = loops
    }
    volume += area * step
  })
  const stand = supports ? Math.ceil(profile.standMm / layerHeightMm) : 0
  const all = layers + stand
  const support = supports
    ? columns * (Math.PI / 4) * profile.columnDiameterMm ** 2 + shadow * profile.footMm
    : 0
  const bottom = Math.min(profile.bottomLayers, all)
  const move = profile.liftMm / profile.liftSpeed + profile.liftMm / profile.sinkSpeed + profile.restSeconds
  return {
    materialMm3: volume * (1 + profile.wasteShare),
    supportMm3: support,
    layers: all,
    seconds:
      profile.jobSeconds +
      all * move +
      bottom * profile.bottomExposureSeconds +
      (all - bottom) * profile.exposureSeconds * (layerHeightMm / profile.exposureLayerMm),
  }
}
