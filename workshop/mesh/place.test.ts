/** Parts stand, turn and lie beside each other as they should, and a picture shows them. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import { drawMesh } from './draw.ts'
import { restingSides } from './hull.ts'
import { boundsOf, sizeOf, volumeOf } from './measure.ts'
import type { Mesh, Vector } from './mesh.ts'
import { orientations, orientForPrinting } from './orient.ts'
import { droppedToBed, rotated, rotationAbout, rotationDown, scaled } from './place.ts'
import { arranged, packPlates } from './plate.ts'
import {
  box,
  bracket,
  cone,
  cylinder,
  gear,
  icosphere,
  meshOf,
  overhangTable,
  stairs,
  torus,
  vase,
} from './solids.ts'

const axis = fc
  .tuple(
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
    fc.double({ min: -1, max: 1, noNaN: true }),
  )
  .filter((vector) => Math.hypot(...vector) > 0.01)

test('volume and area do not change by turning, moving and renumbering', () => {
  fc.assert(
    fc.property(
      fc.constantFrom<Mesh>(box(3, 4, 5), icosphere(8, 2), torus(9, 3, 20, 10), gear(9), bracket()),
      axis,
      fc.double({ min: -360, max: 360, noNaN: true }),
      fc.integer({ min: 1, max: 2 ** 30 }),
      (mesh, about, degrees, seed) => {
        const before = check(mesh)
        const turned = check(droppedToBed(rotated(mesh, rotationAbout(about, degrees))))
        expect(Math.abs(turned.volumeMm3 / before.volumeMm3 - 1)).toBeLessThan(1e-9)
        expect(Math.abs(turned.areaMm2 / before.areaMm2 - 1)).toBeLessThan(1e-9)
        // Vertices in another order, faces in another order, each beginning at another corner.
        const count = mesh.positions.length / 3
        const order = [...Array(count).keys()].sort(
          (a, b) => ((a * seed) % 9973) - ((b * seed) % 9973) || a - b,
        )
        const place = new Map(order.map((vertex, at) => [vertex, at]))
        const faces = Array.from({ length: mesh.indices.length / 3 }, (_, face) => {
          const corners = [...mesh.indices.subarray(face * 3, face * 3 + 3)].map(
            (vertex) => place.get(vertex)!,
          )
          return [...corners.slice(seed % 3), ...corners.slice(0, seed % 3)]
        }).reverse()
        const points = order.map(
          (vertex) => [...mesh.positions.subarray(vertex * 3, vertex * 3 + 3)] as unknown as Vector,
        )
        const shuffled = check(meshOf(points, faces))
        expect(Math.abs(shuffled.volumeMm3 / before.volumeMm3 - 1)).toBeLessThan(1e-9)
        expect(shuffled).toMatchObject({ watertight: true, shells: before.shells, problems: [] })
      },
    ),
    { numRuns: 60 },
  )
})

test('scaling, also by a mirror, and not to nothing', () => {
  const part = bracket()
  const volume = volumeOf(part)
  expect(volumeOf(scaled(part, 2)) / volume).toBeCloseTo(8, 9)
  expect(volumeOf(scaled(part, [1, 2, 3])) / volume).toBeCloseTo(6, 9)
  expect(check(scaled(part, [-1, 1, 1]))).toMatchObject({ watertight: true, insideOutShells: 0 })
  for (const factor of [0, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => scaled(part, factor)).toThrow(expect.objectContaining({ code: 'meshFlat' }))
})

test('dropped on the bed, a part stands in the middle', () => {
  const { min, max } = boundsOf(droppedToBed(rotated(gear(), rotationAbout([1, 1, 0], 33))))
  expect(min[2]).toBeCloseTo(0, 12)
  expect(min[0] + max[0]).toBeCloseTo(0, 9)
  expect(min[1] + max[1]).toBeCloseTo(0, 9)
})

test('any direction can be turned down', () => {
  fc.assert(
    fc.property(axis, (direction) => {
      const arrow = meshOf([direction, [0, 0, 0], [0, 0, 0]], [[0, 1, 2]])
      const [x, y, z] = rotated(arrow, rotationDown(direction)).positions
      const length = Math.hypot(...direction)
      expect(Math.abs(x!) + Math.abs(y!)).toBeLessThan(1e-6 * length)
      expect(z! / length).toBeCloseTo(-1, 9)
    }),
  )
})

describe('orienting for printing', () => {
  test.each<[string, Mesh, height: number, overhang: number]>([
    ['a box lies down', box(10, 20, 40), 10, 0],
    ['a bracket lies on its side', bracket(), 20, 0],
    ['a gear lies flat', gear(), 8, 0],
    ['a table lies, so that its plate hangs over nothing', overhangTable(), 30, 0],
    ['a cone stands on its base', cone(10, 20), 20, 0],
    ['a vase stands', vase(), 80, 0],
    ['a cylinder stands', cylinder(5, 20), 20, 0],
  ])('%s', (_, mesh, height, overhang) => {
    const tilted = rotated(mesh, rotationAbout([1, 2, 3], 50))
    const { mesh: placed, orientation } = orientForPrinting(tilted)
    expect(orientation.heightMm).toBeCloseTo(height, 1)
    expect(orientation.overhangMm2).toBeCloseTo(overhang, 0)
    const { min } = boundsOf(placed)
    expect(min[2]).toBeCloseTo(0, 9)
    expect(sizeOf(boundsOf(placed))[2]).toBeCloseTo(height, 1)
    expect(check(placed).watertight).toBe(true)
  })

  test('the best comes first, and the part as it is is among the ways', () => {
    const ways = orientations(stairs())
    for (let at = 1; at < ways.length; at++) expect(ways[at]!.cost).toBeGreaterThanOrEqual(ways[at - 1]!.cost)
    expect(ways.some(({ rotation }) => rotation.every((value, at) => value === (at % 4 === 0 ? 1 : 0)))).toBe(
      true,
    )
    expect(orientations(stairs())).toEqual(ways)
  })

  test('sides of the hull are those of the solid', () => {
    expect(restingSides(box(10, 20, 30)).map(({ areaMm2 }) => Math.round(areaMm2))).toEqual([
      600, 600, 300, 300, 200, 200,
    ])
    expect(
      restingSides(
        meshOf(
          [
            [0, 0, 0],
            [1, 0, 0],
            [0, 1, 0],
          ],
          [[0, 1, 2]],
        ),
      ),
    ).toEqual([])
  })
})

describe('plates', () => {
  const plate = { x: 200, y: 150, gapMm: 5 }
  test('boxes lie apart, within the border, and none is lost', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ x: fc.integer({ min: 1, max: 220 }), y: fc.integer({ min: 1, max: 160 }) }), {
          maxLength: 40,
        }),
        (sizes) => {
          const { spots, plates, unplaced } = packPlates(sizes, plate)
          expect([...spots.map(({ part }) => part), ...unplaced].sort((a, b) => a - b)).toEqual([
            ...sizes.keys(),
          ])
          const placed = spots.map(({ part, turned, ...spot }) => {
            const { x: w, y: h } = sizes[part]!
            return { ...spot, w: turned ? h : w, h: turned ? w : h }
          })
          for (const { x, y, w, h, plate: number } of placed) {
            expect(Math.min(x, y)).toBeGreaterThanOrEqual(5 - 1e-9)
            expect(x + w).toBeLessThanOrEqual(195 + 1e-9)
            expect(y + h).toBeLessThanOrEqual(145 + 1e-9)
            expect(number).toBeLessThan(plates)
          }
          for (const [at, a] of placed.entries())
            for (const b of placed.slice(at + 1)) {
              if (a.plate !== b.plate) continue
              const apart = Math.max(a.x - b.x - b.w, b.x - a.x - a.w, a.y - b.y - b.h, b.y - a.y - a.h)
              expect(apart).toBeGreaterThanOrEqual(5 - 1e-9)
            }
          for (const part of unplaced) {
            const { x, y } = sizes[part]!
            expect((x > 190 || y > 140) && (y > 190 || x > 140)).toBe(true)
          }
          expect(packPlates(sizes, plate)).toEqual({ spots, plates, unplaced })
        },
      ),
      { numRuns: 80 },
    )
  })

  test('what fits on one plate comes on one', () => {
    expect(packPlates(Array(12).fill({ x: 42, y: 42 }), plate)).toMatchObject({ plates: 1, unplaced: [] })
    expect(packPlates([{ x: 140, y: 190 }], plate).spots).toMatchObject([{ turned: true }])
    expect(packPlates([], plate)).toEqual({ spots: [], plates: 0, unplaced: [] })
    expect(() => packPlates(Array(2001).fill({ x: 1, y: 1 }), plate)).toThrow('at most 2000')
  })

  test('the meshes of a plate lie where they were put', () => {
    const parts = [box(30, 20, 10), cylinder(10, 5), box(139, 150, 3)]
    const sizes = parts.map((part) => {
      const [x, y] = sizeOf(boundsOf(part))
      return { x, y }
    })
    const { spots, plates } = packPlates(sizes, plate)
    expect(plates).toBe(1)
    const together = check(arranged(parts, spots, 0))
    expect(together).toMatchObject({ shells: 3, watertight: true })
    expect(together.volumeMm3).toBeCloseTo(
      parts.reduce((sum, part) => sum + volumeOf(part), 0),
      4,
    )
    expect(together.bounds.min[2]).toBeCloseTo(0, 9)
    expect(Math.min(together.bounds.min[0], together.bounds.min[1])).toBeGreaterThanOrEqual(5 - 1e-9)
  })
})

describe('pictures', () => {
  const coverage = (mesh: Mesh, options = {}) => {
    const { width, height, rgba } = drawMesh(mesh, { size: 64, ...options })
    expect([width, height, rgba.length]).toEqual([64, 64, 64 * 64 * 4])
    let sum = 0
    for (let at = 3; at < rgba.length; at += 4) sum += rgba[at]! / 255
    return sum / (64 * 64)
  }
  test('a ball covers its disc, a cube seen from the front its square', () => {
    expect(coverage(icosphere(10, 4))).toBeCloseTo((Math.PI / 4) * 0.81, 2)
    expect(coverage(box(10, 10, 10), { turn: 0, rise: 0 })).toBeCloseTo(0.81, 1)
    expect(coverage({ positions: new Float64Array(0), indices: new Uint32Array(0) })).toBe(0)
  })

  test('what is nearer hides what is behind; marked faces have their own colour', () => {
    // From the front (towards +y), the plate at y = 0 hides the one at y = 5.
    const wall = (y: number): Vector[] => [
      [0, y, 0],
      [4, y, 0],
      [4, y, 4],
      [0, y, 4],
    ]
    const both = meshOf(
      [...wall(0), ...wall(5)],
      [
        [0, 1, 2],
        [0, 2, 3],
        [4, 5, 6],
        [4, 6, 7],
      ],
    )
    const middle = (marked: number[]) => {
      const { rgba } = drawMesh(both, {
        size: 9,
        turn: 0,
        rise: 0,
        marked,
        colour: [0, 0, 200],
        markColour: [200, 0, 0],
      })
      const at = (4 * 9 + 4) * 4
      return rgba[at]! > rgba[at + 2]!
    }
    expect(middle([0, 1])).toBe(true)
    expect(middle([2, 3])).toBe(false)
  })

  test('a flat face has one shade, up to its edges', () => {
    const { rgba } = drawMesh(gear(12, 2, 8, 4), { size: 128, turn: 0, rise: 90 })
    const shades = new Set<number>()
    for (let at = 0; at < rgba.length; at += 4) if (rgba[at + 3] === 255) shades.add(rgba[at]!)
    // Seen from above there is the upper side alone, and its far neighbour through no pixel.
    expect(shades.size).toBeLessThanOrEqual(2)
  })
})
