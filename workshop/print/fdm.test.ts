/** Filament printing against formulas, and what holds of every part. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Mesh } from '../mesh/mesh.ts'
import { joinMeshes } from '../mesh/mesh.ts'
import * as solids from '../mesh/solids.ts'
import { type FdmSettings, type FdmWork, printFdm, shellLayers } from './fdm.ts'
import { defaultFdmProfile, spacingOf } from './profile.ts'

const plain: FdmSettings = { layerHeightMm: 0.2, infillPercent: 20, supports: false }
const made = (mesh: Mesh, settings: Partial<FdmSettings> = {}, walls = 2): FdmWork =>
  printFdm(mesh, { ...plain, ...settings }, { ...defaultFdmProfile, perimeters: walls })
/** The part alone: the skirt lies round it. */
const part = ({ materialMm3, roles }: FdmWork) => materialMm3 - roles.skirt.mm3
const near = (value: number, truth: number, share: number) => {
  expect(value).toBeGreaterThan(truth * (1 - share))
  expect(value).toBeLessThan(truth * (1 + share))
}

describe('a cube of 20 mm by hand', () => {
  const side = 20
  const spacing = spacingOf(0.45, 0.2)
  const cube = solids.box(side, side, side)
  /** Length of wall number `ring`, and the side of what is left inside of all. */
  const wall = (ring: number) => 4 * (side - 0.45 - 2 * ring * spacing)
  const inside = side - (0.45 - spacing) - 4 * spacing

  test('a line is a rectangle with half circles at its sides', () => {
    // 0.45 mm wide and 0.2 mm high: 0.25 · 0.2 + π · 0.1² = 0.2 · spacing.
    expect(0.2 * spacing).toBeCloseTo(0.25 * 0.2 + Math.PI * 0.1 ** 2, 12)
  })

  test('a hundred layers, with two walls each', () => {
    const { layers, roles } = made(cube)
    expect(layers).toBe(100)
    near(roles.external.mm3, 100 * wall(0) * spacing * 0.2, 0.01)
    near(roles.perimeter.mm3, 100 * wall(1) * spacing * 0.2, 0.01)
  })

  test('five layers close the top and four the floor; the rest is a fifth full', () => {
    const { roles } = made(cube)
    const area = (inside + 0.3 * spacing) ** 2
    expect(shellLayers(defaultFdmProfile, 0.2)).toEqual({ above: 4, below: 3 })
    near(roles.top.mm3, area * 0.2, 0.02)
    // The first closed layer above the sparse ones is a bridge: threads as thick as the nozzle.
    near(roles.solid.mm3, 7 * area * 0.2, 0.02)
    const thread = (Math.PI / 4) * 0.4 ** 2 * 0.95
    near(roles.bridge.mm3, (area / (0.4 * Math.sqrt(0.95) + 0.05)) * thread, 0.03)
    // Lines end at the wall, and most are joined there: along every other stretch between them.
    const joined = 0.8 * 0.5 * 4 * inside
    near(roles.sparse.mm3, 91 * 0.2 * (area * 0.2 + joined * spacing), 0.06)
  })

  test('solid it is the cube, but for its rounded edges', () => {
    near(part(made(cube, { infillPercent: 100 })), side ** 3, 0.02)
  })

  test('hollow it is its shell', () => {
    const { roles } = made(cube, { infillPercent: 0 })
    expect(roles.sparse.mm3).toBe(0)
    near(part(made(cube)) - part(made(cube, { infillPercent: 0 })), made(cube).roles.sparse.mm3, 0.05)
  })

  test('each wall more takes the place of infill', () => {
    for (const walls of [1, 2, 3]) {
      const [few, many] = [made(cube, {}, walls), made(cube, {}, walls + 1)]
      near(many.roles.perimeter.mm3 - few.roles.perimeter.mm3, 100 * wall(walls) * spacing * 0.2, 0.01)
      expect(many.roles.sparse.mm3).toBeLessThan(few.roles.sparse.mm3)
    }
  })

  test('it takes at least as long as its lines at their speeds', () => {
    const { seconds, roles } = made(cube)
    const { speed } = defaultFdmProfile
    const flow = spacing * 0.2
    const least =
      roles.external.mm3 / flow / speed.external +
      roles.perimeter.mm3 / flow / speed.perimeter +
      (roles.sparse.mm3 + roles.solid.mm3) / flow / speed.infill
    expect(seconds).toBeGreaterThan(least)
    expect(seconds).toBeGreaterThan(100 * defaultFdmProfile.minLayerSeconds * 0.9)
    expect(seconds).toBeLessThan(3 * least)
  })

  test('standing on the plate it needs no support', () => {
    expect(made(cube, { supports: true }).supportMm3).toBe(0)
  })
})

