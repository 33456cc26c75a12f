/** Parts that were looked at while the calculation was written or mended. */
import {
  box,
  CrossSection,
  cylinder,
  type MadePart,
  Manifold,
  ring,
  rounded,
  type Solid,
  type Vec2,
  type Vec3,
} from './print-solids.ts'

function gear(teeth: number, root: number, tip: number, height: number, bore: number, twist = 0): Solid {
  const outline: Vec2[] = []
  for (let i = 0; i < teeth; i++)
    for (const [share, radius] of [
      [0, root],
      [0.22, root],
      [0.38, tip],
      [0.62, tip],
      [0.78, root],
    ] as const) {
      const angle = (2 * Math.PI * (i + share)) / teeth
      outline.push([radius * Math.cos(angle), radius * Math.sin(angle)])
    }
  const body = Manifold.extrude(new CrossSection([outline]), height, twist ? 40 : 0, twist)
  return body.subtract(cylinder(bore, height + 2, [0, 0, -1]))
}

function bracket(): Solid {
  const plate = box(50, 40, 5)
  const wall = box(5, 40, 45)
  const rib = Manifold.extrude(
    new CrossSection([
      [
        [0, 0],
        [35, 0],
        [0, 35],
      ] as Vec2[],
    ]),
    4,
  )
    .rotate([90, 0, 0])
    .translate([5, 22, 5])
  const hole = (x: number, y: number) => cylinder(2.75, 20, [x, y, -5])
  return plate
    .add(wall)
    .add(rib)
    .subtract(hole(25, 10))
    .subtract(hole(25, 32))
    .subtract(hole(42, 10))
    .subtract(cylinder(3.5, 20).rotate([0, 90, 0]).translate([-5, 20, 30]))
}

function enclosure(x: number, y: number, z: number, wall: number): Solid {
  const outer = Manifold.extrude(rounded(x, y, 4), z)
  const inner = Manifold.extrude(rounded(x - 2 * wall, y - 2 * wall, Math.max(0.5, 4 - wall)), z).translate([
    0,
    0,
    wall,
  ])
  let result = outer.subtract(inner)
  for (const [sx, sy] of [
    [1, 1],
    [-1, 1],
    [1, -1],
    [-1, -1],
  ] as const) {
    const at: [number, number, number] = [sx * (x / 2 - 6), sy * (y / 2 - 6), 0]
    result = result.add(cylinder(3.5, z - 3, at)).subtract(cylinder(1.3, z, [at[0], at[1], 3]))
  }
  for (let i = -2; i <= 2; i++) result = result.subtract(box(3, y, z * 0.4, [i * 7 - 1.5, 0, z * 0.35]))
  return result
}

function vase(): Solid {
  const outline = Array.from({ length: 120 }, (_, i): Vec2 => {
    const angle = (2 * Math.PI * i) / 120
    const radius = 22 + 2.5 * Math.cos(8 * angle)
    return [radius * Math.cos(angle), radius * Math.sin(angle)]
  })
  const outer = Manifold.extrude(new CrossSection([outline]), 70, 50, 90, [1.3, 1.3])
  const inner = Manifold.extrude(new CrossSection([outline]).offset(-2), 70, 50, 90, [1.33, 1.33]).translate([
    0, 0, 2,
  ])
  return outer.subtract(inner)
}

const terrain = (size: number, height: number) =>
  Manifold.levelSet(
    ([x, y, z]: Vec3) =>
      Math.min(
        height * (0.45 + 0.2 * Math.sin(x / 6) * Math.cos(y / 7) + 0.18 * Math.sin(x / 3.1 + y / 4.3)) - z,
        z + 0.001,
        size / 2 - Math.abs(x),
        size / 2 - Math.abs(y),
      ),
    { min: [-size / 2 - 1, -size / 2 - 1, -1], max: [size / 2 + 1, size / 2 + 1, height + 1] },
    1,
  )

const gyroid = (size: number, period: number) =>
  Manifold.levelSet(
    ([x, y, z]: Vec3) => {
      const k = (2 * Math.PI) / period
      const value =
        Math.sin(k * x) * Math.cos(k * y) +
        Math.sin(k * y) * Math.cos(k * z) +
        Math.sin(k * z) * Math.cos(k * x)
      return Math.min(
        0.55 - Math.abs(value),
        size / 2 - Math.abs(x),
        size / 2 - Math.abs(y),
        size / 2 - Math.abs(z),
      )
    },
    { min: [-size / 2 - 1, -size / 2 - 1, -size / 2 - 1], max: [size / 2 + 1, size / 2 + 1, size / 2 + 1] },
    0.8,
  )

const knob = () => {
  let result = cylinder(18, 14).add(Manifold.sphere(18, 96).scale([1, 1, 0.35]).translate([0, 0, 14]))
  for (const [x, y] of ring(19.5, 10)) result = result.subtract(cylinder(4, 40, [x, y, -5]))
  return result.subtract(cylinder(3.1, 12, [0, 0, -1]))
}

const hook = () =>
  Manifold.revolve(CrossSection.circle(5, 48).translate([18, 0]), 96, 230)
    .rotate([90, 0, 0])
    .add(box(10, 10, 40, [13, -5, -40]))
    .add(box(6, 40, 40, [18, -20, -45]))

