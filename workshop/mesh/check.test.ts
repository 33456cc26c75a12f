/** Measures of solids against their formulas, and defects against what was done to them. */
import { describe, expect, test } from 'vitest'
import { check, refuseUnmakeable } from './check.ts'
import { joinMeshes, type Mesh } from './mesh.ts'
import {
  box,
  boxWithHole,
  bracket,
  circle,
  cone,
  cylinder,
  extrude,
  gear,
  hollowBox,
  icosphere,
  meshOf,
  moved,
  overhangTable,
  revolve,
  sphere,
  stairs,
  tetrahedron,
  torus,
  turnedInside,
  vase,
  wallComb,
} from './solids.ts'
import { readStl, writeStl } from './stl.ts'
import { type Outline, turnOf } from './triangulate.ts'

const closeTo = (value: number, truth: number) => Math.abs(value - truth) <= 1e-6 * Math.abs(truth)

/** Solid of a profile turned in `n` steps: sections are regular polygons, sides flat trapezoids. */
function turned(profile: Outline, n: number): [volume: number, area: number] {
  let volume = 0
  let area = 0
  for (let at = 0; at + 1 < profile.length; at++) {
    const [r1, z1] = profile[at]!
    const [r2, z2] = profile[at + 1]!
    volume += ((n / 2) * Math.sin((2 * Math.PI) / n) * (z2 - z1) * (r1 * r1 + r1 * r2 + r2 * r2)) / 3
    const slant = Math.hypot(z2 - z1, (r2 - r1) * Math.cos(Math.PI / n))
    area += n * Math.sin(Math.PI / n) * (r1 + r2) * slant
  }
  return [volume, area]
}
const arc = (radius: number, rings: number): Outline =>
  Array.from({ length: rings + 1 }, (_, at) => {
    const angle = (Math.PI * at) / rings
    return [radius * Math.sin(angle), -radius * Math.cos(angle)] as const
  })
const tube = circle(5, 32).map(([x, z]) => [20 + x, z] as const)
const star: Outline = circle(10, 24).map(([x, y], at): Outline[number] =>
  at % 2 ? [x, y] : [x * 0.5, y * 0.5],
)
const perimeter = (outline: Outline) =>
  outline.reduce((sum, [x, y], at) => {
    const [nx, ny] = outline[(at + 1) % outline.length]!
    return sum + Math.hypot(nx - x, ny - y)
  }, 0)
const edge = 10 / Math.sin((2 * Math.PI) / 5)

const truths: readonly [name: string, mesh: Mesh, volume: number, area: number][] = [
  ['box', box(1, 2, 3), 6, 22],
  ['tetrahedron', tetrahedron(3, 4, 5), 10, 6 + 7.5 + 10 + Math.hypot(12, 15, 20) / 2],
  ['icosahedron', icosphere(10, 0), (5 / 12) * (3 + Math.sqrt(5)) * edge ** 3, 5 * Math.sqrt(3) * edge ** 2],
  ['sphere', sphere(10, 64, 32), ...turned(arc(10, 32), 64)],
  [
    'cylinder',
    cylinder(5, 12, 64),
    32 * 25 * Math.sin(Math.PI / 32) * 12,
    64 * 25 * Math.sin(Math.PI / 32) + 64 * 2 * 5 * Math.sin(Math.PI / 64) * 12,
  ],
  [
    'cone',
    cone(5, 12, 64),
    ...turned(
      [
        [0, 0],
        [5, 0],
        [0, 12],
      ],
      64,
    ),
  ],
  ['torus', torus(20, 5, 64, 32), ...turned([...tube, tube[0]!], 64)],
  [
    'hollow box',
    hollowBox(10, 12, 14, 2),
    10 * 12 * 14 - 6 * 8 * 10,
    2 * (120 + 140 + 168) + 2 * (48 + 60 + 80),
  ],
  ['box with a hole', boxWithHole(10, 10, 8, 4), (100 - 16) * 8, 2 * (100 - 16) + 40 * 8 + 16 * 8],
  ['star', extrude(star, 7), (turnOf(star) / 2) * 7, turnOf(star) + perimeter(star) * 7],
  ['stairs', stairs(5, 20, 10, 5), 15_000, 4_500],
]

