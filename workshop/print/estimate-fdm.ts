/** Filament printing, roughly: some thirty slices, and what the triangles say of closed surfaces and supports. */
import type { Mesh } from '../mesh/mesh.ts'
import { shellLayers } from './fdm.ts'
import { beyondOf, MARGIN } from './fill.ts'
import { layerWork } from './layer.ts'
import { linesOf, supportLines } from './lines.ts'
import type { PrintOptions } from './options.ts'
import { type FdmProfile, spacingOf } from './profile.ts'
import { emptyRegion } from './region.ts'
import { gridFor, type Section, sectionOf } from './section.ts'
import type { LayeredWork } from './sla.ts'
import { heightOf, layerPlanes, sliceMesh } from './slice.ts'
import { type SupportLayer, supportHeight, supportOf } from './support.ts'

export const SLICES = 32

export interface Rough extends LayeredWork {
  /** Shares of the material that are hard to tell from few slices. */
  readonly supportShare: number
  readonly solidShare: number
  readonly slopeShare: number
  readonly missedShare: number
}

export function roughFdm(mesh: Mesh, options: PrintOptions, supports: boolean, profile: FdmProfile): Rough {
  const h = options.layerHeightMm
  const height = heightOf(mesh)
  const layers = layerPlanes(height, profile.firstLayerHeightMm, h).length
  const nothing = {
    materialMm3: 0,
    supportMm3: 0,
    seconds: 0,
    layers,
    supportShare: 0,
    solidShare: 0,
    slopeShare: 0,
    missedShare: 0,
  }
  if (layers === 0) return nothing
  const count = Math.min(layers, SLICES)
  const step = height / count
  const slices = sliceMesh(
    mesh,
    Float64Array.from({ length: count }, (_, i) => (i + 0.5) * step),
  )
  const grid = gridFor(slices.low[1], slices.high[1])
  const none = emptyRegion(grid)
  const sections: Section[] = []
  slices.layers.forEach((loops, i) => {
    sections.push(
      i > 0 && loops === slices.layers[i - 1] ? sections[i - 1]! : sectionOf(loops, grid, profile, h, false),
    )
  })
  const density = options.infillPercent / 100
  const fillVolume = sections.reduce((sum, { fill }) => sum + fill.length * grid.pitch * step, 0)
  const closed = closedBy(mesh, h, profile)
  const solidVolume = density >= 1 ? fillVolume : Math.min(fillVolume, closed.volume)
  const solid = fillVolume > 0 ? solidVolume / fillVolume : 0
  const outlines = sections.map(({ outline }) => outline)
  const standing = supports
    ? supportOf(outlines, beyondOf(outlines, 'bottom', grid), slices.layers, grid, step, profile)
    : []
  const filler = { sections, grid, profile, density, layerMm: h }
  const total = { material: 0, support: 0, seconds: 0 }
  const perSample = layers / count
  let memory: { section: Section; held: unknown; sums: typeof total } | undefined
  sections.forEach((section, i) => {
    const held = standing[i]
    if (memory?.section !== section || memory.held !== held) {
      const sums = { material: 0, support: 0, seconds: 0 }
      for (const [share, isSolid] of [
        [solid, true],
        [1 - solid, false],
      ] as const) {
        if (share <= 0) continue
        const plan = {
          top: none,
          bridge: none,
          solid: isSolid ? section.fill : none,
          sparse: isSolid ? none : section.fill,
        }
        const lines = linesOf(filler, i, h, plan, false)
        if (held)
          lines.push(
            ...supportLines(
              { ...held, height: likelyHeight(held, h, profile), first: false },
              grid,
              profile,
              h,
            ),
          )
        for (const { role, mm3, seconds } of layerWork(lines, section, profile, false).roles) {
          if (role === 'support' || role === 'interface') sums.support += mm3 * share
          else sums.material += mm3 * share
          sums.seconds += seconds * share
        }
      }
      memory = { section, held, sums }
    }
    total.material += memory.sums.material * perSample
    total.support += memory.sums.support * perSample
    total.seconds += memory.sums.seconds * perSample
  })
  const first = sections[0]!
  // The first layer and the skirt go slowly.
  total.seconds +=
    (first.area / spacingOf(profile.widthMm.firstLayer, h)) *
    (1 / profile.speed.firstLayer - 1 / profile.speed.solid)
  // A bridge is a round thread, thicker than the layers it spans.
  if (density < 1) {
    const share = closed.volume > 0 ? Math.min(1, fillVolume / closed.volume) : 0
    const thread = (Math.PI / 4) * profile.nozzleMm ** 2 * profile.bridgeFlow
    const between = profile.nozzleMm * Math.sqrt(profile.bridgeFlow) + 0.05
    const length = (share * closed.flat * innerShare(sections)) / between
    total.material += length * (thread - between * h)
    total.seconds += length * (1 / profile.speed.bridge - 1 / profile.speed.solid)
  }
  // Few slices miss a thin shelf, and triangles do not see that supports stand on the part: the truth lies between.
  const most = supports ? mostSupport(closed, profile) : 0
  const missed = Math.max(0, most - total.support) / 2
  total.support += missed
  total.seconds += missed / SUPPORT_MM3_PER_SECOND
  const all = total.material + total.support
  return {
    missedShare: all > 0 ? missed / all : 0,
    materialMm3: total.material,
    supportMm3: total.support,
    seconds: total.seconds,
    layers,
    supportShare: all > 0 ? total.support / all : 0,
    solidShare: density >= 1 || all === 0 ? 0 : (solidVolume * (1 - density)) / all,
    slopeShare: density >= 1 || all === 0 ? 0 : (Math.min(fillVolume, closed.sloping) * (1 - density)) / all,
  }
}

