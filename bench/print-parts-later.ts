/** Parts that were looked at when the calculation stood. */
import {
  box,
  CrossSection,
  cylinder,
  type MadePart,
  Manifold,
  ring,
  rounded,
  type Vec2,
  type Vec3,
} from './print-solids.ts'

const clip = () =>
  Manifold.extrude(rounded(40, 24, 8).subtract(rounded(34, 18, 5)), 12)
    .subtract(box(12, 14, 14, [-6, 4, -1]))
    .add(cylinder(2.5, 12, [-7.5, 10.5, 0]))
    .add(cylinder(2.5, 12, [7.5, 10.5, 0]))

const funnel = () =>
  Manifold.revolve(
    new CrossSection([
      [
        [6, 0],
        [7.5, 0],
        [7.5, 25],
        [32, 55],
        [32, 60],
        [30, 60],
        [30, 56],
        [6, 26],
      ] as Vec2[],
    ]),
    120,
  )

const pulley = () => {
  let result = Manifold.revolve(
    new CrossSection([
      [
        [5, 0],
        [24, 0],
        [24, 3],
        [19, 8],
        [24, 13],
        [24, 16],
        [5, 16],
      ] as Vec2[],
    ]),
    128,
  )
  for (const [x, y] of ring(13, 5)) result = result.subtract(cylinder(4, 20, [x, y, -2]))
  return result
}

const stairs = () => {
  let result = box(20, 10, 5)
  for (let i = 1; i < 8; i++) result = result.add(box(20, 10, 5 + i * 5, [0, i * 7, 0]))
  return result.subtract(box(12, 40, 14, [4, 14, -1]))
}

const blob = () =>
  Manifold.levelSet(
    ([x, y, z]: Vec3) => {
      const ball = (cx: number, cy: number, cz: number, r: number) =>
        (r * r) / ((x - cx) ** 2 + (y - cy) ** 2 + (z - cz) ** 2 + 0.01)
      return ball(0, 0, 0, 14) + ball(16, 3, 8, 10) + ball(-10, 12, 12, 9) + ball(4, -12, 20, 9) - 1.6
    },
    { min: [-40, -40, -40], max: [45, 45, 50] },
    1.1,
  )

const arch = () =>
  box(80, 12, 40, [-40, -6, 0])
    .subtract(cylinder(30, 20).rotate([90, 0, 0]).translate([0, 10, 0]))
    .add(box(80, 20, 3, [-40, -10, 38]))

const lattice = () => {
  let result = box(1, 1, 1)
  for (let i = 0; i < 5; i++)
    for (let j = 0; j < 5; j++)
      result = result
        .add(box(2.4, 2.4, 34, [i * 8, j * 8, 0]))
        .add(box(34.4, 2.4, 2.4, [0, i * 8, j * 8]))
        .add(box(2.4, 34.4, 2.4, [i * 8, 0, j * 8]))
  return result
}

const lid = () =>
  Manifold.extrude(rounded(62, 46, 6), 2.4)
    .add(Manifold.extrude(rounded(57.4, 41.4, 4).subtract(rounded(54, 38, 3)), 8))
    .subtract(cylinder(6, 10, [0, 0, -1]))

const nut = () =>
  Manifold.extrude(new CrossSection([ring(11.5, 6)]), 10)
    .intersect(cylinder(9.5, 10, [0, 0, 0], 19.5))
    .intersect(cylinder(19.5, 10, [0, 0, 0], 9.5))
    .subtract(cylinder(5.2, 12, [0, 0, -1]))

const dome = () =>
  Manifold.sphere(26, 96)
    .subtract(Manifold.sphere(23.6, 96))
    .subtract(box(60, 60, 30, [-30, -30, -30]))
    .add(Manifold.extrude(CrossSection.circle(30, 96).subtract(CrossSection.circle(23.6, 96)), 3))

const grille = () => {
  let result = box(72, 54, 4)
  for (let i = 0; i < 8; i++)
    for (let j = 0; j < 6; j++) result = result.subtract(cylinder(3.4, 6, [6 + i * 8.6, 5.5 + j * 8.6, -1]))
  return result
}

const elbow = () =>
  Manifold.revolve(
    new CrossSection([
      ring(9, 64).map(([x, y]): Vec2 => [x + 24, y]),
      ring(6.5, 64)
        .map(([x, y]): Vec2 => [x + 24, y])
        .reverse(),
    ]),
    128,
    90,
  ).rotate([90, 0, 0])

const birdhouse = () =>
  Manifold.extrude(
    new CrossSection([
      [
        [-20, 0],
        [20, 0],
        [20, 30],
        [26, 30],
        [0, 52],
        [-26, 30],
        [-20, 30],
      ] as Vec2[],
    ]),
    36,
  )
    .rotate([90, 0, 0])
    .subtract(box(35, 31, 27, [-17.5, -33.5, 2.5]))
    .subtract(cylinder(8, 10).rotate([90, 0, 0]).translate([0, 5, 20]))

export const laterParts: readonly MadePart[] = [
  ['clip', 'held', clip],
  ['funnel', 'held', funnel],
  ['pulley', 'held', pulley],
  ['stairs', 'held', stairs],
  ['blob', 'held', blob],
  ['arch', 'held', arch],
  ['lattice', 'held', lattice],
  ['lid', 'held', lid],
  ['nut', 'fresh', nut],
  ['dome', 'fresh', dome],
  ['grille', 'fresh', grille],
  ['elbow', 'fresh', elbow],
  ['birdhouse', 'fresh', birdhouse],
  ['tilted block', 'fresh', () => box(26, 18, 14).rotate([35, 25, 10])],
  ['pyramid', 'fresh', () => Manifold.hull([...ring(22, 4).map(([x, y]): Vec3 => [x, y, 0]), [3, 2, 34]])],
  ['bowl', 'fresh', () => cylinder(14, 26, [0, 0, 0], 34).subtract(cylinder(12, 26, [0, 0, 2], 32))],
  [
    'octahedron',
    'unseen',
    () =>
      Manifold.hull([
        ...[1, -1].flatMap((s): [number, number, number][] => [
          [22 * s, 0, 0],
          [0, 22 * s, 0],
          [0, 0, 22 * s],
        ]),
      ]),
  ],
]
