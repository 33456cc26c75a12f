/**
 * STEP is read by a program that an operator chose: none under a licence of ours can be part of this. It runs as a
 * process of its own, without a shell and with nothing of our environment, in a folder that goes with it.
 */
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Rejected } from './reasons.ts'

const WATCH_MS = 200
const KEPT = 500
/** Where a converter finds what it calls by name. */
const PROGRAMS = '/usr/local/bin:/usr/bin:/bin'

export interface Converter {
  readonly command: string | undefined
  readonly timeMs: number
  readonly memoryMb: number
  /** Bytes that it may write. */
  readonly maxBytes: number
}

const failed = (detail: string) => new Rejected({ code: 'stepFailed', detail })

/** The cause is for the operator. */
const notSupported = (cause?: Error) =>
  Object.assign(
    new Rejected({
      code: 'stepNotSupported',
      detail: 'STEP cannot be read here. Export the model as STL or 3MF and upload that.',
    }),
    { cause },
  )

/** Memory of all processes of a group in bytes, as Linux tells it; elsewhere it is not known. */
async function memoryOf(group: number): Promise<number> {
  if (process.platform !== 'linux') return 0
  let pages = 0
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const text = await readFile(`/proc/${name}/stat`, 'utf8').catch(() => '')
    // The name of the program stands in brackets and may have any characters.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    if (Number(fields[2]) === group) pages += Number(fields[21])
  }
  return pages * 4096
}

/** The bytes of a STEP file as binary STL in millimetres. Throws `Rejected`, or the signal's reason. */
export async function convertStep(
  bytes: Uint8Array,
  converter: Converter,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const { command, timeMs, memoryMb, maxBytes } = converter
  if (command === undefined) throw notSupported()
  const folder = await mkdtemp(join(tmpdir(), 'pleiad-step-'))
  try {
    const input = join(folder, 'model.step')
    const output = join(folder, 'model.stl')
    await writeFile(input, bytes)
    await convert(command, [input, output], { folder, output, timeMs, memoryMb, maxBytes }, signal)
    const size = await stat(output).then(
      (found) => (found.isFile() ? found.size : 0),
      () => 0,
    )
    if (size === 0)
      throw failed('The converter made nothing of the STEP file. Export the model as STL or 3MF.')
    if (size > maxBytes) throw failed('The STEP file is too fine to be converted. Export it as STL or 3MF.')
    return new Uint8Array(await readFile(output))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Bounds {
  readonly folder: string
  readonly output: string
  readonly timeMs: number
  readonly memoryMb: number
  readonly maxBytes: number
}

function convert(command: string, args: string[], bounds: Bounds, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted()
    const child = spawn(command, args, {
      cwd: bounds.folder,
      // A group of its own, so that what it starts is ended with it.
      detached: true,
      env: { PATH: PROGRAMS, TMPDIR: bounds.folder, HOME: bounds.folder, LC_ALL: 'C.UTF-8' },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    let why: Error | undefined
    const end = (reason: Error) => {
      why ??= reason
      try {
        if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
      } catch {
        // It has ended.
      }
    }
    const timer = setTimeout(
      () => end(failed('The STEP file took too long to convert. Export it as STL or 3MF.')),
      bounds.timeMs,
    )
    const watch = setInterval(async () => {
      const written = await stat(bounds.output).then(
        ({ size }) => size,
        () => 0,
      )
      const memory = child.pid === undefined ? 0 : await memoryOf(child.pid).catch(() => 0)
      if (memory > bounds.memoryMb * 1024 * 1024 || written > bounds.maxBytes)
        end(failed('The STEP file is too complex to convert. Export it as STL or 3MF.'))
    }, WATCH_MS)
    const abort = () => end(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    const settle = (error?: Error) => {
      clearTimeout(timer)
      clearInterval(watch)
      signal.removeEventListener('abort', abort)
      // What it started and left behind.
      end(new Error('done'))
      if (error) reject(error)
      else resolve()
    }
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (said.length < KEPT) said += text
    })
    child.on('error', (error) => settle(notSupported(error)))
    child.on('exit', (code) => {
      if (why) return settle(why)
      if (code === 0) return settle()
      // Its folder is nothing to the customer.
      const words = said
        .replaceAll(`${bounds.folder}/`, '')
        .replace(/[^\x20-\x7e]+/g, ' ')
        .trim()
        .slice(0, KEPT)
      settle(
        failed(`The STEP file cannot be converted${words ? ` (${words})` : ''}. Export it as STL or 3MF.`),
      )
    })
  })
}
