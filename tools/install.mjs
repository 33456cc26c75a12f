/** Installs what package-lock.json names when it is not there yet. Plain JavaScript: it runs before anything is installed, on Node 20. */
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))
const windows = process.platform === 'win32'
/** The pinned Node that runs Pleiad, whatever the system's is. */
export const node = path.join(root, 'node_modules', '.bin', windows ? 'node.cmd' : 'node')

/** Resolves when the dependencies are as package-lock.json says; shows how long it has been at it. */
export async function install() {
  if (Number(process.versions.node.split('.')[0]) < 20) {
    console.error(
      `Pleiad needs Node 20 or newer to start; this is ${process.version}. Get it from https://nodejs.org.`,
    )
    process.exit(1)
  }
  if (isInstalled()) return
  // Not `npm ci`: it refuses a lock file that lacks the optional packages of other systems, which not every registry
  // has. This takes the locked versions all the same, and leaves the lock file alone.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  await withProgress('Installing dependencies', 'npm', args)
}

/** Compares what npm noted as installed (its hidden lock file, written last) with what package-lock.json wants. */
export function isInstalled(folder = root) {
  try {
    const read = (file) => JSON.parse(readFileSync(path.join(folder, file), 'utf8')).packages
    const installed = read('node_modules/.package-lock.json')
    const wanted = Object.entries(read('package-lock.json')).filter(([place]) =>
      place.includes('node_modules/'),
    )
    return (
      existsSync(path.join(folder, path.relative(root, node))) &&
      wanted.every(([place, { version, optional, link, integrity }]) => {
        const found = installed[place]
        // Optional packages are those of other systems, too.
        if (!found) return Boolean(optional)
        return link ? found.link === true : found.version === version && found.integrity === integrity
      })
    )
  } catch {
    return false
  }
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
  const timer = setInterval(
    () =>
      terminal ? process.stdout.write(`\r${what} … ${seconds()} s`) : console.log(`${what} … ${seconds()} s`),
    terminal ? 500 : 10_000,
  )
  let said = ''
  const child = spawn(command, args, {
    cwd: root,
    env: { ...process.env, ...env },
    shell: windows,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text) => {
      said = (said + text).slice(-20_000)
    })
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

/**
 * Runs a program in the foreground and resolves with its exit code. Signals to this process are passed on; from a
 * terminal the program may get Ctrl-C twice, once by itself. It is connected by a channel, so that it notices when
 * this process is killed.
 */
export function run(args, env = {}) {
  const child = spawn(node, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: windows ? 'inherit' : ['inherit', 'inherit', 'inherit', 'ipc'],
    shell: windows,
  })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  if (process.env.npm_lifecycle_event) {
    // A signal to npm ends npm and its shell and comes no further: that they are gone is all we can see of it.
    const parent = process.ppid
    setInterval(() => process.ppid !== parent && child.kill('SIGTERM'), 500).unref()
  }
  return new Promise((resolve) => child.once('close', (code, signal) => resolve(code ?? (signal ? 1 : 0))))
}
