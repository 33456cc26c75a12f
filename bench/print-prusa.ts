/** What PrusaSlicer (Debian's 2.5) says of a part, and how long its process computed for that: user and system, all threads. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const INI = fileURLToPath(new URL('./print.ini', import.meta.url))
const PATIENCE_S = 100

export interface Way {
  readonly layerMm: number
  readonly infill: number
  readonly walls: number
  readonly supports: boolean
}
export const wordsOf = ({ layerMm, infill, walls, supports }: Way) =>
  `${layerMm} mm, ${infill} %, ${walls} walls, supports ${supports ? 'on' : 'off'}`

export interface Print {
  readonly cm3: number
  readonly seconds: number
  readonly cpu: number
}

/** Words where there is no answer. */
export function prusa(file: string, way: Way, folder: string): Print | string {
  const out = join(folder, 'out.gcode')
  rmSync(out, { force: true })
  const { stdout } = spawnSync(
    'bash',
    [
      '-c',
      `timeout ${PATIENCE_S} prusa-slicer "$@" >/dev/null 2>&1; times`,
      'bash',
      '--export-gcode',
      `--load=${INI}`,
      `--output=${out}`,
      way.supports ? '--support-material' : '--no-support-material',
      `--layer-height=${way.layerMm}`,
      `--fill-density=${way.infill}%`,
      // A grid cannot be solid.
      `--fill-pattern=${way.infill === 100 ? 'rectilinear' : 'grid'}`,
      `--perimeters=${way.walls}`,
      file,
    ],
    { encoding: 'utf8' },
  )
  // The second line of `times` is what the children took: "0m1.230s 0m0.040s".
  const cpu = [...(stdout.trim().split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds),
    0,
  )
  let text: string
  try {
    text = readFileSync(out, 'utf8')
  } catch {
    return `no answer within ${PATIENCE_S} s, or a refusal (${cpu.toFixed(1)} s of CPU)`
  }
  const cm3 = Number(/filament used \[cm3\] = ([\d.]+)/.exec(text)?.[1])
  const words = /estimated printing time \(normal mode\) = (.*)/.exec(text)?.[1] ?? ''
  const units: Record<string, number> = { d: 86_400, h: 3_600, m: 60, s: 1 }
  const seconds = [...words.matchAll(/(\d+)([dhms])/g)].reduce(
    (sum, [, n, unit]) => sum + Number(n) * units[unit!]!,
    0,
  )
  return { cm3, seconds, cpu }
}
