/** ZIP archives that strangers made (PKWARE APPNOTE 6.3): nothing is believed, nothing is unpacked beyond a bound. */
import { Inflate } from 'fflate'
import { MeshError } from './mesh.ts'

export interface Entry {
  readonly name: string
  readonly method: number
  readonly start: number
  readonly packedBytes: number
}

/** Bytes unpacked so far of one archive, all entries together, and how many there may be. */
export interface Budget {
  spent: number
  readonly most: number
}

const ENTRIES = 10_000
/** XML of coordinates packs to a tenth; a bomb to a thousandth. */
const RATIO = 250
const FREE = 16_000_000

const malformed = () =>
  new MeshError('meshMalformed', 'The 3MF archive is damaged or was cut off. Export or upload it again.')
const unsafe = (what: string) =>
  new MeshError('meshArchiveUnsafe', `The 3MF archive ${what}. Export the model again with another program.`)

/** What is in the archive, by name, as its directory at the end says. Throws `MeshError`; unpacks nothing. */
export function entriesOf(bytes: Uint8Array): Map<string, Entry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let { count, at } = directoryOf(view)
  if (count > ENTRIES) throw unsafe(`has more than ${ENTRIES.toLocaleString('en')} files in it`)
  const entries = new Map<string, Entry>()
  for (; count > 0; count--) {
    if (at + 46 > bytes.length || view.getUint32(at, true) !== 0x02014b50) throw malformed()
    const nameBytes = view.getUint16(at + 28, true)
    const extraBytes = view.getUint16(at + 30, true)
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameBytes))
    if (view.getUint16(at + 8, true) & 1) throw unsafe('is encrypted')
    if (/^[/\\]|\\|^[a-z]:|(^|\/)\.\.(\/|$)|\0/i.test(name))
      throw unsafe('has a file with a path that leads out of it')
    if (entries.has(name)) throw unsafe('has two files of one name')
    const [packedBytes, header] = sizesOf(view, at, at + 46 + nameBytes, extraBytes)
    if (header + 30 > bytes.length || view.getUint32(header, true) !== 0x04034b50) throw malformed()
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
    if (start + packedBytes > bytes.length) throw malformed()
    entries.set(name, { name, method: view.getUint16(at + 10, true), start, packedBytes })
    at += 46 + nameBytes + extraBytes + view.getUint16(at + 32, true)
  }
  return entries
}

/** Where the directory is and how many entries it has. */
function directoryOf(view: DataView): { count: number; at: number } {
  const last = view.byteLength - 22
  for (let end = last; end >= 0 && end >= last - 65_535; end--) {
    if (view.getUint32(end, true) !== 0x06054b50) continue
    let count = view.getUint16(end + 10, true)
    let at = view.getUint32(end + 16, true)
    if (
      (count === 0xffff || at === 0xffffffff) &&
      end >= 20 &&
      view.getUint32(end - 20, true) === 0x07064b50
    ) {
      const long = Number(view.getBigUint64(end - 12, true))
      if (long + 56 > view.byteLength || view.getUint32(long, true) !== 0x06064b50) throw malformed()
      count = Number(view.getBigUint64(long + 32, true))
      at = Number(view.getBigUint64(long + 48, true))
    }
    return { count, at }
  }
  throw malformed()
}

/** Packed bytes and place of the local header, out of the ZIP64 field where the short ones are full. */
function sizesOf(
  view: DataView,
  at: number,
  extra: number,
  extraBytes: number,
): [packed: number, header: number] {
  let packed = view.getUint32(at + 20, true)
  let header = view.getUint32(at + 42, true)
  const end = Math.min(extra + extraBytes, view.byteLength)
  for (let field = extra; field + 4 <= end; field += 4 + view.getUint16(field + 2, true)) {
    if (view.getUint16(field, true) !== 1) continue
    let value = field + 4
    const next = () => {
      if (value + 8 > end) throw malformed()
      value += 8
      return Number(view.getBigUint64(value - 8, true))
    }
    if (view.getUint32(at + 24, true) === 0xffffffff) next()
    if (packed === 0xffffffff) packed = next()
    if (header === 0xffffffff) header = next()
  }
  return [packed, header]
}

/** Unpacks an entry piece by piece into `take`; throws `meshArchiveBomb` when it becomes more than it may. */
export function unpack(
  bytes: Uint8Array,
  entry: Entry,
  budget: Budget,
  take: (piece: Uint8Array) => void,
): void {
  const packed = bytes.subarray(entry.start, entry.start + entry.packedBytes)
  let own = 0
  const count = (piece: Uint8Array) => {
    own += piece.length
    budget.spent += piece.length
    if (budget.spent > budget.most || own > Math.max(FREE, entry.packedBytes * RATIO))
      throw new MeshError(
        'meshArchiveBomb',
        'The 3MF archive unpacks to far more than a model has. Export the model again, or as binary STL.',
      )
    if (piece.length > 0) take(piece)
  }
  if (entry.method === 0) {
    count(packed)
    return
  }
  if (entry.method !== 8) throw unsafe('is packed in a way that 3MF does not have')
  const inflate = new Inflate(count)
  const STEP = 65_536
  try {
    for (let at = 0; at < packed.length; at += STEP)
      inflate.push(packed.subarray(at, at + STEP), at + STEP >= packed.length)
  } catch (error) {
    if (error instanceof MeshError) throw error
    throw malformed()
  }
}
