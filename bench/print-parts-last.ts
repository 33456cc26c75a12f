/** Parts made when everything else was finished, and seen by nothing before it: of shapes, positions and sizes that the others lack. */
import {
  box,
  CrossSection,
  cylinder,
  type MadePart,
  Manifold,
  polar,
  ring,
  rod,
  rounded,
  type Solid,
  times,
  triangle,
  union,
  type Vec2,
  type Vec3,
} from './print-solids.ts'

const penCup = () => {
  const cup = cylinder(36, 95).subtract(cylinder(33.6, 95, [0, 0, 2]))
  const holes = times(5, (row) =>
    times(12, (i) =>
      new CrossSection([ring(6, 6)])
        .extrude(12)
        .rotate([90, 0, 0])
        .translate([0, 40, 16 + row * 15])
        .rotate([0, 0, (i + (row % 2) / 2) * 30]),
    ),
  ).flat()
  return cup.subtract(union(holes))
}

const cookieCutter = () => {
  const star = (grow: number) =>
    polar(200, (angle) => 26 + 9 * triangle(angle * 5)).offset(grow, 'Round', 2, 24)
  return star(0.8)
    .subtract(star(-0.1))
    .extrude(14)
    .add(star(3).subtract(star(-0.1)).extrude(2))
}

const spiralStair = () =>
  union([
    cylinder(4, 60),
    ...times(16, (i) =>
      box(22, 9, 2.4, [2, -4.5, 0])
        .rotate([0, 0, i * 24])
        .translate([0, 0, 2 + i * 3.6]),
    ),
    cylinder(26, 2),
  ])

const wallHook = () =>
  box(24, 5, 60, [-12, 0, 0])
    .add(box(12, 26, 8, [-6, 0, 6]))
    .add(box(12, 7, 22, [-6, 21, 6]))
    .subtract(union([16, 50].map((z) => cylinder(2.2, 12).rotate([-90, 0, 0]).translate([7, -1, z]))))
    .subtract(cylinder(4.4, 3, [0, 0, 0], 2.2).rotate([-90, 0, 0]).translate([-7, -0.1, 50]))

const helixSpring = () => {
  const points = times(80, (i): Vec3 => {
    const angle = (i / 16) * 2 * Math.PI
    return [14 * Math.cos(angle), 14 * Math.sin(angle), 3 + i * 0.55]
  })
  return union(points.slice(1).map((point, i) => rod(points[i]!, point, 2))).trimByPlane([0, 0, 1], 1.4)
}

const terrain = () => {
  const n = 24
  const height = (x: number, y: number) =>
    6 + 4 * Math.sin(x / 3.1) * Math.cos(y / 4.3) + 2.5 * Math.sin((x + 2 * y) / 5.7)
  return union(
    times(n, (x) =>
      times(n, (y) =>
        Manifold.hull(
          [0, 1].flatMap((dx) =>
            [0, 1].map((dy) => box(0.01, 0.01, height(x + dx, y + dy), [(x + dx) * 2.5, (y + dy) * 2.5, 0])),
          ),
        ),
      ),
    ).flat(),
  )
}

const knob = () => {
  const grip = polar(180, (angle) => 15 + 1.2 * Math.cos(9 * angle)).extrude(14, 4, 12, [0.85, 0.85])
  return grip
    .add(cylinder(8, 6, [0, 0, -6]))
    .subtract(cylinder(3.05, 14, [0, 0, -6]).subtract(box(8, 8, 20, [2, -4, -7])))
}

const soapDish = () =>
  rounded(90, 60, 14)
    .extrude(16)
    .subtract(rounded(84, 54, 11).extrude(16).translate([0, 0, 3]))
    .subtract(union(times(7, (i) => box(4, 40, 10, [-35 + i * 11, -20, -1]))))
    .add(union(times(4, (i) => cylinder(4, 6, [i % 2 ? 36 : -36, i < 2 ? 22 : -22, -6]))))

const rock = () => {
  const corners = times(40, (i): Vec3 => {
    const z = 1 - (2 * i + 1) / 40
    const angle = i * 2.399963
    const r = (16 + 5 * Math.sin(i * 7.7)) * Math.sqrt(1 - z * z)
    return [r * Math.cos(angle), r * Math.sin(angle), (14 + 3 * Math.cos(i * 3.3)) * z]
  })
  return Manifold.hull(corners)
}

const coin = () =>
  cylinder(16, 2.2)
    .subtract(cylinder(14.4, 1, [0, 0, 1.6]))
    .add(union(times(6, (i) => box(1.6, 11, 0.6, [-10 + i * 3.6, -5.5, 1.6]))))

const needleTower = () =>
  union(times(6, (i) => cylinder(9 - i * 1.35, 14, [0, 0, i * 14], 9 - (i + 1) * 1.35 + (i === 5 ? 0 : 1.6))))

const leaningBook = () => {
  const book = box(70, 16, 90).subtract(box(66.8, 12.8, 90, [1.6, 1.6, 1.6]))
  return book.rotate([0, 24, 33])
}

const cableClip = () =>
  new CrossSection([ring(8, 48)])
    .add(CrossSection.square([22, 4], true).translate([0, -8]))
    .subtract(new CrossSection([ring(5.2, 48)]))
    .subtract(CrossSection.square([7, 12], true).translate([0, 8]))
    .extrude(9)

const vent = () => {
  const frame = box(64, 44, 4).subtract(box(56, 36, 6, [4, 4, -1]))
  const slats = times(8, (i) =>
    box(58, 1.2, 5.4)
      .rotate([38, 0, 0])
      .translate([3, 6 + i * 4.4, 0.2]),
  )
  return frame.add(union(slats)).trimByPlane([0, 0, 1], 0).trimByPlane([0, 0, -1], -4)
}

const twoShells = () => {
  const outline: Vec2[] = ring(9, 5)
  const star: Solid = new CrossSection([outline]).extrude(24, 20, 100, [0.4, 0.4])
  return star
    .add(Manifold.sphere(8, 48).translate([26, 0, 7]))
    .add(star.rotate([180, 0, 0]).translate([0, 26, 24]))
}

export const lastParts: readonly MadePart[] = [
  ['pen cup', 'last', penCup],
  ['cookie cutter', 'last', cookieCutter],
  ['spiral stair', 'last', spiralStair],
  ['wall hook', 'last', wallHook],
  ['helix spring', 'last', helixSpring],
  ['hills', 'last', terrain],
  ['notched knob', 'last', knob],
  ['soap dish', 'last', soapDish],
  ['rock', 'last', rock],
  ['coin', 'last', coin],
  ['needle tower', 'last', needleTower],
  ['leaning book', 'last', leaningBook],
  ['cable clip', 'last', cableClip],
  ['vent', 'last', vent],
  ['twists and a ball', 'last', twoShells],
]
