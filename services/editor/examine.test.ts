/** What runs in the threads, called as it is: no files, no rows. */

import { volumeOf } from '@pleiad/workshop/mesh/measure'
import { joinMeshes, type Mesh } from '@pleiad/workshop/mesh/mesh'
import { box, cylinder, icosphere, meshOf, moved } from '@pleiad/workshop/mesh/solids'
import { readStl, writeAsciiStl, writeStl } from '@pleiad/workshop/mesh/stl'
import { unzlibSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { examine } from './examine.ts'
import { encodePng } from './png.ts'
import { buffersOf, type Task } from './tasks.ts'

type Bytes = Uint8Array<ArrayBuffer>
type Reading = Extract<Task, { kind: 'read' }>
const stl = (mesh: Mesh) => writeStl(mesh) as Bytes
const reading = (bytes: Uint8Array, more: Partial<Reading> = {}): Task => ({
  kind: 'read',
  bytes: bytes as Bytes,
  unit: 'mm',
  acceptRepair: false,
  maxTriangles: 100_000,
  maxTextBytes: 1_000_000,
  ...more,
})
/** Examines, and which stages were told on the way. */
function look(task: Task) {
  const stages: string[] = []
  return { answer: examine(task, (stage) => stages.push(stage)), stages }
}
const cut = (mesh: Mesh, faces: number): Mesh => ({ ...mesh, indices: mesh.indices.slice(faces * 3) })

describe('a file', () => {
  test('that is whole is ready, in millimetres, with a picture', () => {
    const { answer, stages } = look(reading(stl(box(1, 2, 3)), { unit: 'in' }))
    expect(answer).toMatchObject({ state: 'ready', format: 'stl', unit: 'in', repaired: false })
    expect(answer.report.volumeMm3).toBeCloseTo(6 * 25.4 ** 3, 0)
    expect(volumeOf(readStl(answer.mesh))).toBeCloseTo(6 * 25.4 ** 3, 0)
    expect([...answer.thumbnail.subarray(1, 4)]).toEqual([...Buffer.from('PNG')])
    expect(stages).toEqual(['checking'])
    expect(buffersOf(answer)).toHaveLength(2)
  })

  test('whose size fits several units asks which it is', () => {
    expect(look(reading(stl(box(0.5, 0.5, 0.5)), { unit: null })).answer.state).toBe('needsUnits')
  })

  test('with a hole asks whether the repair is right, or is repaired where that was accepted', () => {
    const bytes = stl(cut(icosphere(10, 2), 1))
    const { answer, stages } = look(reading(bytes))
    expect(stages).toEqual(['checking', 'repairing'])
    if (answer.state !== 'needsRepair') throw new Error(answer.state)
    expect(answer.report.watertight).toBe(false)
    expect(answer.repair).toMatchObject({ report: { watertight: true }, changes: { filledHoles: 1 } })
    expect(volumeOf(readStl(answer.repairedMesh))).toBeGreaterThan(volumeOf(icosphere(10, 2)) * 0.98)
    expect(buffersOf(answer)).toHaveLength(3)
    const accepted = look(reading(bytes, { acceptRepair: true })).answer
    expect(accepted).toMatchObject({ state: 'ready', repaired: true, report: { watertight: true } })
    expect([...accepted.mesh]).toEqual([...answer.repairedMesh])
  })

  test('of which several bodies are left says so', () => {
    const two = joinMeshes([box(5, 5, 5), moved(box(5, 5, 5), [20, 0, 0])])
    expect(look(reading(stl(two))).answer).toMatchObject({ state: 'ready', warnings: ['severalShells'] })
  })

  test('of text without its last line is ready when it closes, and else was cut off', () => {
    const text = Buffer.from(writeAsciiStl(box(5, 5, 5))).toString()
    const whole = text.slice(0, text.lastIndexOf('endsolid'))
    expect(look(reading(Buffer.from(whole))).answer.state).toBe('ready')
    const half = whole.slice(0, whole.lastIndexOf('facet normal'))
    expect(() => look(reading(Buffer.from(half)))).toThrow(/breaks off/)
    expect(look(reading(Buffer.from(`${half}endsolid model\n`))).answer.state).toBe('needsRepair')
  })

  test('that encloses nothing, or has too many faces, is refused', () => {
    const sheet = meshOf(
      [
        [0, 0, 0],
        [20, 0, 0],
        [0, 20, 0],
      ],
      [[0, 1, 2]],
    )
    expect(() => look(reading(stl(sheet)))).toThrow()
    expect(() => look(reading(stl(icosphere(10, 2)), { maxTriangles: 100 }))).toThrow(/triangles/)
  })
})

describe('what is made of others', () => {
  const part = stl(cylinder(5, 20, 32))
  test('a part, scaled and turned, stands on the bed', () => {
    const placement = { scale: { x: 2, y: 2, z: 2 }, rotation: [1, 0, 0, 0, 0, -1, 0, 1, 0] } as never
    const { answer } = look({ kind: 'placed', bytes: part, placement })
    expect(answer).toMatchObject({ state: 'ready', unit: 'mm', repaired: false })
    expect(answer.report.sizeMm.y).toBeCloseTo(40, 4)
    const { positions } = readStl(answer.mesh)
    expect(Math.min(...positions.filter((_, at) => at % 3 === 2))).toBeCloseTo(0, 4)
  })

  const plate = (quantity: number, side = 100): Task => ({
    kind: 'plate',
    parts: [{ bytes: part, quantity, placement: {} }],
    plateMm: { x: side, y: side },
    gapMm: 2,
    maxTriangles: 100_000,
  })
  test('a plate holds as many as fit beside each other', () => {
    const { answer } = look(plate(4))
    expect(answer.report.shells).toBe(4)
    expect(answer.report.volumeMm3).toBeCloseTo(4 * volumeOf(cylinder(5, 20, 32)), 0)
  })

  test.each([
    [plate(200), /need \d+ plates/],
    [plate(1, 10), /larger than the plate/],
    [{ ...plate(200), maxTriangles: 1000 } as Task, /triangles/],
  ])('and not more', (task, words) => expect(() => look(task)).toThrow(words))
})

test('a PNG has its pixels, row by row', () => {
  const rgba = Uint8Array.from({ length: 3 * 2 * 4 }, (_, at) => at)
  const png = encodePng(3, 2, rgba)
  const view = new DataView(png.buffer)
  expect([view.getUint32(16), view.getUint32(20)]).toEqual([3, 2])
  const size = view.getUint32(33)
  expect(Buffer.from(png.subarray(37, 41)).toString()).toBe('IDAT')
  const rows = unzlibSync(png.subarray(41, 41 + size))
  expect([...rows]).toEqual([0, ...rgba.subarray(0, 12), 0, ...rgba.subarray(12)])
  // The checksum of an empty end is known.
  expect(view.getUint32(png.length - 4)).toBe(0xae426082)
})
