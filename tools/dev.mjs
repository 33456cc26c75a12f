/**
 * `npm run dev`: the server (PORT), restarted when its code changes, and in front of it the web app with hot reload
 * (WEB_PORT), where one looks at it.
 */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { install, node, root } from './install.mjs'

await install()
const port = process.env.PORT ?? '8080'
const webPort = process.env.WEB_PORT ?? '5173'
const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const start = (args, env = {}) =>
  spawn(node, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
const children = [
  start(['--watch', '--watch-preserve-output', 'server/main.ts'], {
    PORT: port,
    NODE_ENV: 'development',
    // The address that is printed and mailed is the one with hot reload.
    PUBLIC_URL: process.env.PUBLIC_URL ?? `http://localhost:${webPort}`,
  }),
  start([vite, 'web', '--clearScreen', 'false', '--port', webPort, '--strictPort'], {
    PLEIAD_GATEWAY: `http://localhost:${port}`,
  }),
]
const stop = (signal) => {
  for (const child of children) child.kill(signal)
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(signal))
if (process.env.npm_lifecycle_event) {
  // A signal to npm ends npm and its shell and comes no further: that they are gone is all we can see of it.
  const parent = process.ppid
  setInterval(() => process.ppid !== parent && stop('SIGTERM'), 500).unref()
}
// When one ends, by a signal or by itself, the other has no use.
const codes = children.map(
  (child) => new Promise((resolve) => child.once('close', (code) => resolve(code ?? 0))),
)
const code = await Promise.race(codes)
for (const child of children) child.kill('SIGTERM')
await Promise.all(codes)
process.exit(code)
