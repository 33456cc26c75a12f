/**
 * Reading and checking a binary STL of about 100,000 triangles, against a whole run of admesh (Debian's) on the same file:
 * in this process, warm, as a worker does it again and again; and as a new process, as admesh is one. Medians of rounds in
 * turn; CPU time beside wall time, because the machine may be shared. Then what the slower stages take.
 * `node bench/mesh.ts [rounds]` prints a table and writes bench/results/mesh.json.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { check } from '@pleiad/workshop/mesh/check'
import { checkDeep } from '@pleiad/workshop/mesh/deep'
import { drawMesh } from '@pleiad/workshop/mesh/draw'
import type { Mesh } from '@pleiad/workshop/mesh/mesh'
import { orientForPrinting } from '@pleiad/workshop/mesh/orient'
import { repair } from '@pleiad/workshop/mesh/repair'
import { torus, vase } from '@pleiad/workshop/mesh/solids'
import { readStl, writeStl } from '@pleiad/workshop/mesh/stl'

// The new process of which the comment above speaks.
if (process.argv[2] === 'check') {
  const report = check(readStl(readFileSync(process.argv[3]!)))
  console.log(`${report.triangles} triangles, ${report.volumeMm3} mm³`)
  process.exit(0)
}

const ROUNDS = Number(process.argv[2] ?? 15)
const folder = mkdtempSync(join(tmpdir(), 'pleiad-bench-mesh-'))
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

interface Times {
  readonly wallMs: number[]
  readonly cpuMs: number[]
}
const times = (): Times => ({ wallMs: [], cpuMs: [] })
function measure(into: Times, work: () => unknown): void {
  const before = process.cpuUsage()
  const started = performance.now()
  work()
  into.wallMs.push(performance.now() - started)
  const { user, system } = process.cpuUsage(before)
  into.cpuMs.push((user + system) / 1000)
}
/** Wall and CPU time of a child, as bash tells them. */
function run(into: Times, command: string, args: readonly string[]): void {
  const script = 'TIMEFORMAT="%R %U %S"; time "$@" >/dev/null 2>&1'
  const { stderr, status } = spawnSync('bash', ['-c', script, 'bash', command, ...args], { encoding: 'utf8' })
  const [wall, user, system] = stderr.trim().split('\n').at(-1)!.split(' ').map(Number) as [
    number,
    number,
    number,
  ]
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`)
  into.wallMs.push(wall * 1000)
  into.cpuMs.push((user + system) * 1000)
}

const models: Record<string, Mesh> = { torus: torus(40, 12, 316, 158), vase: vase(120, 40, 2, 512) }
const self = fileURLToPath(import.meta.url)
const rows: Record<string, unknown>[] = []
const stages: Record<string, unknown>[] = []
for (const [name, mesh] of Object.entries(models)) {
  const file = join(folder, `${name}.stl`)
  writeFileSync(file, writeStl(mesh))
  const triangles = mesh.indices.length / 3
  const warm = times()
  const cold = times()
  const theirs = times()
  for (let round = 0; round < 5; round++) check(readStl(readFileSync(file)))
  for (let round = 0; round < ROUNDS; round++) {
    measure(warm, () => check(readStl(readFileSync(file))))
    run(theirs, 'admesh', [file])
    run(cold, process.execPath, [self, 'check', file])
  }
  const row = {
    model: name,
    triangles,
    warmMs: median(warm.wallMs),
    warmCpuMs: median(warm.cpuMs),
    admeshMs: median(theirs.wallMs),
    admeshCpuMs: median(theirs.cpuMs),
    newProcessMs: median(cold.wallMs),
    newProcessCpuMs: median(cold.cpuMs),
  }
  rows.push({
    ...row,
    timesAdmesh: row.admeshMs / row.warmMs,
    timesAdmeshCpu: row.admeshCpuMs / row.warmCpuMs,
    newProcessTimesAdmesh: row.admeshMs / row.newProcessMs,
  })
  const read = readStl(writeStl(mesh))
  const broken = {
    positions: read.positions,
    indices: read.indices.filter((_, at) => Math.floor(at / 3) % 997 !== 0),
  }
  const work: Record<string, () => unknown> = {
    'checkDeep (walls of 0.8 mm, self-intersections)': () => checkDeep(read),
    [`repair of ${Math.ceil(triangles / 997)} holes`]: () => repair(broken),
    'orientForPrinting (48 ways)': () => orientForPrinting(read),
    'drawMesh (512 pixels)': () => drawMesh(read),
  }
  for (const [stage, task] of Object.entries(work)) {
    const each = times()
    task()
    for (let round = 0; round < 5; round++) measure(each, task)
    stages.push({ model: name, stage, wallMs: median(each.wallMs), cpuMs: median(each.cpuMs) })
  }
}
rmSync(folder, { recursive: true, force: true })
const rounded = (list: readonly Record<string, unknown>[]) =>
  list.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([key, value]) => [
        key,
        typeof value === 'number' ? Number(value.toPrecision(3)) : value,
      ]),
    ),
  )
console.table(rounded(rows))
console.table(rounded(stages))
const results = fileURLToPath(new URL('./results/', import.meta.url))
mkdirSync(results, { recursive: true })
const machine = { cpus: cpus().length, model: cpus()[0]?.model, node: process.version }
writeFileSync(
  join(results, 'mesh.json'),
  `${JSON.stringify({ machine, rounds: ROUNDS, rows, stages }, null, 2)}\n`,
)
