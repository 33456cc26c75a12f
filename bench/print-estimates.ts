/** The instant estimate: how often it holds the binding result, and how long it takes. */
import type { Mesh } from '../workshop/mesh/mesh.ts'
import { torus, vase } from '../workshop/mesh/solids.ts'
import { defaultBook } from '../workshop/price/default-book.ts'
import { price } from '../workshop/price/price.ts'
import { calculateWork } from '../workshop/print/calculate.ts'
import { estimate } from '../workshop/print/estimate.ts'
import { defaultOptions, type PrintOptions } from '../workshop/print/options.ts'
import type { Part } from './print-parts.ts'

const middle = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN

/** The part as it stands and lying on two other sides. */
function* turned({ mesh }: Part): Generator<Mesh> {
  yield mesh
  for (const side of [0, 1]) {
    const positions = Float32Array.from(mesh.positions)
    for (let i = 0; i < positions.length; i += 3) {
      const [x, y, z] = [positions[i]!, positions[i + 1]!, positions[i + 2]!]
      positions.set(side === 0 ? [x, -z, y] : [z, y, -x], i)
    }
    yield { positions, indices: mesh.indices }
  }
}

const variants: Partial<PrintOptions>[] = [
  { technology: 'fdm', layerHeightMm: 0.2 },
  { technology: 'fdm', layerHeightMm: 0.3, infillPercent: 60 },
  { technology: 'fdm', layerHeightMm: 0.1, supports: 'none' },
  { technology: 'sla' },
  { technology: 'sls' },
]

/** How often the binding result lies within the interval of the estimate, and how wide that is. */
export function coverage(parts: readonly Part[]) {
  const within = { cases: 0, material: 0, time: 0, price: 0, fdmCases: 0, fdmPrice: 0 }
  const widths: number[] = []
  for (const part of parts)
    for (const mesh of turned(part))
      for (const variant of variants) {
        const options = { ...defaultOptions(defaultBook, variant.technology), ...variant }
        const rough = estimate(mesh, options, defaultBook)
        const binding = calculateWork(mesh, options, defaultBook)
        if (!rough.ok || !binding.ok) continue
        const { work } = binding
        const holds = ({ low, high }: { low: number; high: number }, value: number) =>
          low <= value && value <= high ? 1 : 0
        within.cases++
        within.material += holds(rough.materialG, work.materialG + work.supportG)
        within.time += holds(rough.machineSeconds, work.machineSeconds)
        const held = holds(rough.total, price(work, defaultBook, options).total)
        within.price += held
        if (options.technology === 'fdm') {
          within.fdmCases++
          within.fdmPrice += held
        }
        widths.push((rough.total.high - rough.total.low) / 2 / rough.total.likely)
      }
  widths.sort((a, b) => a - b)
  return {
    cases: within.cases,
    material: within.material / within.cases,
    time: within.time / within.cases,
    price: within.price / within.cases,
    fdmPrice: within.fdmPrice / within.fdmCases,
    halfWidthMedian: middle(widths),
    halfWidthP90: widths[Math.floor(widths.length * 0.9)] ?? Number.NaN,
  }
}

/** The instant estimate of about 100,000 triangles, warm: medians of 15. */
export function instant() {
  const meshes = { torus: torus(40, 12, 316, 158), vase: vase(120, 40, 2, 512) }
  const options = defaultOptions(defaultBook, 'fdm')
  return Object.entries(meshes).map(([model, mesh]) => {
    const [wall, cpu]: [number[], number[]] = [[], []]
    for (let round = 0; round < 15; round++) {
      const before = process.cpuUsage()
      const started = performance.now()
      estimate(mesh, options, defaultBook)
      wall.push(performance.now() - started)
      const { user, system } = process.cpuUsage(before)
      cpu.push((user + system) / 1000)
    }
    const sorted = (values: number[]) => values.sort((a, b) => a - b)
    return {
      model,
      triangles: mesh.indices.length / 3,
      wallMs: middle(sorted(wall)),
      slowestMs: wall.at(-1),
      cpuMs: middle(sorted(cpu)),
    }
  })
}
