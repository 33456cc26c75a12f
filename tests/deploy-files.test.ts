/** The files of deploy/ and the workflows name only what there is; each guard is shown to fail. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, expect, test } from 'vitest'
import { parse } from 'yaml'
import { createMetrics } from '../platform/observe/metrics.ts'
import { settingNames } from '../platform/service/config.ts'
import { readDatabases } from '../platform/service/databases.ts'
import { discoverServices } from '../platform/service/discover.ts'
import { isIgnored, pairsOf, parseDockerfile } from '../tools/dockerfile.ts'
import { deploymentTroubles } from '../tools/guards/deployment.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const made: string[] = []
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true, force: true })
})

const known = {
  settings: ['LOG_LEVEL', 'DRAIN_SECONDS'],
  processMetrics: ['pleiad_process_cpu_seconds_total'],
}
const good: Readonly<Record<string, string>> = {
  'docs/generated/metrics.md':
    '| `pleiad_dead_letters` | gauge | `service` | Parked. |\n| `pleiad_lag_seconds` | histogram | `service` `type` | Late. |',
  'docs/runbooks/dead-letters.md': '# Dead letters',
  'platform/service/system-routes.ts': "app.get('/health/live', answer)",
  'deploy/Dockerfile':
    'FROM node:24.21.0-slim\nENV NODE_ENV=production LOG_LEVEL=info\nHEALTHCHECK CMD ["x", "http://localhost/health/live"]',
  'deploy/monitoring/alerts.yml':
    'groups: [{ rules: [{ alert: A, expr: \'rate(pleiad_lag_seconds_bucket{type="x",le="1"}[5m]) > pleiad_dead_letters or node_filesystem_size_bytes\', annotations: { runbook: docs/runbooks/dead-letters.md } }] }]',
  'deploy/monitoring/dashboard.json':
    '{"panels":[{"targets":[{"expr":"pleiad_process_cpu_seconds_total"}]}]}',
  'deploy/compose.yml': 'services: { pleiad: { image: a:1.2.3, environment: { LOG_LEVEL: info } } }',
  'deploy/kubernetes/base/process/deployment.yml':
    'spec: { template: { spec: { terminationGracePeriodSeconds: 70, containers: [{ name: pleiad, image: a:1.2.3, env: [{ name: LOG_LEVEL }], livenessProbe: { httpGet: { path: /health/live } } }] } } }',
  'deploy/kubernetes/base/kustomization.yml':
    'configMapGenerator: [{ name: pleiad, literals: [DRAIN_SECONDS=10] }]',
  '.github/workflows/ci.yml': 'jobs: { a: { steps: [{ uses: actions/checkout@v4.2.2 }] } }',
}

/** The troubles of the good tree with some files changed. */
function troublesWith(changes: Readonly<Record<string, readonly [string, string]>> = {}): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'pleiad-deploy-'))
  made.push(folder)
  for (const [path, text] of Object.entries(good)) {
    const [from, to] = changes[path] ?? ['', '']
    if (!text.includes(from)) throw new Error(`${path} has no ${from}`)
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text.replace(from, to))
  }
  return deploymentTroubles(folder, known)
}

