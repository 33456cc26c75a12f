/** STEP, by programs of an operator: well-behaved, hung, crashed, noisy, and Gmsh as it is installed. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { box } from '@pleiad/workshop/mesh/solids'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { startBed, stl } from './testing-bed.ts'

describe('STEP', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-step-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const program = (name: string, script: string) => {
    const path = join(folder, name)
    writeFileSync(path, `#!${process.execPath}\n${script}`)
    chmodSync(path, 0o755)
    return path
  }
  const STEP = Buffer.from('ISO-10303-21;\nHEADER;\nENDSEC;\nEND-ISO-10303-21;\n')
  const part = stl(box(12, 12, 12))
  const own = join(folder, 'left-behind')
  const cases: [string, string, Record<string, unknown>][] = [
    [
      'is converted by the program of the operator, which sees nothing of the environment',
      `const fs = require('fs'); if (process.env.DATABASE_URL || !fs.readFileSync(process.argv[2], 'utf8').startsWith('ISO')) process.exit(9)
       fs.writeFileSync(process.argv[3], Buffer.from('${part.toString('base64')}', 'base64'))`,
      { state: 'ready', format: 'step', unit: 'mm' },
    ],
    [
      'says why it failed',
      `process.stderr.write('bad entity #12 in ' + process.argv[2]); process.exit(2)`,
      {
        state: 'rejected',
        reasons: [{ code: 'stepFailed', detail: expect.stringContaining('(bad entity #12 in model.step)') }],
      },
    ],
    ['makes nothing', ``, { state: 'rejected', reasons: [{ code: 'stepFailed' }] }],
    [
      'never ends',
      `setInterval(() => {}, 1000)`,
      { state: 'rejected', reasons: [{ code: 'stepFailed', detail: expect.stringContaining('too long') }] },
    ],
    [
      'takes too much memory',
      `const kept = []; setInterval(() => kept.push(Buffer.alloc(40e6, 1)), 20)`,
      {
        state: 'rejected',
        reasons: [{ code: 'stepFailed', detail: expect.stringContaining('too complex') }],
      },
    ],
    [
      'makes too much',
      `require('fs').writeFileSync(process.argv[3], Buffer.alloc(30e6)); setInterval(() => {}, 1000)`,
      { state: 'rejected', reasons: [{ code: 'stepFailed' }] },
    ],
    [
      'crashes',
      `process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000)`,
      {
        state: 'rejected',
        reasons: [{ code: 'stepFailed', detail: expect.stringContaining('cannot be converted') }],
      },
    ],
    [
      'floods what it says without end',
      `const line = Buffer.alloc(65536, 'x'); const more = () => process.stderr.write(line, more); more()`,
      {
        state: 'rejected',
        reasons: [{ code: 'stepFailed', detail: expect.stringContaining('too long') }],
      },
    ],
    [
      'says much and fails',
      `process.stderr.write('y'.repeat(5e6), () => process.exit(3))`,
      // The sentence around it and 500 characters.
      { state: 'rejected', reasons: [{ code: 'stepFailed', detail: expect.stringMatching(/^.{500,620}$/) }] },
    ],
    [
      'writes what is no mesh',
      `require('fs').writeFileSync(process.argv[3], require('crypto').randomBytes(5000))`,
      { state: 'rejected', reasons: [{ code: expect.any(String), detail: expect.any(String) }] },
    ],
    [
      'leaves a process behind',
      `const { pid } = require('child_process').spawn('sleep', ['600'], { stdio: 'ignore' })
       require('fs').writeFileSync('${own}', String(pid)); process.exit(1)`,
      { state: 'rejected', reasons: [{ code: 'stepFailed' }] },
    ],
  ]
  test.each(cases)('%s', async (what, script, expected) => {
    const small = await startBed({
      EDITOR_STEP_COMMAND: program(createHash('sha1').update(what).digest('hex'), script),
      EDITOR_SECONDS: /never|without end/.test(what) ? '2' : '60',
      EDITOR_MEMORY_MB: '400',
      EDITOR_MAX_MB: '20',
    })
    try {
      expect((await small.person().make(STEP, 'part.step')).latest).toMatchObject(expected)
      expect((await small.person().editor.getIntake()).formats).toContain('step')
      if (!what.startsWith('leaves')) return
      const left = Number(readFileSync(own, 'utf8'))
      await vi.waitFor(() => expect(() => process.kill(left, 0)).toThrow('ESRCH'))
    } finally {
      await small.platform.stop()
    }
  })

  test('a program that is not there is the operator’s mistake, and told as not supported', async () => {
    const small = await startBed({ EDITOR_STEP_COMMAND: join(folder, 'absent'), LOG_LEVEL: 'silent' })
    try {
      expect((await small.person().make(STEP, 'part.step')).latest).toMatchObject({
        state: 'rejected',
        reasons: [{ code: 'stepNotSupported' }],
      })
    } finally {
      await small.platform.stop()
    }
  })
})

describe('Gmsh', () => {
  const script = fileURLToPath(new URL('../../deploy/step/gmsh.sh', import.meta.url))
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-gmsh-test-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('reads a plate with a hole that OpenCASCADE has written, in its true size', async () => {
    writeFileSync(
      join(folder, 'plate.geo'),
      `SetFactory("OpenCASCADE");
       Box(1) = {0, 0, 0, 30, 20, 10};
       Cylinder(2) = {15, 10, -1, 0, 0, 12, 4};
       BooleanDifference(3) = { Volume{1}; Delete; }{ Volume{2}; Delete; };
       Save "plate.step";`,
    )
    // What .ci/run installs; without it this fails and says so.
    execFileSync('gmsh', ['plate.geo', '-0', '-v', '1'], { cwd: folder })
    const bed = await startBed({ EDITOR_STEP_COMMAND: script })
    try {
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
    } finally {
      await bed.platform.stop()
    }
  })

  test('what only begins like STEP is refused with words', async () => {
    const bed = await startBed({ EDITOR_STEP_COMMAND: script })
    try {
      const cut = Buffer.from('ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1 = CARTESIAN_POINT(')
      expect((await bed.person().make(cut, 'cut.step')).latest).toMatchObject({
        state: 'rejected',
        reasons: [{ code: 'stepFailed' }],
      })
    } finally {
      await bed.platform.stop()
    }
  })
})
