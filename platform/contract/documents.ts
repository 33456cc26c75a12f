/** What the installation says of itself: the pages that explain the API, its documents, and which services run. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'
import type { Service } from '../service/service.ts'
import { asyncApi } from './asyncapi.ts'
import { type ApiInfo, openApi } from './openapi.ts'
import { errorsPage, eventsPage, operationsPage } from './reference.ts'

/** What both documents say of the installation. */
export function apiInfo(publicUrl?: string): ApiInfo {
  return {
    title: 'Pleiad',
    version: '1',
    description:
      'One door to all services. Bodies are JSON; refusals are RFC 9457 problem details; lists page by cursor; ids are UUIDv7; time is ISO 8601 UTC.',
    ...(publicUrl ? { publicUrl } : {}),
  }
}

/**
 * Adds the routes. Everything is made once, at the first request, and answered from memory. The pages
 * carry no inline style or script, so the gateway's strict content security policy holds for them too.
 */
export function documentRoutes(app: FastifyInstance, services: readonly Service[], publicUrl: string): void {
  const contracts = services.map(({ contract }) => contract)
  const file = (name: string) => readFileSync(new URL(`./reference/${name}`, import.meta.url), 'utf8')
  const documents: Record<string, { readonly type: string; readonly make: () => string }> = {
    '/api/openapi.json': {
      type: 'application/json',
      make: () => JSON.stringify(openApi(contracts, apiInfo(publicUrl))),
    },
    '/api/asyncapi.json': {
      type: 'application/json',
      make: () => JSON.stringify(asyncApi(services, apiInfo(publicUrl))),
    },
    '/api/services.json': {
      type: 'application/json',
      make: () => JSON.stringify({ services: contracts.map(({ name, version }) => ({ name, version })) }),
    },
    '/docs': { type: 'text/html', make: () => operationsPage(contracts) },
    '/docs/errors': { type: 'text/html', make: () => errorsPage(contracts) },
    '/docs/events': { type: 'text/html', make: () => eventsPage(services) },
    '/docs/reference.css': { type: 'text/css', make: () => file('reference.css') },
    '/docs/reference.js': { type: 'text/javascript', make: () => file('reference.js') },
  }
  for (const [path, { type, make }] of Object.entries(documents)) {
    let made: Made | undefined
    app.get(path, async (request, reply) => {
      made ??= pack(make())
      const zipped = /\bgzip\b(?!;q=0(?:\.0*)?(?:,|$))/.test(String(request.headers['accept-encoding']))
      const etag = `"${made.hash}${zipped ? '-gzip' : ''}"`
      reply
        .type(`${type}; charset=utf-8`)
        .headers({ 'cache-control': 'public, max-age=60', vary: 'accept-encoding', etag })
      if (request.headers['if-none-match'] === etag) return reply.code(304).send()
      return zipped ? reply.header('content-encoding', 'gzip').send(made.zipped) : reply.send(made.text)
    })
  }
}

/** A document and what travels of it: with all services it has megabytes, most of them alike. */
interface Made {
  readonly text: string
  readonly zipped: Buffer
  readonly hash: string
}

function pack(text: string): Made {
  const hash = createHash('sha256').update(text).digest('base64url').slice(0, 16)
  return { text, zipped: gzipSync(text), hash }
}
