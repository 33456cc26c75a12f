/** The lines that a layer is printed with, each kind with its width, speed and acceleration. */
import { hullOf } from './contour.ts'
import type { Filler, FillPlan } from './fill.ts'
import { type LoopTimes, lineTime, loopTimes } from './motion.ts'
import { partsOf } from './pieces.ts'
import { type FdmProfile, spacingOf } from './profile.ts'
import type { Grid, Region } from './region.ts'
import type { Loops } from './slice.ts'
import type { SupportLayer } from './support.ts'

export type FdmRole =
  | 'skirt'
  | 'perimeter'
  | 'external'
  | 'solid'
  | 'top'
  | 'bridge'
  | 'sparse'
  | 'support'
  | 'interface'

/** Lines of one kind in one layer. */
export interface Lines {
  readonly role: FdmRole
  readonly length: number
  readonly mm3: number
  readonly speed: number
  /** Separate pieces, each reached by a travel. */
  readonly pieces: number
  readonly seconds: (speed: number) => number
}

/** Walls and infill of layer `i`, `h` mm thick. */
export function linesOf(filler: Filler, i: number, h: number, plan: FillPlan, first = i === 0): Lines[] {
  const { sections, grid, profile, density } = filler
  const section = sections[i]!
  const { speed, acceleration, widthMm, jerk } = profile
  const at = (own: number) => (first ? speed.firstLayer : own)
  const pace = (own: number) => (first ? acceleration.firstLayer : own)
  const lines: Lines[] = []
  const width = first ? widthMm.firstLayer : widthMm.perimeter
  const spacing = spacingOf(width, h)
  const flow = h * spacing
  const limited = (own: number, area: number) => Math.min(own, profile.maxVolumetricMm3S / area)

  // Where walls meet, inner loops give way to wider lines: the area says how much is left of them. Outer loops stay whole
  // unless the part is thinner than one of them on each side.
  const wall = section.wallMm3 / flow
  const { length: outer } = section.external
  const { length: inner } = section.inner
  const keptOuter = outer > 0 ? Math.min(inner > 0 ? 1 : 1.3, wall / outer) : 0
  const keptInner = inner > 0 ? Math.min(1.6, Math.max(0, wall - outer) / inner) : 0
  const loops = (
    role: 'external' | 'perimeter',
    own: number,
    rings: readonly number[],
    times: LoopTimes,
    kept: number,
  ) => {
    if (times.length === 0 || kept === 0) return
    lines.push({
      role,
      length: times.length * kept,
      mm3: times.length * kept * flow,
      speed: at(limited(own, flow)),
      pieces: times.count,
      seconds: (chosen) => {
        let seconds = 0
        for (const ring of rings)
          seconds += loopTimes(
            section.loops,
            width / 2 + ring * spacing,
            (length) => Math.min(chosen, length <= 40.84 ? at(speed.small) : chosen),
            pace(acceleration.perimeter),
            jerk,
          ).seconds
        return seconds * kept
      },
    })
  }
  loops(
    'perimeter',
    speed.perimeter,
    Array.from({ length: profile.perimeters - 1 }, (_, k) => k + 1),
    section.inner,
    keptInner,
  )
  loops('external', speed.external, [0], section.external, keptOuter)

  const scale = section.outline.length > 0 ? section.area / (section.outline.length * grid.pitch) : 1
  const filled = (
    role: FdmRole,
    region: Region,
    own: number,
    lineWidth: number,
    height: number,
    accelerate: number,
  ) => {
    if (region.length === 0) return
    const apart = spacingOf(first ? widthMm.firstLayer : lineWidth, h)
    const area = region.length * grid.pitch * scale
    const bridging = role === 'bridge'
    const diameter = profile.nozzleMm * Math.sqrt(profile.bridgeFlow)
    const between = bridging ? diameter + 0.05 : apart
    const perMm = bridging ? (Math.PI * diameter * diameter) / 4 : apart * height
    const length = area / between
    lines.push({
      role,
      length,
      mm3: length * perMm,
      speed: at(limited(own, perMm)),
      pieces: partsOf(region, grid),
      seconds: (chosen) =>
        runsTime(region, between * 1.3, between, chosen, pace(accelerate), jerk) *
        (grid.pitch / between) *
        scale,
    })
  }
  filled('solid', plan.solid, speed.solid, widthMm.infill, h, acceleration.infill)
  filled('top', plan.top, speed.top, widthMm.top, h, acceleration.infill)
  filled('bridge', plan.bridge, speed.bridge, widthMm.infill, h, acceleration.bridge)
  if (density > 0 && plan.sparse.length > 0)
    lines.push(sparseLines(plan.sparse, filler, h, scale, at, pace, limited))
  return lines
}

