/** What `bench/estimate.ts` runs in the browser. */
import { torus, vase } from '@pleiad/workshop/mesh/solids'
import { defaultBook } from '@pleiad/workshop/price/default-book'
import { estimate } from '@pleiad/workshop/print/estimate'
import { defaultOptions } from '@pleiad/workshop/print/options'

const options = defaultOptions(defaultBook, 'fdm')
const models = { torus: torus(40, 12, 316, 158), vase: vase(120, 40, 2, 512) }

export type Measure = (model: keyof typeof models, rounds: number) => { triangles: number; times: number[] }

const measure: Measure = (model, rounds) => {
  const mesh = models[model]
  const times: number[] = []
  for (let round = 0; round < rounds; round++) {
    const started = performance.now()
    const result = estimate(mesh, options, defaultBook)
    times.push(performance.now() - started)
    if (!result.ok) throw new Error(result.problem.code)
  }
  return { triangles: mesh.indices.length / 3, times }
}
Object.assign(globalThis, { measure })
