/** `npm run dev`: the server, restarted when its code changes, and the web app with hot reload in front of it. */
import { spawn } from 'node:child_process'
import path from 'node:path'
import { install, node, root } from './install.mjs'

await install()
const port = process.env.PORT ?? '8080'
const vite = path.join(root, 'node_modules', 'vite', 'bin', 'vite.js')
const start = (args, env = {}) =>
  spawn(node, args, {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
const children = [
  start(['--watch', '--watch-preserve-output', 'server/main.ts'], { PORT: port, NODE_ENV: 'development' }),
  start([vite, 'web', '--clearScreen', 'false'], { PLEIAD_GATEWAY: `http://localhost:${port}` }),
]
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    for (const child of children) child.kill(signal)
  })
// When one ends, by a signal or by itself, the other has no use.
const codes = children.map(
  (child) => new Promise((resolve) => child.once('close', (code) => resolve(code ?? 0))),
)
const code = await Promise.race(codes)
for (const child of children) child.kill('SIGTERM')
await Promise.all(codes)
process.exit(code)