/** A grid: two families of parallel lines, each with half of the density, joined along the walls where the way is short. */
export function sparseLines(
  region: Region,
  { grid, profile, density }: Filler,
  h: number,
  scale: number,
  at: (own: number) => number,
  pace: (own: number) => number,
  limited: (own: number, area: number) => number,
): Lines {
  const spacing = spacingOf(profile.widthMm.infill, h)
  const perMm = spacing * h
  const between = (2 * spacing) / density
  const share = (2 * grid.pitch) / between
  const runs = region.at.length / 2
  let straight = 0
  for (let i = 0; i < region.at.length; i += 2)
    straight += Math.max(0, region.at[i + 1]! - region.at[i]! - spacing * 1.3)
  const wall = runs * 2 * grid.pitch * 1.5
  const ends = Math.max(1, runs * 2 * share)
  const arc = wall / ends
  const joined = arc < profile.anchorMaxMm ? 0.8 : 0.8 * (profile.anchorMaxMm / arc) ** 2
  const link = joined * 0.5 * ends * arc
  const length = (straight * share + link) * scale
  return {
    role: 'sparse',
    length,
    mm3: length * perMm,
    speed: at(limited(profile.speed.infill, perMm)),
    pieces: 1 + runs * share * 0.12,
    seconds: (chosen) =>
      runsTime(region, spacing * 1.3, arc * joined, chosen, pace(profile.acceleration.infill), profile.jerk) *
      share *
      scale,
  }
}

/** Seconds for all runs, each shortened by `less` and followed by a way of `link` mm to the next. */
export function runsTime(
  region: Region,
  less: number,
  link: number,
  speed: number,
  acceleration: number,
  jerk: number,
): number {
  const { at } = region
  const slow = Math.min(speed, jerk * 1.2)
  const linking = lineTime(link, slow, speed, acceleration)
  let seconds = 0
  for (let i = 0; i < at.length; i += 2)
    seconds += lineTime(Math.max(0.05, at[i + 1]! - at[i]! - less), slow, speed, acceleration) + linking
  return seconds
}

/** The lines of support that fall to one layer of the part: its share of layers of other heights, slowed down with it. */
export function supportLines(support: SupportLayer, grid: Grid, profile: FdmProfile, h: number): Lines[] {
  const lines: Lines[] = []
  const { height } = support
  const share = h / height
  const add = (role: 'support' | 'interface', region: Region, gap: number, speed: number) => {
    if (region.length === 0) return
    const width = support.first ? profile.widthMm.firstLayer : profile.widthMm.support
    const own = spacingOf(width, h)
    const between = support.first ? own / 0.9 : own + gap
    const perMm = spacingOf(width, height) * height
    // Lines go over into each other along the edge, of which they cover three quarters; a run has two ends on it.
    const edge = (region.at.length / 2) * 3 * grid.pitch
    const length = (region.length * grid.pitch) / between + 0.75 * edge
    lines.push({
      role,
      length: length * share,
      mm3: length * perMm * share,
      speed: support.first ? profile.speed.firstLayer : Math.min(speed, profile.maxVolumetricMm3S / perMm),
      pieces: (partsOf(region, grid) + 1) * share,
      seconds: (chosen) =>
        runsTime(region, 0, 2.25 * between, chosen, profile.acceleration.default, profile.jerk) *
        (grid.pitch / between) *
        share,
    })
  }
  add('support', support.base, profile.support.spacingMm, profile.speed.support)
  add('interface', support.interface, profile.support.interfaceSpacingMm, profile.speed.interface)
  return lines
}

export function skirtLines(
  layers: readonly Loops[],
  support: SupportLayer | undefined,
  grid: Grid,
  profile: FdmProfile,
  h: number,
  first: boolean,
): Lines {
  const points: (readonly [number, number])[] = []
  if (support)
    for (let line = 0; line < grid.lines; line++)
      for (let i = support.base.starts[line]!; i < support.base.starts[line + 1]!; i++)
        points.push([support.base.at[i]!, grid.from + line * grid.pitch])
  for (const { xy } of layers.slice(0, profile.skirt.layers))
    for (let i = 0; i < xy.length; i += 2) points.push([xy[i]!, xy[i + 1]!])
  const width = profile.widthMm.firstLayer
  const perMm = spacingOf(width, h) * h
  const length =
    profile.skirt.loops * (hullOf(points).length + 2 * Math.PI * (profile.skirt.distanceMm + width / 2))
  return {
    role: 'skirt',
    length,
    mm3: length * perMm,
    speed: first ? profile.speed.firstLayer : profile.speed.perimeter,
    pieces: 1,
    seconds: (speed) => length / speed + 0.1,
  }
}
