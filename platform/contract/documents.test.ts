import { gunzipSync } from 'node:zlib'
import asyncApiSpecs from '@asyncapi/specs'
import { Validator } from '@seriousme/openapi-schema-validator'
import { Ajv } from 'ajv'
import fastify from 'fastify'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { on, type Service } from '../service/service.ts'
import { asyncApi } from './asyncapi.ts'
import { defineContract, newVersion, type Operation, Type, Uuid } from './contract.ts'
import { apiInfo, documentRoutes } from './documents.ts'
import { errorCatalogue, errorCatalogueText } from './error-catalogue.ts'
import { eventMap } from './event-map.ts'
import { counters, countersService, notes, notesService } from './fixture.ts'
import { possibleErrors } from './implied-errors.ts'
import { moduleManifest } from './manifest.ts'
import { openApi } from './openapi.ts'
import { permissionMatrix } from './permissions.ts'
import { operationsPage } from './reference.ts'

const services = [countersService, notesService]
const contracts = services.map(({ contract }) => contract)

const { $schema: _meta, ...asyncApiSchema } = asyncApiSpecs.schemas['3.0.0'] as unknown as Record<
  string,
  unknown
>
// The schema brings draft 7 along under the id that Ajv itself has loaded.
const validate = new Ajv({
  strict: false,
  allErrors: true,
  validateFormats: false,
  meta: false,
  validateSchema: false,
}).compile(asyncApiSchema)

/** What the format's own schema finds wrong. */
function validAsyncApi(document: unknown): unknown[] {
  validate(document)
  return validate.errors ?? []
}

/** Reaches into a document by JSON pointer, as a reader would. */
function at(document: unknown, pointer: string): unknown {
  return pointer
    .split('/')
    .slice(1)
    .reduce<unknown>(
      (value, part) => (value as Record<string, unknown>)[part.replaceAll('~1', '/')],
      document,
    )
}

describe('openApi', () => {
  const document = openApi(contracts, apiInfo('https://pleiad.example'))

  test('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate(structuredClone(document))
    expect(result.errors ?? []).toEqual([])
    expect(result.valid).toBe(true)
  })

  test('holds every operation once, with its address and access', () => {
    const ids = Object.values(document['paths'] as object).flatMap((path) =>
      Object.values(path).map((operation) => (operation as { operationId: string }).operationId),
    )
    expect(ids.sort()).toEqual(['notes.changeNote', 'notes.listNotes', 'notes.removeNote', 'notes.writeNote'])
    expect(at(document, '/paths/~1api~1v1~1notes~1notes/get/security')).toEqual([])
    expect(at(document, '/paths/~1api~1v1~1notes~1notes~1{noteId}/delete/x-permission')).toBe(
      'notes:moderate',
    )
  })

  test('names the headers, examples and refusals of an operation', () => {
    const change = at(document, '/paths/~1api~1v1~1notes~1notes~1{noteId}/patch')
    expect(Object.keys(at(change, '/responses') as object)).toEqual(
      expect.arrayContaining(['200', '400', '401', '403', '404', '409', '412', '428', '429', '500', '503']),
    )
    expect(at(change, '/responses/409/description')).toContain('noteFrozen')
    expect(at(change, '/responses/200/headers/ETag')).toBeTruthy()
    expect(at(change, '/parameters')).toContainEqual(
      expect.objectContaining({ name: 'If-Match', required: true }),
    )
    const write = at(document, '/paths/~1api~1v1~1notes~1notes/post')
    expect(at(write, '/requestBody/content/application~1json/example')).toEqual({ text: "It's Tuesday" })
    expect(at(write, '/responses/201/headers/Idempotency-Replayed')).toBeTruthy()
    expect(at(document, '/paths/~1api~1v1~1notes~1notes~1{noteId}/delete/responses/204')).not.toHaveProperty(
      'content',
    )
  })
})

