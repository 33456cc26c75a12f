/** Polygons moved inward and outward, and what can be measured on them. */
import type { Loops } from './slice.ts'

const result: number[] = [0.5]

/**
 * Every edge moved by `distance` mm to its left, the inside (outward when negative); growing corners stay sharp or are cut. Where neighbouring edges no longer meet,
 * the loop turns over on itself so that `scan`, which counts windings, leaves out what is gone: the raw offset of
 * X. Chen and S. McMains, "Polygon Offsetting by Computing Winding Numbers" (2005).
 */
export function offset(loops: Loops, distance: number, corners: 'sharp' | 'cut' = 'sharp'): Loops {
  if (distance === 0) return loops
  const { xy, starts } = loops
  while (result.length < xy.length * 3) result.push(0.5)
  const moved = result
  const newStarts: number[] = []
  let count = 0
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    const first = starts[loop]!
    const end = starts[loop + 1]!
    newStarts.push(count / 2)
    let px = xy[(end - 1) * 2]!
    let py = xy[(end - 1) * 2 + 1]!
    let x = xy[first * 2]!
    let y = xy[first * 2 + 1]!
    let lengthIn = Math.sqrt((x - px) ** 2 + (y - py) ** 2) || 1e-12
    let ux = (x - px) / lengthIn
    let uy = (y - py) / lengthIn
    for (let i = first; i < end; i++) {
      const after = i + 1 < end ? i + 1 : first
      const nx = xy[after * 2]!
      const ny = xy[after * 2 + 1]!
      const lengthOut = Math.sqrt((nx - x) ** 2 + (ny - y) ** 2) || 1e-12
      const vx = (nx - x) / lengthOut
      const vy = (ny - y) / lengthOut
      const turn = ux * vy - uy * vx
      const along = 1 + ux * vx + uy * vy
      // Both edges lose (or win) this much at the corner: distance times the tangent of half the turn.
      const trim = along > 1e-9 ? Math.abs((distance * turn) / along) : Infinity
      const shrinks = turn * distance > 0
      if (corners === 'cut' && !shrinks && along < 1.94 && along > 1e-9) {
        // Nothing of the corner lies further out than the distance: it is cut square to its bisector.
        const sum = Math.sqrt(2 * along)
        const cosine = sum / 2
        const half = Math.abs(distance) * Math.sqrt((1 - cosine) / (1 + cosine))
        const qx = x + (distance * (-uy - vy)) / sum
        const qy = y + (distance * (ux + vx)) / sum
        const tx = ((ux + vx) / sum) * half
        const ty = ((uy + vy) / sum) * half
        moved[count++] = qx - tx
        moved[count++] = qy - ty
        moved[count++] = qx + tx
        moved[count++] = qy + ty
      } else if (shrinks ? trim <= 0.5 * Math.min(lengthIn, lengthOut) : trim <= 2 * Math.abs(distance)) {
        moved[count++] = x + (distance * (-uy - vy)) / along
        moved[count++] = y + (distance * (ux + vx)) / along
      } else {
        moved[count++] = x - uy * distance
        moved[count++] = y + ux * distance
        if (shrinks) {
          moved[count++] = x
          moved[count++] = y
        }
        moved[count++] = x - vy * distance
        moved[count++] = y + vx * distance
      }
      px = x
      py = y
      x = nx
      y = ny
      lengthIn = lengthOut
      ux = vx
      uy = vy
    }
  }
  newStarts.push(count / 2)
  return { xy: moved.slice(0, count), starts: newStarts }
}

/** Signed area in mm²: holes count against it. */
export function areaOf({ xy, starts }: Loops, only?: number): number {
  let twice = 0
  for (let loop = only ?? 0; loop < (only === undefined ? starts.length - 1 : only + 1); loop++) {
    const end = starts[loop + 1]!
    for (let i = starts[loop]!, before = end - 1; i < end; before = i++)
      twice += xy[before * 2]! * xy[i * 2 + 1]! - xy[i * 2]! * xy[before * 2 + 1]!
  }
  return twice / 2
}

/** The convex hull's perimeter and area (Andrew's monotone chain). */
export function hullOf(points: readonly (readonly [number, number])[]): { length: number; area: number } {
  const sorted = [...points].sort((a, b) => a[0] - b[0] || a[1] - b[1])
  const half = (list: readonly (readonly [number, number])[]) => {
    const hull: (readonly [number, number])[] = []
    for (const p of list) {
      while (hull.length >= 2) {
        const [a, b] = [hull[hull.length - 2]!, hull[hull.length - 1]!]
        if ((b[0] - a[0]) * (p[1] - a[1]) - (b[1] - a[1]) * (p[0] - a[0]) > 0) break
        hull.pop()
      }
      hull.push(p)
    }
    return hull
  }
  const hull = [...half(sorted).slice(0, -1), ...half(sorted.reverse()).slice(0, -1)]
  let length = 0
  let area = 0
  hull.forEach(([x, y], i) => {
    const [nx, ny] = hull[(i + 1) % hull.length]!
    length += Math.hypot(nx - x, ny - y)
    area += (x * ny - nx * y) / 2
  })
  return { length, area }
}

/** Length of all contours, mm. */
export function rimOf({ xy, starts }: Loops): number {
  let length = 0
  for (let loop = 0; loop + 1 < starts.length; loop++) {
    const end = starts[loop + 1]!
    for (let i = starts[loop]!, before = end - 1; i < end; before = i++)
      length += Math.hypot(xy[i * 2]! - xy[before * 2]!, xy[i * 2 + 1]! - xy[before * 2 + 1]!)
  }
  return length
}
