/** Whatever goes wrong leaves as RFC 9457 problem details: refusals, Fastify's own errors, trouble of the database, bugs. */
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Contract, Problem } from '../contract/contract.ts'
import { problemOf, Refusal, refusalIn } from '../contract/problem.ts'
import { translate } from '../store/store.ts'

/** An error of the HTTP parser: `code` is llhttp's, `reason` its words. */
export interface ConnectionError extends Error {
  readonly code?: string
  readonly reason?: string
  /** What was being read. */
  readonly rawPacket?: Buffer
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8'

/** Longest request target: path and query. */
export const MAX_URL_LENGTH = 8 * 1024

export function uriTooLong(): Refusal {
  return new Refusal('uriTooLong', `The address may have ${MAX_URL_LENGTH} characters.`)
}

export interface Answerable {
  readonly status: number
  readonly problem: Problem
  readonly headers: Readonly<Record<string, string>>
}

/** Renders any error. What no contract declares is a bug: it is logged with the request's id and told as `internal`. */
export function renderError(
  error: unknown,
  contract: Contract | undefined,
  requestId: string,
  log: Logger,
  bodyLimit: number,
): Answerable {
  const refusal = refusalOf(error, bodyLimit)
  if (refusal) {
    if (refusal.cause !== undefined)
      log.warn({ requestId, err: refusal.cause, code: refusal.code }, 'request refused')
    try {
      const problem = problemOf(refusal, contract, requestId)
      return { status: problem.status, problem, headers: refusal.headers }
    } catch (undeclared) {
      log.error({ requestId, err: undeclared }, 'a handler failed with a code that no contract declares')
    }
  } else log.error({ requestId, err: error }, 'request failed')
  const problem = problemOf(new Refusal('internal'), undefined, requestId)
  return { status: 500, problem, headers: {} }
}

/** Sends `error` as the answer to `request`. */
export function sendError(
  error: unknown,
  contract: Contract | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  log: Logger,
  bodyLimit: number,
): void {
  const { status, problem, headers } = renderError(error, contract, request.id, log, bodyLimit)
  // Fastify wants to close after a bad body. Reading on (Node does) lets the sender see this answer instead of a reset.
  if (Number(request.headers['content-length'] ?? 0) <= 64 * bodyLimit) reply.removeHeader('connection')
  reply.code(status).headers(headers).header('content-type', PROBLEM_TYPE).header('cache-control', 'no-store')
  reply.send(JSON.stringify(problem))
}

function refusalOf(error: unknown, bodyLimit: number): Refusal | undefined {
  const refusal = refusalIn(error)
  if (refusal) return refusal
  const { code, statusCode } = (error ?? {}) as { code?: unknown; statusCode?: unknown }
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new Refusal('payloadTooLarge', `The body may have ${bodyLimit} bytes.`)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
    case 'FST_ERR_CTP_INVALID_TYPE':
    case 'FST_ERR_CTP_EMPTY_TYPE':
      return new Refusal('unsupportedMediaType')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new Refusal('malformedRequest', 'Content-Length differs from the length of the body.')
    case 'FST_ERR_BAD_URL':
      return new Refusal(
        'malformedRequest',
        'The path is not well formed: it has an invalid percent-encoding.',
      )
    case 'ECONNRESET':
    case 'ECONNABORTED':
      if (statusCode === 400) return new Refusal('malformedRequest', 'The request ended before its body did.')
  }
  const translated = translate(error)
  if (translated instanceof Refusal) return translated
  if (
    typeof code === 'string' &&
    code.startsWith('FST_') &&
    typeof statusCode === 'number' &&
    statusCode < 500
  )
    return new Refusal('malformedRequest', (error as Error).message)
  return undefined
}

/** Errors of Node's HTTP parser, before there is a request: https://nodejs.org/api/http.html#event-clienterror */
export function answerClientError(error: ConnectionError, socket: Socket, requestId: string): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const refusal =
    error.code === 'HPE_HEADER_OVERFLOW'
      ? longTarget(error.rawPacket)
        ? uriTooLong()
        : new Refusal('headersTooLarge')
      : error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
        ? new Refusal('malformedRequest', 'The request did not arrive in time.')
        : new Refusal('malformedRequest', `This is not HTTP/1.1: ${error.reason ?? error.message}.`)
  const problem = problemOf(refusal, undefined, requestId)
  const body = JSON.stringify(problem)
  socket.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\ncontent-type: ${PROBLEM_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nx-request-id: ${requestId}\r\nx-content-type-options: nosniff\r\nconnection: close\r\n\r\n${body}`,
  )
}

/** Whether the headers are too large because of the request's first line. */
function longTarget(packet: Buffer | undefined): boolean {
  return /^[A-Z]+ \S+$/.test(packet?.toString('latin1', 0, MAX_URL_LENGTH) ?? '')
}
