/** One trace from the HTTP request to the last handler and the push: seen by an OTLP receiver of our own. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Contract, defineContract, Type, Uuid } from '@pleiad/platform/contract'
import { defineService, emit, on, push } from '@pleiad/platform/service'
import { startTestPlatform } from '@pleiad/platform/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const person = '01938a5e-7c00-7000-8000-00000000000a'
const data = Type.Object({ id: Uuid })
const event = {
  version: 1,
  description: 'Something happened.',
  data,
  key: 'id',
  example: { id: person },
} as const

const first = defineContract({
  name: 'first',
  version: '1.0.0',
  summary: 'Where it begins.',
  operations: { begin: { method: 'POST', path: '/begin', summary: 'Begin', access: 'user', status: 202 } },
  events: { 'thing.begun': event },
})
const second = defineContract({
  name: 'second',
  version: '1.0.0',
  summary: 'Goes on.',
  operations: {},
  events: { 'thing.continued': event },
})
const third = defineContract({
  name: 'third',
  version: '1.0.0',
  summary: 'Ends.',
  operations: {},
  topics: { 'thing.ended': { description: 'It is over.', data } },
})

/** Services without tables of their own. */
const at = (contract: Contract) => ({
  contract,
  url: new URL(`./no-service/${contract.name}/service.ts`, import.meta.url).href,
})

const services = [
  defineService({
    ...at(first),
    contract: first,
    routes: () => ({
      begin: ({ transact, newId }) => transact(async (tx) => emit(tx, first, 'thing.begun', { id: newId() })),
    }),
  }),
  defineService({
    ...at(second),
    contract: second,
    routes: () => ({}),
    handlers: {
      goOn: on(first, 'thing.begun', async ({ tx, event }) =>
        emit(tx, second, 'thing.continued', event.data),
      ),
    },
  }),
  defineService({
    ...at(third),
    contract: third,
    routes: () => ({}),
    handlers: {
      finish: on(second, 'thing.continued', async ({ tx, event }) =>
        push(tx, third, 'thing.ended', person, event.data),
      ),
    },
  }),
]

interface Span {
  readonly service: string
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
}
const spans: Span[] = []
const receiver = createServer((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', () => {
    for (const { resource, scopeSpans } of JSON.parse(Buffer.concat(chunks).toString()).resourceSpans) {
      const service = resource.attributes.find(({ key }: { key: string }) => key === 'service.name').value
        .stringValue
      for (const span of scopeSpans.flatMap((scope: { spans: object[] }) => scope.spans))
        spans.push({ ...span, service })
    }
    response.setHeader('content-type', 'application/json').end('{}')
  })
})
beforeAll(() => new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve)))
afterAll(() => new Promise((resolve) => receiver.close(resolve)))

test('request, outbox, inbox, handlers and push are one trace', async () => {
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`
  const platform = await startTestPlatform({ services, env: { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } })
  try {
    for (const begin of [1, 2]) {
      const { status } = await fetch(`${platform.url}/api/v1/first/begin`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${platform.tokenFor({ id: person })}`,
          // The second comes from a program that traces already.
          ...(begin === 2 ? { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01` } : {}),
        },
      })
      expect(status).toBe(202)
    }
    await platform.settled()
  } finally {
    await platform.stop()
  }

  const traces = Map.groupBy(spans, ({ traceId }) => traceId)
  expect(traces.size).toBe(2)
  expect(traces.has('c'.repeat(32))).toBe(true)
  for (const trace of traces.values()) {
    const chain = [trace.find(({ service }) => service === 'first')!]
    for (let next = chain[0]; next; ) {
      next = trace.find(({ parentSpanId }) => parentSpanId === chain.at(-1)!.spanId)
      if (next) chain.push(next)
    }
    expect(chain.map(({ service, name }) => `${service}: ${name}`)).toEqual([
      'first: POST /api/v1/first/begin',
      'second: handle second.goOn',
      'third: handle third.finish',
      'third: push thing.ended',
    ])
  }
})
