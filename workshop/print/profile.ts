/** Settings of a filament printer, in the words of PrusaSlicer's profiles; the names there are given where ours differ. */
export interface FdmProfile {
  readonly nozzleMm: number
  readonly filamentDiameterMm: number
  readonly firstLayerHeightMm: number
  readonly perimeters: number
  readonly topLayers: number
  readonly topThicknessMm: number
  readonly bottomLayers: number
  readonly bottomThicknessMm: number
  /** Share of the spacing that infill reaches into the perimeters (`infill_overlap`). */
  readonly infillOverlap: number
  /** The longest way along the wall by which two lines of infill are joined (`infill_anchor_max`), mm. */
  readonly anchorMaxMm: number
  readonly anchorMm: number
  /** Extrusion widths, mm. */
  readonly widthMm: {
    readonly firstLayer: number
    readonly perimeter: number
    readonly infill: number
    readonly top: number
    readonly support: number
  }
  /** mm/s. */
  readonly speed: {
    readonly perimeter: number
    readonly external: number
    readonly small: number
    readonly infill: number
    readonly solid: number
    readonly top: number
    readonly bridge: number
    readonly support: number
    readonly interface: number
    readonly travel: number
    readonly firstLayer: number
  }
  /** mm/s². */
  readonly acceleration: {
    readonly perimeter: number
    readonly infill: number
    readonly bridge: number
    readonly firstLayer: number
    readonly default: number
    readonly travel: number
    readonly z: number
  }
  /** The step of speed that an axis takes at once (`machine_max_jerk_x` and `_z`), mm/s. */
  readonly jerk: number
  readonly jerkZ: number
  readonly speedZ: number
  readonly bridgeFlow: number
  readonly maxVolumetricMm3S: number
  readonly retract: {
    readonly lengthMm: number
    readonly speed: number
    readonly liftMm: number
    /** Shorter travels do without (`retract_before_travel`). */
    readonly beforeMm: number
    readonly atLayerChange: boolean
  }
  /** A layer that takes less is slowed down (`slowdown_below_layer_time`), to this speed at most. */
  readonly minLayerSeconds: number
  readonly minSpeed: number
  readonly skirt: { readonly loops: number; readonly distanceMm: number; readonly layers: number }
  readonly support: {
    /** Degrees from the horizontal below which a surface is held up. */
    readonly thresholdDegrees: number
    readonly contactMm: number
    readonly spacingMm: number
    readonly interfaceLayers: number
    readonly interfaceSpacingMm: number
    /** Gap beside the part as a share of the perimeter's width. */
    readonly sideGap: number
  }
}

/** A 0.4 mm printer of the common kind. `bench/print.ini` says the same to PrusaSlicer. */
export const defaultFdmProfile: FdmProfile = {
  nozzleMm: 0.4,
  filamentDiameterMm: 1.75,
  firstLayerHeightMm: 0.2,
  perimeters: 2,
  topLayers: 5,
  topThicknessMm: 0.7,
  bottomLayers: 4,
  bottomThicknessMm: 0.5,
  infillOverlap: 0.15,
  anchorMaxMm: 12,
  anchorMm: 2.5,
  widthMm: { firstLayer: 0.42, perimeter: 0.45, infill: 0.45, top: 0.4, support: 0.35 },
  speed: {
    perimeter: 45,
    external: 25,
    small: 25,
    infill: 80,
    solid: 80,
    top: 40,
    bridge: 30,
    support: 50,
    interface: 40,
    travel: 180,
    firstLayer: 20,
  },
  acceleration: {
    perimeter: 800,
    infill: 1000,
    bridge: 1000,
    firstLayer: 800,
    default: 1000,
    travel: 1250,
    z: 200,
  },
  jerk: 8,
  jerkZ: 0.4,
  speedZ: 12,
  bridgeFlow: 0.95,
  maxVolumetricMm3S: 15,
  retract: { lengthMm: 0.8, speed: 35, liftMm: 0.4, beforeMm: 1, atLayerChange: true },
  minLayerSeconds: 15,
  minSpeed: 15,
  skirt: { loops: 1, distanceMm: 2, layers: 3 },
  support: {
    thresholdDegrees: 50,
    contactMm: 0.2,
    spacingMm: 2,
    interfaceLayers: 2,
    interfaceSpacingMm: 0.2,
    sideGap: 0.6,
  },
}

/**
 * Distance of neighbouring lines: a line is a rectangle with half circles at its sides, and neighbours overlap so far that
 * no gap stays. Source: PrusaSlicer's manual, "Flow Math".
 */
export const spacingOf = (widthMm: number, heightMm: number): number => widthMm - heightMm * (1 - Math.PI / 4)
