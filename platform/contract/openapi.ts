/** OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1) from contracts. */
import { accessInWords, callersOf, scopesOf } from './access-words.ts'
import {
  type Access,
  type Contract,
  needsOf,
  type Operation,
  pathOf,
  statusOf,
  type TSchema,
} from './contract.ts'
import { type PossibleError, possibleErrors } from './implied-errors.ts'

type Json = Record<string, unknown>

export interface ApiInfo {
  readonly title: string
  readonly version: string
  readonly description: string
  /** Origin of the gateway; the document's own address when absent. */
  readonly publicUrl?: string
}

/** The whole API in one document: paths in the order of the contracts, one tag per service. */
export function openApi(contracts: readonly Contract[], info: ApiInfo): Json {
  const paths: Record<string, Json> = {}
  for (const contract of contracts)
    for (const [name, operation] of Object.entries(contract.operations)) {
      const path = pathOf(contract, operation).replace(/:(\w+)/g, '{$1}')
      paths[path] = {
        ...paths[path],
        [operation.method.toLowerCase()]: describeOperation(contract, name, operation),
      }
    }
  return {
    openapi: '3.1.1',
    info: {
      title: info.title,
      version: info.version,
      description: info.description,
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: info.publicUrl ?? '/' }],
    tags: contracts.map(({ name, summary }) => ({ name, description: summary })),
    paths,
    components: {
      securitySchemes: schemesOf(contracts),
      schemas: { Problem: problemSchema },
      headers,
    },
  }
}

/** How to say who one is. Those of programs are there when some operation takes programs. */
function schemesOf(contracts: readonly Contract[]): Json {
  const scopes = [...scopesOf(contracts)].map(([scope, text]) => `- \`${scope}\`: ${text}`)
  const list = ['Scopes:', ...scopes].join('\n')
  return {
    bearer: {
      type: 'http',
      scheme: 'bearer',
      description:
        'An access token of a session (a JWT of ten minutes) or a personal access token (`plt_...`).',
    },
    cookie: {
      type: 'apiKey',
      in: 'cookie',
      name: 'pleiad_access',
      description:
        'Set by signing in with `transport: "cookie"`. Requests that change something also send `x-pleiad-csrf: 1`.',
    },
    ...(scopes.length > 0
      ? {
          projectKey: {
            type: 'http',
            scheme: 'bearer',
            description: `A key of a project and environment (\`plk_...\`), for programs on servers. ${list}`,
          },
          projectIssuer: {
            type: 'http',
            scheme: 'bearer',
            bearerFormat: 'JWT',
            description: `An access token that the project’s own OpenID issuer gave to one of its apps. ${list}`,
          },
        }
      : {}),
  }
}

const text = (description: string, example: string) => ({ description, schema: { type: 'string' }, example })

const headers = {
  RateLimit: text('What is left of the budget and seconds until it is whole again.', '"default";r=119;t=1'),
  'RateLimit-Policy': text('The budgets that apply: requests per window of seconds.', '"default";q=120;w=60'),
  'X-Request-Id': text(
    'The request’s id; it finds the log line and the trace.',
    '01938a5e-7c00-7000-8000-000000000001',
  ),
  ETag: text('Version of the resource; send it as `If-Match` when changing it.', '"3"'),
  'Idempotency-Replayed': text(
    '`true` when this is the first answer to the same Idempotency-Key, replayed.',
    'true',
  ),
  'Retry-After': text('Seconds to wait before trying again.', '2'),
} as const

const problemSchema = {
  type: 'object',
  description: 'A refusal (RFC 9457). `code` is the key in the error catalogue.',
  required: ['type', 'title', 'status', 'code'],
  properties: {
    type: { type: 'string', format: 'uri-reference', description: 'Address of the explanation.' },
    title: { type: 'string', description: 'What happened, the same for every refusal of this code.' },
    status: { type: 'integer', description: 'The HTTP status.' },
    code: { type: 'string', description: 'Key in the error catalogue.' },
    detail: { type: 'string', description: 'What happened this time.' },
    requestId: { type: 'string', description: 'Finds the log line.' },
    errors: {
      type: 'array',
      description: 'Every bad field.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'JSON pointer to the field, such as `/body/email`.' },
          message: { type: 'string', description: 'What is expected there.' },
        },
      },
    },
  },
}

