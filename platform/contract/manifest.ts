/** `module-manifest.yaml`: what one service needs and offers, for tools that place it somewhere. */
import type { Service } from '../service/service.ts'
import { pathOf } from './contract.ts'
import { eventNameOf } from './event-versions.ts'

/** The manifest as YAML. `services` are all that are known, so that what it depends on can be named with a version. */
export function moduleManifest(service: Service, services: readonly Service[]): string {
  const { contract, handlers = {}, calls = [], jobs = {}, settings } = service
  const sources = [...new Set(Object.values(handlers).map((handler) => handler.source.name))]
    .filter((name) => name !== contract.name)
    .sort()
  const versionOf = (name: string) => services.find((other) => other.contract.name === name)?.contract.version
  const consumes = [
    ...new Set(
      Object.values(handlers).map(
        ({ source, type, version }) => `${source.name}/${eventNameOf(type)}@${version}`,
      ),
    ),
  ].sort()
  const lines = [
    `name: ${contract.name}`,
    `version: ${contract.version}`,
    'type: process',
    `summary: ${quote(contract.summary)}`,
    'requires:',
    '  - database: postgres',
    '  - event_bus: any',
    ...sources.map((name) => `  - service: ${quote(`${name}@${versionOf(name) ?? 'unknown'}`)}`),
    ...calls.map((call) => `  - rpc: ${call.typeName}`),
    ...list('consumes', consumes.map(quote)),
    'exposes:',
    ...nested(
      'api',
      Object.values(contract.operations).map((operation) =>
        quote(`${operation.method} ${pathOf(contract, operation)}`),
      ),
    ),
    ...nested(
      'events',
      Object.entries(contract.events ?? {}).map(([type, event]) =>
        quote(`${eventNameOf(type)}@${event.version}`),
      ),
    ),
    ...nested('topics', Object.keys(contract.topics ?? {}).map(quote)),
    ...nested('permissions', Object.keys(contract.permissions ?? {}).map(quote)),
    ...nested('scopes', Object.keys(contract.scopes ?? {}).map(quote)),
    ...list(
      'jobs',
      Object.entries(jobs).map(([name, job]) => quote(`${name}: ${job.schedule}`)),
    ),
    ...list('settings', Object.keys(settings?.properties ?? {}).map(quote)),
    'health_check: /health/ready',
  ]
  return `${lines.join('\n')}\n`
}

// JSON strings are YAML strings.
const quote = (text: string) => JSON.stringify(text)
const list = (name: string, items: readonly string[]) =>
  items.length === 0 ? [`${name}: []`] : [`${name}:`, ...items.map((item) => `  - ${item}`)]
const nested = (name: string, items: readonly string[]) => list(name, items).map((line) => `  ${line}`)