describe('asyncApi', () => {
  const document = asyncApi(services, apiInfo('https://pleiad.example'))

  test('is valid AsyncAPI 3', () => {
    expect(validAsyncApi(document)).toEqual([])
    // The validator can fail: a document without what the format requires.
    expect(validAsyncApi({ ...document, info: {} })).not.toEqual([])
  })

  test('every reference leads somewhere', () => {
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"#([^"]+)"/g)].map((match) => match[1]!)
    expect(references.length).toBeGreaterThan(6)
    for (const reference of references) expect(at(document, reference), reference).toBeTruthy()
  })

  test('says who sends, who receives, and what', () => {
    const operations = document['operations'] as Record<string, { action: string }>
    expect(operations['notes.emit.note.written']!.action).toBe('send')
    expect(operations['counters.on.countNote']!.action).toBe('receive')
    expect(operations['notes.push.notes.changed']!.action).toBe('send')
    const payload = at(document, '/components/messages/notes.note.written/payload/properties')
    expect(at(payload, '/dataversion/const')).toBe(2)
    expect(at(payload, '/data/properties/text/type')).toBe('string')
  })
})

test('the event map draws an arrow from emitter to handler and lists jobs', () => {
  const map = eventMap(services)
  expect(map).toContain('notes -- "note.written" --> counters')
  expect(map).toContain('| `note.written` | 2 | notes | counters (countNote) | A note was written. |')
  expect(map).toContain('Forgets \\| old counts')
})

test('two versions of an event stand side by side in every document', () => {
  const events = {
    ...notes.events,
    'note.written@3': newVersion(notes.events['note.written'], {
      description: 'A note was written, by somebody.',
      data: Type.Object({ noteId: Type.String(), by: Type.String() }),
      key: 'noteId',
      example: { noteId: '1', by: 'ann' },
      down: ({ noteId }) => ({ noteId, text: '' }),
    }),
  }
  const contract = defineContract({ ...notes, events })
  const both = [
    { ...notesService, contract },
    countersService,
    {
      ...countersService,
      contract: { ...counters, name: 'readers' },
      handlers: { read: on(contract, 'note.written@3', async () => {}) },
    },
  ]
  const map = eventMap(both)
  expect(map).toContain('| `note.written` | 2 | notes | counters (countNote) |')
  expect(map).toContain('| `note.written@3` | 3 | notes | readers (read) |')
  expect(map).toContain('notes -- "note.written@3" --> readers')
  expect(parse(moduleManifest(both[0]!, both)).exposes.events).toEqual(['note.written@2', 'note.written@3'])
  expect(parse(moduleManifest(both[2]!, both)).consumes).toEqual(['notes/note.written@3'])
  const document = asyncApi(both, apiInfo())
  expect(at(document, '/components/messages/notes.note.written/payload/properties/dataversion/const')).toBe(2)
  expect(at(document, '/components/messages/notes.note.written.v3/payload/properties/type/const')).toBe(
    'note.written@3',
  )
  expect(Object.keys(document['operations'] as object)).toContain('readers.on.read')
  expect(validAsyncApi(document)).toEqual([])
})

test('an event nobody handles is still in the table', () => {
  expect(eventMap([notesService])).toContain('| notes | (nobody) |')
})

describe('error catalogue', () => {
  test('holds the platform’s and the services’ codes, each an anchor', () => {
    const text = errorCatalogueText(contracts)
    for (const code of ['validationFailed', 'noteFrozen', 'rateLimited'])
      expect(text).toMatch(new RegExp(`^## ${code}$`, 'm'))
    expect(errorCatalogue(contracts).find(({ code }) => code === 'noteFrozen')!.operations).toEqual([
      'notes.changeNote',
    ])
  })

  test('one code cannot mean two things', () => {
    const other = defineContract({
      ...counters,
      name: 'other',
      errors: { noteFrozen: { status: 410, title: 'Another thing', description: 'x' } },
    })
    expect(() => errorCatalogue([notes, other])).toThrow(
      /noteFrozen of other already means something else in notes/,
    )
    const same = defineContract({ ...counters, name: 'same', errors: notes.errors })
    expect(errorCatalogue([notes, same]).find(({ code }) => code === 'noteFrozen')!.from).toEqual([
      'notes',
      'same',
    ])
  })

  test('an operation meets what its declaration implies', () => {
    const codes = possibleErrors(notes, notes.operations.listNotes).map(({ code }) => code)
    expect(codes).toContain('validationFailed')
    expect(codes).not.toContain('unauthenticated')
    expect(codes).not.toContain('foreignOrigin')
  })
})

