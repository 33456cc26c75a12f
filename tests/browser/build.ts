/** The web app, built once for a run of the tests by the first file that needs it, so that no stale build is tested. */
import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Vitest's global set-up: an empty folder that all test files know; it is removed at the end. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-web-'))
  process.env['TEST_WEB_FOLDER'] = folder
  return () => rmSync(folder, { recursive: true, force: true })
}

/** The folder of the built web app. */
export async function builtWeb(): Promise<string> {
  const folder = process.env['TEST_WEB_FOLDER']
  if (!folder) throw new Error('The browser tests need the global set-up of vitest.config.ts')
  const web = join(folder, 'dist')
  const done = join(folder, 'done')
  const failed = join(folder, 'failed')
  try {
    mkdirSync(join(folder, 'building'))
  } catch {
    while (!existsSync(done)) {
      if (existsSync(failed)) throw new Error('The web app does not build; the file that built it says why')
      await wait(50)
    }
    return web
  }
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  await promisify(execFile)(
    process.execPath,
    [vite, 'build', 'web', '--config', 'web/vite.config.ts', '--outDir', web],
    {
      cwd: root,
      // As it is shipped; Vitest’s own NODE_ENV would build React for development.
      env: { ...process.env, NODE_ENV: 'production' },
    },
  ).catch((error: unknown) => {
    writeFileSync(failed, '')
    throw error
  })
  writeFileSync(done, '')
  return web
}