/** Under slopes, support ends below every layer. */
function likelyHeight({ interface: top }: SupportLayer, h: number, profile: FdmProfile): number {
  const most = supportHeight(profile)
  return top.length > 0 ? h / Math.ceil(h / most - 0.01) : most
}

/** How fast supports grow, with the ways between their lines. */
const SUPPORT_MM3_PER_SECOND = 2

function mostSupport({ below, hanging }: Closed, { support, widthMm }: FdmProfile): number {
  const own = spacingOf(widthMm.support, 0.2)
  const sparse = own / (own + support.spacingMm)
  const dense = own / (own + support.interfaceSpacingMm)
  // A third more than the lines themselves, for the ways along the edge.
  return 1.33 * below * sparse + hanging * dense * 0.3 * support.interfaceLayers
}

/** How much of the outlines lies inside of the walls. */
function innerShare(sections: readonly Section[]): number {
  const outline = sections.reduce((sum, section) => sum + section.outline.length, 0)
  const fill = sections.reduce((sum, section) => sum + section.fill.length, 0)
  return outline > 0 ? fill / outline : 0
}

interface Closed {
  /** mm³ between what hangs over and the floor: the most room that supports can need. */
  readonly below: number
  /** mm² of what hangs over. */
  readonly hanging: number
  /** mm³ of solid infill. */
  readonly volume: number
  /** What of it lies under slopes. */
  readonly sloping: number
  /** mm² of nearly flat places. */
  readonly flat: number
}

/**
 * How much of the infill closes the part above and below: under every surface as many layers as the profile says, but on a
 * slope only what is not wall already.
 */
function closedBy({ positions, indices }: Mesh, h: number, profile: FdmProfile): Closed {
  const { above, below } = shellLayers(profile, h)
  const top = (above + 1) * h
  const bottom = (below + 1) * h
  const wall = profile.perimeters * spacingOf(profile.widthMm.perimeter, h)
  let volume = 0
  let sloping = 0
  let flat = 0
  let under = 0
  let hanging = 0
  const needsSupport = Math.tan((profile.support.thresholdDegrees * Math.PI) / 180)
  let floor = Infinity
  for (let i = 2; i < positions.length; i += 3) if (positions[i]! < floor) floor = positions[i]!
  for (let i = 0; i < indices.length; i += 3) {
    const a = indices[i]! * 3
    const b = indices[i + 1]! * 3
    const c = indices[i + 2]! * 3
    const ux = positions[b]! - positions[a]!
    const uy = positions[b + 1]! - positions[a + 1]!
    const uz = positions[b + 2]! - positions[a + 2]!
    const vx = positions[c]! - positions[a]!
    const vy = positions[c + 1]! - positions[a + 1]!
    const vz = positions[c + 2]! - positions[a + 2]!
    const nz = ux * vy - uy * vx
    if (nz === 0) continue
    const nx = uy * vz - uz * vy
    const ny = uz * vx - ux * vz
    const thickness = nz > 0 ? top : bottom
    const steepness = Math.sqrt(nx * nx + ny * ny) / Math.abs(nz)
    const lowest = Math.min(positions[a + 2]!, positions[b + 2]!, positions[c + 2]!) - floor
    if (nz < 0 && lowest > h && steepness < needsSupport) {
      hanging += Math.abs(nz) / 2
      under += (Math.abs(nz) / 2) * lowest
    }
    // One layer stands back from the next by this much; where that is more than the walls, the surface is filled a margin
    // further in.
    const step = h / Math.max(steepness, 1e-3)
    const bare = step > wall + 0.1
    const left = thickness + ((bare ? MARGIN : 0.13) - wall) * steepness
    if (left <= 0) continue
    const shadow = Math.abs(nz) / 2
    volume += shadow * left
    if (steepness > 0.05) sloping += shadow * left
    // Wide places are bridged, over the void or over the sparse infill below a roof.
    if (nz < 0 && bare && positions[a + 2]! > floor + h) flat += shadow * (1 + (MARGIN - wall) / step)
    else if (nz > 0 && step > 2.4) flat += shadow
  }
  return { volume, sloping, flat, below: under, hanging }
}
