/** 3MF archives with the long fields of ZIP64, which some programs always write, and those that lie in them. */
import { strToU8, zipSync } from 'fflate'
import { describe, expect, test } from 'vitest'
import { MeshError } from './mesh.ts'
import { entriesOf, unpack } from './zip.ts'

interface Lies {
  /** Bytes of the ZIP64 field of the entry; 24 are right. */
  readonly fieldBytes?: number
  readonly packed?: bigint
  readonly header?: bigint
  readonly directory?: bigint
  readonly count?: bigint
  readonly end?: bigint
}

const FULL = 0xffffffff
const text = 'vertices '.repeat(50)

/** The archive with one entry as ZIP64 has it: all short fields full, the truth in the long ones. */
function zip64(lies: Lies = {}): Uint8Array {
  const short = zipSync({ 'a.txt': strToU8(text) })
  const from = new DataView(short.buffer, short.byteOffset, short.byteLength)
  const directory = from.getUint32(short.length - 22 + 16, true)
  const packed = from.getUint32(directory + 20, true)
  const name = short.subarray(directory + 46, directory + 51)

  const field = new Uint8Array(4 + 24)
  const long = new DataView(field.buffer)
  long.setUint16(0, 1, true)
  long.setUint16(2, lies.fieldBytes ?? 24, true)
  long.setBigUint64(4, BigInt(text.length), true)
  long.setBigUint64(12, lies.packed ?? BigInt(packed), true)
  long.setBigUint64(20, lies.header ?? 0n, true)
  // Another field before it, as a time stamp would be.
  const stamp = Uint8Array.from([0x55, 0x54, 1, 0, 7])
  const extra = Uint8Array.from([...stamp, ...field.subarray(0, 4 + (lies.fieldBytes ?? 24))])
  const head = short.slice(directory, directory + 46)
  const heads = new DataView(head.buffer)
  heads.setUint32(20, FULL, true)
  heads.setUint32(24, FULL, true)
  heads.setUint16(30, extra.length, true)
  heads.setUint32(42, FULL, true)

  const ends = new Uint8Array(56 + 20 + 22)
  const view = new DataView(ends.buffer)
  const end = directory + head.length + name.length + extra.length
  view.setUint32(0, 0x06064b50, true)
  view.setBigUint64(32, lies.count ?? 1n, true)
  view.setBigUint64(48, lies.directory ?? BigInt(directory), true)
  view.setUint32(56, 0x07064b50, true)
  view.setBigUint64(64, lies.end ?? BigInt(end), true)
  view.setUint32(76, 0x06054b50, true)
  view.setUint16(86, 0xffff, true)
  view.setUint32(92, FULL, true)
  return Uint8Array.from([...short.subarray(0, directory), ...head, ...name, ...extra, ...ends])
}

describe('ZIP64', () => {
  test('is read as the short form is', () => {
    const bytes = zip64()
    const pieces: Uint8Array[] = []
    unpack(bytes, entriesOf(bytes).get('a.txt')!, { spent: 0, most: 10_000 }, (piece) => pieces.push(piece))
    expect(Buffer.concat(pieces).toString()).toBe(text)
  })

  const huge = 2n ** 63n
  test.each<[string, Lies, string]>([
    ['a field that breaks off', { fieldBytes: 12 }, 'meshMalformed'],
    ['more bytes than there are', { packed: huge }, 'meshMalformed'],
    ['an entry beyond the end', { header: huge }, 'meshMalformed'],
    ['a directory beyond the end', { directory: huge }, 'meshMalformed'],
    ['more entries than there are', { count: 5n }, 'meshMalformed'],
    ['billions of entries', { count: huge }, 'meshArchiveUnsafe'],
    ['an end beyond the end', { end: huge }, 'meshMalformed'],
    ['an end that is none', { end: 0n }, 'meshMalformed'],
  ])('%s', (_what, lies, code) => {
    const caught = (() => {
      try {
        return entriesOf(zip64(lies))
      } catch (error) {
        return error
      }
    })()
    expect(caught).toBeInstanceOf(MeshError)
    expect(caught).toMatchObject({ code })
  })
})
