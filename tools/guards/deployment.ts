/** What is deployed fits the program: names in deploy/ and the workflows are those that the code knows. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { pairsOf, parseDockerfile } from '../dockerfile.ts'
import { sourceFiles } from './files.ts'

export interface Known {
  /** Names of settings. */
  readonly settings: readonly string[]
  /** Metrics beside those of docs/generated/metrics.md: Node's own. */
  readonly processMetrics: readonly string[]
}

/** A process may take this long to finish what is in flight after it took the last request. */
const FINISH_SECONDS = 60
/** Of node-exporter and of the kubelet. */
const foreign = new Set([
  'node_filesystem_avail_bytes',
  'node_filesystem_size_bytes',
  'kubelet_volume_stats_available_bytes',
  'kubelet_volume_stats_capacity_bytes',
])
/** Labels that Prometheus adds. */
const added = new Set(['instance', 'job', 'le'])

type Node = Record<string, unknown>

/** What is wrong in the files of a tree, one line each. */
export function deploymentTroubles(folder: string, known: Known): string[] {
  const troubles: string[] = []
  const read = (path: string) =>
    existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : ''
  const metrics = metricsOf(read('docs/generated/metrics.md'), known.processMetrics)
  const routes = read('platform/service/system-routes.ts')
  const setting = (path: string, name: string) => {
    if (!known.settings.includes(name)) troubles.push(`${path} sets ${name}, which is no setting`)
  }
  const probe = (path: string, address: string) => {
    if (!routes.includes(`'${address}'`)) troubles.push(`${path} probes ${address}, which is not answered`)
  }
  const image = (path: string, name: string) => {
    if (!/:v?\d+\.\d+(\.\d+)?(-[\w.-]+)?(@sha256:\w{64})?$/.test(name))
      troubles.push(`${path} takes ${name}, whose version is not pinned`)
  }

  const kustomized: { path: string; settings: Record<string, string>; grace?: number }[] = []
  for (const { path, text } of sourceFiles(folder, ['deploy/**/*.yml', '.github/workflows/*.yml'])) {
    for (const document of parseAllDocuments(text)) {
      for (const { message } of document.errors) troubles.push(`${path} is not YAML: ${message}`)
      if (document.errors.length > 0) continue
      const root = (document.toJS() ?? {}) as Node
      for (const expression of valuesOf(root, 'expr'))
        troubles.push(...expressionTroubles(path, String(expression), metrics))
      for (const name of valuesOf(root, 'image'))
        if (typeof name === 'string' && !name.startsWith('${PLEIAD_IMAGE')) image(path, name)
      for (const action of valuesOf(root, 'uses'))
        if (!/^\.\/|@(v\d+\.\d+\.\d+|[0-9a-f]{40})$/.test(String(action)))
          troubles.push(`${path} uses ${action}, which is not pinned`)
      for (const name of Object.keys(childOf(root, 'services', 'pleiad', 'environment'))) setting(path, name)
      const literals =
        (root['configMapGenerator'] as { name: string; literals?: string[] }[] | undefined) ?? []
      const settings = Object.fromEntries(
        literals
          .filter(({ name }) => name === 'pleiad')
          .flatMap(({ literals: all = [] }) => all.map((each) => each.split('=', 2) as [string, string])),
      )
      for (const name of Object.keys(settings)) setting(path, name)
      const pod = childOf(root, 'spec', 'template', 'spec')
      for (const container of (pod['containers'] as Node[] | undefined) ?? []) {
        if (container['name'] !== 'pleiad') continue
        for (const { name } of (container['env'] as { name: string }[] | undefined) ?? []) setting(path, name)
        for (const request of valuesOf(container, 'httpGet')) probe(path, String((request as Node)['path']))
        kustomized.push({ path, settings: {}, grace: Number(pod['terminationGracePeriodSeconds'] ?? 30) })
      }
      if (Object.keys(settings).length > 0) kustomized.push({ path, settings })
      for (const rule of valuesOf(root, 'rules').flat() as Node[]) {
        if (!rule['alert']) continue
        const runbook = String(childOf(rule, 'annotations')['runbook'])
        if (!existsSync(join(folder, runbook)))
          troubles.push(`${path}: the runbook of ${rule['alert']}, ${runbook}, is missing`)
      }
    }
  }
  const drains = kustomized.map(({ settings }) => Number(settings['DRAIN_SECONDS'] ?? 0))
  const needed = Math.max(0, ...drains) + FINISH_SECONDS
  for (const { path, grace } of kustomized)
    if (grace !== undefined && grace < needed)
      troubles.push(`${path} gives a process ${grace} s to end; it needs ${needed}`)

  for (const { path, text } of sourceFiles(folder, ['deploy/**/*.json']))
    for (const expression of valuesOf(JSON.parse(text), 'expr'))
      troubles.push(...expressionTroubles(path, String(expression), metrics))

  const dockerfile = read('deploy/Dockerfile')
  for (const stage of parseDockerfile(dockerfile)) {
    image('deploy/Dockerfile', stage.image)
    for (const { instruction, rest } of stage.steps) {
      if (instruction === 'ENV')
        for (const name of Object.keys(pairsOf(rest)))
          if (name !== 'NODE_ENV') setting('deploy/Dockerfile', name)
      if (instruction === 'HEALTHCHECK')
        probe('deploy/Dockerfile', /(\/health[\w/]*)/.exec(rest)?.[1] ?? 'nothing')
    }
  }
  return [...new Set(troubles)]
}

/** Names and labels of the documented metrics. */
function metricsOf(markdown: string, processMetrics: readonly string[]): Map<string, readonly string[]> {
  const metrics = new Map<string, readonly string[]>(processMetrics.map((name) => [name, []]))
  for (const [, name, kind, labels] of markdown.matchAll(/^\| `(\w+)` \| (\w+) \| ([^|]*)\|/gm)) {
    const names = [...labels!.matchAll(/`(\w+)`/g)].map(([, label]) => label!)
    const parts = kind === 'histogram' ? ['_bucket', '_count', '_sum'] : ['']
    for (const part of parts) metrics.set(`${name}${part}`, names)
  }
  return metrics
}

function expressionTroubles(
  path: string,
  expression: string,
  metrics: Map<string, readonly string[]>,
): string[] {
  return [...expression.matchAll(/\b((?:pleiad|node|kubelet)_\w+)(?:\{([^}]*)\})?/g)].flatMap(
    ([, name, selectors = '']) => {
      if (foreign.has(name!)) return []
      const labels = metrics.get(name!)
      if (!labels) return [`${path} asks for ${name}, which no process reports`]
      return [...selectors.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g)].flatMap(([, label]) =>
        labels.includes(label!) || added.has(label!)
          ? []
          : [`${path} asks for the label ${label} of ${name}, which it has not`],
      )
    },
  )
}

function childOf(node: Node, ...names: readonly string[]): Node {
  return names.reduce((at, name) => (at[name] ?? {}) as Node, node)
}

/** All values with this name, however deep. */
function valuesOf(node: unknown, name: string): unknown[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) => [
    ...(key === name ? [value] : []),
    ...valuesOf(value, name),
  ])
}
