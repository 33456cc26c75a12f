/** What is no model, or cannot be made, ends in words; the thread, and the models of others, do not notice. */

import { box } from '@pleiad/workshop/mesh/solids'
import { writeAsciiStl } from '@pleiad/workshop/mesh/stl'
import { strToU8, zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { editor, type ReasonCode } from './contract.ts'
import { type Bed, startBed, stl } from './testing-bed.ts'

let bed: Bed
beforeAll(async () => {
  bed = await startBed({ EDITOR_MAX_MB: '2', EDITOR_MAX_TRIANGLES: '10000' })
})
afterAll(() => bed?.platform.stop())

const good = stl(box(10, 10, 10))
const announcing = (count: number, size: number) => {
  const bytes = Buffer.alloc(size)
  bytes.writeUInt32LE(count, 80)
  return bytes
}
const withCoordinate = (value: number) => {
  const bytes = Buffer.from(good)
  bytes.writeFloatLE(value, 84 + 12)
  return bytes
}
const flat = () => {
  const bytes = Buffer.from(good.subarray(0, 84 + 50))
  bytes.writeUInt32LE(1, 80)
  return bytes
}
const MODEL = (body: string) => `<?xml version="1.0"?>${body}`
const THING = `<model unit="millimeter" xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02"><resources><object id="1"><mesh><vertices>
<vertex x="0" y="0" z="0"/><vertex x="20" y="0" z="0"/><vertex x="0" y="20" z="0"/><vertex x="0" y="0" z="20"/></vertices><triangles>
<triangle v1="0" v2="2" v3="1"/><triangle v1="0" v2="1" v3="3"/><triangle v1="0" v2="3" v3="2"/><triangle v1="1" v2="2" v3="3"/></triangles></mesh></object></resources><build><item objectid="1"/></build></model>`
const RELATIONS = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="/3D/3dmodel.model" Id="r" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>`
const threemf = (entries: Record<string, Uint8Array>) =>
  Buffer.from(zipSync({ '_rels/.rels': strToU8(RELATIONS), ...entries }))
const ENTITY = `<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>`

const cases: [what: string, bytes: () => Buffer, name: string, codes: ReasonCode[]][] = [
  ['truncated', () => good.subarray(0, 300), 'a.stl', ['fileDamaged']],
  [
    'ASCII that breaks off within a facet',
    () => Buffer.from(writeAsciiStl(box(10, 10, 10)).slice(0, 640)),
    'a.stl',
    ['fileDamaged'],
  ],
  [
    'ASCII that breaks off between two facets',
    () => {
      const text = Buffer.from(writeAsciiStl(box(10, 10, 10))).toString()
      return Buffer.from(text.slice(0, text.indexOf('endfacet', 700) + 9))
    },
    'a.stl',
    ['fileDamaged'],
  ],
  [
    'cut off within the header',
    () => good.subarray(0, 40),
    'a.stl',
    ['fileDamaged', 'noTriangles', 'formatUnknown'],
  ],
  ['one byte', () => Buffer.from('x'), 'a.stl', ['fileDamaged', 'noTriangles', 'formatUnknown']],
  ['without triangles', () => announcing(0, 84), 'a.stl', ['noTriangles']],
  [
    'an ASCII STL that is binary',
    () => Buffer.concat([Buffer.from('solid x\nfacet normal'), Buffer.alloc(500, 7)]),
    'a.stl',
    ['fileDamaged'],
  ],
  [
    'fifty million triangles announced in a kilobyte',
    () => announcing(50_000_000, 1000),
    'a.stl',
    ['fileDamaged'],
  ],
  ['not a number', () => withCoordinate(Number.NaN), 'a.stl', ['coordinatesNotRight']],
  ['infinite', () => withCoordinate(Number.POSITIVE_INFINITY), 'a.stl', ['coordinatesNotRight']],
  ['larger than anything', () => withCoordinate(1e30), 'a.stl', ['tooLarge', 'coordinatesNotRight']],
  ['larger than any machine', () => stl(box(900_000, 10, 10)), 'a.stl', ['tooLarge']],
  ['infinitely thin', flat, 'a.stl', ['noVolume']],
  ['a sheet with a size', () => stl(box(20, 20, 0)), 'a.stl', ['noVolume']],
  [
    'a JPEG called .stl',
    () => Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), Buffer.alloc(2000, 1)]),
    'a.stl',
    ['formatUnknown'],
  ],
  ['text', () => Buffer.from('Dear customer, '.repeat(50)), 'a.stl', ['formatUnknown']],
  [
    'STEP, which nobody here can read',
    () => Buffer.from('ISO-10303-21;\nHEADER;'),
    'a.step',
    ['stepNotSupported'],
  ],
  ['more bytes than are read', () => Buffer.alloc(2 * 1024 * 1024 + 1, 1), 'a.stl', ['fileTooLarge']],
  ['more triangles than are read', () => announcing(20_000, 84 + 50 * 20_000), 'a.stl', ['tooManyTriangles']],
  ['an archive that is none', () => Buffer.from('PK\x03\x04nothing'), 'a.3mf', ['fileUnsafe', 'fileDamaged']],
  [
    'an archive that breaks off',
    () => threemf({ '3D/3dmodel.model': strToU8(MODEL(THING)) }).subarray(0, -40),
    'a.3mf',
    ['fileDamaged', 'fileUnsafe'],
  ],
  [
    'an archive without a model',
    () => threemf({ 'a.txt': strToU8('x') }),
    'a.3mf',
    ['fileDamaged', 'formatUnknown', 'noTriangles', 'fileUnsafe'],
  ],
  [
    'an archive that unpacks to very much',
    () => threemf({ '3D/3dmodel.model': new Uint8Array(100 * 1024 * 1024) }),
    'a.3mf',
    ['fileUnsafe'],
  ],
  [
    'an archive with paths that lead out',
    () => threemf({ '3D/3dmodel.model': strToU8(MODEL(THING)), '../../etc/passwd': strToU8('x') }),
    'a.3mf',
    ['fileUnsafe'],
  ],
  [
    'XML with entities',
    () => threemf({ '3D/3dmodel.model': strToU8(MODEL(ENTITY + THING)) }),
    'a.3mf',
    ['fileUnsafe'],
  ],
  [
    'XML that breaks off',
    () => threemf({ '3D/3dmodel.model': strToU8(MODEL(THING.slice(0, 400))) }),
    'a.3mf',
    ['fileDamaged'],
  ],
  ['OBJ with faces of nothing', () => Buffer.from('v 0 0 0\nv 10 0 0\nf 1 2 9\n'), 'a.obj', ['fileDamaged']],
]

describe('is rejected with words', () => {
  test.each(cases)('%s', async (_what, bytes, name, codes) => {
    const anna = bed.person()
    const model = await anna.make(bytes(), name, { unit: 'mm' })
    expect(model.latest.state).toBe('rejected')
    const [reason, ...more] = model.latest.reasons!
    expect(codes).toContain(reason!.code)
    expect(more).toEqual([])
    expect(reason!.detail).toMatch(/^[A-Z].{15,}\.$/)
    expect(reason!.detail).not.toMatch(/undefined|null|Error|\bat .*:\d/)
    expect(await bed.eventsOf(model.modelId)).toMatchObject([
      { type: 'model.rejected', data: { version: 1, ownerId: anna.id, reasons: [reason] } },
    ])
    // Nothing but what was uploaded.
    expect((await anna.files.listFiles()).items).toHaveLength(1)
  })

  test('an empty file is refused before it is uploaded', async () => {
    await expect(bed.person().upload(Buffer.alloc(0))).rejects.toMatchObject({ code: 'fileEmpty' })
  })
})

test('what is read is told before anybody uploads', async () => {
  expect(await bed.platform.client(editor).getIntake()).toEqual({
    formats: ['stl', 'obj', '3mf'],
    maxMb: 2,
    maxTriangles: 10_000,
  })
})

test('after all of that the same threads make good models of good files, in every format', async () => {
  const anna = bed.person()
  const obj = 'v 0 0 0\nv 20 0 0\nv 0 20 0\nv 0 0 20\nf 1 3 2\nf 1 2 4\nf 1 4 3\nf 2 3 4\n'
  for (const [name, bytes, format, unit] of [
    ['a.stl', good, 'stl', 'mm'],
    ['ascii.stl', Buffer.from(writeAsciiStl(box(10, 10, 10))), 'stl', 'mm'],
    ['a.obj', Buffer.from(obj), 'obj', 'mm'],
    ['a.3mf', threemf({ '3D/3dmodel.model': strToU8(MODEL(THING)) }), '3mf', 'mm'],
    // What it is called does not matter.
    ['a.obj', good, 'stl', 'mm'],
  ] as const)
    expect((await anna.make(bytes, name)).latest).toMatchObject({ state: 'ready', format, unit })
})
