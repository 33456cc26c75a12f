/** Logs: one JSON object a line (pino) with the ids of the running trace; short coloured lines on a terminal. */
import {
  type Bindings,
  type ChildLoggerOptions,
  type DestinationStream,
  destination,
  type Logger,
  pino,
  stdTimeFunctions,
} from 'pino'
import { currentTraceIds } from './trace.ts'

export interface LogOptions {
  /** trace, debug, info, warn, error, fatal or silent. */
  readonly level: string
  /** Where to; default standard output. */
  readonly stream?: DestinationStream
  /** Lines for people instead of JSON; default: when standard output is a terminal. */
  readonly pretty?: boolean
}

const SECRET =
  /(?:authorization|cookie|password|passphrase|secret|token|api[-_]?key|private[-_]?key|recovery[-_]?codes?)$/i
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]+/gi
const TOKEN = /\bplt_[\w-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/g
// Bounded, so that a long text without an @ costs no more than a short one for each of its characters.
const EMAIL = /([\p{L}\p{N}_.+-])[\p{L}\p{N}_.+-]{0,63}@([\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8})/gu
const LONGEST = 8192

/** Masks what must not reach a log in a text: credentials wholly, e-mail addresses but for first letter and domain. */
export function redactText(text: string): string {
  const short = text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text
  return short.replace(BEARER, '$1 ***').replace(TOKEN, '***').replace(EMAIL, '$1***@$2')
}

/**
 * A copy of `value` fit for a log: fields named like secrets are masked wherever they are, texts as by `redactText`.
 * Deep, wide or circular structures are cut, so that a log call can never be the costly part.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return redactText(value)
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'object' || value === null) return value
  if (depth > 6) return '…'
  if (value instanceof Date) return value
  if (value instanceof Error) return redactError(value, depth)
  if (Buffer.isBuffer(value)) return `<${value.length} bytes>`
  if (Array.isArray(value)) return value.slice(0, 100).map((item) => redact(item, depth + 1))
  const copy: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value).slice(0, 100))
    copy[name] = SECRET.test(name) ? '***' : redact(field, depth + 1)
  return copy
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const fields = redact({ ...error }, depth + 1) as Record<string, unknown>
  return {
    ...fields,
    type: error.name,
    message: redactText(error.message),
    stack: redactText(error.stack ?? ''),
    ...(error.cause === undefined ? {} : { cause: redact(error.cause, depth + 1) }),
  }
}

/** Makes the process's logger; services take children of it (`log.child({ service })`). */
export function createLog(options: LogOptions): Logger {
  const pretty = options.pretty ?? (options.stream === undefined && process.stdout.isTTY === true)
  // Synchronous: what a dying process last said is what one wants to read.
  const stream = options.stream ?? destination({ dest: 1, sync: true })
  const logger = pino(
    {
      level: options.level,
      base: undefined,
      timestamp: stdTimeFunctions.isoTime,
      mixin: () => currentTraceIds() ?? {},
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields) as Record<string, unknown>,
      },
      hooks: {
        logMethod(args, method) {
          method.apply(
            this,
            args.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg)) as Parameters<typeof method>,
          )
        },
      },
      serializers: { err: (value) => value, error: (value) => value },
    },
    pretty ? { write: (line: string) => void stream.write(prettyLine(line)) } : stream,
  )
  // A formatter of bindings is not asked for children; they inherit this method instead.
  const child = logger.child as unknown as (
    this: Logger,
    bindings: Bindings,
    options?: ChildLoggerOptions,
  ) => Logger
  logger.child = function redactedChild(this: Logger, bindings: Bindings, childOptions?: ChildLoggerOptions) {
    return child.call(this, redact(bindings) as Bindings, childOptions)
  } as unknown as typeof logger.child
  return logger
}

const colours: Record<string, string> = {
  trace: '90',
  debug: '90',
  info: '36',
  warn: '33',
  error: '31',
  fatal: '41',
}

/** One JSON line as a person likes to read it: `12:30:05 info  auth: signed in  userId=...`. */
export function prettyLine(line: string): string {
  const {
    level = 'info',
    time = '',
    service,
    msg = '',
    trace_id: _trace,
    span_id: _span,
    err,
    ...rest
  } = JSON.parse(line) as Record<string, unknown>
  const paint = (code: string, text: string) => `\u001b[${code}m${text}\u001b[0m`
  const fields = Object.entries(rest).map(
    ([name, value]) => paint('90', `${name}=`) + (typeof value === 'string' ? value : JSON.stringify(value)),
  )
  const head = `${paint('90', String(time).slice(11, 19))} ${paint(colours[String(level)] ?? '36', String(level).padEnd(5))}`
  const stack = (err as { stack?: string } | undefined)?.stack
  const parts = [head, service ? paint('1', `${service}:`) : '', String(msg), ...fields].filter(
    (part) => part !== '',
  )
  return `${parts.join(' ')}\n${stack ? `${stack}\n` : ''}`
}
