/** Builds the web app when one of its sources is newer than the last build. */
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { node, root, withProgress } from './install.mjs'

const stamp = path.join(root, 'web', 'dist', '.built')

export async function buildWeb() {
  if (existsSync(stamp) && newest() <= statSync(stamp).mtimeMs) return
  const at = new Date()
  const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  await withProgress('Building the web app', node, [vite, 'build', 'web', '--logLevel', 'warn'])
  writeFileSync(stamp, '')
  // As of before the build: a source saved meanwhile counts as newer.
  utimesSync(stamp, at, at)
}

/** When the newest source of the app changed: its own, the contracts it is made of, and what is installed. */
function newest() {
  let latest = statSync(path.join(root, 'package-lock.json')).mtimeMs
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue
      const file = path.join(folder, entry.name)
      // A folder's time tells of files that were removed.
      latest = Math.max(latest, statSync(file).mtimeMs)
      if (entry.isDirectory()) visit(file)
    }
  }
  for (const folder of ['web', 'workshop', 'services', 'platform/contract', 'platform/gateway'])
    visit(path.join(root, folder))
  return latest
}
