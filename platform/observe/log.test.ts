import { describe, expect, test } from 'vitest'
import { createLog, prettyLine, redact, redactText } from './log.ts'
import { withSpan } from './trace.ts'

function capture(options: { pretty?: boolean; level?: string } = {}) {
  const lines: string[] = []
  const log = createLog({
    level: options.level ?? 'info',
    pretty: options.pretty ?? false,
    stream: { write: (line: string) => void lines.push(line) },
  })
  return { log, lines, last: () => JSON.parse(lines.at(-1)!) }
}

describe('redaction', () => {
  test.each([
    ['authorization'],
    ['Cookie'],
    ['set-cookie'],
    ['password'],
    ['newPassword'],
    ['refreshToken'],
    ['access_token'],
    ['clientSecret'],
    ['api-key'],
    ['privateKey'],
    ['recoveryCodes'],
  ])('the field %s is masked, wherever it is', (name) => {
    expect(redact({ deep: [{ [name]: 'hunter2' }] })).toEqual({ deep: [{ [name]: '***' }] })
  })

  test('fields that only sound alike are kept', () => {
    expect(redact({ tokens: 3, author: 'x', secretary: 'y' })).toEqual({
      tokens: 3,
      author: 'x',
      secretary: 'y',
    })
  })

  test.each([
    ['Bearer abc.def-123 failed', 'Bearer *** failed'],
    ['plt_AbC-123_x is gone', '*** is gone'],
    ['eyJhbGciOi.eyJzdWIi.sig in a text', '*** in a text'],
    ['mail to ada.lovelace@example.co.uk now', 'mail to a***@example.co.uk now'],
    ['почта анна@пример.рф', 'почта а***@пример.рф'],
  ])('%s', (text, expected) => expect(redactText(text)).toBe(expected))

  test('a hostile text or name does not hold the process up', () => {
    const started = performance.now()
    redact({ [`${'a'.repeat(50_000)}!`]: 'a'.repeat(1_000_000), text: `${'a@'.repeat(100_000)}` })
    expect(performance.now() - started).toBeLessThan(500)
  })

  test('odd values are told, cut or kept, never thrown over', () => {
    const circular: Record<string, unknown> = {}
    circular['self'] = circular
    expect(JSON.stringify(redact(circular))).toContain('…')
    const when = new Date(0)
    expect(
      redact({ big: 7n, when, bytes: Buffer.alloc(3), nothing: null, list: Array(500).fill(1) }),
    ).toMatchObject({ big: '7', when, bytes: '<3 bytes>', nothing: null })
    expect((redact({ list: Array(500).fill(1) }) as { list: unknown[] }).list).toHaveLength(100)
    expect((redact('x'.repeat(9000)) as string).length).toBe(8193)
  })
})

describe('createLog', () => {
  test('writes JSON with the ids of the running trace', () => {
    const { log, last } = capture()
    log.child({ service: 'auth', token: 'abc' }).info({ userId: 'u' }, 'signed in as ada@example.com')
    expect(last()).toMatchObject({
      level: 'info',
      service: 'auth',
      token: '***',
      userId: 'u',
      msg: 'signed in as a***@example.com',
    })
    expect(last()).not.toHaveProperty('trace_id')
    withSpan('x', { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` }, () => log.warn('inside'))
    expect(last()).toMatchObject({ level: 'warn', trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16) })
  })

  test('errors keep stack, code and cause, without secrets', () => {
    const { log, last } = capture()
    const error = Object.assign(new Error('for bob@example.com', { cause: new Error('deep') }), {
      code: 'E1',
      password: 'p',
    })
    log.error({ err: error }, 'failed')
    expect(last().err).toMatchObject({
      message: 'for b***@example.com',
      code: 'E1',
      password: '***',
      cause: { message: 'deep' },
    })
    expect(last().err.stack).toContain('log.test.ts')
    expect(last().err.stack).not.toContain('bob@')
  })

  test('the level is respected', () => {
    const { log, lines } = capture({ level: 'error' })
    log.info('quiet')
    expect(lines).toEqual([])
  })

  test('pretty lines are for people', () => {
    const { log, lines } = capture({ pretty: true })
    log.child({ service: 'auth' }).error({ err: new Error('no'), userId: 'u', n: 1 }, 'failed')
    expect(lines.join('')).toMatch(/error.*auth:.*failed.*userId=.*u.*n=.*1/)
    expect(lines.join('')).toContain('log.test.ts')
    expect(prettyLine('{}')).toContain('info')
  })
})
