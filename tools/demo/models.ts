/** Models made of formulas, uploaded as a customer would. */
import type { PrintOptions } from '../../services/editor/contract.ts'
import type { Mesh } from '../../workshop/mesh/mesh.ts'
import { bracket, gear, stairs, torus, vase } from '../../workshop/mesh/solids.ts'
import { writeStl } from '../../workshop/mesh/stl.ts'
import { type Person, type Send, until } from './people.ts'

/** A mesh without its last triangles: it does not close, and the editor offers to repair it. */
function open(mesh: Mesh): Mesh {
  return { ...mesh, indices: mesh.indices.subarray(0, mesh.indices.length - 6) }
}

export const parts: Readonly<Record<string, () => Mesh>> = {
  'bracket.stl': () => bracket(),
  'gear.stl': () => gear(),
  'ring.stl': () => torus(18, 4, 64, 32),
  'vase.stl': () => vase(50, 18, 1.8),
  'steps.stl': () => stairs(4, 20, 8, 4),
  // Longer than every FDM machine: a person has to decide about its price.
  'long-bracket.stl': () => bracket(420, 60, 6, 25, 6),
}

export const options: PrintOptions = {
  technology: 'fdm',
  material: 'pla',
  color: 'white',
  layerHeightMm: 0.2,
  infillPercent: 20,
  supports: 'auto',
  finish: 'as-made',
  quantity: 1,
}

/** Sends bytes to an upload's address (tus 1.0.0). */
export async function sendBytes(send: Send, uploadUrl: string, body: BodyInit): Promise<void> {
  const { pathname, search } = new URL(uploadUrl)
  const type = 'application/offset+octet-stream'
  const headers = { 'tus-resumable': '1.0.0', 'content-type': type, 'upload-offset': '0' }
  const answer = await send(pathname + search, { method: 'PATCH', headers, body })
  if (answer.status !== 204) throw new Error(`The upload was answered ${answer.status}`)
}

const fileOf = (mesh: Mesh) => writeStl(mesh) as Uint8Array<ArrayBuffer>
export const bytesOf = (name: string) => fileOf(parts[name]!())

async function upload(person: Person, name: string, mesh: Mesh): Promise<string> {
  const bytes = fileOf(mesh)
  const { file, uploadUrl } = await person.files.createUpload({
    body: { name, purpose: 'model', size: bytes.length },
  })
  await sendBytes(person.send, uploadUrl, bytes)
  const { modelId } = await person.editor.createModel({ body: { fileId: file.fileId } })
  return modelId
}

/** Uploads a part and waits until it can be ordered. */
export async function addModel(person: Person, name: string): Promise<string> {
  const modelId = await upload(person, name, parts[name]!())
  const state = async () => (await person.editor.getModel({ params: { modelId } })).latest.state
  await until(`${name} is ready`, async () => (await state()) === 'ready')
  return modelId
}

/** Uploads a broken part, which waits for its owner to accept the repair. */
export async function addBroken(person: Person): Promise<void> {
  await upload(person, 'broken-bracket.stl', open(bracket()))
}