test('the permission matrix tells anybody, signed in and permission apart', () => {
  const matrix = permissionMatrix(contracts)
  expect(matrix).toContain('| listNotes | `GET /api/v1/notes/notes` | ✓ | ✓ |  |  |  |')
  expect(matrix).toContain('| writeNote | `POST /api/v1/notes/notes` |  | ✓ |  |  |  |')
  expect(matrix).toContain(
    '| removeNote | `DELETE /api/v1/notes/notes/:noteId` |  |  | `notes:moderate` |  |  |',
  )
})

describe('access by project and by scope', () => {
  const params = Type.Object({ projectId: Uuid })
  const base = { method: 'GET', summary: 'See', params } as const
  const shops = defineContract({
    name: 'shops',
    version: '1.0.0',
    summary: 'Shops.',
    scopes: { 'stock:read': 'Read what is in stock' },
    operations: {
      seeMembers: { ...base, path: '/:projectId/members', access: { project: 'admin' } },
      seeStock: { ...base, path: '/:projectId/stock', access: { project: 'viewer', scope: 'stock:read' } },
      seeOwnStock: { method: 'GET', summary: 'See', path: '/stock', access: { scope: 'stock:read' } },
    },
  })
  const document = openApi([...contracts, shops], { title: 'x', version: '1.0.0', description: 'x' })

  test('is valid OpenAPI that names the tokens, the role and the scope', async () => {
    const result = await new Validator().validate(structuredClone(document))
    expect(result.errors ?? []).toEqual([])
    const path = (name: string) => at(document, `/paths/~1api~1v1~1shops~1${name}/get`)
    const people = [{ bearer: [] }, { cookie: [] }]
    const programs = [{ projectKey: ['stock:read'] }, { projectIssuer: ['stock:read'] }]
    expect(path('{projectId}~1members')).toMatchObject({ security: people, 'x-project-role': 'admin' })
    expect(path('{projectId}~1stock')).toMatchObject({
      security: [...people, ...programs],
      'x-project-role': 'viewer',
      'x-scope': 'stock:read',
    })
    expect(path('stock')).toMatchObject({ security: programs, 'x-scope': 'stock:read' })
    expect(at(path('{projectId}~1members'), '/description')).toMatch(
      /role `admin` in the project\. To everybody/,
    )
    expect(at(document, '/components/securitySchemes/projectKey/description')).toContain(
      '- `stock:read`: Read what is in stock',
    )
  })

  test('where no operation takes programs their tokens are not spoken of', () => {
    const plain = openApi(contracts, { title: 'x', version: '1.0.0', description: 'x' })
    expect(Object.keys(at(plain, '/components/securitySchemes') as object)).toEqual(['bearer', 'cookie'])
  })

  test('stands in the permission matrix, the reference and the manifest', () => {
    const matrix = permissionMatrix([shops])
    expect(matrix).toContain('| seeMembers | `GET /api/v1/shops/:projectId/members` |  |  |  | `admin` |  |')
    expect(matrix).toContain('|  |  |  | `viewer` | `stock:read` |')
    expect(matrix).toContain('| `stock:read` | Read what is in stock |')
    const page = operationsPage([shops])
    expect(page).toContain('<span>project <code>viewer</code> or scope <code>stock:read</code></span>')
    expect(page).toContain('Authorization: Bearer $PROJECT_KEY')
    expect(parse(moduleManifest({ contract: shops } as unknown as Service, []))).toMatchObject({
      exposes: { permissions: [], scopes: ['stock:read'] },
    })
  })

  test('must be declared as it is used', () => {
    const make = (operation: Operation, scopes = {}) =>
      defineContract({ name: 'bad', version: '1.0.0', summary: 'x', scopes, operations: { bad: operation } })
    const operation = { method: 'GET', summary: 'x' } as const
    expect(() => make({ ...operation, path: '/x', access: { scope: 'a:b' } })).toThrow(
      /scope a:b is not declared/,
    )
    expect(() => make({ ...operation, path: '/x', access: { project: 'viewer' } })).toThrow(
      /must have :projectId/,
    )
    expect(() =>
      make(
        { ...operation, path: '/:projectId', params, access: { project: 'viewer', scope: 'a:b' } },
        { 'a:b': 'x' },
      ),
    ).not.toThrow()
  })
})

