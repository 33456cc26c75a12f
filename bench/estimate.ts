/**
 * The instant estimate where customers see it: in a browser (Chromium), warm and at its first call after the page was loaded, for
 * some 100,000 triangles. CPU is that of
 * the page's thread, because the machine may be shared. `node bench/estimate.ts [rounds]` prints a table and writes bench/results/estimate.json.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { cpus, loadavg } from 'node:os'
import { fileURLToPath } from 'node:url'
import { build } from 'vite'
import { launch } from '../tests/browser/browser.ts'
import type { Measure } from './estimate-page.ts'

const ROUNDS = Number(process.argv[2] ?? 15)
const built = await build({
  configFile: false,
  logLevel: 'error',
  build: {
    write: false,
    rolldownOptions: { input: fileURLToPath(new URL('./estimate-page.ts', import.meta.url)) },
  },
})
const { output } = (Array.isArray(built) ? built[0] : built) as { output: { code?: string }[] }
const code = output.find((file) => file.code !== undefined)!.code!

const server = createServer((request, response) => {
  const script = request.url === '/page.js'
  response.setHeader('content-type', script ? 'text/javascript' : 'text/html')
  response.end(script ? code : '<!doctype html><script type="module" src="/page.js"></script>')
}).listen(0, '127.0.0.1')
await new Promise((resolve) => server.once('listening', resolve))
const { port } = server.address() as { port: number }
const browser = await launch()
const rows: Record<string, unknown>[] = []
for (const model of ['torus', 'vase'] as const) {
  // A page of its own: nothing is compiled yet.
  const tab = await browser.newPage()
  await tab.goto(`http://127.0.0.1:${port}/`)
  await tab.waitForFunction(() => 'measure' in globalThis)
  const run = (rounds: number) =>
    tab.evaluate(([name, count]) => (globalThis as unknown as { measure: Measure }).measure(name, count), [
      model,
      rounds,
    ] as const)
  const devtools = await tab.context().newCDPSession(tab)
  await devtools.send('Performance.enable', { timeDomain: 'threadTicks' })
  /** Seconds of CPU that the page's thread took so far. */
  const cpu = async () => {
    const { metrics } = await devtools.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')!.value
  }
  const first = await run(1)
  const before = await cpu()
  const { triangles, times } = await run(ROUNDS)
  const cpuMs = ((await cpu()) - before) * (1000 / ROUNDS)
  const sorted = times.toSorted((a, b) => a - b)
  rows.push({
    model,
    triangles,
    firstMs: Math.round(first.times[0]!),
    cpuMs: Math.round(cpuMs),
    medianMs: Math.round(sorted[Math.floor(sorted.length / 2)]!),
    slowestMs: Math.round(sorted.at(-1)!),
  })
  await tab.close()
}
const chromium = browser.version()
await browser.close()
server.close()
console.table(rows)
const machine = { cpu: cpus()[0]?.model, cores: cpus().length, load: loadavg()[0], chromium }
const results = new URL('./results/', import.meta.url)
mkdirSync(results, { recursive: true })
writeFileSync(
  new URL('estimate.json', results),
  `${JSON.stringify({ machine, rounds: ROUNDS, rows }, null, 2)}\n`,
)
