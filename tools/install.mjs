/** Installs what package-lock.json names when it is not there yet. Plain JavaScript: it runs before anything is installed, on Node 20. */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import path from 'node:path'

export const root = fileURLToPath(new URL('..', import.meta.url))
/** The pinned Node that runs Pleiad, whatever the system's is. */
export const node = path.join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
const stamp = path.join(root, 'node_modules', '.pleiad-lock')

/** Resolves when the dependencies are as package-lock.json says; shows how long it has been at it. */
export async function install() {
  const lock = createHash('sha256').update(readFileSync(path.join(root, 'package-lock.json'))).digest('hex')
  if (existsSync(node) && existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  await withProgress('Installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(stamp, lock)
}

/**
 * Runs a command with one line of progress; what it printed is shown only if it fails, and then this process ends
 * with its exit code.
 */
export async function withProgress(what, command, args, env = {}) {
  const started = Date.now()
  const seconds = () => Math.round((Date.now() - started) / 1000)
  const terminal = process.stdout.isTTY
  if (!terminal) console.log(`${what} …`)
  const timer = setInterval(() => terminal && process.stdout.write(`\r${what} … ${seconds()} s`), 500)
  let said = ''
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (said = (said + text).slice(-20_000)))
  const code = await new Promise((resolve) => {
    child.once('error', (error) => {
      said += error.message
      resolve(1)
    })
    child.once('close', resolve)
  })
  clearInterval(timer)
  if (terminal) process.stdout.write('\r\u001b[2K')
  if (code !== 0) {
    console.error(said.trim())
    console.error(`${what} failed after ${seconds()} s; the lines above say why. It is safe to try again.`)
    process.exit(code ?? 1)
  }
  console.log(`${what}: done in ${seconds()} s`)
}

/** Runs a command in the foreground: it gets the terminal and the signals; resolves with its exit code. */
export function run(command, args, env = {}) {
  const child = spawn(command, args, { cwd: root, env: { ...process.env, ...env }, stdio: 'inherit', shell: process.platform === 'win32' })
  // Ctrl-C reaches the child by itself, being in the same process group; a signal sent to us alone is passed on.
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => (signal === 'SIGTERM' ? child.kill(signal) : undefined))
  return new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? (signal ? 1 : 0))))
}