test.each(truths)('%s: volume and area by formula', (_, mesh, volume, area) => {
  const report = check(mesh)
  expect(report).toMatchObject({ watertight: true, problems: [] })
  expect(closeTo(report.volumeMm3, volume)).toBe(true)
  expect(closeTo(report.areaMm2, area)).toBe(true)
  // And once more through a file, which has single precision.
  const read = check(readStl(writeStl(mesh)))
  expect(read).toMatchObject({
    watertight: true,
    problems: [],
    triangles: report.triangles,
    shells: report.shells,
  })
  expect(closeTo(read.volumeMm3, volume)).toBe(true)
  expect(closeTo(read.areaMm2, area)).toBe(true)
})

test.each([
  ['gear', gear()],
  ['bracket', bracket()],
  ['vase', vase()],
  ['comb of walls', wallComb()],
  ['table', overhangTable()],
  ['icosphere', icosphere(10, 4)],
])('%s: a demo solid has no problem', (_, mesh) => {
  expect(check(readStl(writeStl(mesh)))).toMatchObject({ watertight: true, problems: [], shells: 1 })
})

test('an outline that crosses itself makes no solid', () => {
  expect(() =>
    extrude(
      [
        [0, 0],
        [4, 4],
        [4, 0],
        [0, 3],
      ],
      1,
    ),
  ).toThrow('crosses itself')
})

