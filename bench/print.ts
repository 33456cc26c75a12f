/**
 * Filament printing as workshop/print calculates it against PrusaSlicer, over the same parts with the same settings
 * (bench/print.ini): material, machine time and CPU. Layer height, infill, walls and supports vary: the `tried` parts are
 * printed in every way, the others in the common one and in some of the rest. And how often the interval of the instant estimate holds the binding result.
 * Needs `prusa-slicer` (Debian's 2.5). `node bench/print.ts [set] [answers]` prints tables and writes bench/results/print.json; of a set
 * alone (`all` is all of them) it replaces that set's rows there. PrusaSlicer's answers are kept in the file `answers`, if one is
 * named, so that it is not asked again while only our side changes.
 *
 * Ours is timed warm, as in a worker: four parts are calculated before the clock runs, then each three times, of which the
 * middle one counts. PrusaSlicer's CPU is that of its process, user and system, with all its threads.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Mesh } from '../workshop/mesh/mesh.ts'
import { writeStl } from '../workshop/mesh/stl.ts'
import { printFdm } from '../workshop/print/fdm.ts'
import { defaultFdmProfile } from '../workshop/print/profile.ts'
import { coverage, instant } from './print-estimates.ts'
import { makeParts, type Part } from './print-parts.ts'
import { INI, type Print, prusa, type Way, wordsOf } from './print-prusa.ts'

const common: Way = { layerMm: 0.2, infill: 20, walls: 2, supports: true }
const fine: Way = { layerMm: 0.1, infill: 15, walls: 3, supports: true }
const dense: Way = { layerMm: 0.3, infill: 60, walls: 3, supports: false }
const hollow: Way = { layerMm: 0.2, infill: 0, walls: 1, supports: false }
const others: readonly Way[] = [
  { layerMm: 0.3, infill: 10, walls: 2, supports: true },
  { layerMm: 0.15, infill: 40, walls: 2, supports: false },
  fine,
  { layerMm: 0.2, infill: 0, walls: 2, supports: false },
  dense,
  { layerMm: 0.2, infill: 100, walls: 2, supports: true },
  { layerMm: 0.2, infill: 20, walls: 1, supports: false },
  { layerMm: 0.2, infill: 20, walls: 2, supports: false },
  hollow,
]
const waysOf = ({ set }: Part, at: number): readonly Way[] => {
  if (set === 'tried') return [common, ...others]
  if (set === 'unseen') return [common, fine, dense, hollow]
  return [common, others[(at * 2) % others.length]!, others[(at * 2 + 1) % others.length]!]
}
interface Row {
  readonly part: string
  readonly set: Part['set']
  readonly way: Way
  readonly triangles: number
  readonly theirs: Print
  readonly ours: Print
  readonly material: number
  readonly time: number
  readonly cpuTimes: number
}

function ours(mesh: Mesh, way: Way): Print {
  const prints = [once(mesh, way), once(mesh, way), once(mesh, way)]
  return prints.sort((a, b) => a.cpu - b.cpu)[1]!
}

function once(mesh: Mesh, { layerMm, infill, walls, supports }: Way): Print {
  const before = process.cpuUsage()
  const work = printFdm(
    mesh,
    { layerHeightMm: layerMm, infillPercent: infill, supports },
    { ...defaultFdmProfile, perimeters: walls },
  )
  const { user, system } = process.cpuUsage(before)
  return {
    cm3: (work.materialMm3 + work.supportMm3) / 1000,
    seconds: work.seconds,
    cpu: (user + system) / 1e6,
  }
}

const absolute = (rows: readonly Row[], key: 'material' | 'time') =>
  rows.map((row) => Math.abs(row[key])).sort((a, b) => a - b)
const middle = (sorted: readonly number[]) => sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
const percent = (value: number) => `${(value * 100).toFixed(1)} %`

function summary(rows: readonly Row[]) {
  const material = absolute(rows, 'material')
  const time = absolute(rows, 'time')
  const total = (of: (row: Row) => number) => rows.reduce((sum, row) => sum + of(row), 0)
  const ratios = rows.map(({ cpuTimes }) => cpuTimes).sort((a, b) => a - b)
  return {
    runs: rows.length,
    materialMedian: middle(material),
    materialWorst: material.at(-1) ?? Number.NaN,
    timeMedian: middle(time),
    timeWorst: time.at(-1) ?? Number.NaN,
    cpuTimesTotal: total(({ theirs }) => theirs.cpu) / total((row) => row.ours.cpu),
    cpuTimesMedian: middle(ratios),
    cpuTimesLeast: ratios[0] ?? Number.NaN,
  }
}

const wanted = process.argv[2] === 'all' ? undefined : process.argv[2]
const answersFile = process.argv[3]
const answers: Record<string, Print | string> =
  answersFile && existsSync(answersFile) ? JSON.parse(readFileSync(answersFile, 'utf8')) : {}
const every = makeParts()
const parts = every.filter(({ set }) => !wanted || set === wanted)
if (parts.length === 0) throw new RangeError(`There is no set ${wanted}.`)
const folder = mkdtempSync(join(tmpdir(), 'print-bench-'))
const rows: Row[] = []
const unanswered: { readonly set: Part['set']; readonly words: string }[] = []
for (const { mesh } of every.slice(0, 4)) for (const way of others) ours(mesh, way)
for (const part of parts) {
  const { name, set, mesh } = part
  const file = join(folder, 'part.stl')
  const stl = writeStl(mesh)
  writeFileSync(file, stl)
  for (const way of waysOf(part, every.indexOf(part))) {
    const key = createHash('sha256').update(stl).update(readFileSync(INI)).update(wordsOf(way)).digest('hex')
    answers[key] ??= prusa(file, way, folder)
    if (answersFile) writeFileSync(answersFile, JSON.stringify(answers))
    const theirs = answers[key]
    if (typeof theirs === 'string') {
      unanswered.push({ set, words: `${name}, ${wordsOf(way)}: ${theirs}` })
      continue
    }
    const own = ours(mesh, way)
    const row: Row = {
      part: name,
      set,
      way,
      triangles: mesh.indices.length / 3,
      theirs,
      ours: own,
      material: own.cm3 / theirs.cm3 - 1,
      time: own.seconds / theirs.seconds - 1,
      cpuTimes: theirs.cpu / own.cpu,
    }
    rows.push(row)
    console.log(
      `${name.padEnd(26)} ${set.padEnd(7)} ${wordsOf(way).padEnd(38)}` +
        `  material ${theirs.cm3.toFixed(2).padStart(6)} ${own.cm3.toFixed(2).padStart(6)} cm3 ${percent(row.material).padStart(7)}` +
        `  time ${String(theirs.seconds).padStart(6)} ${own.seconds.toFixed(0).padStart(6)} s ${percent(row.time).padStart(7)}` +
        `  CPU ${theirs.cpu.toFixed(2).padStart(6)} ${own.cpu.toFixed(3)} s, ${row.cpuTimes.toFixed(0)} times`,
    )
  }
}
rmSync(folder, { recursive: true, force: true })

interface Report {
  readonly rows: readonly Row[]
  readonly estimates: Record<string, ReturnType<typeof coverage>>
  readonly unanswered: typeof unanswered
}
const results = new URL('./results/print.json', import.meta.url)
const before: Report =
  wanted && existsSync(results)
    ? JSON.parse(readFileSync(results, 'utf8'))
    : { rows: [], estimates: {}, unanswered: [] }
const all = [...before.rows.filter(({ set }) => set !== wanted), ...rows]
const sets = [...new Set(all.map(({ set }) => set))]
const agreement = Object.fromEntries([
  ...sets.map((set) => [set, summary(all.filter((row) => row.set === set))]),
  ['all', summary(all)],
])
const byWay = Object.fromEntries(
  [common, ...others].map((way) => [
    wordsOf(way),
    summary(all.filter((row) => wordsOf(row.way) === wordsOf(way))),
  ]),
)
const refused = [...before.unanswered.filter(({ set }) => set !== wanted), ...unanswered]
console.log('\nDeviation from PrusaSlicer, and how many times less CPU')
console.table(agreement)
console.table(byWay)
for (const { words } of refused) console.log(`PrusaSlicer: ${words}`)

const machine = { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0], node: process.version }
function keep(estimates: Report['estimates'], instantly?: ReturnType<typeof instant>): void {
  const report = { machine, agreement, byWay, estimates, instant: instantly, unanswered: refused, rows: all }
  writeFileSync(results, `${JSON.stringify(report, null, 2)}\n`)
}
const estimates = { ...before.estimates }
const measured = new Set(parts.map(({ set }) => set))
for (const set of measured) delete estimates[set]
// The estimates take as long again: what was measured so far is kept.
keep(estimates)
for (const set of measured) estimates[set] = coverage(parts.filter((part) => part.set === set))
const instantly = instant()
console.log('Share of binding results within the interval of the instant estimate')
console.table(estimates)
console.table(instantly)
keep(estimates, instantly)
