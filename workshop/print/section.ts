/** What a contour gives by itself: its area, its walls and the room inside of them. */

import { touching } from './combine.ts'
import { areaOf, offset } from './contour.ts'
import { type LoopTimes, loopTimes } from './motion.ts'
import { type FdmProfile, spacingOf } from './profile.ts'
import { type Grid, type Region, scan } from './region.ts'
import type { Loops } from './slice.ts'

/** What a contour gives by itself, whatever is above and below. */
export interface Section {
  readonly loops: Loops
  readonly area: number
  readonly outline: Region
  /** Inside of the walls. */
  readonly fill: Region
  /** How far inside of the outline it begins, mm. */
  readonly fillInset: number
  readonly islands: number
  readonly wallMm3: number
  readonly external: LoopTimes
  readonly inner: LoopTimes
}

/** Lines as close as those of solid infill, wider apart on large parts: with 160 lines no part of the benchmark comes out nearer than with these 110. */
export function gridFor(low: number, high: number): Grid {
  const pitch = Math.min(1, Math.max(0.4, (high - low) / 110))
  return { from: low + pitch / 2, pitch, lines: Math.max(1, Math.ceil((high - low) / pitch)) }
}

export function sectionsOf(
  layers: readonly Loops[],
  grid: Grid,
  profile: FdmProfile,
  firstHeight: number,
  h: number,
): Section[] {
  const sections: Section[] = []
  for (let i = 0; i < layers.length; i++) {
    const known = i > 1 && layers[i] === layers[i - 1]
    sections.push(
      known ? sections[i - 1]! : sectionOf(layers[i]!, grid, profile, i === 0 ? firstHeight : h, i === 0),
    )
  }
  return sections
}

export function sectionOf(loops: Loops, grid: Grid, profile: FdmProfile, h: number, first: boolean): Section {
  const width = first ? profile.widthMm.firstLayer : profile.widthMm.perimeter
  const spacing = spacingOf(width, h)
  const rim = (width - spacing) / 2
  const walls = rim + profile.perimeters * spacing
  const fillInset = walls - profile.infillOverlap * spacing
  const outline = scan(loops, grid)
  // Where not even one line of infill fits, there is none; elsewhere it reaches a little into the walls.
  const core = scan(offset(loops, walls + spacing / 2), grid)
  const fill = touching(scan(offset(loops, fillInset), grid), core)
  const area = Math.max(0, areaOf(loops))
  const cut = touching(scan(offset(loops, walls), grid), core)
  const unit = outline.length > 0 ? area / outline.length : 0
  let perimeter = 0
  const external = loopTimes(
    loops,
    width / 2,
    (length) => {
      perimeter += length
      return 1
    },
    1e9,
    1e9,
  )
  const inner = { length: 0, seconds: 0, smallLength: 0, count: 0 }
  for (let ring = 1; ring < profile.perimeters; ring++) {
    const times = loopTimes(loops, width / 2 + ring * spacing, () => 1, 1e9, 1e9)
    inner.length += times.length
    inner.count += times.count
  }
  const shell = Math.max(0, area - rim * perimeter - cut.length * unit)
  return {
    loops,
    area,
    outline,
    fill,
    fillInset,
    islands: loops.starts.length - 1,
    wallMm3: shell * h,
    external,
    inner,
  }
}
