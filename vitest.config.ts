import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { COVERED_LINES } from './tools/second-try.mjs'

export default defineConfig({
  test: {
    include: ['{platform,services,server,tools,tests,web,workshop}/**/*.test.{ts,tsx}'],
    globalSetup: ['platform/testing/postgres.ts', 'tests/browser/build.ts'],
    pool: 'forks',
    // More would ask PostgreSQL for more connections than it gives.
    maxWorkers: Math.max(2, Math.min(4, availableParallelism())),
    // For the programs that tests start, some of them hundreds of times.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // What happens at once still takes a while on a busy machine; Vitest's own second is no measure.
    expect: { poll: { timeout: 25_000 } },
    coverage: {
      provider: 'v8',
      include: ['platform/**/*.ts', 'services/**/*.ts', 'server/**/*.ts', 'workshop/**/*.ts'],
      exclude: ['**/*_pb.ts', '**/*.test.ts'],
      // Also when a test fails: what the first run covers counts, whatever a second try of a few files brings.
      reportOnFailure: true,
      thresholds: { lines: COVERED_LINES },
      reporter: ['text-summary', 'json-summary', 'html'],
    },
  },
})
