/** The rules that need no server: names, ranges, links, types. */
import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { linkToken, readLink, readUploadAddress, uploadAddress } from './links.ts'
import { checkName, dispositionOf } from './names.ts'
import { namesTag, readRange } from './ranges.ts'
import { isAsDeclared, mayBeShown, sniffType } from './types.ts'

test('names: what people write is kept, tricks are refused', () => {
  for (const name of [
    'bracket.stl',
    'Кронштейн №2 (финал).stl',
    '.profile',
    'a'.repeat(255),
    '🚲'.repeat(255),
  ])
    expect(checkName(name)).toEqual({ name })
  expect(checkName('  cafe\u0301.stl ')).toEqual({ name: 'caf\u00e9.stl' })
  for (const [name, trouble] of [
    ['', 'empty'],
    ['   ', 'empty'],
    ['a'.repeat(256), 'length'],
    ['../../etc/passwd', 'path'],
    ['..', 'path'],
    ['.', 'path'],
    ['C:\\fakepath\\x.stl', 'path'],
    ['/x', 'path'],
    ['a\0.stl', 'control'],
    ['a\nb', 'control'],
    ['a\u2028b', 'control'],
    ['a\ud800', 'control'],
    ['gpj.\u202eexe', 'direction'],
    ['\u2066a', 'direction'],
    ['a\u200f', 'direction'],
  ] as const)
    expect(checkName(name), JSON.stringify(name)).toEqual({ trouble })
})

test('a name in Content-Disposition can end neither the header nor the quotes', () => {
  expect(dispositionOf('bracket.stl', false)).toBe(
    `attachment; filename="bracket.stl"; filename*=UTF-8''bracket.stl`,
  )
  expect(dispositionOf('«x"y%\';z».stl', true)).toBe(
    `inline; filename="_x_y_';z_.stl"; filename*=UTF-8''%C2%ABx%22y%25%27%3Bz%C2%BB.stl`,
  )
})

test('ranges', () => {
  expect(readRange(undefined, 100)).toBeUndefined()
  expect(readRange('bytes=0-', 100)).toEqual({ start: 0, end: 99 })
  expect(readRange('bytes=10-19', 100)).toEqual({ start: 10, end: 19 })
  expect(readRange('bytes=90-1000', 100)).toEqual({ start: 90, end: 99 })
  expect(readRange('bytes=-5', 100)).toEqual({ start: 95, end: 99 })
  expect(readRange('bytes=-500', 100)).toEqual({ start: 0, end: 99 })
  expect(readRange('bytes=100-', 100)).toBe('unsatisfiable')
  expect(readRange('bytes=-0', 100)).toBe('unsatisfiable')
  for (const odd of ['bytes=', 'bytes=-', 'bytes=5-4', 'bytes=0-1,3-4', 'items=0-1', 'bytes=a-b'])
    expect(readRange(odd, 100), odd).toBeUndefined()
  expect(namesTag('"a", W/"b"', '"b"')).toBe(true)
  expect(namesTag('*', '"b"')).toBe(true)
  expect(namesTag('"a"', '"b"')).toBe(false)
})

test('links and upload addresses: changed by one character they are nobody’s', () => {
  const key = randomBytes(32)
  const fileId = '01938a5e-7c00-7000-8000-0000000000f1'
  const link = { fileId, expires: new Date(1_800_000_000_000), inline: true }
  const token = linkToken(key, link)
  expect(readLink(key, token)).toEqual(link)
  expect(readLink(randomBytes(32), token)).toBeUndefined()
  const address = uploadAddress(key, fileId)
  expect(readUploadAddress(key, address)).toBe(fileId)
  expect(readUploadAddress(randomBytes(32), address)).toBeUndefined()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  for (let at = 0; at < token.length; at++)
    for (const letter of alphabet) {
      const changed = token.slice(0, at) + letter + token.slice(at + 1)
      if (changed !== token) expect(readLink(key, changed), changed).toBeUndefined()
    }
  for (let at = 0; at < address.length; at++) {
    const letter = address[at] === 'a' ? 'b' : 'a'
    const changed = address.slice(0, at) + letter + address.slice(at + 1)
    expect(readUploadAddress(key, changed), changed).toBeUndefined()
  }
  for (const odd of ['', '/', `${address}/x`, `${address}A`, token.slice(1), `${token}=`]) {
    expect(readUploadAddress(key, odd)).toBeUndefined()
    expect(readLink(key, odd)).toBeUndefined()
  }
})

const sniff = (bytes: Buffer | string) => {
  const whole = Buffer.from(bytes)
  return sniffType({ size: whole.length, head: whole.subarray(0, 8192), tail: whole.subarray(-65_536) })
}
function binaryStl(triangles: number, header = ''): Buffer {
  const bytes = Buffer.alloc(84 + 50 * triangles)
  bytes.write(header)
  bytes.writeUInt32LE(triangles, 80)
  return bytes
}

test('types are told by the bytes', () => {
  expect(sniff(binaryStl(12))).toBe('model/stl')
  expect(sniff(binaryStl(12, 'solid exported by a program that lies'))).toBe('model/stl')
  expect(sniff('solid cube\n  facet normal 0 0 1\n    outer loop\n')).toBe('model/stl')
  expect(sniff('# comment\nmtllib x.mtl\no cube\nv 0.0 1.0 -2\nv 1 1 1\nf 1 2 1\n')).toBe('model/obj')
  expect(sniff('ISO-10303-21;\nHEADER;\n')).toBe('model/step')
  expect(sniff(`PK\x03\x04${'\0'.repeat(26)}[Content_Types].xml...3D/3dmodel.model`)).toBe('model/3mf')
  expect(
    sniff(Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(90_000), Buffer.from('3D/3dmodel.model')])),
  ).toBe('model/3mf')
  expect(sniff('PK\x03\x04 something else')).toBe('application/zip')
  expect(sniff(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0]))).toBe('image/png')
  expect(sniff(Buffer.from([0xff, 0xd8, 0xff, 0xe0]))).toBe('image/jpeg')
  expect(sniff('%PDF-1.7')).toBe('application/pdf')
  expect(sniff('<?xml version="1.0"?>\n<gpx version="1.1">')).toBe('application/gpx+xml')
  expect(sniff('<?xml version="1.0"?><svg xmlns="x">')).toBe('image/svg+xml')
  expect(sniff('\ufeff<!DOCTYPE html><script>')).toBe('text/html')
  expect(sniff('{"a": [1]}')).toBe('application/json')
  expect(sniff('Привет, мир')).toBe('text/plain')
  expect(sniff('v is a letter\nand this is prose\n')).toBe('text/plain')
  expect(sniff(Buffer.from([0, 1, 2, 3]))).toBe('application/octet-stream')
  // A letter cut in two by the end of the sample is no binary.
  expect(sniff(`x${'я'.repeat(5000)}`)).toBe('text/plain')
})

test('an announced type is a claim', () => {
  expect(isAsDeclared('application/octet-stream', 'image/png')).toBe(true)
  expect(isAsDeclared('application/sla', 'model/stl')).toBe(true)
  expect(isAsDeclared('text/csv; charset=utf-8', 'text/plain')).toBe(true)
  expect(isAsDeclared('model/stl', 'image/jpeg')).toBe(false)
  expect(isAsDeclared('image/png', 'text/html')).toBe(false)
  expect(isAsDeclared('text/html', 'text/plain')).toBe(false)
  for (const harmful of ['text/html', 'image/svg+xml', 'application/xml', 'text/plain'])
    expect(mayBeShown(harmful)).toBe(false)
  expect(mayBeShown('image/png')).toBe(true)
})
