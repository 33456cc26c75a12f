/** Parts of machines that were made when the calculation stood, of kinds that the others are not. */
import {
  box,
  CrossSection,
  cylinder,
  type MadePart,
  Manifold,
  polar,
  ring,
  rounded,
  type Solid,
  times,
  triangle,
  union,
  type Vec2,
} from './print-solids.ts'

/** One thread winds round: the section turns as it rises. */
const bolt = () =>
  Manifold.extrude(
    polar(72, (angle) => 5 + 1.4 * triangle(angle)),
    30,
    240,
    -360 * 15,
  )
    .translate([0, 0, 6])
    .add(Manifold.extrude(new CrossSection([ring(10, 6)]), 6.5))

function ringGear(): Solid {
  const teeth = times(36, (i) => box(2.2, 3.4, 9, [-1.1, 22.5, 0]).rotate([0, 0, i * 10]))
  return cylinder(30, 9)
    .subtract(cylinder(25, 11, [0, 0, -1]))
    .add(union(teeth))
}

const bevelGear = () =>
  Manifold.extrude(
    polar(160, (angle) => 18 + 1.8 * Math.max(-1, Math.min(1, 2 * Math.cos(20 * angle)))),
    11,
    1,
    0,
    [0.62, 0.62],
  )
    .add(cylinder(8, 18))
    .subtract(cylinder(3, 30, [0, 0, -1]))

const heatSink = () => box(46, 40, 4).add(union(times(13, (i) => box(1.1, 40, 18, [i * 3.7, 0, 4]))))

const smallPins = () =>
  union(
    times(30, (i) =>
      cylinder(2.6, 1.4, [(i % 6) * 8, Math.floor(i / 6) * 8, 0]).add(
        cylinder(1.4, 7, [(i % 6) * 8, Math.floor(i / 6) * 8, 0], 1.1),
      ),
    ),
  )

function bridges(): Solid {
  const spans = times(5, (i) => {
    const span = 6 + i * 6
    const y = i * 9
    return box(4, 6, 12, [0, y, 0])
      .add(box(4, 6, 12, [4 + span, y, 0]))
      .add(box(span + 8, 6, 1.6, [0, y, 12]))
  })
  return union(spans).add(box(4, 42, 12))
}

function hinge(): Solid {
  const leaf = (side: 1 | -1) =>
    box(26, 40, 3, [side === 1 ? 4.6 : -30.6, 0, 0]).add(
      union(
        times(5, (i) =>
          (i % 2 === 0) === (side === 1)
            ? cylinder(4, 7.6)
                .rotate([90, 0, 0])
                .translate([0, i * 8 + 7.8, 4])
                .add(box(5, 7.6, 3, [side === 1 ? 0 : -5, i * 8 + 0.2, 0]))
            : box(0.1, 0.1, 0.1, [side * 10, 1, 1]),
        ),
      ),
    )
  const bore = cylinder(2.2, 60).rotate([90, 0, 0]).translate([0, 50, 4])
  const pin = cylinder(1.8, 40).rotate([90, 0, 0]).translate([0, 40, 4])
  return leaf(1).add(leaf(-1)).subtract(bore).add(pin)
}

const snapFit = () => {
  const arm = Manifold.extrude(
    new CrossSection([
      [
        [0, 0],
        [1.8, 0],
        [1.6, 16],
        [3.4, 17],
        [1.2, 22],
        [0, 22],
      ] as Vec2[],
    ]),
    8,
  ).rotate([90, 0, 0])
  return box(30, 24, 3)
    .add(arm.translate([26, 16, 3]))
    .add(arm.rotate([0, 0, 180]).translate([4, 8, 3]))
    .add(box(22, 1.2, 10, [4, 2, 3]))
    .add(box(22, 1.2, 10, [4, 20.8, 3]))
}

const boxWithLid = () => {
  const shell = Manifold.extrude(rounded(44, 34, 4), 22)
    .subtract(Manifold.extrude(rounded(40.4, 30.4, 2.4), 22).translate([0, 0, 1.8]))
    .add(box(1.2, 31, 18, [-6, -15.5, 1]))
    .add(box(24, 1.2, 18, [-5, 2, 1]))
  const lid = Manifold.extrude(rounded(44, 34, 4), 1.8)
    .add(Manifold.extrude(rounded(40, 30, 2.2).subtract(rounded(37.6, 27.6, 1.4)), 5))
    .add(
      Manifold.sphere(5, 48)
        .subtract(box(20, 20, 20, [-10, -10, 0]))
        .translate([0, 0, 0]),
    )
    .translate([0, 40, 5])
  return shell.add(lid)
}

const chainLink = () =>
  Manifold.extrude(rounded(34, 22, 10), 14)
    .subtract(box(22, 14, 20, [-11, -7, 3]))
    .subtract(cylinder(3, 40).rotate([90, 0, 0]).translate([-11, 20, 8]))
    .add(cylinder(2.7, 28).rotate([90, 0, 0]).translate([11, 14, 8]))

function impeller(): Solid {
  const blade = Manifold.extrude(CrossSection.square([18, 1.4], true).translate([15, 0]), 14, 24, 50)
  return union(times(7, (i) => blade.rotate([0, 0, (i * 360) / 7])))
    .add(cylinder(8, 16, [0, 0, 0], 5))
    .add(cylinder(25, 1.4))
    .subtract(cylinder(2.5, 30, [0, 0, -1]))
}

function wing(): Solid {
  const half = times(40, (i) => {
    const x = (1 - Math.cos((Math.PI * i) / 39)) / 2
    const y = 0.7 * (0.2969 * Math.sqrt(x) - 0.126 * x - 0.3516 * x * x + 0.2843 * x ** 3 - 0.1015 * x ** 4)
    return [x, y] as const
  })
  const outline: Vec2[] = [
    ...half.map(([x, y]): Vec2 => [x * 42, -y * 42]),
    ...half
      .slice(1, -1)
      .reverse()
      .map(([x, y]): Vec2 => [x * 42, y * 42]),
  ]
  return Manifold.extrude(new CrossSection([outline]), 60, 30, 8, [0.55, 0.55])
}

export const machineParts: readonly MadePart[] = [
  ['bolt', 'blind', bolt],
  ['ring gear', 'blind', ringGear],
  ['bevel gear', 'blind', bevelGear],
  ['heat sink', 'blind', heatSink],
  ['small pins', 'blind', smallPins],
  ['bridges', 'blind', bridges],
  ['hinge', 'blind', hinge],
  ['snap fit', 'blind', snapFit],
  ['box with lid', 'blind', boxWithLid],
  ['chain link', 'blind', chainLink],
  ['impeller', 'blind', impeller],
  ['wing', 'blind', wing],
]