describe('defects', () => {
  const cube = box(10, 10, 10)
  const without = (mesh: Mesh, ...gone: number[]): Mesh => ({
    positions: mesh.positions,
    indices: mesh.indices.filter((_, at) => !gone.includes(Math.floor(at / 3))),
  })
  const withFaces = (mesh: Mesh, ...faces: number[][]): Mesh => ({
    positions: mesh.positions,
    indices: new Uint32Array([...mesh.indices, ...faces.flat()]),
  })
  const face = (mesh: Mesh, at: number) => [...mesh.indices.subarray(at * 3, at * 3 + 3)]
  const codes = (mesh: Mesh) =>
    Object.fromEntries(check(mesh).problems.map(({ code, count }) => [code, count]))

  test('a hole, and where it is', () => {
    const report = check(without(cube, 0))
    expect(report).toMatchObject({ watertight: false, holes: 1, openEdges: 3 })
    const [hole] = report.problems
    expect(hole).toMatchObject({ code: 'holes', count: 1 })
    expect(hole!.lines).toHaveLength(18)
    const corners = face(cube, 0).flatMap((vertex) => [
      ...cube.positions.subarray(vertex * 3, vertex * 3 + 3),
    ])
    expect(new Set(hole!.lines)).toEqual(new Set(corners))
  })

  test('two holes that do not touch are two', () => {
    expect(codes(without(icosphere(10, 2), 0, 200))).toEqual({ holes: 2 })
  })

  test('a face turned over', () => {
    const ball = icosphere(10, 1)
    const indices = ball.indices.slice()
    indices.set([ball.indices[31]!, ball.indices[30]!], 30)
    const report = check({ positions: ball.positions, indices })
    expect(report).toMatchObject({ watertight: false, flippedFaces: 1, holes: 0, insideOutShells: 0 })
    expect(report.problems[0]).toMatchObject({ code: 'flippedFaces', faces: [10] })
    expect(report.problems[0]!.triangles).toHaveLength(9)
  })

  test('a shell inside out; a hollow is none', () => {
    expect(codes(turnedInside(cube))).toEqual({ insideOutShells: 1 })
    expect(check(turnedInside(cube)).volumeMm3).toBeCloseTo(-1000, 9)
    expect(check(hollowBox(10, 10, 10, 1))).toMatchObject({ shells: 2, cavities: 1, insideOutShells: 0 })
    const besides = joinMeshes([cube, moved(turnedInside(box(2, 2, 2)), [20, 0, 0])])
    expect(check(besides)).toMatchObject({ shells: 2, cavities: 0, insideOutShells: 1 })
    // A body within a hollow faces outwards, so this one is inside out.
    const nested = joinMeshes([hollowBox(20, 20, 20, 2), moved(turnedInside(box(2, 2, 2)), [9, 9, 9])])
    expect(check(nested)).toMatchObject({ shells: 3, cavities: 1, insideOutShells: 1 })
  })

  test('duplicate faces, either way round', () => {
    expect(check(withFaces(cube, face(cube, 3)))).toMatchObject({ duplicateFaces: 1, nonManifoldEdges: 3 })
    expect(check(withFaces(cube, face(cube, 3).reverse()))).toMatchObject({ duplicateFaces: 1 })
    expect(
      check(withFaces(cube, face(cube, 3))).problems.find(({ code }) => code === 'duplicateFaces'),
    ).toMatchObject({
      faces: [12],
    })
  })

  test('degenerate faces and faces on a line', () => {
    expect(codes(withFaces(cube, [0, 0, 1]))).toEqual({ degenerateFaces: 1 })
    const flat = meshOf(
      [
        [0, 0, 0],
        [1, 0, 0],
        [2, 0, 0],
        [0, 1, 0],
      ],
      [
        [0, 1, 2],
        [0, 2, 3],
      ],
    )
    expect(codes(flat)).toMatchObject({ sliverFaces: 1 })
  })

  test('two cubes on one edge', () => {
    const both = joinMeshes([cube, moved(cube, [10, 10, 0])])
    const report = check(readStl(writeStl(both)))
    expect(report).toMatchObject({ nonManifoldEdges: 1, watertight: false, shells: 1 })
    expect(report.volumeMm3).toBeCloseTo(2000, 3)
  })

  test('a vertex of a thousand faces is matched like any other', () => {
    expect(check(cone(10, 10, 2000))).toMatchObject({ watertight: true, problems: [] })
  })

  test('the lists of places are bounded', () => {
    const { positions, indices } = icosphere(10, 3)
    const loose = { positions, indices: indices.filter((_, at) => Math.floor(at / 3) % 2 === 0) }
    const report = check(loose, { places: 7 })
    expect(report.openEdges).toBeGreaterThan(100)
    expect(report.problems[0]!.lines).toHaveLength(7 * 6)
  })
})

describe('what cannot be made', () => {
  const refusal = (mesh: Mesh) => {
    try {
      refuseUnmakeable(check(mesh))
    } catch (error) {
      return error
    }
    return undefined
  }
  test('a sheet, a part as large as a house, and one of dust', () => {
    expect(refusal(box(10, 10, 10))).toBeUndefined()
    expect(
      refusal(
        meshOf(
          [
            [0, 0, 0],
            [9, 0, 0],
            [0, 9, 0],
          ],
          [[0, 1, 2]],
        ),
      ),
    ).toMatchObject({ code: 'meshFlat' })
    // Two tilted sheets back to back: a box around them has a volume, they have none.
    const sheet = meshOf(
      [
        [0, 0, 0],
        [9, 0, 9],
        [0, 9, 0],
      ],
      [
        [0, 1, 2],
        [0, 2, 1],
      ],
    )
    expect(refusal(sheet)).toMatchObject({ code: 'meshFlat' })
    expect(refusal(box(20_000, 10, 10))).toMatchObject({ code: 'meshTooLarge' })
    expect(refusal(box(0.005, 0.005, 0.005))).toMatchObject({ code: 'meshFlat' })
  })
})

test('a profile turned about its axis closes at both poles', () => {
  expect(
    check(
      revolve(
        [
          [0, 0],
          [3, 1],
          [0, 2],
        ],
        5,
      ),
    ),
  ).toMatchObject({ watertight: true, triangles: 10 })
})
