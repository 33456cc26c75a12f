/** The XML of a 3MF, read as a stream: nothing is kept but numbers. */
import { SaxesParser } from 'saxes'
import { type Mesh, MeshError, type MeshLimits, refuseTooMany } from './mesh.ts'
import { type Growing, reserve } from './numbers.ts'

/** An object that stands somewhere. */
export interface Placed {
  readonly id: string
  /** The model part that has the object, when it is another one. */
  readonly path?: string
  readonly transform?: readonly number[]
}
export interface ModelObject {
  readonly name: string
  /** `other`: supports, modifiers and surfaces, which are no part. */
  readonly kind: 'model' | 'other'
  readonly mesh: Mesh
  readonly components: readonly Placed[]
}
export interface ModelPart {
  readonly unitMm: number
  readonly objects: ReadonlyMap<string, ModelObject>
  readonly items: readonly Placed[]
}

type Feed = (take: (piece: Uint8Array) => void) => void
type Attributes = Readonly<Record<string, string>>

const units: Readonly<Record<string, number>> = {
  micron: 0.001,
  millimeter: 1,
  centimeter: 10,
  inch: 25.4,
  foot: 304.8,
  meter: 1000,
}

const malformed = (what: string) => new MeshError('meshMalformed', `The 3MF ${what}. Export the model again.`)
const unsafe = () =>
  new MeshError(
    'meshXmlUnsafe',
    'The 3MF has a document type or entities in its XML, which no 3MF needs and some attacks do. Export the model again.',
  )

/** Calls back for each element. No document type, no entity, no element deeper than any model has. */
function parse(
  feed: Feed,
  open: (name: string, attributes: Attributes) => void,
  close: (name: string) => void,
): void {
  const parser = new SaxesParser({ position: false })
  let depth = 0
  // Letters since the last element: the parser keeps a text, a comment or an attribute until it ends.
  let kept = 0
  const local = (name: string) => name.slice(name.indexOf(':') + 1)
  parser.on('doctype', () => {
    throw unsafe()
  })
  parser.on('error', (error) => {
    throw /entity/i.test(error.message) ? unsafe() : malformed('has XML that is not well formed')
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (++depth > 64) throw malformed('has XML that is nested too deeply')
    kept = 0
    open(local(name), attributes as Attributes)
  })
  parser.on('closetag', ({ name }) => {
    depth--
    kept = 0
    close(local(name))
  })
  const decoder = new TextDecoder('utf-8', { fatal: true })
  const write = (piece: Uint8Array | undefined) => {
    let decoded: string
    try {
      decoded = decoder.decode(piece, { stream: piece !== undefined })
    } catch {
      throw malformed('has XML that is not UTF-8')
    }
    kept += decoded.length
    if (kept > 8_000_000) throw malformed('has more text than a model has')
    parser.write(decoded)
  }
  feed(write)
  write(undefined)
  parser.close()
}

/** The main model part that the relations name, as a name in the archive. */
export function readRelations(feed: Feed): string | undefined {
  let found: string | undefined
  parse(
    feed,
    (name, { Type = '', Target = '', TargetMode }) => {
      if (name !== 'Relationship' || TargetMode === 'External' || !Type.endsWith('/3dmodel')) return
      found ??= Target.replace(/^\/+/, '')
    },
    () => {},
  )
  return found
}

/** Objects and plate of a model part. */
export function readModelPart(feed: Feed, limits: MeshLimits): ModelPart {
  let unitMm = 1
  let faces = 0
  const objects = new Map<string, ModelObject>()
  const items: Placed[] = []
  let current: { id: string; name: string; kind: 'model' | 'other'; components: Placed[] } | undefined
  let positions: Growing<Float64Array> = { array: new Float64Array(0), length: 0 }
  let corners: Growing<Uint32Array> = { array: new Uint32Array(0), length: 0 }

  const open = (name: string, attributes: Attributes) => {
    if (name === 'vertex' && current) {
      reserve(positions, 3)
      positions.array[positions.length++] = coordinate(attributes['x'])
      positions.array[positions.length++] = coordinate(attributes['y'])
      positions.array[positions.length++] = coordinate(attributes['z'])
    } else if (name === 'triangle' && current) {
      refuseTooMany(++faces, limits)
      reserve(corners, 3)
      for (const key of ['v1', 'v2', 'v3']) {
        const vertex = Number(attributes[key])
        if (!(Number.isInteger(vertex) && vertex >= 0 && vertex * 3 < positions.length))
          throw malformed('has a triangle with a corner that is not there')
        corners.array[corners.length++] = vertex
      }
    } else if (name === 'model') {
      const factor = units[attributes['unit'] ?? 'millimeter']
      if (factor === undefined)
        throw new MeshError(
          'meshUnitUnknown',
          `The 3MF is in "${attributes['unit']!.slice(0, 40)}", which is no unit of the format. Export it in millimetres.`,
        )
      unitMm = factor
    } else if (name === 'object') {
      const id = attributes['id'] ?? ''
      if (objects.has(id)) throw malformed(`has two objects of number ${id.slice(0, 20)}`)
      const kind = (attributes['type'] ?? 'model') === 'model' ? 'model' : 'other'
      current = { id, name: (attributes['name'] ?? '').slice(0, 200), kind, components: [] }
      positions = { array: new Float64Array(0), length: 0 }
      corners = { array: new Uint32Array(0), length: 0 }
    } else if (name === 'component' && current) current.components.push(placed(attributes))
    else if (name === 'item') items.push(placed(attributes))
    if (
      items.length > limits.objects ||
      objects.size > limits.objects ||
      (current?.components.length ?? 0) > limits.objects
    )
      throw new MeshError(
        'meshTooLarge',
        `The file has more than ${limits.objects.toLocaleString('en')} objects. Split it into several files.`,
      )
  }
  const close = (name: string) => {
    if (name !== 'object' || !current) return
    const mesh = {
      positions: positions.array.slice(0, positions.length),
      indices: corners.array.slice(0, corners.length),
    }
    objects.set(current.id, { name: current.name, kind: current.kind, mesh, components: current.components })
    current = undefined
  }
  parse(feed, open, close)
  return { unitMm, objects, items }
}

function coordinate(text: string | undefined): number {
  const value = text === undefined || text === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value)) return value
  throw new MeshError(
    'meshNotFinite',
    'A coordinate of the 3MF is not a number. The program that made the file failed: repair the model there and export it again.',
  )
}

function placed(attributes: Attributes): Placed {
  const id = attributes['objectid'] ?? ''
  const path = Object.entries(attributes).find(([key]) => /(^|:)path$/.test(key))?.[1]
  const transform = attributes['transform']?.trim().split(/\s+/).map(coordinate)
  if (transform && transform.length !== 12) throw malformed('has a placement that is not twelve numbers')
  return { id, ...(path && { path: path.replace(/^\/+/, '') }), ...(transform && { transform }) }
}
