/** STEP, by programs of an operator: well-behaved, hung, crashed, noisy, and Gmsh as it is installed. */
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { box } from '@pleiad/workshop/mesh/solids'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { convertStep } from './service-step.ts'
import { type Bed, startBed, stl } from './testing-bed.ts'

const folder = mkdtempSync(join(tmpdir(), 'pleiad-step-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const STEP = Buffer.from('ISO-10303-21;\nHEADER;\nENDSEC;\nEND-ISO-10303-21;\n')
const part = stl(box(12, 12, 12))

function program(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}
const node = (name: string, script: string) => program(name, `#!${process.execPath}\n${script}`)

describe('a converter that', () => {
  const bounds = { timeMs: 60_000, memoryMb: 400, maxBytes: 20e6 }
  const convert = (command: string | undefined, more: Partial<typeof bounds> = {}) =>
    convertStep(STEP, { command, ...bounds, ...more }, new AbortController().signal)
  /** The folders that are made for converters. */
  const folders = () => readdirSync(tmpdir()).filter((name) => /^pleiad-step-(?!test-)/.test(name))

  test('is well-behaved gets the file, a place to write, and nothing of the environment', async () => {
    const good = node(
      'good',
      `const fs = require('fs')
       if (process.env.PLEIAD_TEST_SECRET || !fs.readFileSync(process.argv[2], 'utf8').startsWith('ISO')) process.exit(9)
       fs.writeFileSync(process.argv[3], Buffer.from('${part.toString('base64')}', 'base64'))`,
    )
    process.env['PLEIAD_TEST_SECRET'] = 'x'
    const before = folders()
    try {
      expect(Buffer.from(await convert(good)).equals(part)).toBe(true)
    } finally {
      delete process.env['PLEIAD_TEST_SECRET']
    }
    expect(folders().filter((name) => !before.includes(name))).toEqual([])
  }, 60_000)

  const lasts = 'setInterval(() => {}, 1000)'
  const bad: [string, string, RegExp, Partial<typeof bounds>?][] = [
    [
      'fails is quoted',
      `process.stderr.write('bad entity #12 in ' + process.argv[2]); process.exit(2)`,
      /\(bad entity #12 in model\.step\)/,
    ],
    ['makes nothing is told as such', '', /made nothing/],
    ['never ends is ended', lasts, /took too long/, { timeMs: 1500 }],
    ['crashes is told as such', `process.kill(process.pid, 'SIGSEGV'); ${lasts}`, /cannot be converted\. /],
    [
      'takes too much memory is ended',
      `const kept = []; setInterval(() => kept.push(Buffer.alloc(40e6, 1)), 20)`,
      /too complex/,
    ],
    [
      'writes too much is ended',
      `require('fs').writeFileSync(process.argv[3], Buffer.alloc(30e6)); ${lasts}`,
      /too complex/,
    ],
    [
      'floods what it says without end is ended',
      `const line = Buffer.alloc(65536, 'x'); const more = () => process.stderr.write(line, more); more()`,
      /took too long/,
      { timeMs: 1500 },
    ],
    // The sentence around it and 500 characters.
    [
      'says much is quoted in part',
      `process.stderr.write('y'.repeat(5e6), () => process.exit(3))`,
      /^.{500,620}$/,
    ],
  ]
  test.each(bad)(
    '%s',
    async (what, script, detail, more) => {
      const command = node(what.replaceAll(' ', '-'), script)
      await expect(convert(command, more)).rejects.toMatchObject({
        reason: { code: 'stepFailed', detail: expect.stringMatching(detail) },
      })
    },
    90_000,
  )

  test('leaves a process behind takes it along when it ends', async () => {
    const left = join(folder, 'left-behind')
    const command = program('leaves', `#!/bin/sh\nsleep 600 &\necho $! > ${left}\nexit 1\n`)
    await expect(convert(command)).rejects.toMatchObject({ reason: { code: 'stepFailed' } })
    const pid = Number(readFileSync(left, 'utf8'))
    await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 30_000 })
  }, 60_000)

  test('is called off ends at once, with the reason', async () => {
    const off = new AbortController()
    const converting = convertStep(STEP, { command: node('lasts', lasts), ...bounds }, off.signal)
    off.abort(new Error('not wanted any more'))
    await expect(converting).rejects.toThrow('not wanted any more')
  }, 60_000)

  test('is not there is the operator’s mistake, and told as not supported', async () => {
    for (const command of [undefined, join(folder, 'absent')])
      await expect(convert(command)).rejects.toMatchObject({ reason: { code: 'stepNotSupported' } })
  }, 60_000)
})

describe('a STEP file that somebody uploads', () => {
  const gmsh = fileURLToPath(new URL('../../deploy/step/gmsh.sh', import.meta.url))
  let bed: Bed
  beforeAll(async () => {
    // One converter of two kinds: some files it answers with rubbish, the others Gmsh reads.
    const either = `#!/bin/sh\nif grep -q RUBBISH "$1"; then head -c 5000 /dev/urandom > "$2"; else exec ${gmsh} "$@"; fi\n`
    bed = await startBed({ EDITOR_STEP_COMMAND: program('either', either) })
  }, 180_000)
  afterAll(() => bed?.platform.stop())

  test.runIf(process.env['TEST_PROGRAMS'])(
    'a plate with a hole that OpenCASCADE has written is read by Gmsh, in its true size',
    async () => {
      writeFileSync(
        join(folder, 'plate.geo'),
        `SetFactory("OpenCASCADE");
       Box(1) = {0, 0, 0, 30, 20, 10};
       Cylinder(2) = {15, 10, -1, 0, 0, 12, 4};
       BooleanDifference(3) = { Volume{1}; Delete; }{ Volume{2}; Delete; };
       Save "plate.step";`,
      )
      execFileSync('gmsh', ['plate.geo', '-0', '-v', '1'], { cwd: folder })
      expect((await bed.person().editor.getIntake()).formats).toContain('step')
      const { latest } = await bed.person().make(readFileSync(join(folder, 'plate.step')), 'plate.step')
      expect(latest).toMatchObject({ state: 'ready', format: 'step', unit: 'mm' })
      const report = latest.report!
      expect(report.watertight).toBe(true)
      for (const [axis, length] of [
        ['x', 30],
        ['y', 20],
        ['z', 10],
      ] as const)
        expect(report.sizeMm[axis]).toBeCloseTo(length, 4)
      // A hole of facets is a little smaller than the round one, and never larger.
      const exact = 30 * 20 * 10 - Math.PI * 4 ** 2 * 10
      expect(report.volumeMm3).toBeGreaterThanOrEqual(exact)
      expect(report.volumeMm3).toBeLessThan(exact * 1.0005)
    },
    120_000,
  )

  test.runIf(process.env['TEST_PROGRAMS'])(
    'what breaks off, and what becomes no mesh, is refused with words',
    async () => {
      const cut = Buffer.from('ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1 = CARTESIAN_POINT(')
      const rubbish = Buffer.concat([STEP, Buffer.from('/* RUBBISH */\n')])
      for (const bytes of [cut, rubbish])
        expect((await bed.person().make(bytes, 'part.step')).latest).toMatchObject({
          state: 'rejected',
          reasons: [{ detail: expect.stringContaining('STEP') }],
        })
    },
    120_000,
  )
})
