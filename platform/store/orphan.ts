/** A PostgreSQL that outlived its Pleiad (kill -9): recognised by its folder, and stopped before another one starts there. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** The process id in `postmaster.pid`, if there is one. */
export function postmasterPid(directory: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path.join(directory, 'postmaster.pid'), 'utf8'), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** Whether `pid` is a PostgreSQL that works in `directory`: a pid alone proves nothing, the system reuses them. */
function worksIn(pid: number, directory: string): boolean {
  if (process.platform === 'linux') {
    try {
      // A zombie has no readable links, and holds nothing any more.
      return (
        readlinkSync(`/proc/${pid}/cwd`) === realpathSync(directory) &&
        /^postgres/.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))
      )
    } catch {
      return false
    }
  }
  try {
    const [command, args]: [string, string[]] =
      process.platform === 'win32'
        ? ['tasklist', ['/FI', `PID eq ${pid}`, '/FO', 'CSV', '/NH']]
        : ['ps', ['-ww', '-p', String(pid), '-o', 'command=']]
    const shown = execFileSync(command, args, { encoding: 'utf8' })
    return process.platform === 'win32' ? shown.includes('postgres.exe') : shown.includes(`-D ${directory}`)
  } catch {
    return false
  }
}

/** Every PostgreSQL process of `directory`, also server processes whose postmaster is gone (found on Linux only). */
export function processesOf(directory: string): number[] {
  const postmaster = postmasterPid(directory)
  const pids =
    process.platform === 'linux'
      ? readdirSync('/proc')
          .filter((name) => /^\d+$/.test(name))
          .map(Number)
      : postmaster
        ? [postmaster]
        : []
  return pids.filter((pid) => worksIn(pid, directory))
}

/**
 * Stops whatever PostgreSQL works in `directory`: politely (SIGINT, its fast shutdown), then firmly (SIGQUIT, then
 * SIGKILL; crash recovery mends the data at the next start). Removes a pid file whose process is somebody else's.
 * Returns whether there was one. Call it only while holding the data folder's lock.
 */
export async function stopOrphan(directory: string, patienceMs = 30_000): Promise<boolean> {
  const found = processesOf(directory)
  if (found.length > 0) {
    const postmaster = postmasterPid(directory)
    const leader = found.find((pid) => pid === postmaster)
    if (leader) signal(leader, 'SIGINT')
    const ways: [NodeJS.Signals, number][] = [
      ['SIGQUIT', patienceMs],
      ['SIGKILL', 5_000],
      ['SIGKILL', 5_000],
    ]
    for (const [harder, wait] of ways) {
      const deadline = Date.now() + (leader ? wait : Math.min(wait, 1_000))
      while (processesOf(directory).length > 0 && Date.now() < deadline) await sleep(25)
      for (const pid of processesOf(directory)) signal(pid, harder)
    }
  }
  const claimed = postmasterPid(directory)
  if (claimed !== undefined && isAlive(claimed) && !worksIn(claimed, directory))
    rmSync(path.join(directory, 'postmaster.pid'), { force: true })
  return found.length > 0
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch {
    // It ended by itself between looking and signalling.
  }
}
