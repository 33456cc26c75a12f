/**
 * The same answers as admesh (https://admesh.readthedocs.io), which has repaired STL files since 1995. Runs where
 * TEST_PROGRAMS says that it is there, as .ci/run does.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test as plain } from 'vitest'
import { check } from './check.ts'
import { matchEdges, OPEN } from './edges.ts'
import { joinMeshes, type Mesh, vertexCount } from './mesh.ts'
import { repair } from './repair.ts'
import {
  box,
  boxWithHole,
  bracket,
  cylinder,
  gear,
  hollowBox,
  icosphere,
  moved,
  torus,
  vase,
} from './solids.ts'
import { readStl, writeStl } from './stl.ts'

const test = plain.runIf(process.env['TEST_PROGRAMS'])

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pleiad-admesh-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Verdict {
  readonly facets: number
  readonly finalFacets: number
  /** Facets with an edge that no other has, before the repair. */
  readonly disconnected: number
  readonly parts: number
  readonly volume: number
  readonly degenerate: number
  readonly reversed: number
}

/** Without its search for nearby facets, which joins corners up to the shortest edge apart and so eats small holes. */
function admesh(file: string): Verdict {
  const { stdout, error } = spawnSync(
    'admesh',
    ['--exact', '--fill-holes', '--normal-directions', '--normal-values', file],
    {
      encoding: 'utf8',
    },
  )
  if (error) throw new Error('admesh is missing: apt-get install admesh', { cause: error })
  const number = (pattern: RegExp, group = 1) => Number(pattern.exec(stdout)![group])
  return {
    facets: number(/Number of facets +: +(\d+) +(\d+)/),
    finalFacets: number(/Number of facets +: +(\d+) +(\d+)/, 2),
    disconnected: number(/Total disconnected facets +: +(\d+)/),
    parts: number(/Number of parts +: +(\d+)/),
    volume: number(/Volume +: +(-?[\d.]+)/),
    degenerate: number(/Degenerate facets +: +(\d+)/),
    reversed: number(/Facets reversed +: +(\d+)/),
  }
}

function both(bytes: Uint8Array) {
  const file = join(folder, 'part.stl')
  writeFileSync(file, bytes)
  const mesh = readStl(bytes)
  const { twins } = matchEdges(mesh.indices, vertexCount(mesh))
  const open = new Set<number>()
  twins.forEach((twin, at) => {
    if (twin === OPEN) open.add(Math.floor(at / 3))
  })
  return { theirs: admesh(file), report: check(mesh), openFaces: open.size, repaired: () => repair(mesh) }
}
/** admesh prints six decimals and sums up in single precision. */
const near = (ours: number, theirs: number) =>
  expect(Math.abs(ours - theirs)).toBeLessThanOrEqual(2e-6 + 2e-4 * theirs)

const model = (path: string) =>
  new Uint8Array(
    readFileSync(fileURLToPath(new URL(`../../node_modules/stl-models/${path}`, import.meta.url))),
  )

test.each([
  'broken/missingEndsolid.ascii.stl',
  'broken/notANumberNormal.ascii.stl',
  'broken/solidNameMismatch.ascii.stl',
  'broken/wrongHeader.bin.stl',
  'broken/wrongNormal.ascii.stl',
  'broken/wrongNormals.ascii.stl',
  'objects/gearwheel.bin.stl',
  'objects/gearwheel.ascii.stl',
  'polytopes/cube.ascii.stl',
  'polytopes/cubeLarge.ascii.stl',
  'polytopes/tetrahedronIrregular.bin.stl',
  'polytopes/tetrahedronMinusZero.bin.stl',
  'polytopes/unitCube.binary.stl',
])('%s of stl-models: the same faces, parts and volume', (path) => {
  const { theirs, report } = both(model(path))
  expect(report).toMatchObject({
    triangles: theirs.facets,
    shells: theirs.parts,
    watertight: theirs.disconnected === 0,
  })
  expect(report.degenerateFaces).toBe(theirs.degenerate)
  near(report.volumeMm3, theirs.volume)
})

