/** Where a layer is filled solidly, where sparsely and where it bridges: from the layers near above and below. */

import { combine, hasLonger, touching } from './combine.ts'
import { offset } from './contour.ts'
import { type FdmProfile, spacingOf } from './profile.ts'
import { dilate, emptyRegion, type Grid, type Region, scan, thick } from './region.ts'
import type { Section } from './section.ts'

type Side = 'top' | 'bottom'

export interface Filler {
  readonly sections: readonly Section[]
  readonly grid: Grid
  readonly profile: FdmProfile
  readonly density: number
  readonly layerMm: number
}

/** A filler that looks at the layers beside one as well. */
export interface Stack extends Filler {
  /** What of a section's outline reaches beyond that of the one on a side of it. */
  readonly beyond: Readonly<Record<Side, readonly Region[]>>
}

/** What `planFill` asks of the layers near above and below: windows that begin at a layer. */
export interface Near {
  readonly above: number
  readonly below: number
  /** The fill that all layers of a window have, which is `above + below + 1` layers high. */
  readonly fill: (first: number) => Region
  /** What is seen from above in any layer of a window `above` high, and from below in one `below` high. */
  readonly tops: (first: number) => Region
  readonly bottoms: (first: number) => Region
}

export interface FillPlan {
  readonly solid: Region
  readonly top: Region
  readonly bridge: Region
  readonly sparse: Region
}

export function windowChanges(
  sections: readonly Section[],
  i: number,
  above: number,
  below: number,
): boolean {
  for (let k = Math.max(0, i - below - 1); k < Math.min(sections.length - 1, i + above); k++)
    if (sections[k] !== sections[k + 1]) return true
  return i - below - 1 < 0 || i + above >= sections.length
}

/** What of the fill is seen from above or below, and what around it is filled to hold it. */
export interface Faces {
  readonly top: Region
  readonly bottom: Region
  /** What is seen, without what is around it. */
  readonly bare: Region
}

/** Seen surfaces reach this far into the part, so that they are held (`EXTERNAL_INFILL_MARGIN`). */
export const MARGIN = 3
/** Over a void they do so only as far as this (0.3 of it), mm. */
const UNHELD = 0.9
/** The infill that closes a part reaches this far below the surfaces it closes, in spacings of its lines; narrower it is left out. */
const SOLID_REACH = 1.05
/** Opened by a tenth of the width of a wall on both sides: what is narrower is no surface. */
const LEAST_STEP = 0.2
/** Surfaces longer by less are no more than arithmetic, mm. */
const ROUNDING = 0.001

/** What of each outline reaches beyond the one above (`top`) or below it. */
export function beyondOf(outlines: readonly Region[], side: Side, grid: Grid): Region[] {
  const none = emptyRegion(grid)
  return outlines.map((own, i) => {
    const other = outlines[side === 'top' ? i + 1 : i - 1]
    if (other === own) return none
    return other ? combine(own, other, 'not') : own
  })
}

export function facesOf(filler: Stack, i: number, under: Faces | undefined): Faces {
  const { sections, grid, beyond } = filler
  const own = sections[i]!
  const [above, below] = [sections[i + 1], sections[i - 1]]
  if (above === own && below === own) return under && under.bare.length === 0 ? under : noFaces(grid)
  const bareOf = (beside: Section | undefined, side: Side) => {
    if (!beside) return own.fill
    if (!hasLonger(beyond[side][i]!, ROUNDING)) return emptyRegion(grid)
    return combine(own.fill, beside.outline, 'not', ROUNDING)
  }
  const [bareTop, bareBottom] = [bareOf(above, 'top'), bareOf(below, 'bottom')]
  const bare = combine(bareTop, bareBottom, 'or')
  const held = (side: Region) => (side.length > 0 ? withMargin(filler, i, side, bare, under) : side)
  const [top, bottom] = [held(bareTop), held(bareBottom)]
  return {
    bottom,
    top: bottom.length > 0 && top.length > 0 ? combine(top, bottom, 'not', 0.1) : top,
    bare,
  }
}

function withMargin(
  { sections, grid, density }: Filler,
  i: number,
  side: Region,
  bare: Region,
  under: Faces | undefined,
): Region {
  const { fill } = sections[i]!
  const wide = combine(dilate(side, MARGIN, grid), fill, 'and')
  const below = sections[i - 1]
  if (density > 0 || !below || !under) return wide
  // Over a void it reaches no further than the walls and the surfaces below hold it; what is seen anyway is no void.
  const room = scan(offset(below.loops, below.fillInset + UNHELD), grid)
  const unheld = combine(room, dilate(under.bare, UNHELD, grid), 'not')
  const voids = combine(unheld, bare, 'not')
  return combine(wide, voids, 'not')
}

function noFaces(grid: Grid): Faces {
  const none = emptyRegion(grid)
  return { top: none, bottom: none, bare: none }
}