const phoneStand = () =>
  Manifold.extrude(
    new CrossSection([
      [
        [0, 0],
        [75, 0],
        [75, 14],
        [69, 14],
        [69, 6],
        [40, 6],
        [12, 75],
        [6, 73],
        [33, 6],
        [0, 6],
      ] as Vec2[],
    ]),
    60,
  ).rotate([90, 0, 0])

const vent = () => {
  let result = Manifold.extrude(rounded(70, 70, 5), 4).subtract(box(58, 58, 10, [-29, -29, 2]))
  for (let i = 0; i < 9; i++) result = result.subtract(box(50, 3, 10, [-25, -27 + i * 6, -2]))
  return result.add(Manifold.extrude(rounded(58, 58, 3).subtract(rounded(54, 54, 2)), 16))
}

const hexTray = () => {
  let result = Manifold.extrude(rounded(80, 60, 4), 12)
  for (let row = 0; row < 5; row++)
    for (let column = 0; column < 7; column++) {
      const x = -33 + column * 10.5 + (row % 2) * 5.2
      const y = -22 + row * 10.8
      if (Math.abs(x) < 36)
        result = result.subtract(
          Manifold.extrude(new CrossSection([ring(4.8, 6, Math.PI / 6)]), 20).translate([x, y, 1.6]),
        )
    }
  return result
}

const spring = () => {
  const turns = 5
  const steps = turns * 24
  let result = cylinder(16, 3).add(cylinder(16, 3, [0, 0, 47]))
  for (let i = 0; i < steps; i++) {
    const at = (n: number): [number, number, number] => [
      12 * Math.cos((n / 24) * 2 * Math.PI),
      12 * Math.sin((n / 24) * 2 * Math.PI),
      2 + (46 * n) / steps,
    ]
    result = result.add(
      Manifold.hull([
        Manifold.sphere(2.2, 16).translate(at(i)),
        Manifold.sphere(2.2, 16).translate(at(i + 1)),
      ]),
    )
  }
  return result
}

const tower = () => {
  let result = box(30, 30, 2, [-15, -15, 0])
  for (let i = 0; i < 6; i++)
    result = result.add(
      Manifold.extrude(CrossSection.square([24 - i * 3, 24 - i * 3], true), 9, 10, 15).translate([
        0,
        0,
        2 + i * 9,
      ]),
    )
  return result
}

const chess = () => {
  const profile: Vec2[] = [
    [0, 0],
    [14, 0],
    [14, 4],
    [11, 7],
    [6.5, 12],
    [5, 26],
    [5.5, 32],
    [9, 34],
    [9, 36],
    [6, 38],
    [7.5, 43],
    [7.8, 46],
    [6, 50.5],
    [3, 53],
    [0, 54],
  ]
  return Manifold.revolve(new CrossSection([profile]), 96)
}

const manifoldPipe = () =>
  cylinder(14, 50)
    .add(cylinder(10, 40).rotate([90, 0, 0]).translate([0, 0, 25]))
    .add(cylinder(20, 4))
    .subtract(cylinder(11.5, 60, [0, 0, -5]))
    .subtract(cylinder(7.5, 50).rotate([90, 0, 0]).translate([0, 0, 25]))

const comb = () => {
  let result = box(90, 12, 3)
  for (let i = 0; i < 22; i++) result = result.add(box(1.6, 26, 3, [2 + i * 4, 12, 0]))
  return result
}

const letter = () => {
  let result = box(80, 20, 3)
  for (let i = 0; i < 7; i++)
    result = result
      .add(box(1.2, 12, 2, [6 + i * 10, 4, 3]))
      .add(box(6, 1.2, 2, [6 + i * 10, 4 + (i % 3) * 5, 3]))
  return result
}

const table = () => {
  let result = box(60, 40, 4, [-30, -20, 26])
  for (const x of [-27, 21]) for (const y of [-17, 11]) result = result.add(box(6, 6, 26, [x, y, 0]))
  return result
}

export const firstParts: readonly MadePart[] = [
  ['cube 20 mm', 'tried', () => box(20, 20, 20)],
  ['bracket', 'tried', bracket],
  ['gear', 'tried', () => gear(24, 20, 24, 10, 4)],
  ['sphere', 'tried', () => Manifold.sphere(18, 96)],
  ['enclosure', 'tried', () => enclosure(70, 50, 25, 2)],
  ['vase', 'tried', vase],
  ['terrain', 'tried', () => terrain(60, 20)],
  ['hex tray', 'tried', hexTray],
  ['hook', 'tried', hook],
  ['table', 'tried', table],
  ['comb', 'tried', comb],
  ['pipe branch', 'tried', manifoldPipe],
  ['gyroid', 'unseen', () => gyroid(36, 18)],
  ['knob', 'unseen', knob],
  ['phone stand', 'unseen', phoneStand],
  ['vent cover', 'unseen', vent],
  ['spring', 'unseen', spring],
  ['stepped tower', 'unseen', tower],
  ['chess pawn', 'unseen', chess],
  ['helical gear', 'unseen', () => gear(17, 14, 17.5, 22, 3, 60)],
  ['torus', 'unseen', () => Manifold.revolve(CrossSection.circle(7, 64).translate([20, 0]), 128)],
  ['name plate', 'unseen', letter],
  ['cone', 'unseen', () => cylinder(20, 40, [0, 0, 0], 2)],
  ['slim box', 'unseen', () => enclosure(110, 80, 12, 1.2)],
]
