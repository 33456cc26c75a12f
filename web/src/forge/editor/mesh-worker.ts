/** Beside the page: reads a mesh once, hands its triangles to the viewer, and estimates what making it costs, as often as asked. */

import { boundsOf } from '@pleiad/workshop/mesh/measure'
import type { Mesh } from '@pleiad/workshop/mesh/mesh'
import { readStl } from '@pleiad/workshop/mesh/stl'
import type { PriceBook } from '@pleiad/workshop/price/book'
import { type Estimate, estimate } from '@pleiad/workshop/print/estimate'
import type { PrintOptions } from '@pleiad/workshop/print/options'

export type Ask =
  | { readonly kind: 'load'; readonly url: string }
  | { readonly kind: 'estimate'; readonly options: PrintOptions; readonly book: PriceBook }

/** Triangles as the viewer draws them: three corners of three numbers each, in the order of the file. */
export interface Triangles {
  readonly corners: Float32Array<ArrayBuffer>
  readonly min: readonly [number, number, number]
  readonly max: readonly [number, number, number]
}
export interface Answers {
  readonly load: Triangles
  readonly estimate: Estimate
}

let mesh: Mesh | undefined

addEventListener('message', async ({ data }: MessageEvent<{ id: number; ask: Ask }>) => {
  const { id, ask } = data
  try {
    if (ask.kind === 'load') {
      const triangles = await load(ask.url)
      postMessage({ id, answer: triangles }, { transfer: [triangles.corners.buffer] })
    } else {
      if (!mesh) throw new Error('There is no mesh yet')
      postMessage({ id, answer: estimate(mesh, ask.options, ask.book) })
    }
  } catch (error) {
    postMessage({ id, error: String(error) })
  }
})

async function load(url: string): Promise<Triangles> {
  const response = await fetch(url)
  if (!response.ok) throw new Error(`The mesh was answered with ${response.status}`)
  mesh = readStl(new Uint8Array(await response.arrayBuffer()))
  const { positions, indices } = mesh
  const corners = new Float32Array(indices.length * 3)
  indices.forEach((vertex, i) => {
    corners[i * 3] = positions[vertex * 3]!
    corners[i * 3 + 1] = positions[vertex * 3 + 1]!
    corners[i * 3 + 2] = positions[vertex * 3 + 2]!
  })
  const { min, max } = boundsOf(mesh)
  return { corners, min: [...min], max: [...max] }
}
