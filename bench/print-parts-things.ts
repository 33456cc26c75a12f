/** Things that were made when the calculation stood, of kinds that the others are not. */
import {
  box,
  CrossSection,
  cylinder,
  type MadePart,
  Manifold,
  polar,
  ring,
  rod,
  type Solid,
  times,
  union,
  type Vec2,
  type Vec3,
} from './print-solids.ts'

function crossedLattice(): Solid {
  const cell = 10
  const rods: Solid[] = []
  for (let x = 0; x < 3; x++)
    for (let y = 0; y < 3; y++)
      for (let z = 0; z < 3; z++)
        for (const [a, b] of [
          [0, 0],
          [1, 0],
          [0, 1],
          [1, 1],
        ] as const)
          rods.push(
            rod(
              [(x + a) * cell, (y + b) * cell, z * cell],
              [(x + 1 - a) * cell, (y + 1 - b) * cell, (z + 1) * cell],
              1.2,
            ),
          )
  return union(rods).add(box(32, 32, 1.6, [-1, -1, -1.6]))
}

const sign = () => {
  const strokes: readonly (readonly [number, number, number, number])[] = [
    [0, 0, 2, 14],
    [2, 12, 6, 2],
    [2, 6, 6, 2],
    [7, 7, 2, 6],
    [12, 0, 2, 14],
    [12, 0, 8, 2],
    [23, 0, 2, 14],
    [23, 0, 8, 2],
    [23, 6, 6, 2],
    [23, 12, 8, 2],
    [34, 0, 1.4, 14],
    [38, 0, 1.2, 12],
    [42, 0, 1, 10],
  ]
  const raised = strokes.map(([x, y, w, d]) => box(w, d, 1.2, [x, y, 2.4]))
  const sunk = times(5, (i) =>
    cylinder(2.4, 2, [6 + i * 9, 20, 1.4]).subtract(cylinder(1.3, 4, [6 + i * 9, 20, 0])),
  )
  return box(52, 28, 2.4, [-4, -4, 0]).add(union(raised)).subtract(union(sunk))
}

const noisyBlob = () =>
  Manifold.levelSet(
    ([x, y, z]: Vec3) =>
      20 +
      1.6 * Math.sin(x / 2.1 + 1) * Math.cos(y / 2.7) +
      1.3 * Math.sin(y / 1.7 + z / 3.1) +
      Math.cos(z / 1.9 + x / 4) -
      Math.hypot(x, y * 1.2, z * 0.9),
    { min: [-28, -28, -28], max: [28, 28, 28] },
    0.9,
  )

function mast(): Solid {
  const parts: Solid[] = [box(30, 30, 2, [-15, -15, 0])]
  for (let i = 0; i < 8; i++) {
    const wide = (z: number) => 12 - z / 12
    const [low, high] = [2 + i * 13, 15 + i * 13]
    for (let side = 0; side < 4; side++) {
      const at = (k: number, z: number): Vec3 => {
        const angle = ((side + k) * Math.PI) / 2
        return [wide(z) * Math.cos(angle), wide(z) * Math.sin(angle), z]
      }
      parts.push(rod(at(0, low), at(0, high), 1.4), rod(at(0, low), at(1, high), 0.9))
    }
  }
  return union(parts)
}

const honeycomb = () => {
  const cells: Solid[] = []
  for (let row = 0; row < 8; row++)
    for (let column = 0; column < 8; column++)
      cells.push(
        Manifold.extrude(new CrossSection([ring(3.4, 6, Math.PI / 6)]), 12).translate([
          5 + column * 6.8 + (row % 2) * 3.4,
          5 + row * 5.9,
          -1,
        ]),
      )
  return box(60, 50, 7).subtract(union(cells))
}

const lampShade = () => {
  const star = (inset: number) => polar(180, (angle) => 20 - inset + 3 * Math.cos(5 * angle))
  return Manifold.extrude(star(0), 48, 60, 70, [1.5, 1.5]).subtract(
    Manifold.extrude(star(1.3), 48.2, 60, 70, [1.5, 1.5]).translate([0, 0, -0.1]),
  )
}

function coaster(): Solid {
  const holes: Solid[] = []
  // Sunflower seeds, larger towards the rim.
  for (let i = 2; i < 60; i++) {
    const angle = i * 2.39996
    const far = 4.6 * Math.sqrt(i)
    holes.push(cylinder(1 + far / 22, 8, [far * Math.cos(angle), far * Math.sin(angle), -1]))
  }
  return cylinder(40, 3.6).subtract(union(holes))
}

const bottle = () =>
  Manifold.revolve(
    new CrossSection([
      [
        [0, 0],
        [17, 0],
        [19, 2],
        [19, 34],
        [16, 42],
        [8, 50],
        [8, 62],
        [6.4, 62],
        [6.4, 49.4],
        [14.6, 41],
        [17.2, 33.6],
        [17.2, 2.6],
        [16.4, 1.8],
        [0, 1.8],
      ] as Vec2[],
    ]),
    110,
  )

const corrugated = () =>
  Manifold.extrude(
    new CrossSection([
      [
        ...times(121, (i): Vec2 => [i * 0.5, 2.2 + 3 * Math.sin(i / 4)]),
        ...times(121, (i): Vec2 => [60 - i * 0.5, 4 + 3 * Math.sin((120 - i) / 4)]),
      ],
    ]),
    30,
  )

const castle = () => {
  const gaps = times(8, (i) => box(4, 40, 5, [-2, -20, 38]).rotate([0, 0, i * 22.5]))
  const steps = times(16, (i) => box(7, 4, 3 + i * 2, [8, -2, 0]).rotate([0, 0, i * 22.5]))
  return cylinder(18, 42)
    .subtract(cylinder(15, 42, [0, 0, 2]))
    .subtract(union(gaps))
    .add(union(steps).intersect(cylinder(15.5, 60)))
    .subtract(box(8, 20, 12, [-4, -24, 2]))
}

function dice(): Solid {
  const body = Manifold.sphere(16.5, 96).intersect(box(22, 22, 22, [-11, -11, -11]))
  const pips: Solid[] = []
  for (const [x, y] of [
    [0, 0],
    [5, 5],
    [-5, 5],
    [5, -5],
    [-5, -5],
  ] as const)
    for (const turn of [
      [0, 0, 0],
      [90, 0, 0],
      [0, 90, 0],
      [0, -90, 0],
    ] as Vec3[])
      pips.push(Manifold.sphere(2, 24).translate([x, y, 11.4]).rotate(turn))
  return body.subtract(union(pips))
}

const knot = () => {
  const at = (t: number): Vec3 => [
    7 * (Math.sin(t) + 2 * Math.sin(2 * t)),
    7 * (Math.cos(t) - 2 * Math.cos(2 * t)),
    -9 * Math.sin(3 * t),
  ]
  return union(times(90, (i) => rod(at((i * Math.PI) / 45), at(((i + 1) * Math.PI) / 45), 3.2)))
}

export const things: readonly MadePart[] = [
  ['crossed lattice', 'blind', crossedLattice],
  ['sign', 'blind', sign],
  ['noisy blob', 'blind', noisyBlob],
  ['mast', 'blind', mast],
  ['honeycomb', 'blind', honeycomb],
  ['lamp shade', 'blind', lampShade],
  ['coaster', 'blind', coaster],
  ['bottle', 'blind', bottle],
  ['corrugated sheet', 'blind', corrugated],
  ['castle', 'blind', castle],
  ['dice', 'blind', dice],
  ['knot', 'blind', knot],
]