/** How far the surfaces of a layer reach into the layers that close them, mm: where they border on walls they are closed beside them too. */
export const closingReach = ({ profile, layerMm }: Filler): number =>
  SOLID_REACH * spacingOf(profile.widthMm.infill, layerMm)

/**
 * What of layer `i` a slope shows beside the layer next to it, as far in as it is closed: steps too narrow to be laid do not
 * count. On most slopes it is wall and not fill, but the layers near have to close it as well.
 */
export function stepsOf(stack: Stack, i: number, side: Side): Region {
  const { sections, grid, profile, beyond } = stack
  const own = sections[i]!
  const other = sections[side === 'top' ? i + 1 : i - 1]
  if (!other || other === own) return emptyRegion(grid)
  const inset = closingReach(stack)
  // What does not reach beyond the layer's own walls closes nothing.
  const narrow = Math.max(LEAST_STEP * profile.widthMm.perimeter, own.fillInset - inset)
  // No run is shorter than the step is wide.
  if (!hasLonger(beyond[side][i]!, narrow)) return emptyRegion(grid)
  const bare = combine(own.outline, other.outline, 'not', narrow)
  const steps = combine(bare, scan(offset(other.loops, -narrow, 'cut'), grid), 'not', ROUNDING)
  if (steps.length === 0) return steps
  return touching(combine(own.outline, scan(offset(other.loops, inset), grid), 'not'), steps)
}

/**
 * What `size` neighbouring layers have in common or together, from any layer on. Windows overlap: within a block of as many
 * layers, the results from its first layer up and from its last layer down are kept, and a window is one of each. What lies
 * below a block is forgotten when that is asked for, since windows are mostly asked for from the first layer up.
 */
export function windowOf(
  size: number,
  at: (layer: number) => Region,
  how: 'and' | 'or',
  none: Region,
): (first: number) => Region {
  const single = new Map<number, Region>()
  const up = new Map<number, Region>()
  const down = new Map<number, Region>()
  const one = (layer: number): Region => {
    const known = single.get(layer) ?? at(layer)
    single.set(layer, known)
    return known
  }
  const join = (a: Region, b: Region): Region => (a === b ? a : combine(a, b, how))
  const run = (layer: number, step: 1 | -1): Region => {
    const known = step === 1 ? up : down
    const kept = known.get(layer)
    if (kept) return kept
    const place = ((layer % size) + size) % size
    const edge = place === (step === 1 ? 0 : size - 1)
    const result = edge ? one(layer) : join(run(layer - step, step), one(layer))
    known.set(layer, result)
    return result
  }
  return (first) => {
    if (size === 0) return none
    const begins = first % size === 0
    if (begins)
      for (const known of [single, up, down])
        for (const layer of known.keys()) if (layer < first) known.delete(layer)
    const downward = run(first, -1)
    return begins ? downward : join(downward, run(first + size - 1, 1))
  }
}

export function planFill(
  filler: Filler,
  near: Near,
  { top, bottom }: Faces,
  i: number,
  /** Sparse infill of the layers below, as many as a bridge is thick. */
  sparseBelow: readonly Region[],
): FillPlan {
  const { sections, grid, density } = filler
  const { above, below } = near
  const { fill } = sections[i]!
  const none = emptyRegion(grid)
  let hidden = density >= 1 || i - below < 0 || i + above >= sections.length ? none : near.fill(i - below)
  if (hidden.length > 0)
    for (const shell of [near.tops(i + 1), near.bottoms(i - below)])
      if (shell.length > 0) hidden = combine(hidden, shell, 'not')
  // Slivers of solid infill along a slope are no wider than a line: they stay sparse. The others reach into the sparse infill
  // by three tenths of that, which makes more of a line that crosses their border at an angle.
  const least = closingReach(filler)
  const closed =
    hidden === fill
      ? none
      : combine(thick(combine(fill, hidden, 'not'), least, 0.42 * least, grid), fill, 'and')
  const inside = without(without(closed, top), bottom)
  const seen = combine(top, bottom, 'or')
  // The first solid lines over sparse ones are bridges too.
  const roof =
    density < 1 && inside.length > 0 && sparseBelow.every(({ length }) => length > 0)
      ? thick(
          sparseBelow.reduce((left, region) => combine(left, region, 'and'), inside),
          2.4,
          0,
          grid,
        )
      : none
  const isBridge = i > 0
  return {
    top,
    bridge: isBridge ? combine(bottom, roof, 'or') : none,
    solid: isBridge ? without(inside, roof) : combine(inside, bottom, 'or'),
    sparse: without(without(fill, closed, 0.5), seen, 0.5),
  }
}

export const without = (a: Region, b: Region, shortest = 0): Region =>
  b.length > 0 && a.length > 0 ? combine(a, b, 'not', shortest) : a