test('the manifest is YAML that says what is needed and offered', () => {
  expect(parse(moduleManifest(countersService, services))).toMatchObject({
    name: 'counters',
    version: '1.0.0',
    requires: expect.arrayContaining([{ database: 'postgres' }, { service: 'notes@1.2.0' }]),
    consumes: ['notes/note.written@2'],
    exposes: { api: [], events: [], topics: [] },
    jobs: ['tidy: 0 3 * * *'],
    health_check: '/health/ready',
  })
  expect(parse(moduleManifest(notesService, services))).toMatchObject({
    exposes: {
      api: expect.arrayContaining(['POST /api/v1/notes/notes']),
      events: ['note.written@2'],
      topics: ['notes.changed'],
    },
  })
})

describe('documentRoutes', () => {
  test('serves the documents and pages without anything inline', async () => {
    const app = fastify()
    documentRoutes(app, services, 'https://pleiad.example')
    for (const path of ['/api/openapi.json', '/api/asyncapi.json'])
      expect((await app.inject(path)).json()['info']).toBeTruthy()
    expect((await app.inject('/api/openapi.json')).json()['servers']).toEqual([
      { url: 'https://pleiad.example' },
    ])
    expect((await app.inject('/api/services.json')).json()).toEqual({
      services: contracts.map(({ name, version }) => ({ name, version })),
    })
    for (const path of ['/docs', '/docs/errors', '/docs/events']) {
      const { body, headers, statusCode } = await app.inject(path)
      expect(statusCode).toBe(200)
      expect(headers['content-type']).toBe('text/html; charset=utf-8')
      expect(body).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)/)
    }
    const reference = (await app.inject('/docs')).body
    expect(reference).toContain('Short notes &lt;for&gt; people &amp; tests.')
    expect(reference).toContain('id="notes.changeNote"')
    expect(reference).toContain('It&#39;')
    const errors = (await app.inject('/docs/errors')).body
    expect(errors).toContain('id="noteFrozen"')
    expect((await app.inject('/docs/events')).body).toContain('handled by counters')
    expect((await app.inject('/docs/reference.css')).headers['content-type']).toContain('text/css')
    expect((await app.inject('/docs/reference.js')).headers['content-type']).toContain('text/javascript')
    await app.close()
  })
  test('sends them zipped to who takes that, and not twice', async () => {
    const app = fastify()
    documentRoutes(app, services, 'https://pleiad.example')
    const ask = (headers: Record<string, string>) => app.inject({ url: '/api/openapi.json', headers })
    const plain = await ask({})
    const zipped = await ask({ 'accept-encoding': 'br, gzip' })
    expect(plain.headers['content-encoding']).toBeUndefined()
    expect(zipped.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' })
    expect(gunzipSync(zipped.rawPayload).toString()).toBe(plain.body)
    expect((await ask({ 'accept-encoding': 'gzip;q=0' })).body).toBe(plain.body)
    expect(zipped.headers.etag).not.toBe(plain.headers.etag)
    expect((await ask({ 'if-none-match': plain.headers.etag as string })).statusCode).toBe(304)
    await app.close()
  })
})
