/** Files of every format, whole and broken: each gets the mesh or a sentence that says what to do. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { check } from './check.ts'
import { type Mesh, MeshError } from './mesh.ts'
import { readObj } from './obj.ts'
import { readModel } from './read.ts'
import { box, cylinder, gear, icosphere, meshOf, torus } from './solids.ts'
import { readStl, writeAsciiStl, writeStl } from './stl.ts'
import { readThreemf } from './threemf.ts'
import { guessUnit, toMillimetres } from './units.ts'

const model = (path: string) =>
  new Uint8Array(readFileSync(new URL(`../../node_modules/stl-models/${path}`, import.meta.url)))
const text = (...lines: string[]) => strToU8(lines.join('\n'))
function refusal(read: () => unknown): MeshError {
  try {
    read()
  } catch (error) {
    expect(error).toBeInstanceOf(MeshError)
    expect((error as MeshError).message).toMatch(/^[A-Z].*\.$/)
    return error as MeshError
  }
  throw new Error('It was read.')
}

describe('STL', () => {
  test('what is written is read the same, binary and ASCII', () => {
    const solid = fc.constantFrom(box(1, 2, 3), icosphere(7, 2), torus(9, 2, 12, 8), gear(8))
    fc.assert(
      fc.property(solid, fc.double({ min: 0.001, max: 1000, noNaN: true }), (mesh, scale) => {
        const scaled = {
          positions: Float32Array.from(mesh.positions, (value) => value * scale),
          indices: mesh.indices,
        }
        const once = readStl(writeStl(scaled))
        expect(once.positions.length).toBeLessThanOrEqual(scaled.positions.length)
        const again = readStl(writeStl(once))
        expect(again).toEqual(once)
        expect(readStl(writeAsciiStl(once))).toEqual(once)
        // The same corners for each face as before.
        for (const at of [0, 1, 2, once.indices.length - 1])
          for (let k = 0; k < 3; k++)
            expect(once.positions[once.indices[at]! * 3 + k]).toBe(
              scaled.positions[scaled.indices[at]! * 3 + k],
            )
      }),
      { numRuns: 40 },
    )
  })

  test('any bytes at all are read or refused with a MeshError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        try {
          readModel(bytes)
        } catch (error) {
          if (!(error instanceof MeshError)) throw error
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a cut or altered file is read or refused with a MeshError', () => {
    const sources = [writeStl(icosphere(5, 1)), writeAsciiStl(box(1, 2, 3)), threemf(oneObject(box(1, 2, 3)))]
    fc.assert(
      fc.property(
        fc.constantFrom(...sources),
        fc.nat(),
        fc.nat(),
        fc.nat(255),
        (source, cut, place, byte) => {
          const bytes = source.slice(0, source.length - (cut % source.length))
          if (place % 2) bytes[place % bytes.length] = byte
          try {
            readModel(bytes)
          } catch (error) {
            if (!(error instanceof MeshError)) throw error
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test.each([
    ['polytopes/cube.ascii.stl', 12],
    ['polytopes/cube.bin.stl', 12],
    ['polytopes/tetrahedronMinusZero.bin.stl', 4],
    ['polytopes/tetrahedron.min.ascii.stl', 4],
    ['misc/multiWordName.ascii.stl', 4],
    ['misc/namelessSolid.ascii.stl', 4],
    // Broken, but everything that counts is there: normals are computed, names and the end are ornament.
    ['broken/missingEndsolid.ascii.stl', 4],
    ['broken/missingNormal.ascii.stl', 4],
    ['broken/notANumberNormal.ascii.stl', 4],
    ['broken/solidNameMismatch.ascii.stl', 4],
    ['broken/wrongNormal.ascii.stl', 4],
    ['broken/wrongNormals.ascii.stl', 4],
    ['broken/wrongHeader.bin.stl', 12],
  ])('%s of stl-models is read', (path, triangles) => {
    const report = check(readStl(model(path)))
    expect(report).toMatchObject({ triangles, watertight: true })
  })

  test.each([
    ['broken/empty.stl', 'meshEmpty'],
    ['misc/faceless.ascii.stl', 'meshEmpty'],
    ['broken/twoVertices.ascii.stl', 'meshMalformed'],
    // Announces 66 faces and has 4.
    ['broken/incorrectFaceCounter.bin.stl', 'meshTruncated'],
    // Somebody saved the bytes as text.
    ['misc/multiWordName.bin.stl', 'meshTooLarge'],
  ])('%s of stl-models is refused: %s', (path, code) => {
    expect(refusal(() => readModel(model(path)))).toMatchObject({ code })
  })

  test('minus zero is zero', () => {
    expect(check(readStl(model('polytopes/tetrahedronMinusZero.bin.stl'))).vertices).toBe(4)
  })

  test('a facet of four corners becomes two faces', () => {
    const quad = text(
      'solid q',
      'facet normal 0 0 1\n outer loop',
      'vertex 0 0 0\nvertex 2 0 0\nvertex 2 2 0\nvertex 0 2 0',
      'endloop\nendfacet\nendsolid q',
    )
    expect(check(readStl(quad))).toMatchObject({ triangles: 2, areaMm2: 4 })
  })

  const binary = writeStl(icosphere(5, 1))
  const announcing = (count: number, length: number) => {
    const bytes = new Uint8Array(length)
    new DataView(bytes.buffer).setUint32(80, count, true)
    return bytes
  }
  const poisoned = (value: number) => {
    const bytes = binary.slice()
    new DataView(bytes.buffer).setFloat32(84 + 12 + 4, value, true)
    return bytes
  }
  test.each<[string, Uint8Array, string, RegExp]>([
    ['nothing', new Uint8Array(0), 'meshEmpty', /empty/],
    ['cut off', binary.slice(0, binary.length - 30), 'meshTruncated', /announces 80 triangles and holds 79/],
    ['cut within the header', binary.slice(0, 50), 'meshTruncated', /50 bytes/],
    ['50 million triangles in a kilobyte', announcing(50_000_000, 1034), 'meshTruncated', /50,000,000/],
    ['no triangle', announcing(0, 84), 'meshEmpty', /no triangles/],
    ['NaN', poisoned(Number.NaN), 'meshNotFinite', /not a number/],
    ['infinity', poisoned(Number.NEGATIVE_INFINITY), 'meshNotFinite', /not a number/],
    ['the distance of the moon', poisoned(3.8e11), 'meshTooLarge', /unit/],
    ['a JPEG', new Uint8Array([0xff, 0xd8, 0xff, 0xe0, ...new Array(500).fill(7)]), 'meshNotAModel', /JPEG/],
    ['a PDF', strToU8(`%PDF-1.7\n${'x'.repeat(300)}`), 'meshNotAModel', /PDF/],
    ['HTML', strToU8(`<!doctype html>${' '.repeat(300)}`), 'meshNotAModel', /HTML/],
    ['a letter', strToU8('Dear workshop, '.repeat(40)), 'meshNotAModel', /text/],
    [
      'binary that begins with "solid" and is cut',
      (() => {
        const bytes = binary.slice(0, binary.length - 1)
        bytes.set(strToU8('solid part'))
        return bytes
      })(),
      'meshTruncated',
      /cut off/,
    ],
    ['ASCII without facets', text('solid x', 'nothing here '.repeat(30)), 'meshMalformed', /text/],
    [
      'ASCII, cut in a facet',
      writeAsciiStl(box(1, 1, 1)).slice(0, 700),
      'meshTruncated',
      /middle of a facet/,
    ],
    [
      'ASCII with NaN',
      text('solid x', 'facet normal 0 0 0', 'outer loop', 'vertex 0 nan 0'),
      'meshNotFinite',
      /not a number/,
    ],
    [
      'ASCII with words',
      text('solid x', 'facet normal 0 0 0', 'outer loop', 'vertex 0 one 0'),
      'meshMalformed',
      /Line 4/,
    ],
    [
      'ASCII with a huge number',
      text(
        'solid x',
        'facet normal 0 0 0',
        'outer loop',
        'vertex 0 1e999 0',
        'vertex 0 1 0',
        'vertex 1 1 0',
        'endloop',
        'endfacet',
      ),
      'meshNotFinite',
      /infinite/,
    ],
  ])('%s', (_, bytes, code, words) => {
    const error = refusal(() => readModel(bytes))
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(words)
  })

  test('binary that begins with "solid" is read by its size', () => {
    const bytes = binary.slice()
    bytes.set(strToU8('solid part\nfacet'))
    expect(readModel(bytes)).toMatchObject({ format: 'stl-binary' })
  })

  test('more triangles than allowed', () => {
    expect(refusal(() => readStl(binary, { triangles: 79 }))).toMatchObject({ code: 'meshTooManyTriangles' })
    expect(refusal(() => readStl(writeAsciiStl(box(1, 1, 1)), { triangles: 11 })).code).toBe(
      'meshTooManyTriangles',
    )
    expect(refusal(() => readStl(writeAsciiStl(box(1, 1, 1)), { textBytes: 100 })).code).toBe('meshTooLarge')
  })

  test('numbers are read as JavaScript reads them', () => {
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, noDefaultInfinity: true, max: 1e5, min: -1e5 }),
        fc.integer({ min: 0, max: 15 }),
        (value, digits) => {
          for (const written of [String(value), value.toExponential(digits), value.toFixed(digits)]) {
            const file = text('v 0 0 0', 'v 1 0 0', `v ${written} 5 0`, 'f 1 2 3')
            expect(readObj(file).positions[6]! + 0).toBe(Number(written) + 0)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('OBJ', () => {
  const cube = text(
    '# a cube',
    'mtllib none.mtl',
    'o cube',
    'v 0 0 0',
    'v 1 0 0 1.0',
    'v 1 1 0 0.5 0.5 0.5',
    'v 0 1 0',
    'v 0 0 1',
    'v 1 0 1',
    'v 1 1 1',
    'v 0 1 1',
    'vt 0 0',
    'vn 0 0 1',
    'usemtl none',
    'f 1/1/1 4//1 3/1 2',
    'f -4 -3 -2 -1',
    'f 1 2 6 5 # front',
    'f 2 3 \\',
    '  7 6',
    'f 3 4 8 7',
    'f 4 1 5 8',
  )
  test('polygons, numbers from the end, joined lines, comments', () => {
    const { format, mesh } = readModel(cube)
    expect(format).toBe('obj')
    expect(check(mesh)).toMatchObject({ watertight: true, triangles: 12, volumeMm3: 1, areaMm2: 6 })
    const windows = strToU8(new TextDecoder().decode(cube).replaceAll('\n', '\r\n'))
    expect(readObj(windows)).toEqual(mesh)
  })

  test('a concave polygon keeps its area', () => {
    const arrow = text('v 0 0 0', 'v 4 0 0', 'v 1 1 0', 'v 0 4 0', 'f 1 2 3 4')
    expect(check(readObj(arrow)).areaMm2).toBeCloseTo(4, 12)
  })

  test('vertices that are written twice are one', () => {
    const twice = text('v 0 0 0', 'v 1 0 0', 'v 0 1 0', 'v 1 0 0', 'v 0 1 0', 'v 1 1 0', 'f 1 2 3', 'f 4 6 5')
    expect(check(readObj(twice))).toMatchObject({ vertices: 4, shells: 1 })
  })

  test.each([
    ['a vertex that is not there', ['v 0 0 0', 'f 1 2 3'], 'meshMalformed', /Line 2/],
    ['two corners', ['v 0 0 0', 'v 1 0 0', 'f 1 2'], 'meshMalformed', /2 corners/],
    ['NaN', ['v 0 nan 0', 'f 1 1 1'], 'meshNotFinite', /not a number/],
    ['a word', ['v 0 x 0', 'f 1 1 1'], 'meshMalformed', /coordinate/],
    ['no faces', ['v 0 0 0'], 'meshEmpty', /no faces/],
  ])('%s', (_, lines, code, words) => {
    const error = refusal(() => readObj(text(...lines)))
    expect(error).toMatchObject({ code })
    expect(error.message).toMatch(words)
  })
})

const relations = `<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Target="/3D/part.model" Id="r0" Type="http://schemas.microsoft.com/3dmanufacturing/2013/01/3dmodel"/></Relationships>`
const meshXml = ({ positions, indices }: Mesh) => {
  const rows = (values: ArrayLike<number>, row: (a: number, b: number, c: number) => string) =>
    Array.from({ length: values.length / 3 }, (_, at) =>
      row(values[at * 3]!, values[at * 3 + 1]!, values[at * 3 + 2]!),
    ).join('')
  return `<mesh><vertices>${rows(positions, (x, y, z) => `<vertex x="${x}" y="${y}" z="${z}"/>`)}</vertices><triangles>${rows(indices, (a, b, c) => `<triangle v1="${a}" v2="${b}" v3="${c}"/>`)}</triangles></mesh>`
}
const oneObject = (mesh: Mesh) => `<object id="1" name="A part">${meshXml(mesh)}</object>`
const xml = (objects: string, items: string, unit = '') =>
  `<?xml version="1.0" encoding="UTF-8"?><model xmlns="http://schemas.microsoft.com/3dmanufacturing/core/2015/02" ${unit}><resources>${objects}</resources><build>${items}</build></model>`
function threemf(
  objects: string,
  items = '<item objectid="1"/>',
  unit = '',
  more: Record<string, string> = {},
): Uint8Array {
  const files = { '_rels/.rels': relations, '3D/part.model': xml(objects, items, unit), ...more }
  return zipSync(Object.fromEntries(Object.entries(files).map(([name, content]) => [name, strToU8(content)])))
}

describe('3MF', () => {
  test('objects, components, placements and units', () => {
    const cube = box(1, 2, 3)
    const file = threemf(
      `${oneObject(cube)}<object id="2"><components><component objectid="1"/><component objectid="1" transform="-1 0 0 0 1 0 0 0 1 -5 0 0"/></components></object><object id="3" type="other">${meshXml(cube)}</object>`,
      '<item objectid="1" transform="0 1 0 -1 0 0 0 0 1 10 0 0"/><item objectid="2"/><item objectid="3"/>',
      'unit="inch"',
    )
    const { format, parts, mesh, unit, unitCertain } = readModel(file)
    expect({ format, unit, unitCertain }).toEqual({ format: '3mf', unit: 'mm', unitCertain: true })
    expect(parts).toHaveLength(2)
    expect(parts[0]!.name).toBe('A part')
    const first = check(parts[0]!.mesh)
    // A quarter turn about z and 10 inches along x.
    expect(first.bounds.min.map((value) => value / 25.4)).toEqual([8, 0, 0])
    expect(first.sizeMm).toEqual({
      x: expect.closeTo(2 * 25.4, 9),
      y: expect.closeTo(25.4, 9),
      z: expect.closeTo(3 * 25.4, 9),
    })
    const second = check(parts[1]!.mesh)
    // The mirrored component faces outwards like the other.
    expect(second).toMatchObject({ shells: 2, watertight: true, insideOutShells: 0 })
    expect(second.volumeMm3).toBeCloseTo(12 * 25.4 ** 3, 6)
    expect(check(mesh).volumeMm3).toBeCloseTo(18 * 25.4 ** 3, 6)
  })

  test('a part in another file of the archive, and one without a plate', () => {
    const other = threemf(
      '<object id="9"><components><component xmlns:p="x" p:path="/3D/Objects/a.model" objectid="1"/></components></object>',
      '<item objectid="9"/>',
      '',
      { '3D/Objects/a.model': xml(oneObject(box(1, 1, 1)), '') },
    )
    expect(check(readThreemf(other)[0]!.mesh).volumeMm3).toBeCloseTo(1, 12)
    expect(readThreemf(threemf(oneObject(box(1, 1, 2)), ''))).toHaveLength(1)
  })

  const cube = oneObject(box(1, 1, 1))
  const nested = (levels: number) =>
    cube +
    Array.from(
      { length: levels },
      (_, at) =>
        `<object id="${at + 2}"><components>${`<component objectid="${at + 1}"/>`.repeat(10)}</components></object>`,
    ).join('')
  const withEntity = (declaration: string) =>
    zipSync({
      '_rels/.rels': strToU8(relations),
      '3D/part.model': strToU8(
        `<?xml version="1.0"?>${declaration}<model><resources>&x;</resources></model>`,
      ),
    })
  test.each<[string, () => Uint8Array, string]>([
    [
      'an entity',
      () => withEntity('<!DOCTYPE m [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
      'meshXmlUnsafe',
    ],
    ['a document type alone', () => withEntity('<!DOCTYPE model>'), 'meshXmlUnsafe'],
    ['an entity that nobody declared', () => withEntity(''), 'meshXmlUnsafe'],
    [
      'a document type in the relations',
      () => zipSync({ '_rels/.rels': strToU8('<!DOCTYPE r><r/>') }),
      'meshXmlUnsafe',
    ],
    [
      'a bomb of zeros',
      () => zipSync({ '_rels/.rels': strToU8(relations), '3D/part.model': new Uint8Array(60_000_000) }),
      'meshArchiveBomb',
    ],
    ['a bomb of spaces', () => threemf(' '.repeat(17_000_000)), 'meshArchiveBomb'],
    [
      'a path upwards',
      () => threemf(cube, undefined, '', { '../../etc/cron.d/x': 'x' }),
      'meshArchiveUnsafe',
    ],
    ['an absolute path', () => threemf(cube, undefined, '', { '/etc/passwd': 'x' }), 'meshArchiveUnsafe'],
    ['a path of Windows', () => threemf(cube, undefined, '', { 'C:\\x': 'x' }), 'meshArchiveUnsafe'],
    [
      'a component in itself',
      () => threemf('<object id="1"><components><component objectid="1"/></components></object>'),
      'meshMalformed',
    ],
    ['components that multiply', () => threemf(nested(9), '<item objectid="10"/>'), 'meshTooManyTriangles'],
    [
      'components that multiply nothing',
      () =>
        threemf(
          nested(9).replace(cube, '<object id="1"><mesh><vertices/><triangles/></mesh></object>'),
          '<item objectid="10"/>',
        ),
      'meshTooLarge',
    ],
    ['an object that is not there', () => threemf(cube, '<item objectid="7"/>'), 'meshMalformed'],
    [
      'a corner that is not there',
      () =>
        threemf(
          '<object id="1"><mesh><vertices><vertex x="0" y="0" z="0"/></vertices><triangles><triangle v1="0" v2="1" v3="2"/></triangles></mesh></object>',
        ),
      'meshMalformed',
    ],
    [
      'NaN',
      () =>
        threemf('<object id="1"><mesh><vertices><vertex x="NaN" y="0" z="0"/></vertices></mesh></object>'),
      'meshNotFinite',
    ],
    ['a unit of its own', () => threemf(cube, undefined, 'unit="league"'), 'meshUnitUnknown'],
    [
      'XML that ends early',
      () => zipSync({ '3D/3dmodel.model': strToU8('<model><resources>') }),
      'meshMalformed',
    ],
    [
      'elements without end',
      () => zipSync({ '3D/3dmodel.model': strToU8('<a>'.repeat(100)) }),
      'meshMalformed',
    ],
    ['no part', () => threemf('', ''), 'meshEmpty'],
    ['an archive of pictures', () => zipSync({ 'a.png': new Uint8Array(9) }), 'meshNotAModel'],
    ['cut off', () => threemf(cube).slice(0, -40), 'meshMalformed'],
  ])('%s', (_, file, code) => {
    expect(refusal(() => readModel(file()))).toMatchObject({ code })
  })

  test('an archive that announces four gigabytes gets none of it', () => {
    const file = threemf(cube)
    const view = new DataView(file.buffer)
    for (let at = 0; at + 46 < file.length; at++)
      if (view.getUint32(at, true) === 0x02014b50) view.setUint32(at + 24, 0xfffffffe, true)
    const before = process.memoryUsage().arrayBuffers
    expect(check(readModel(file).mesh).volumeMm3).toBeCloseTo(1, 12)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(50_000_000)
  })
})

test('units are guessed by size', () => {
  expect(guessUnit([40, 20, 10])).toEqual({ unit: 'mm', certain: true })
  expect(guessUnit([3, 1, 1])).toEqual({ unit: 'in', certain: false })
  expect(guessUnit([0.12, 0.1, 0.1])).toEqual({ unit: 'm', certain: false })
  expect(guessUnit([1500, 10, 10])).toEqual({ unit: 'mm', certain: false })
  expect(guessUnit([50_000, 10, 10])).toEqual({ unit: 'micron', certain: false })
  expect(check(toMillimetres(box(1, 1, 1), 'in')).volumeMm3).toBeCloseTo(25.4 ** 3, 9)
  expect(toMillimetres(cylinder(1, 1), 'mm')).toBeTypeOf('object')
  expect(
    check(
      meshOf(
        [
          [0, 0, 0],
          [1, 0, 0],
          [0, 1, 0],
        ],
        [[0, 1, 2]],
      ),
    ).shells,
  ).toBe(1)
})