describe('supports', () => {
  /** A plate of 40 × 20 mm, 5 mm thick, on a leg 10 mm wide, its top at `high`. */
  const table = (high: number): Mesh => {
    const { positions, indices } = solids.overhangTable(40, 5, 10, high)
    const standing = positions.slice()
    for (let i = 0; i < standing.length; i += 3) {
      standing[i + 1] = -positions[i + 2]!
      standing[i + 2] = positions[i + 1]!
    }
    return { positions: standing, indices }
  }

  test('fill the room below a table with lines 2 mm apart', () => {
    const { supportMm3, roles } = made(table(30), { supports: true })
    const plan = (40 - 10) * 20
    const line = spacingOf(0.35, 0.2)
    const least = (plan * 25 * line) / (line + 2)
    expect(supportMm3).toBeGreaterThan(least * 0.7)
    // Walls of the grid's cells and the dense layers below the plate come on top.
    expect(supportMm3).toBeLessThan(least * 2.2)
    expect(roles.interface.mm3).toBeGreaterThan(0)
  })

  test('grow with the height of what they hold', () => {
    const heights = [10, 20, 40].map((z) => made(table(z), { supports: true }).supportMm3)
    near((heights[2]! - heights[1]!) / (heights[1]! - heights[0]!), 2, 0.1)
  })

  test('are left out where nobody wants them, and then the part is as before', () => {
    const [without, held] = [made(table(30)), made(table(30), { supports: true })]
    expect(without.supportMm3).toBe(0)
    near(part(without), part(held), 1e-9)
    expect(held.seconds).toBeGreaterThan(without.seconds)
  })

  test('a slope is held up when it is flatter than 50°', () => {
    const slope = (degrees: number) => {
      const reach = 20 / Math.tan((degrees * Math.PI) / 180)
      return solids.revolve(
        [
          [0, 0],
          [10, 0],
          [10 + reach, 20],
          [0, 20],
        ],
        96,
      )
    }
    expect(made(slope(60), { supports: true }).supportMm3).toBe(0)
    expect(made(slope(40), { supports: true }).supportMm3).toBeGreaterThan(500)
  })

  test('hold up an edge that leans, though the walls beside it need none', () => {
    // An octahedron: its faces rise at 54.7°, its edges at 45°.
    const corners = [1, -1].flatMap((s) => [
      [20 * s, 0, 20],
      [0, 20 * s, 20],
    ])
    const mesh = solids.meshOf(
      [[0, 0, 0], [0, 0, 40], ...corners] as unknown as (readonly [number, number, number])[],
      [2, 3, 4, 5].flatMap((at, i, ring) => {
        const next = ring[(i + 1) % 4]!
        return [
          [0, next, at],
          [1, at, next],
        ]
      }),
    )
    expect(made(mesh, { supports: true }).supportMm3).toBeGreaterThan(300)
  })
})