test('a face that is missing: found and put back by both', () => {
  const { theirs, openFaces, repaired } = both(model('broken/missingFace.ascii.stl'))
  expect(openFaces).toBe(theirs.disconnected)
  const { after, mended } = repaired()
  expect(mended.addedFaces).toBe(theirs.finalFacets - theirs.facets)
  near(after.volumeMm3, theirs.volume)
})

test('the bunny, open below: the same open faces, new faces and volume', () => {
  const metres = readStl(model('objects/bunny.bin.stl'))
  const { theirs, report, openFaces, repaired } = both(
    writeStl({ positions: metres.positions.map((value) => value * 1000), indices: metres.indices }),
  )
  expect(report).toMatchObject({ triangles: theirs.facets, shells: theirs.parts, flippedFaces: 0 })
  expect(openFaces).toBe(theirs.disconnected)
  const { after, mended } = repaired()
  expect(after).toMatchObject({ watertight: true, shells: 1 })
  expect(mended.addedFaces).toBe(theirs.finalFacets - theirs.facets)
  // A hole that is not flat can be closed in many ways.
  expect(Math.abs(after.volumeMm3 / theirs.volume - 1)).toBeLessThan(1e-3)
})

const solids: Readonly<Record<string, Mesh>> = {
  box: box(10, 20, 30),
  ball: icosphere(10, 3),
  torus: torus(20, 5),
  cylinder: cylinder(7, 9),
  drilled: boxWithHole(20, 20, 10, 6),
  gear: gear(),
  bracket: bracket(),
  vase: vase(),
  three: joinMeshes([box(5, 5, 5), moved(icosphere(4, 2), [20, 0, 0]), moved(torus(9, 2), [50, 0, 0])]),
}

test.each(Object.entries(solids))('%s: whole, the same parts and volume', (_, mesh) => {
  const { theirs, report } = both(writeStl(mesh))
  expect(report).toMatchObject({ triangles: theirs.facets, shells: theirs.parts, watertight: true })
  expect(theirs).toMatchObject({ disconnected: 0, degenerate: 0, reversed: 0 })
  near(report.volumeMm3, theirs.volume)
})

const harmed = (mesh: Mesh, change: (indices: number[]) => number[]): Uint8Array =>
  writeStl({ positions: mesh.positions, indices: new Uint32Array(change([...mesh.indices])) })

test.each(Object.entries(solids))('%s: faces turned over, degenerate ones added', (_, mesh) => {
  const turned = [3, 7, 10]
  const { theirs, report, repaired } = both(
    harmed(mesh, (indices) => {
      for (const face of turned) indices.splice(face * 3, 2, indices[face * 3 + 1]!, indices[face * 3]!)
      return [...indices, 0, 0, 1, 5, 4, 5]
    }),
  )
  expect(theirs.degenerate).toBe(2)
  expect(report.degenerateFaces).toBe(2)
  expect(theirs.reversed).toBe(turned.length)
  expect(report.flippedFaces).toBe(turned.length)
  const { after, mended } = repaired()
  expect(mended).toMatchObject({ turnedFaces: turned.length, removedDegenerate: 2, filledHoles: 0 })
  expect(after.watertight).toBe(true)
  near(after.volumeMm3, theirs.volume)
})

test.each(Object.entries(solids))('%s: a face missing', (_, mesh) => {
  const { theirs, openFaces, repaired } = both(harmed(mesh, (indices) => indices.slice(3)))
  expect(theirs.disconnected).toBe(3)
  expect(openFaces).toBe(3)
  const { after, mended } = repaired()
  expect(mended).toMatchObject({ filledHoles: 1, addedFaces: theirs.finalFacets - theirs.facets })
  expect(after.watertight).toBe(true)
  near(after.volumeMm3, theirs.volume)
})

test('a hollow box: two parts and the volume between them', () => {
  const { theirs, report } = both(writeStl(hollowBox(20, 20, 20, 3)))
  expect(report.shells).toBe(theirs.parts)
  near(report.volumeMm3, theirs.volume)
})
