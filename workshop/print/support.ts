/** What holds up a filament part from below: where it stands, layer by layer, from the top down. */

import { combine, hasLonger, touching } from './combine.ts'
import { offset } from './contour.ts'
import type { FdmProfile } from './profile.ts'
import { dilate, emptyRegion, type Grid, type Region, scan } from './region.ts'
import type { Loops } from './slice.ts'

/** The support of one layer. Layers that are alike share the object. */
export interface SupportLayer {
  readonly base: Region
  /** The dense layers that the part lies on. */
  readonly interface: Region
  readonly first: boolean
  /** How thick its lines are. */
  readonly height: number
}

/** Layers of support are as thick as the nozzle lays them well, whatever those of the part. */
export const supportHeight = (profile: FdmProfile): number => 0.72 * profile.nozzleMm

/** Support reaches this far beyond what it holds: it is built from whole cells of a grid. */
const CELL = 1.6
/** What lies under a layer's own overhang is made whole to this width. */
const CONTACT = 0.6
/** Overhangs by less than this are no more than arithmetic, mm: a slope of half a degree below the threshold makes 0.002. */
const ROUNDING = 0.001
/**
 * Dense layers hold what lies further out than 0.6 widths of a wall from the layer below, whose corners are rounded by 0.5 widths
 * before (`lower_layer_polygons_for_dense_interface`). A little less, or the lines of the grid miss it.
 */
const FREE = 0.55
/** Corners that turn by more than this, in radians, are looked at by themselves. */
const SHARP = 0.5
/** The first layer is wider and denser, so that it sticks (`raft_first_layer_expansion`), mm. */
const FOOT = 3

/** No thinner layers are put between two that have to be. */
const THINNEST = 0.07

/**
 * How thick the layers of support are beside each layer of the part. One ends below every overhang; between two such ends
 * there are as few layers, all alike, as the nozzle can lay.
 */
export function supportHeights(
  hangs: readonly boolean[],
  first: number,
  h: number,
  profile: FdmProfile,
): Float64Array {
  const most = supportHeight(profile)
  const heights = new Float64Array(hangs.length).fill(most)
  let from = first
  let layer = 1
  hangs.forEach((hanging, i) => {
    const to = first + (i - 1) * h - profile.support.contactMm
    if (!hanging || to < from + THINNEST) return
    const height = (to - from) / Math.ceil((to - from) / most - 0.01)
    for (; layer < hangs.length && first + (layer - 0.5) * h < to; layer++) heights[layer] = height
    from = to
  })
  return heights
}

/**
 * Where support stands beside layer `i`, or nothing. `outlines` and `loops` belong to the same layers, `beyond` is what
 * of an outline reaches beyond the one below.
 * A part of a layer needs support that reaches further beyond the layer below than the threshold angle allows.
 */
export function supportOf(
  outlines: readonly Region[],
  beyond: readonly Region[],
  loops: readonly Loops[],
  grid: Grid,
  h: number,
  profile: FdmProfile,
): (SupportLayer | undefined)[] {
  const { thresholdDegrees, contactMm, interfaceLayers, sideGap } = profile.support
  const { widthMm } = profile
  const reach = h / Math.tan(((thresholdDegrees + 1) * Math.PI) / 180)
  const none = emptyRegion(grid)
  const hanging = outlines.map((outline, i) => {
    const under = outlines[i - 1]
    if (!under || under === outline) return none
    const bare = beyond[i]!
    const tips = tipsOf(loops[i]!, loops[i - 1]!, () => reach, grid)
    const held = dilate(tips, CONTACT, grid)
    if (!hasLonger(bare, reach)) return held
    const rest = scan(offset(loops[i - 1]!, -reach, 'cut'), grid)
    const free = combine(bare, rest, 'not', ROUNDING)
    if (free.length * grid.pitch < 0.1) return held
    const broad = dilate(touching(bare, free), CONTACT, grid)
    return combine(broad, held, 'or')
  })
  // A slope that is nearly steep enough is held by the columns alone: dense layers are for what lies free.
  const width = widthMm.perimeter
  const pressing = hanging.map((hangs, i) => {
    if (hangs.length === 0) return none
    const beside = scan(offset(loops[i - 1]!, -FREE * width, 'cut'), grid)
    const free = combine(outlines[i]!, beside, 'not', ROUNDING)
    const cut = (turn: number) => Math.max(0, (1.1 - 0.5 / Math.cos(turn / 2)) * width)
    const tips = tipsOf(loops[i]!, loops[i - 1]!, cut, grid)
    return touching(hangs, combine(free, tips, 'or'))
  })
  const result: (SupportLayer | undefined)[] = new Array(outlines.length)
  const hangs = hanging.map(({ length }) => length > 0)
  const heights = supportHeights(hangs, profile.firstLayerHeightMm, h, profile)
  const gap = Math.max(1, Math.round(contactMm / h) + 1)
  const dense =
    interfaceLayers > 0 ? Math.max(1, Math.round((interfaceLayers * supportHeight(profile)) / h)) : 0
  let standing = none
  let before: SupportLayer | undefined
  for (let i = outlines.length - 1; i >= 0; i--) {
    let touched: Region = none
    for (let k = 0; k < dense; k++) {
      const above = pressing[i + gap + k]
      if (above) touched = combine(touched, above, 'or')
    }
    const fresh = hanging[i + gap]
    if (fresh && fresh.length > 0) {
      const cells = dilate(fresh, CELL - CONTACT, grid)
      standing = combine(standing, cells, 'or')
    } else if (
      before &&
      touched.length === 0 &&
      before.interface.length === 0 &&
      before.height === heights[i] &&
      outlines[i] === outlines[i + 1] &&
      i > 0
    ) {
      result[i] = before
      continue
    }
    if (standing.length === 0) {
      before = undefined
      continue
    }
    const keepOut = scan(offset(loops[i]!, -sideGap * profile.widthMm.perimeter), grid)
    standing = combine(standing, keepOut, 'not', 0.3)
    if (standing.length * grid.pitch < 0.5) {
      standing = none
      before = undefined
      continue
    }
    const top = combine(standing, touched, 'and')
    const base = combine(standing, top, 'not')
    before =
      i === 0
        ? {
            base: combine(dilate(standing, FOOT, grid), keepOut, 'not'),
            interface: none,
            first: true,
            height: profile.firstLayerHeightMm,
          }
        : { base, interface: top, first: false, height: heights[i]! }
    result[i] = before
  }
  return result
}

