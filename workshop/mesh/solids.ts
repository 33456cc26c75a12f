/**
 * Solids made by formula: for tests against truth, for demos and for comparing prices. All closed, outward, in double
 * precision, standing on z = 0 unless their words say otherwise; sizes in millimetres.
 */
import { joinMeshes, type Mesh, type Vector } from './mesh.ts'
import { type Outline, triangulateFlat, turnOf } from './triangulate.ts'
import { weldVertices } from './weld.ts'

export function meshOf(points: readonly Vector[], faces: readonly (readonly number[])[]): Mesh {
  return { positions: new Float64Array(points.flat()), indices: new Uint32Array(faces.flat()) }
}

/** The same surface seen from the other side: a cavity. */
export function turnedInside(mesh: Mesh): Mesh {
  const indices = mesh.indices.slice()
  for (let at = 0; at < indices.length; at += 3) {
    indices[at + 1] = mesh.indices[at + 2]!
    indices[at + 2] = mesh.indices[at + 1]!
  }
  return { positions: mesh.positions, indices }
}

export function moved(mesh: Mesh, [x, y, z]: Vector): Mesh {
  const by = [x, y, z]
  return { positions: mesh.positions.map((value, at) => value + by[at % 3]!), indices: mesh.indices }
}

/** A straight wall over each outline, closed above and below. Holes go through. */
export function extrude(outer: Outline, height: number, holes: readonly Outline[] = []): Mesh {
  const loops = [outer, ...holes].map((loop, at) =>
    turnOf(loop) > 0 === (at === 0) ? loop : loop.toReversed(),
  )
  const flat = triangulateFlat(loops[0]!, loops.slice(1))
  if (!flat) throw new RangeError('The outline crosses itself')
  const points = loops.flat()
  const above = points.length
  const faces: number[][] = []
  for (let at = 0; at < flat.length; at += 3) {
    const [a, b, c] = [flat[at]!, flat[at + 1]!, flat[at + 2]!]
    faces.push([a, c, b], [a + above, b + above, c + above])
  }
  let first = 0
  for (const loop of loops) {
    for (let at = 0; at < loop.length; at++) {
      const a = first + at
      const b = first + ((at + 1) % loop.length)
      faces.push([a, b, b + above], [a, b + above, a + above])
    }
    first += loop.length
  }
  const at = (z: number) => points.map(([x, y]): Vector => [x, y, z])
  return meshOf([...at(0), ...at(height)], faces)
}

/** A profile of (radius, z) turned about the z axis; it goes up on the outside. Ends at radius 0 close the solid. */
export function revolve(profile: Outline, segments: number): Mesh {
  const points: Vector[] = []
  const rings = profile.map(([radius, z]) => {
    if (radius === 0) return Array<number>(segments).fill(points.push([0, 0, z]) - 1)
    return Array.from({ length: segments }, (_, at) => {
      const angle = (2 * Math.PI * at) / segments
      return points.push([radius * Math.cos(angle), radius * Math.sin(angle), z]) - 1
    })
  })
  const faces: number[][] = []
  for (let ring = 0; ring + 1 < rings.length; ring++)
    for (let at = 0; at < segments; at++) {
      const [a, b] = [rings[ring]![at]!, rings[ring]![(at + 1) % segments]!]
      const [c, d] = [rings[ring + 1]![(at + 1) % segments]!, rings[ring + 1]![at]!]
      if (a !== b) faces.push([a, b, c])
      if (c !== d) faces.push([a, c, d])
    }
  return meshOf(points, faces)
}

const rectangle = (x: number, y: number, left = 0, front = 0): Outline => [
  [left, front],
  [left + x, front],
  [left + x, front + y],
  [left, front + y],
]

/** `count` corners on a circle. */
export const circle = (radius: number, count: number, x = 0, y = 0): Outline =>
  Array.from({ length: count }, (_, at) => {
    const angle = (2 * Math.PI * at) / count
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const
  })

export const box = (x: number, y: number, z: number): Mesh => extrude(rectangle(x, y), z)