test('what is deployed fits the program', async () => {
  const services = await discoverServices(join(root, 'services/'), 'all')
  const text = await createMetrics().text()
  expect(
    deploymentTroubles(root, {
      settings: settingNames(services.flatMap(({ settings }) => (settings ? [settings] : []))),
      processMetrics: [...text.matchAll(/^# TYPE (pleiad_(?:process|nodejs)_\w+)/gm)].map(
        ([, name]) => name!,
      ),
    }),
  ).toEqual([])
})

test('compose gives crm a PostgreSQL of its own, which is there before Pleiad starts', () => {
  const { services } = parse(readFileSync(join(root, 'deploy/compose.yml'), 'utf8'))
  const { environment, depends_on: before } = services.pleiad
  const [, urls] = /^\$\{DATABASE_URLS-(.*)\}$/.exec(environment.DATABASE_URLS)!
  const own = new URL(readDatabases(urls!.replace(/\$\{POSTGRES_CRM_PASSWORD:\?\}/, 'secret')).get('crm')!)
  expect(own.hostname).not.toBe(new URL(environment.DATABASE_URL.replace(/\$\{.*\}/, 'x')).hostname)
  expect(before[own.hostname]).toEqual({ condition: 'service_healthy' })
  expect(services[own.hostname]).toMatchObject({
    environment: {
      POSTGRES_USER: own.username,
      POSTGRES_PASSWORD: expect.stringContaining('POSTGRES_CRM_PASSWORD'),
    },
    volumes: ['postgres-crm:/var/lib/postgresql'],
  })
  const named = [...readFileSync(join(root, 'deploy/compose.yml'), 'utf8').matchAll(/\$\{(\w+):\?\}/g)]
  const offered = readFileSync(join(root, 'deploy/example.env'), 'utf8')
  for (const [, name] of named) expect(offered).toMatch(new RegExp(`^${name}=`, 'm'))
})

test('what fits has no troubles', () => {
  expect(troublesWith()).toEqual([])
})

test.each([
  [
    'a metric that nobody reports',
    'deploy/monitoring/alerts.yml',
    ['dead_letters or', 'dead_leters or'],
    'pleiad_dead_leters',
  ],
  ['a histogram without its part', 'deploy/monitoring/alerts.yml', ['_bucket', ''], 'pleiad_lag_seconds,'],
  ['a label that a metric has not', 'deploy/monitoring/alerts.yml', ['type="x"', 'kind="x"'], 'label kind'],
  [
    'a metric of another exporter',
    'deploy/monitoring/alerts.yml',
    ['node_filesystem_size_bytes', 'node_moon'],
    'node_moon',
  ],
  [
    'a dashboard’s metric',
    'deploy/monitoring/dashboard.json',
    ['cpu_seconds', 'gpu_seconds'],
    'pleiad_process_gpu_seconds_total',
  ],
  [
    'a runbook that is missing',
    'deploy/monitoring/alerts.yml',
    ['dead-letters.md', 'moon.md'],
    'docs/runbooks/moon.md',
  ],
  ['a setting of compose', 'deploy/compose.yml', ['LOG_LEVEL', 'LOG_LOVEL'], 'LOG_LOVEL'],
  [
    'a setting of a pod',
    'deploy/kubernetes/base/process/deployment.yml',
    ['LOG_LEVEL', 'LOG_LOVEL'],
    'LOG_LOVEL',
  ],
  [
    'a setting of a config map',
    'deploy/kubernetes/base/kustomization.yml',
    ['DRAIN', 'TRAIN'],
    'TRAIN_SECONDS',
  ],
  ['a setting of the image', 'deploy/Dockerfile', ['LOG_LEVEL', 'LOG_LOVEL'], 'LOG_LOVEL'],
  [
    'a probe that is not answered',
    'deploy/kubernetes/base/process/deployment.yml',
    ['/health/live', '/alive'],
    '/alive',
  ],
  [
    'a health check that is not answered',
    'deploy/Dockerfile',
    ['/health/live', '/health/alive'],
    '/health/alive',
  ],
  ['too little time to end', 'deploy/kubernetes/base/kustomization.yml', ['=10', '=30'], 'needs 90'],
  ['an image without a version', 'deploy/compose.yml', ['a:1.2.3', 'a:latest'], 'a:latest'],
  ['a base image without a version', 'deploy/Dockerfile', [':24.21.0-slim', ''], 'takes node'],
  ['an action that moves', '.github/workflows/ci.yml', ['v4.2.2', 'v4'], 'actions/checkout@v4'],
  ['what is not YAML', 'deploy/compose.yml', ['services: {', 'services: {{'], 'is not YAML'],
] as const)('%s is found', (_what, path, change, told) => {
  const troubles = troublesWith({ [path]: change })
  expect(troubles).toHaveLength(1)
  expect(troubles[0]).toContain(told)
})

test('a Dockerfile is read by stage; what could not be rehearsed is refused', () => {
  const [build, image] = parseDockerfile(
    '# a comment\nFROM node:1 AS build\nRUN a \\\n  b\n\nFROM node:2\nCOPY --from=build --chown=1:1 /a /b ./\nENV A=1 \\\n    B="two words"\n',
  )
  expect(build).toEqual({
    image: 'node:1',
    name: 'build',
    steps: [{ instruction: 'RUN', flags: {}, rest: 'a    b' }],
  })
  expect(image!.steps[0]).toEqual({
    instruction: 'COPY',
    flags: { from: 'build', chown: '1:1' },
    rest: '/a /b ./',
  })
  expect(pairsOf(image!.steps[1]!.rest)).toEqual({ A: '1', B: 'two words' })
  expect(() => parseDockerfile('FROM a\nONBUILD RUN b')).toThrow('ONBUILD')
  expect(() => parseDockerfile('RUN a')).toThrow('before FROM')
})

test('.dockerignore keeps out what the last fitting line keeps out', () => {
  const file = '*\n!kept\n# a comment\n**/node_modules\nkept/**/*.log\n'
  const ignored = ['.env', 'kept/node_modules/a.js', 'kept/a/b/node_modules/c', 'kept/a/x.log']
  for (const path of ignored) expect(isIgnored(file, path), path).toBe(true)
  for (const path of ['kept/a.ts', 'kept/a/b.ts']) expect(isIgnored(file, path), path).toBe(false)
})