/** Sharp corners that hang further out than the walls beside them, too small for the lines of the grid. */
function tipsOf({ xy, starts }: Loops, below: Loops, reachOf: (turn: number) => number, grid: Grid): Region {
  const lines = new Map<number, number[]>()
  let boxes: number[] | undefined
  let count = 0
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    const end = starts[loop + 1]!
    for (let i = starts[loop]!, before = end - 1; i < end; before = i++) {
      const after = i + 1 < end ? i + 1 : starts[loop]!
      const [x, y] = [xy[i * 2]!, xy[i * 2 + 1]!]
      const [ux, uy] = [x - xy[before * 2]!, y - xy[before * 2 + 1]!]
      const [vx, vy] = [xy[after * 2]! - x, xy[after * 2 + 1]! - y]
      const turn = Math.atan2(ux * vy - uy * vx, ux * vx + uy * vy)
      if (turn < SHARP) continue
      const reach = reachOf(turn)
      boxes ??= boxesOf(below)
      if (isWithin(below, boxes, x, y, reach + ROUNDING)) continue
      const line = Math.min(grid.lines - 1, Math.max(0, Math.round((y - grid.from) / grid.pitch)))
      lines.set(line, [...(lines.get(line) ?? []), x])
      count++
    }
  }
  if (count === 0) return emptyRegion(grid)
  const from: number[] = []
  const at: number[] = []
  for (let line = 0; line < grid.lines; line++) {
    from[line] = at.length
    let last = -Infinity
    for (const x of (lines.get(line) ?? []).sort((a, b) => a - b)) {
      if (x - 0.01 <= last) continue
      last = x + 0.01
      at.push(x - 0.01, last)
    }
  }
  from[grid.lines] = at.length
  return { starts: from, at, length: at.length * 0.01 }
}

/** Whether a point lies in the contours, or no further out than `reach`. */
function isWithin(
  { xy, starts }: Loops,
  boxes: readonly number[],
  x: number,
  y: number,
  reach: number,
): boolean {
  let winding = 0
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    // What does not come near the point does not go round it either.
    if (x < boxes[loop * 4]! - reach || x > boxes[loop * 4 + 2]! + reach) continue
    if (y < boxes[loop * 4 + 1]! - reach || y > boxes[loop * 4 + 3]! + reach) continue
    const end = starts[loop + 1]!
    for (let i = starts[loop]!, before = end - 1; i < end; before = i++) {
      const [ax, ay] = [xy[before * 2]!, xy[before * 2 + 1]!]
      const [dx, dy] = [xy[i * 2]! - ax, xy[i * 2 + 1]! - ay]
      if (ay <= y !== ay + dy <= y && (y - ay) * dx > (x - ax) * dy === dy > 0) winding += dy > 0 ? 1 : -1
      const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1)
      const share = Math.min(1, Math.max(0, along))
      if (Math.hypot(x - ax - dx * share, y - ay - dy * share) <= reach) return true
    }
  }
  return winding !== 0
}

/** The least and the largest `x` and `y` of each loop: four numbers each. */
function boxesOf({ xy, starts }: Loops): number[] {
  const boxes: number[] = []
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    let [lowX, lowY, highX, highY] = [Infinity, Infinity, -Infinity, -Infinity]
    for (let i = starts[loop]!; i < starts[loop + 1]!; i++) {
      lowX = Math.min(lowX, xy[i * 2]!)
      lowY = Math.min(lowY, xy[i * 2 + 1]!)
      highX = Math.max(highX, xy[i * 2]!)
      highY = Math.max(highY, xy[i * 2 + 1]!)
    }
    boxes.push(lowX, lowY, highX, highY)
  }
  return boxes
}