/** The corner of a box, cut off: volume `x·y·z/6`. */
export const tetrahedron = (x: number, y: number, z: number): Mesh =>
  meshOf(
    [
      [0, 0, 0],
      [x, 0, 0],
      [0, y, 0],
      [0, 0, z],
    ],
    [
      [0, 2, 1],
      [0, 1, 3],
      [0, 3, 2],
      [1, 2, 3],
    ],
  )

/** A prism of a regular polygon. */
export const cylinder = (radius: number, height: number, segments = 64): Mesh =>
  extrude(circle(radius, segments), height)

export const cone = (radius: number, height: number, segments = 64): Mesh =>
  revolve(
    [
      [0, 0],
      [radius, 0],
      [0, height],
    ],
    segments,
  )

/** A polyhedron of `segments` meridians and `rings` parallels, its centre at the origin. */
export function sphere(radius: number, segments = 64, rings = 32): Mesh {
  const profile = Array.from({ length: rings + 1 }, (_, at): [number, number] => {
    const angle = (Math.PI * at) / rings
    return [at === 0 || at === rings ? 0 : radius * Math.sin(angle), -radius * Math.cos(angle)]
  })
  return revolve(profile, segments)
}

/** An icosahedron whose faces are split into four `splits` times, corners on the sphere; its centre at the origin. */
export function icosphere(radius: number, splits = 3): Mesh {
  const golden = (1 + Math.sqrt(5)) / 2
  const corners: number[][] = []
  for (const a of [-1, 1]) for (const b of [-golden, golden]) corners.push([0, a, b], [a, b, 0], [b, 0, a])
  let faces: number[][] = []
  const near = (a: number[], b: number[]) =>
    Math.abs(Math.hypot(...a.map((part, at) => part - b[at]!)) - 2) < 1e-9
  for (let a = 0; a < 12; a++)
    for (let b = a + 1; b < 12; b++)
      for (let c = b + 1; c < 12; c++) {
        const [pa, pb, pc] = [corners[a]!, corners[b]!, corners[c]!]
        if (!near(pa, pb) || !near(pb, pc) || !near(pc, pa)) continue
        const outward =
          pa[0]! * (pb[1]! * pc[2]! - pb[2]! * pc[1]!) +
          pa[1]! * (pb[2]! * pc[0]! - pb[0]! * pc[2]!) +
          pa[2]! * (pb[0]! * pc[1]! - pb[1]! * pc[0]!)
        faces.push(outward > 0 ? [a, b, c] : [a, c, b])
      }
  const points = corners.map((point) => point.map((part) => part / Math.hypot(...point)))
  for (let split = 0; split < splits; split++) {
    const middles = new Map<number, number>()
    const middle = (a: number, b: number) => {
      const key = Math.min(a, b) * 2 ** 26 + Math.max(a, b)
      const known = middles.get(key)
      if (known !== undefined) return known
      const sum = points[a]!.map((part, axis) => part + points[b]![axis]!)
      const length = Math.hypot(...sum)
      middles.set(key, points.push(sum.map((part) => part / length)) - 1)
      return points.length - 1
    }
    faces = faces.flatMap(([a, b, c]) => {
      const [ab, bc, ca] = [middle(a!, b!), middle(b!, c!), middle(c!, a!)]
      return [
        [a!, ab, ca],
        [ab, b!, bc],
        [ca, bc, c!],
        [ab, bc, ca],
      ]
    })
  }
  return meshOf(
    points.map((point) => point.map((part) => part * radius) as unknown as Vector),
    faces,
  )
}

/** A ring of `segments` sections, each a regular polygon of `sides`; its centre at the origin. */
export function torus(radius: number, tube: number, segments = 64, sides = 32): Mesh {
  const profile = circle(tube, sides).map(([x, z]) => [radius + x, z] as const)
  return weldVertices(revolve([...profile, profile[0]!], segments))
}

/** A box with a box-shaped hollow that walls of `wall` surround. */
export const hollowBox = (x: number, y: number, z: number, wall: number): Mesh =>
  joinMeshes([
    box(x, y, z),
    turnedInside(moved(box(x - 2 * wall, y - 2 * wall, z - 2 * wall), [wall, wall, wall])),
  ])

