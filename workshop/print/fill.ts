/** Where a layer is filled solidly, where sparsely and where it bridges: from the layers near above and below. */

import type { FdmProfile } from './profile.ts'
import { combine, dilate, emptyRegion, type Grid, type Region, thick } from './region.ts'
import type { Section } from './section.ts'

export interface Filler {
  readonly sections: readonly Section[]
  readonly grid: Grid
  readonly profile: FdmProfile
  readonly density: number
  readonly above: number
  readonly below: number
  /** What `planFill` remembers of overlapping windows. */
  readonly windows: { readonly up: Map<number, Region>; readonly down: Map<number, Region> }
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
}

/** Seen surfaces reach this far into the part, so that they are held (`EXTERNAL_INFILL_MARGIN`). */
export const MARGIN = 3

export function facesOf({ sections, grid, density }: Filler, i: number, known: Faces | undefined): Faces {
  const section = sections[i]!
  const over = sections[i + 1]
  const under = sections[i - 1]
  if (over === section && under === section)
    return known && known.top.length + known.bottom.length === 0 ? known : noFaces(grid)
  const seen = (other: Section | undefined) => {
    if (other === section) return emptyRegion(grid)
    if (!other) return section.fill
    const bare = combine(section.fill, other.outline, 'not', 0.1)
    // Where there is no infill to lay them on, they do not reach further.
    return bare.length > 0 && density > 0 ? combine(dilate(bare, MARGIN, grid), section.fill, 'and') : bare
  }
  const bottom = seen(under)
  const top = seen(over)
  return { bottom, top: bottom.length > 0 && top.length > 0 ? combine(top, bottom, 'not', 0.1) : top }
}

export const noFaces = (grid: Grid): Faces => ({ top: emptyRegion(grid), bottom: emptyRegion(grid) })

/**
 * The fill that every layer of the window round layer `i` has as well. Windows overlap: within a block of as many layers, the
 * intersections from its first layer up and from its last layer down are kept, and a window is one of each.
 */
function covered({ sections, grid, above, below, windows }: Filler, i: number): Region {
  if (i - below < 0 || i + above >= sections.length) return emptyRegion(grid)
  const size = above + below + 1
  const run = (k: number, step: 1 | -1): Region => {
    const known = step === 1 ? windows.up : windows.down
    const kept = known.get(k)
    if (kept) return kept
    const own = sections[k]!.fill
    const edge = step === 1 ? k % size === 0 : k % size === size - 1 || k === sections.length - 1
    const before = edge ? undefined : run(k - step, step)
    const result =
      before === undefined || sections[k - step] === sections[k]
        ? (before ?? own)
        : combine(before, own, 'and')
    known.set(k, result)
    return result
  }
  const down = run(i - below, -1)
  if ((i - below) % size === 0) return down
  const up = run(i + above, 1)
  return up === down ? up : combine(down, up, 'and')
}

export function planFill(
  filler: Filler,
  faces: readonly Faces[],
  i: number,
  /** Sparse infill of the layers below, as many as a bridge is thick. */
  sparseBelow: readonly Region[],
): FillPlan {
  const { sections, grid, profile, density, above, below } = filler
  const { fill } = sections[i]!
  const none = emptyRegion(grid)
  let hidden = covered(filler, i)
  let shell = none
  for (let k = i - below; k <= i + above; k++) {
    const near = k < i ? faces[k]?.bottom : k > i ? faces[k]?.top : undefined
    if (near && near.length > 0 && near !== shell)
      shell = shell.length > 0 ? combine(shell, near, 'or') : near
  }
  if (shell.length > 0) hidden = combine(hidden, shell, 'not')
  if (density >= 1) hidden = none
  const { top, bottom } = faces[i]!
  // Slivers of solid infill along a slope are no wider than a line: they stay sparse. The others reach into the sparse infill,
  // further where a single wall leaves more of the slope to them.
  const [least, more] = profile.perimeters > 1 ? [0.427, 0.18] : [0.365, 0.42]
  const closed =
    hidden === fill ? none : combine(thick(combine(fill, hidden, 'not'), least, more, grid), fill, 'and')
  const inside = without(without(closed, top), bottom)
  const seen = top.length > 0 ? (bottom.length > 0 ? combine(top, bottom, 'or') : top) : bottom
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
    bridge: isBridge ? (roof.length > 0 ? combine(bottom, roof, 'or') : bottom) : none,
    solid: isBridge ? without(inside, roof) : combine(inside, bottom, 'or'),
    sparse: without(without(fill, closed, 0.5), seen, 0.5),
  }
}

export const without = (a: Region, b: Region, shortest = 0): Region =>
  b.length > 0 && a.length > 0 ? combine(a, b, 'not', shortest) : a
