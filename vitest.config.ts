import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{platform,services,server,tools,tests,web}/**/*.test.{ts,tsx}'],
    globalSetup: ['platform/testing/postgres.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['platform/**/*.ts', 'services/**/*.ts', 'server/**/*.ts'],
      exclude: ['**/*_pb.ts', '**/*.test.ts'],
      thresholds: { lines: 95 },
      reporter: ['text-summary', 'json-summary', 'html'],
    },
  },
})