/** A box with a square hole of `hole` through it from above, in the middle. */
export const boxWithHole = (x: number, y: number, z: number, hole: number): Mesh =>
  extrude(rectangle(x, y), z, [rectangle(hole, hole, (x - hole) / 2, (y - hole) / 2)])

/** A spur gear with trapezoid teeth and a bore; its axis is z. */
export function gear(teeth = 20, module = 2, height = 8, bore = 8): Mesh {
  const pitch = (teeth * module) / 2
  const outline = Array.from({ length: teeth }, (_, tooth) =>
    (
      [
        [-0.3, pitch - 1.25 * module],
        [-0.17, pitch + module],
        [0.17, pitch + module],
        [0.3, pitch - 1.25 * module],
      ] as const
    ).map(([share, radius]) => {
      const angle = (2 * Math.PI * (tooth + share)) / teeth
      return [radius * Math.cos(angle), radius * Math.sin(angle)] as const
    }),
  ).flat()
  return extrude(outline, height, [circle(bore / 2, 48)])
}

/** An angle bracket with two bolt holes in its long leg, lying on its side. */
export function bracket(long = 60, short = 40, thickness = 5, width = 20, bolt = 5): Mesh {
  const outline: Outline = [
    [0, 0],
    [long, 0],
    [long, thickness * 2],
    [thickness * 3, thickness * 2],
    [thickness, thickness * 4],
    [thickness, short],
    [0, short],
  ]
  return extrude(outline, width, [
    circle(bolt / 2, 32, long * 0.5, thickness),
    circle(bolt / 2, 32, long * 0.8, thickness),
  ])
}

/** A vase with a wall of `wall` all round, open above. */
export function vase(height = 80, radius = 25, wall = 1.6, segments = 96): Mesh {
  const outside = (share: number) => radius * (0.75 + 0.35 * Math.sin(share * 5.2 + 0.6))
  const steps = 48
  const outer = Array.from(
    { length: steps + 1 },
    (_, at) => [outside(at / steps), (height * at) / steps] as const,
  )
  const inner = outer
    .toReversed()
    .slice(0, -1)
    .map(([at, z]) => [at - wall, Math.max(z, wall)] as const)
    .filter(([, z], at, all) => at === 0 || z > wall || all[at - 1]![1] > wall)
  return revolve([[0, 0], ...outer, ...inner, [outside(0) - wall, wall], [0, wall]], segments)
}

/** Steps of growing height side by side: a calibration part. */
export function stairs(steps = 5, width = 20, tread = 10, rise = 5): Mesh {
  const outline: [number, number][] = [
    [0, 0],
    [steps * tread, 0],
  ]
  for (let step = steps; step > 0; step--)
    outline.push([step * tread, step * rise], [(step - 1) * tread, step * rise])
  return extrude(outline, width)
}

/** A base with upright walls that get thinner by half: a calibration part for thin walls. */
export function wallComb(thickest = 3.2, walls = 5, height = 15, length = 30): Mesh {
  const base = 2
  const pitch = thickest * 2
  const outline: [number, number][] = [
    [0, 0],
    [walls * pitch, 0],
    [walls * pitch, base],
  ]
  for (let wall = walls - 1; wall >= 0; wall--) {
    const left = wall * pitch + pitch / 4
    const right = left + thickest / 2 ** wall
    outline.push([right, base], [right, base + height], [left, base + height], [left, base])
  }
  return extrude([...outline, [0, base]], length)
}

/** A table that needs support below its top: a plate on one thick leg. */
export function overhangTable(plate = 50, thickness = 4, leg = 12, height = 30): Mesh {
  const a = (plate - leg) / 2
  return extrude(
    [
      [a, 0],
      [a + leg, 0],
      [a + leg, height - thickness],
      [plate, height - thickness],
      [plate, height],
      [0, height],
      [0, height - thickness],
      [a, height - thickness],
    ],
    plate / 2,
  )
}