describe('nearly nothing', () => {
  const nothing = { materialMm3: 0, supportMm3: 0, seconds: 0, layers: 0 }

  test('no triangles, and a part lower than half a layer, give no layers', () => {
    const empty = { positions: new Float64Array(0), indices: new Uint32Array(0) }
    expect(made(empty)).toMatchObject(nothing)
    expect(made(solids.box(20, 20, 0.05))).toMatchObject(nothing)
    expect(made(solids.box(20, 20, 0))).toMatchObject(nothing)
  })

  test('one layer is one layer', () => {
    const { layers, roles } = made(solids.box(20, 20, 0.2))
    expect(layers).toBe(1)
    expect(roles.sparse.mm3).toBe(0)
    near(roles.external.mm3 + roles.perimeter.mm3 + roles.solid.mm3 + roles.top.mm3, 80, 0.05)
  })

  test('a wall thinner than a line is a line as thin as the wall', () => {
    for (const thin of [0.3, 0.1, 0.01]) {
      const work = made(solids.box(20, thin, 10))
      expect(work.layers).toBe(50)
      expect(part(work)).toBeLessThanOrEqual(20 * thin * 10 * 1.05)
      expect(Number.isFinite(work.seconds)).toBe(true)
    }
    expect(part(made(solids.box(20, 1e-9, 10)))).toBeLessThan(1e-6)
  })

  test('layers with nothing in them, between two parts one above the other, take nothing', () => {
    const cube = solids.box(10, 10, 5)
    const apart = joinMeshes([cube, solids.moved(cube, [0, 0, 15])])
    const { layers, roles } = made(apart)
    expect(layers).toBe(100)
    near(roles.external.mm3, 2 * made(cube).roles.external.mm3, 0.02)
    const held = made(apart, { supports: true })
    expect(held.supportMm3).toBeGreaterThan(0)
    expect(Number.isFinite(held.seconds)).toBe(true)
  })

  test('a part that stands on its tip has a first layer of nothing', () => {
    const cone = solids.cone(10, 20)
    const tip = { positions: cone.positions.map((v, i) => (i % 3 === 2 ? 20 - v : v)), indices: cone.indices }
    const flipped = solids.turnedInside(tip)
    const work = made(flipped, { supports: true })
    expect(Number.isFinite(work.seconds + work.materialMm3 + work.supportMm3)).toBe(true)
    near(part(work), part(made(cone)), 0.1)
  })

  test('faces without an area and a missing face change nothing', () => {
    const cube = solids.box(20, 20, 20)
    const broken = {
      positions: cube.positions,
      indices: Uint32Array.from([...cube.indices, 0, 0, 1, 2, 2, 2]),
    }
    near(part(made(broken)), part(made(cube)), 1e-9)
    const open = { positions: cube.positions, indices: cube.indices.slice(0, -3) }
    near(part(made(open)), part(made(cube)), 0.02)
  })
})

const sizes = fc.record({
  x: fc.double({ min: 3, max: 60, noNaN: true }),
  y: fc.double({ min: 3, max: 60, noNaN: true }),
  z: fc.double({ min: 1, max: 40, noNaN: true }),
})
const settings: fc.Arbitrary<FdmSettings> = fc.record({
  layerHeightMm: fc.constantFrom(0.1, 0.15, 0.2, 0.3),
  infillPercent: fc.integer({ min: 0, max: 90 }),
  supports: fc.boolean(),
})
const always = <T>(property: fc.IProperty<T>) => fc.assert(property, { numRuns: 40 })

describe('of every box', () => {
  test('denser infill takes more material and no less time', () =>
    always(
      fc.property(sizes, settings, fc.integer({ min: 1, max: 10 }), ({ x, y, z }, chosen, more) => {
        const box = solids.box(x, y, z)
        const [few, many] = [
          made(box, chosen),
          made(box, { ...chosen, infillPercent: chosen.infillPercent + more }),
        ]
        expect(part(many)).toBeGreaterThanOrEqual(part(few) * 0.999)
        expect(many.layers).toBe(few.layers)
      }),
    ))

  test('a taller one takes more material and more time', () =>
    always(
      fc.property(sizes, settings, ({ x, y, z }, chosen) => {
        const [low, tall] = [made(solids.box(x, y, z), chosen), made(solids.box(x, y, z + 2), chosen)]
        expect(part(tall)).toBeGreaterThan(part(low))
        expect(tall.seconds).toBeGreaterThan(low.seconds)
      }),
    ))

  test('no part takes more material than it has room, and the roles add up', () =>
    always(
      fc.property(sizes, settings, ({ x, y, z }, chosen) => {
        const work = made(solids.box(x, y, z), chosen)
        const height = work.layers * chosen.layerHeightMm + 0.2
        // A bridge is thicker than its layer: one such layer more.
        expect(part(work)).toBeLessThan(x * y * (height + 0.4) * 1.02)
        const { skirt, support, interface: dense, ...own } = work.roles
        const sum = Object.values(own).reduce((total, { mm3 }) => total + mm3, 0)
        expect(work.materialMm3).toBeCloseTo(sum + skirt.mm3, 6)
        expect(work.supportMm3).toBeCloseTo(support.mm3 + dense.mm3, 6)
        const seconds = Object.values(work.roles).reduce((total, role) => total + role.seconds, 0)
        expect(work.seconds).toBeCloseTo(seconds, 6)
      }),
    ))

  test('where it lies makes no difference, and neither does a quarter turn', () =>
    always(
      fc.property(sizes, settings, ({ x, y, z }, chosen) => {
        const box = solids.box(x, y, z)
        const work = made(box, chosen)
        near(part(made(solids.moved(box, [100, -50, 7]), chosen)), part(work), 1e-3)
        near(part(made(solids.box(y, x, z), chosen)), part(work), 0.02)
      }),
    ))
})
