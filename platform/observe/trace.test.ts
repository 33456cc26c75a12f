import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  currentTraceIds,
  currentTraceparent,
  endSpan,
  isTraceparent,
  runInSpan,
  startSpan,
  withSpan,
} from './trace.ts'
import { startTracing, type Tracing } from './tracing.ts'

const given = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`

describe('without an exporter', () => {
  test('outside of any work there is no context', () => {
    expect(currentTraceparent()).toBeUndefined()
    expect(currentTraceIds()).toBeUndefined()
  })

  test('ids are passed on through await', async () => {
    await withSpan('work', { traceparent: given }, async () => {
      await new Promise((resolve) => setImmediate(resolve))
      expect(currentTraceparent()).toBe(given)
      expect(currentTraceIds()).toEqual({ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) })
    })
  })

  test('ids are made once when somebody asks, and marked as not recorded', () => {
    withSpan('work', {}, () => {
      const made = currentTraceparent()
      expect(isTraceparent(made)).toBe(true)
      expect(made!.endsWith('-00')).toBe(true)
      expect(currentTraceparent()).toBe(made)
      withSpan('inner', {}, () => expect(currentTraceparent()).toBe(made))
      withSpan('other', { traceparent: null }, () => expect(currentTraceparent()).not.toBe(made))
    })
  })

  test.each([
    'rubbish',
    `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
    `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
    given.toUpperCase(),
    `${given}-more`,
    `ff-${given.slice(3)}`,
    7,
  ])('a malformed traceparent %j starts a trace of its own', (bad) => {
    expect(isTraceparent(bad)).toBe(false)
    runInSpan(startSpan('work', { traceparent: bad as string }), () =>
      expect(currentTraceparent()).not.toBe(bad),
    )
  })

  test('errors pass through unchanged', async () => {
    const trouble = new Error('no')
    expect(() =>
      withSpan('x', {}, () => {
        throw trouble
      }),
    ).toThrow(trouble)
    await expect(
      withSpan('x', {}, async () => {
        throw trouble
      }),
    ).rejects.toBe(trouble)
    endSpan(undefined)
  })
})

describe('with an exporter', () => {
  interface Sent {
    readonly service: string
    readonly name: string
    readonly traceId: string
    readonly spanId: string
    readonly parentSpanId?: string
    readonly kind: number
    readonly status: { code?: number }
    readonly attributes: Record<string, unknown>
  }
  let spans: Sent[]
  let tracing: Tracing
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk) => chunks.push(chunk))
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString())
      for (const { resource, scopeSpans } of body.resourceSpans) {
        const service = resource.attributes.find(({ key }: { key: string }) => key === 'service.name').value
          .stringValue
        for (const span of scopeSpans.flatMap((scope: { spans: object[] }) => scope.spans))
          spans.push({
            ...span,
            service,
            attributes: Object.fromEntries(
              span.attributes.map(({ key, value }: { key: string; value: object }) => [
                key,
                Object.values(value)[0],
              ]),
            ),
          })
      }
      response.setHeader('content-type', 'application/json').end('{}')
    })
  })

  beforeEach(async () => {
    spans = []
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve))
    tracing = startTracing({ endpoint: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/` })
  })
  afterEach(async () => {
    await tracing.stop()
    await new Promise((resolve) => receiver.close(resolve))
  })

  test('spans of several services form one trace', async () => {
    let passed: string | undefined
    await withSpan(
      'GET /x',
      { kind: 'server', service: 'shop', traceparent: given, attributes: { a: 1, none: undefined } },
      async () => {
        withSpan('inner', {}, () => {})
        passed = currentTraceparent()
      },
    )
    await withSpan('handle', { kind: 'consumer', service: 'mail', traceparent: passed }, async () => {})
    await tracing.flush()
    const [inner, get, handle] = ['inner', 'GET /x', 'handle'].map(
      (name) => spans.find((span) => span.name === name)!,
    )
    expect(spans).toHaveLength(3)
    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set(['a'.repeat(32)]))
    expect(get).toMatchObject({
      service: 'shop',
      parentSpanId: 'b'.repeat(16),
      kind: 2,
      attributes: { a: 1 },
    })
    expect(get!.attributes).not.toHaveProperty('none')
    expect(inner).toMatchObject({ service: 'shop', parentSpanId: get!.spanId })
    expect(handle).toMatchObject({ service: 'mail', parentSpanId: get!.spanId, kind: 5 })
  })

  test('a failure marks its span and is thrown on', async () => {
    await expect(withSpan('fails', {}, async () => Promise.reject('plain text'))).rejects.toBe('plain text')
    expect(() =>
      withSpan('throws', {}, () => {
        throw new Error('at once')
      }),
    ).toThrow('at once')
    await tracing.flush()
    expect(spans.map(({ name, status }) => [name, status.code])).toEqual([
      ['fails', 2],
      ['throws', 2],
    ])
  })

  test('a trace that was begun unrecorded stays unrecorded', async () => {
    withSpan('quiet', { traceparent: `${given.slice(0, -2)}00` }, () =>
      expect(currentTraceparent()!.endsWith('-00')).toBe(true),
    )
    await tracing.flush()
    expect(spans).toEqual([])
  })

  test('after stop ids are still passed on', async () => {
    await tracing.stop()
    withSpan('later', { traceparent: given }, () => expect(currentTraceparent()).toBe(given))
  })

  test('ratio 0 records nothing new', async () => {
    await tracing.stop()
    tracing = startTracing({
      endpoint: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`,
      ratio: 0,
      headers: { 'x-key': 'k' },
    })
    withSpan('unlucky', {}, () => {})
    await tracing.flush()
    expect(spans).toEqual([])
  })
})
