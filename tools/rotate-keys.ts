/**
 * `npm run rotate-keys`: new keys for the vaults of all services. Works beside a running installation and
 * on a stopped one, with the same settings as the server (PLEIAD_DATA, DATABASE_URL, PLEIAD_SECRET). When it is broken
 * off, the next run goes on.
 */
import { fileURLToPath } from 'node:url'
import { discoverServices } from '../platform/service/discover.ts'
import { StartError } from '../platform/service/refuse.ts'
import { type RotationResult, rotateInstallation } from '../platform/service/rotation.ts'
import type { RotationStep } from '../platform/store/rotation.ts'

const PROGRESS_MS = 1_000
const MAX_SHOWN = 50
const said = new Map<string, number>()

function report(service: string, step: RotationStep): void {
  if (step.step === 'began')
    console.log(
      `${service}: ${step.resumed ? 'going on with the rotation that was broken off, to' : 'new'} key ${step.key}`,
    )
  if (step.step === 'waiting')
    console.log(`${service}: waiting ${step.seconds} s for running processes to learn of it`)
  if (step.step === 'rewrapped') {
    const name = `${service} ${step.column}`
    if (step.done < step.of && performance.now() - (said.get(name) ?? 0) < PROGRESS_MS) return
    said.set(name, performance.now())
    console.log(`${service}: ${step.column} ${step.done} of ${step.of}`)
  }
}

function conclude({ service, rotation }: RotationResult): void {
  if (!rotation) {
    console.log(`${service}: never ran here, has no keys`)
    return
  }
  const { key, rewrapped, damaged } = rotation
  if (damaged.length === 0) {
    console.log(`${service}: done; ${rewrapped} values changed to key ${key}, older keys are deleted`)
    return
  }
  process.exitCode = 1
  console.error(
    `${service}: ${rewrapped} values changed to key ${key}, but ${damaged.length} do not open and were left as they are, with the keys they name. They were changed in the database, or moved to another row:`,
  )
  for (const value of damaged.slice(0, MAX_SHOWN)) console.error(`  ${value}`)
  if (damaged.length > MAX_SHOWN) console.error(`  and ${damaged.length - MAX_SHOWN} more`)
}

const quiet = { debug() {}, info() {}, warn: console.warn, error: console.error }
const interrupted = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => interrupted.abort())
try {
  const services = await discoverServices(fileURLToPath(new URL('../services/', import.meta.url)), 'all')
  const results = await rotateInstallation({
    services,
    env: process.env,
    log: quiet,
    progress: report,
    signal: interrupted.signal,
  })
  for (const result of results) conclude(result)
  if (results.length === 0) console.log('No service has a vault.')
} catch (error) {
  if (interrupted.signal.aborted) console.error('Broken off. Everything still opens; run it again to go on.')
  else console.error(error instanceof StartError ? error.message : error)
  process.exitCode = 1
}
