/** Thin walls and faces that go through each other. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { buildTree, castRay } from './bvh.ts'
import { checkDeep } from './deep.ts'
import { joinMeshes, type Mesh } from './mesh.ts'
import {
  box,
  bracket,
  cylinder,
  gear,
  hollowBox,
  icosphere,
  moved,
  tetrahedron,
  torus,
  vase,
  wallComb,
} from './solids.ts'
import { readStl, writeStl } from './stl.ts'

test.each<[string, Mesh]>([
  ['box', box(10, 10, 10)],
  ['ball', icosphere(10, 3)],
  ['torus', torus(20, 5)],
  ['gear', gear()],
  ['bracket', bracket()],
  ['hollow box', hollowBox(20, 20, 20, 3)],
  // Its edges are sharp, which is no wall.
  ['tetrahedron', tetrahedron(10, 10, 10)],
])('%s: nothing thin, nothing crossing', (_, mesh) => {
  expect(checkDeep(readStl(writeStl(mesh)))).toEqual({
    selfIntersections: 0,
    bounded: false,
    thinFaces: 0,
    problems: [],
  })
})

test('a hollow box is as thin as its walls', () => {
  const thin = hollowBox(20, 20, 20, 0.5)
  expect(checkDeep(thin, { minimumWallMm: 0.49 }).thinFaces).toBe(0)
  const report = checkDeep(thin, { minimumWallMm: 0.51 })
  expect(report.thinFaces).toBe(24)
  expect(report.thinnestMm).toBeCloseTo(0.5, 9)
  expect(report.problems[0]).toMatchObject({ code: 'thinWalls', count: 24 })
  expect(report.problems[0]!.triangles).toHaveLength(24 * 9)
})

test('of a comb of walls, those below the limit are found, with their places', () => {
  // Walls of 3.2, 1.6, 0.8, 0.4 and 0.2 mm; the pitch is 6.4.
  const comb = readStl(writeStl(wallComb()))
  const { problems, thinnestMm } = checkDeep(comb, { minimumWallMm: 0.6, places: 1000 })
  expect(thinnestMm).toBeCloseTo(0.2, 5)
  const [{ triangles }] = problems as [(typeof problems)[number]]
  const left = Math.min(...triangles.filter((_, at) => at % 3 === 0))
  expect(left).toBeCloseTo(3 * 6.4 + 1.6, 4)
  expect(checkDeep(comb, { minimumWallMm: 0.19 }).thinFaces).toBe(0)
})

test('a vase has the wall that it was given', () => {
  const pot = vase(80, 25, 1.6, 64)
  expect(checkDeep(pot, { minimumWallMm: 2 }).thinFaces).toBeGreaterThan(1000)
  // Measured across a slanted wall, 1.6 mm to the side is less.
  expect(checkDeep(pot, { minimumWallMm: 1.1 }).thinFaces).toBe(0)
})

test('bodies that overlap are found, those that do not are not', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 8, noNaN: true }),
      fc.double({ min: 0, max: Math.PI, noNaN: true }),
      (gap, angle) => {
        const ball = icosphere(4, 2)
        const far = (distance: number) =>
          checkDeep(
            joinMeshes([ball, moved(ball, [distance * Math.cos(angle), distance * Math.sin(angle), 0.1])]),
          )
        expect(far(8.1 + gap).selfIntersections).toBe(0)
        expect(far(Math.max(0.5, 7.6 - gap)).selfIntersections).toBeGreaterThan(0)
      },
    ),
    { numRuns: 30 },
  )
})

test('a pin through a plate: exactly the faces that cross', () => {
  const plate = box(10, 10, 1)
  const pin = moved(tetrahedron(1, 1, 6), [4.2, 4.6, -2])
  const { selfIntersections, problems } = checkDeep(joinMeshes([plate, pin]))
  // Two upright sides and the slanted one of the pin; upper and lower face of the plate are cut along or beside their diagonal.
  const faces = problems.find(({ code }) => code === 'selfIntersections')!.faces
  expect(selfIntersections).toBe(faces.length)
  expect(faces.filter((face) => face >= 12)).toEqual([13, 14, 15])
  expect(faces.some((face) => face < 12)).toBe(true)
})

test('bodies that only touch do not cross', () => {
  const cube = box(10, 10, 10)
  expect(checkDeep(joinMeshes([cube, moved(cube, [10, 0, 0])])).selfIntersections).toBe(0)
  expect(checkDeep(joinMeshes([cube, moved(cube, [10, 3, 4])])).selfIntersections).toBe(0)
})

test('the search stops where it is told to', () => {
  const ball = icosphere(5, 3)
  const report = checkDeep(joinMeshes([ball, moved(ball, [3, 0.1, 0.2])]), { pairs: 10 })
  expect(report.bounded).toBe(true)
  expect(report.selfIntersections).toBeLessThanOrEqual(20)
})

test('a ray meets what it would meet without the tree', () => {
  const mesh = joinMeshes([
    icosphere(5, 2),
    moved(cylinder(3, 4, 20), [9, 1, 0]),
    moved(torus(4, 1, 12, 8), [0, 9, 3]),
  ])
  const tree = buildTree(mesh)
  const hit = { face: -1, distance: 0 }
  const unit = fc.double({ min: -1, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.tuple(unit, unit, unit), fc.tuple(unit, unit, unit), (from, towards) => {
      const length = Math.hypot(...towards)
      if (length < 1e-3) return
      const origin = Float64Array.from(from, (value) => value * 12)
      const direction = Float64Array.from(towards, (value) => value / length)
      const all = mesh.indices.length / 3
      let nearest = 100
      for (let face = 0; face < all; face++) {
        const alone = { positions: mesh.positions, indices: mesh.indices.slice(face * 3, face * 3 + 3) }
        const own = { face: -1, distance: 0 }
        if (castRay(alone, single, origin, direction, 1e-9, nearest, -1, own)) nearest = own.distance
      }
      const met = castRay(mesh, tree, origin, direction, 1e-9, 100, -1, hit)
      expect(met).toBe(nearest < 100)
      if (met) expect(hit.distance).toBe(nearest)
    }),
    { numRuns: 60 },
  )
})
/** A tree of one leaf whose box holds everything. */
const single = {
  boxes: new Float32Array([-1e9, -1e9, -1e9, 1e9, 1e9, 1e9]),
  rights: new Uint32Array(1),
  firsts: new Uint32Array(1),
  counts: new Uint8Array([1]),
  faces: new Uint32Array(1),
}
