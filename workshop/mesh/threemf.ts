/** 3MF (3MF Consortium, Core Specification 1.3, and the production extension's references to other model parts). */
import { joinMeshes, limitsOf, type Mesh, MeshError, type MeshLimits, refuseTooMany } from './mesh.ts'
import { refuseWild } from './stl.ts'
import { type ModelPart, type Placed, readModelPart, readRelations } from './threemf-xml.ts'
import { weldVertices } from './weld.ts'
import { type Budget, entriesOf, unpack } from './zip.ts'

export interface Part {
  /** As the file names it; empty when it does not. */
  readonly name: string
  readonly mesh: Mesh
}

/** Whether the bytes are a ZIP archive, which is what a 3MF is. */
export const looksLikeThreemf = (bytes: Uint8Array): boolean =>
  bytes.length > 4 && bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4

/** Components within components; real files have three levels. */
const DEPTH = 16

/**
 * The parts on the plate of a 3MF, each where and as the file places it, in millimetres. Throws `MeshError`: damaged
 * and hostile archives, document types and entities, references that lead nowhere or in circles.
 */
export function readThreemf(bytes: Uint8Array, limits: Partial<MeshLimits> = {}): Part[] {
  const bounds = limitsOf(limits)
  const entries = entriesOf(bytes)
  const budget: Budget = { spent: 0, most: bounds.textBytes }
  const feed = (name: string) => (take: (piece: Uint8Array) => void) => {
    const entry = entries.get(name)
    if (!entry) throw malformed(`names ${name}, which is not in it`)
    unpack(bytes, entry, budget, take)
  }
  const main = mainPart(entries, feed)
  const parts = new Map<string, ModelPart>()
  const part = (name: string): ModelPart => {
    const known = parts.get(name)
    if (known) return known
    const read = readModelPart(feed(name), bounds)
    parts.set(name, read)
    return read
  }
  const root = part(main)
  const items = root.items.length > 0 ? root.items : ownItems(root)
  const counts = new Map<string, { faces: number; objects: number }>()

  /** How much a placed object would be, before anything is made of it: components multiply. */
  const countOf = (
    of: Placed,
    path: string,
    above: readonly string[],
  ): { faces: number; objects: number } => {
    const where = of.path ?? path
    const key = `${where} ${of.id}`
    if (above.includes(key) || above.length >= DEPTH)
      throw malformed('has components that contain themselves')
    const known = counts.get(key)
    if (known) return known
    const object = part(where).objects.get(of.id)
    if (!object) throw malformed(`places object ${of.id}, which is not in it`)
    const sum = { faces: object.kind === 'model' ? object.mesh.indices.length / 3 : 0, objects: 1 }
    for (const component of object.components) {
      const inner = countOf(component, where, [...above, key])
      sum.faces += inner.faces
      sum.objects += inner.objects
    }
    counts.set(key, sum)
    return sum
  }
  const total = { faces: 0, objects: 0 }
  for (const item of items) {
    const { faces, objects } = countOf(item, main, [])
    total.faces += faces
    total.objects += objects
    refuseTooMany(total.faces, bounds)
    if (total.objects > bounds.objects)
      throw new MeshError(
        'meshTooLarge',
        `The file places more than ${bounds.objects.toLocaleString('en')} objects. Split it into several files.`,
      )
  }

  const meshesOf = (of: Placed, path: string): Mesh[] => {
    const where = of.path ?? path
    const object = part(where).objects.get(of.id)!
    if (object.kind !== 'model') return []
    const own = object.mesh.indices.length > 0 ? [object.mesh] : []
    return [...own, ...object.components.flatMap((component) => meshesOf(component, where))].map((mesh) =>
      transformed(mesh, of.transform, 1),
    )
  }
  const result: Part[] = []
  for (const item of items) {
    const meshes = meshesOf(item, main)
    if (meshes.length === 0) continue
    const mesh = weldVertices(transformed(joinMeshes(meshes), undefined, root.unitMm))
    refuseWild(mesh.positions, bounds)
    result.push({ name: part(item.path ?? main).objects.get(item.id)!.name, mesh })
  }
  if (result.length === 0)
    throw new MeshError(
      'meshEmpty',
      'The file has no part to be made. Choose a body when you export the model.',
    )
  return result
}

const malformed = (what: string) => new MeshError('meshMalformed', `The 3MF ${what}. Export the model again.`)

function mainPart(
  entries: ReadonlyMap<string, unknown>,
  feed: (name: string) => (take: (piece: Uint8Array) => void) => void,
): string {
  const usual = '3D/3dmodel.model'
  const related = entries.has('_rels/.rels') ? readRelations(feed('_rels/.rels')) : undefined
  const name = related ?? usual
  if (entries.has(name)) return name
  if (entries.has(usual)) return usual
  throw new MeshError(
    'meshNotAModel',
    'The file is a ZIP archive without a 3MF model in it. Unpack it and upload the model itself (STL, OBJ or 3MF).',
  )
}

/** Without a plate: the objects that no other is made of. */
function ownItems(root: ModelPart): Placed[] {
  const used = new Set([...root.objects.values()].flatMap(({ components }) => components.map(({ id }) => id)))
  return [...root.objects.keys()].filter((id) => !used.has(id)).map((id) => ({ id }))
}

/** Row vectors: `[x y z 1] · M`, twelve numbers by rows. A mirror turns the faces over. */
function transformed(mesh: Mesh, m: readonly number[] | undefined, factor: number): Mesh {
  if (!m && factor === 1) return mesh
  const [a, b, c, d, e, f, g, h, i, x, y, z] = m ?? [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]
  const from = mesh.positions
  const positions = new Float64Array(from.length)
  for (let at = 0; at < from.length; at += 3) {
    const px = from[at]!
    const py = from[at + 1]!
    const pz = from[at + 2]!
    positions[at] = (px * a! + py * d! + pz * g! + x!) * factor
    positions[at + 1] = (px * b! + py * e! + pz * h! + y!) * factor
    positions[at + 2] = (px * c! + py * f! + pz * i! + z!) * factor
  }
  const determinant = a! * (e! * i! - f! * h!) - b! * (d! * i! - f! * g!) + c! * (d! * h! - e! * g!)
  if (determinant >= 0) return { positions, indices: mesh.indices }
  const indices = mesh.indices.slice()
  for (let at = 0; at < indices.length; at += 3) {
    indices[at + 1] = mesh.indices[at + 2]!
    indices[at + 2] = mesh.indices[at + 1]!
  }
  return { positions, indices }
}