function describeOperation(contract: Contract, name: string, operation: Operation): Json {
  const { access, example, maxStalenessMs } = operation
  const own = operation.description ?? ''
  const { permission, project, production, scope } = needsOf(access)
  const stale =
    maxStalenessMs === undefined ? '' : `What it shows may be up to ${maxStalenessMs / 1000} seconds old.`
  const description = [own, accessInWords(access), stale].filter(Boolean).join('\n\n')
  return {
    operationId: `${contract.name}.${name}`,
    tags: [contract.name],
    summary: operation.summary,
    ...(description ? { description } : {}),
    // A public operation may still be called with credentials.
    security: access === 'public' ? [] : securityOf(access),
    ...(parametersOf(operation).length > 0 ? { parameters: parametersOf(operation) } : {}),
    ...(operation.body
      ? { requestBody: { required: true, content: json(operation.body, example?.body) } }
      : {}),
    responses: {
      [statusOf(operation)]: successOf(operation),
      ...problemsOf(possibleErrors(contract, operation)),
    },
    'x-rate-class': operation.rate ?? 'default',
    ...(maxStalenessMs === undefined ? {} : { 'x-max-staleness-ms': maxStalenessMs }),
    ...(permission ? { 'x-permission': permission } : {}),
    ...(project ? { 'x-project-role': project } : {}),
    ...(production ? { 'x-project-role-in-production': production } : {}),
    ...(scope ? { 'x-scope': scope } : {}),
  }
}

/** Any one of these; what stands beside a scheme of programs is the scope it takes. */
function securityOf(access: Access): Json[] {
  const { people, programs } = callersOf(access)
  const { scope = '' } = needsOf(access)
  return [
    ...(people ? [{ bearer: [] }, { cookie: [] }] : []),
    ...(programs ? [{ projectKey: [scope] }, { projectIssuer: [scope] }] : []),
  ]
}

function json(schema: TSchema, example?: unknown): Json {
  return { 'application/json': { schema: plain(schema), ...(example === undefined ? {} : { example }) } }
}

function parametersOf(operation: Operation): Json[] {
  const of = (place: 'path' | 'query', schema: TSchema | undefined, examples: unknown) => {
    const { properties = {}, required = [] } = (schema ?? {}) as {
      properties?: Record<string, Json>
      required?: string[]
    }
    return Object.entries(properties).map(([name, field]) => {
      const { description, ...rest } = plain(field)
      const example = (examples as Json | undefined)?.[name]
      return {
        name,
        in: place,
        required: place === 'path' || required.includes(name),
        ...(description ? { description } : {}),
        schema: rest,
        ...(example === undefined ? {} : { example }),
      }
    })
  }
  const header = (name: string, required: boolean, description: string) => ({
    name,
    in: 'header',
    required,
    description,
    schema: { type: 'string' },
  })
  return [
    ...of('path', operation.params, operation.example?.params),
    ...of('query', operation.query, operation.example?.query),
    ...(operation.idempotent
      ? [
          header(
            'Idempotency-Key',
            false,
            'Chosen by the client; a repetition within 24 hours gets the first answer.',
          ),
        ]
      : []),
    ...(operation.ifMatch
      ? [
          header(
            'If-Match',
            true,
            'The `ETag` that was read; the change is refused when it is no longer current.',
          ),
        ]
      : []),
  ]
}

const headerRefs = (...names: (keyof typeof headers)[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]))

function successOf(operation: Operation): Json {
  const extra: (keyof typeof headers)[] = []
  if (operation.etag) extra.push('ETag')
  if (operation.idempotent) extra.push('Idempotency-Replayed')
  return {
    description: operation.returns
      ? ((operation.returns as { description?: string }).description ?? operation.summary)
      : 'Done; there is no body.',
    headers: headerRefs('RateLimit', 'RateLimit-Policy', 'X-Request-Id', ...extra),
    ...(operation.returns ? { content: json(operation.returns) } : {}),
  }
}

/** One response per status, which names every code that can come with it. */
function problemsOf(errors: readonly PossibleError[]): Json {
  const responses: Record<string, Json> = {}
  for (const status of new Set(errors.map((error) => error.status))) {
    const group = errors.filter((error) => error.status === status)
    const retry: (keyof typeof headers)[] = status === 429 || status === 503 ? ['Retry-After'] : []
    responses[status] = {
      description: group.map(({ code, title }) => `\`${code}\`: ${title}`).join(' '),
      headers: headerRefs('X-Request-Id', ...retry),
      content: {
        'application/problem+json': {
          schema: {
            allOf: [
              { $ref: '#/components/schemas/Problem' },
              { properties: { code: { enum: group.map(({ code }) => code) } } },
            ],
          },
          examples: Object.fromEntries(
            group.map(({ code, title }) => [
              code,
              { value: { type: `/docs/errors#${code}`, title, status, code } },
            ]),
          ),
        },
      },
    }
  }
  return responses
}

/** A schema as plain JSON, without what TypeBox keeps for itself. */
export function plain(schema: unknown): Json {
  return JSON.parse(JSON.stringify(schema))
}
