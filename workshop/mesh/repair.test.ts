/** What was broken on purpose is mended, and what was whole stays. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import { volumeOf } from './measure.ts'
import { joinMeshes, type Mesh } from './mesh.ts'
import { repair } from './repair.ts'
import {
  box,
  boxWithHole,
  cylinder,
  gear,
  hollowBox,
  icosphere,
  meshOf,
  moved,
  sphere,
  torus,
  turnedInside,
} from './solids.ts'
import { readStl, writeStl } from './stl.ts'

const solids: Readonly<Record<string, Mesh>> = {
  box: box(10, 12, 14),
  ball: icosphere(10, 2),
  torus: torus(20, 5, 24, 12),
  cylinder: cylinder(8, 20, 32),
  hollow: hollowBox(20, 20, 20, 3),
  drilled: boxWithHole(20, 20, 10, 6),
  gear: gear(12),
}
const reread = (mesh: Mesh) => readStl(writeStl(mesh))
const without = (mesh: Mesh, gone: (face: number) => boolean): Mesh => ({
  positions: mesh.positions,
  indices: mesh.indices.filter((_, at) => !gone(Math.floor(at / 3))),
})

test.each(Object.entries(solids))('%s: a whole mesh is returned as it is', (_, mesh) => {
  const { mesh: mended, changed, before, after } = repair(mesh)
  expect(mended).toBe(mesh)
  expect(changed).toBe(false)
  expect(after).toBe(before)
})

describe('property', () => {
  test('faces that are missing, doubled, collapsed and turned over are mended, and the volume comes back', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...Object.keys(solids)),
        fc.array(fc.tuple(fc.nat(), fc.constantFrom('gone', 'double', 'back', 'turned', 'collapsed')), {
          minLength: 1,
          maxLength: 3,
        }),
        (name, harms) => {
          const solid = reread(solids[name]!)
          const faces = solid.indices.length / 3
          const indices: number[] = [...solid.indices]
          const gone = new Set<number>()
          for (const [seed, harm] of harms) {
            const face = (seed % faces) * 3
            const [a, b, c] = [...solid.indices.subarray(face, face + 3)] as [number, number, number]
            if (harm === 'gone') gone.add(face / 3)
            if (harm === 'double') indices.push(a, b, c)
            if (harm === 'back') indices.push(a, c, b)
            if (harm === 'collapsed') indices.push(a, b, b)
            if (harm === 'turned') indices.splice(face, 3, a, c, b)
          }
          const broken = without({ positions: solid.positions, indices: new Uint32Array(indices) }, (face) =>
            gone.has(face),
          )
          const { mesh, after } = repair(broken)
          expect(after.watertight).toBe(true)
          expect(after).toMatchObject({ duplicateFaces: 0, degenerateFaces: 0, insideOutShells: 0 })
          // At most three faces are gone: what they cut off is bounded by the faces, not by chance.
          const truth = volumeOf(solid)
          expect(Math.abs(after.volumeMm3 - truth)).toBeLessThanOrEqual(truth * 0.35)
          const again = repair(mesh)
          expect(again.changed).toBe(false)
          expect(repair(reread(mesh)).changed).toBe(false)
        },
      ),
      { numRuns: 150 },
    )
  })

  test('a flat hole is closed exactly, whatever its shape', () => {
    fc.assert(
      fc.property(fc.integer({ min: 3, max: 400 }), fc.integer({ min: 1, max: 5 }), (segments, tooth) => {
        // A prism of a star without its top: the loop is flat and concave.
        const star = gear(segments, 1 + tooth / 5, 5, 0.5)
        const height = 5
        const top = (face: number) =>
          [0, 1, 2].every((k) => star.positions[star.indices[face * 3 + k]! * 3 + 2] === height)
        const { after, mended } = repair(without(star, top))
        expect(after.watertight).toBe(true)
        // The outline and the bore are two loops; each is closed by itself.
        expect(mended.filledHoles).toBe(2)
      }),
      { numRuns: 20 },
    )
  })
})

test('a curved hole of hundreds of edges is closed', () => {
  const ball = sphere(10, 400, 60)
  const upper = without(ball, (face) => {
    const z = [0, 1, 2].map((k) => ball.positions[ball.indices[face * 3 + k]! * 3 + 2]!)
    const x = ball.positions[ball.indices[face * 3]! * 3]!
    return Math.min(...z) > 2 + 0.3 * x
  })
  const { after, mended } = repair(upper)
  expect(after).toMatchObject({ watertight: true, holes: 0 })
  expect(mended.filledHoles).toBe(1)
  expect(mended.addedFaces).toBeGreaterThan(200)
})

test('a mesh that is inside out is turned; hollows stay', () => {
  const ball = turnedInside(icosphere(10, 2))
  const { after, mended } = repair(ball)
  expect(mended).toMatchObject({ turnedShells: 1 })
  expect(after.volumeMm3).toBeCloseTo(-volumeOf(ball), 9)
  const hollow = hollowBox(20, 20, 20, 3)
  const mixed = joinMeshes([turnedInside(box(5, 5, 5)), moved(hollow, [30, 0, 0])])
  expect(repair(mixed).after).toMatchObject({ insideOutShells: 0, cavities: 1 })
  expect(repair(mixed).after.volumeMm3).toBeCloseTo(125 + volumeOf(hollow), 6)
})

test('cubes that touch at an edge are taken apart, also in the file', () => {
  const cube = box(10, 10, 10)
  const both = reread(joinMeshes([cube, moved(cube, [10, 10, 0])]))
  const { mesh, mended, after } = repair(both)
  expect(mended.splitEdges).toBe(1)
  expect(after).toMatchObject({ watertight: true, shells: 2 })
  expect(after.volumeMm3).toBeCloseTo(2000, 0)
  expect(check(reread(mesh))).toMatchObject({ watertight: true, shells: 2 })
})

test('cubes that share a wall become one body', () => {
  const cube = box(10, 10, 10)
  const { after, mended } = repair(reread(joinMeshes([cube, moved(cube, [10, 0, 0])])))
  expect(after).toMatchObject({ watertight: true, shells: 1, problems: [] })
  expect(after.volumeMm3).toBeCloseTo(2000, 6)
  // The wall of one and of the other, two faces each.
  expect(mended.removedSheets).toBe(4)
})

test.each([
  ['along edges of its faces', [1, 0], [0, 1], 2],
  // Its upper and lower edges belong to no face of the body; they are closed first, which adds two faces.
  ['across its faces', [0, 0], [1, 1], 4],
] as const)('a sheet within a body goes, %s; the body stays as it was', (_, [x1, y1], [x2, y2], removed) => {
  const cube = box(10, 10, 10)
  const at = (x: number, y: number, z: number) =>
    [...Array(8).keys()].find((v) => [x, y, z].every((value, k) => cube.positions[v * 3 + k] === value * 10))!
  const [a, b, c, d] = [at(x1, y1, 0), at(x2, y2, 0), at(x2, y2, 1), at(x1, y1, 1)]
  const sheet = { positions: cube.positions, indices: new Uint32Array([...cube.indices, a, b, c, a, c, d]) }
  expect(check(sheet).watertight).toBe(false)
  const { after, mended } = repair(sheet)
  expect(after).toMatchObject({ watertight: true, shells: 1, triangles: 12 })
  expect(after.volumeMm3).toBeCloseTo(1000, 9)
  expect(mended.removedSheets).toBe(removed)
})

test('gaps along open edges are closed, within the tolerance only', () => {
  const ball = icosphere(10, 2)
  // Every face with corners of its own, moved by a ten-thousandth of a millimetre.
  let seed = 1
  const random = () => {
    seed = (seed * 48271) % 2147483647
    return seed / 2147483647 - 0.5
  }
  const shaken = new Float64Array(ball.indices.length * 3)
  ball.indices.forEach((vertex, corner) => {
    for (let k = 0; k < 3; k++) shaken[corner * 3 + k] = ball.positions[vertex * 3 + k]! + random() * 1e-4
  })
  const soup = { positions: shaken, indices: Uint32Array.from(ball.indices, (_, corner) => corner) }
  expect(check(soup)).toMatchObject({ shells: 320, watertight: false })
  const { after } = repair(soup)
  expect(after).toMatchObject({ watertight: true, shells: 1, triangles: 320 })
  expect(Math.abs(after.volumeMm3 / volumeOf(ball) - 1)).toBeLessThan(1e-4)
})

test('nothing but a sheet cannot be mended', () => {
  const sheet = meshOf(
    [
      [0, 0, 0],
      [9, 0, 0],
      [9, 9, 0],
      [0, 9, 0],
    ],
    [
      [0, 1, 2],
      [0, 2, 3],
    ],
  )
  expect(() => repair(sheet)).toThrow(expect.objectContaining({ code: 'meshFlat' }))
})

test('a loose sheet beside a body is dropped', () => {
  const loose = meshOf(
    [
      [50, 0, 0],
      [59, 0, 0],
      [59, 9, 0],
    ],
    [[0, 1, 2]],
  )
  const { after, mended } = repair(joinMeshes([box(10, 10, 10), loose]))
  expect(after).toMatchObject({ watertight: true, shells: 1, vertices: 8 })
  expect(after.volumeMm3).toBeCloseTo(1000, 9)
  expect(mended.removedSheets).toBe(2)
})

test('a hole longer than allowed stays open, and the report says so', () => {
  const can = without(cylinder(8, 20, 64), (face) => face === 0 || face === 10)
  expect(repair(can, { holeEdges: 2 }).after.watertight).toBe(false)
  expect(repair(can).after.watertight).toBe(true)
})
