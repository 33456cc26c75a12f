/**
 * What the platform itself asks of a service in another process: who a caller is, who is a member, what is kept about a
 * person, how the events stand. One question is one POST with the arguments as a JSON array; the answer is JSON.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { Refusal } from '../contract/problem.ts'
import { withSpan } from '../observe/trace.ts'
import { MAX_MESSAGE_BYTES } from './calls.ts'
import { missing, type Sender } from './send.ts'

export const QUESTION_PREFIX = '/ask/'

/** Answers a question about a service of this process; undefined when it does not run here or knows no such question. */
export type AnswerQuestion = (
  service: string,
  question: string,
) => ((...args: never[]) => unknown) | undefined

/**
 * Asks the process that runs `service`.
 * @throws Refusal `serviceUnavailable` when none does.
 */
export type Ask = <T>(
  service: string,
  question: string,
  args: readonly unknown[],
  timeoutMs?: number,
) => Promise<T>

const ASK_MS = 10_000

/** Without a `sender` every other service is missing. */
export function createAsk(sender: Sender | undefined): Ask {
  return async <T>(service: string, question: string, args: readonly unknown[], timeoutMs = ASK_MS) => {
    if (!sender)
      throw missing(service, 'does not run in this process, which reaches no other: INTERNAL_PORT is not set')
    return withSpan(`ask ${service} ${question}`, { kind: 'client' }, async () => {
      const signal = AbortSignal.timeout(timeoutMs)
      try {
        const answer = await sender.send({
          service,
          wants: ({ services }) => services.includes(service),
          method: 'POST',
          url: `${QUESTION_PREFIX}${service}/${question}`,
          headers: { 'content-type': 'application/json' },
          body: once(Buffer.from(JSON.stringify(args.map((arg) => arg ?? null)))),
          signal,
          headersTimeout: 0,
        })
        const body = (await answer.body.json()) as { answer?: T; message?: string }
        if (answer.statusCode !== 200)
          throw new Error(`${service} did not answer ${question}: ${body.message ?? answer.statusCode}`)
        return body.answer as T
      } catch (error) {
        if (signal.aborted) throw missing(service, 'did not answer in time', error)
        throw error
      }
    })
  }
}

/** Answers one question. Never rejects. */
export async function answerQuestion(
  find: AnswerQuestion,
  request: IncomingMessage,
  response: ServerResponse,
  log: Logger,
): Promise<void> {
  const [service = '', question = ''] = (request.url ?? '').slice(QUESTION_PREFIX.length).split('/')
  const send = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  try {
    const answer = find(service, question)
    if (!answer || request.method !== 'POST')
      return void send(404, { message: 'It does not run here, or knows no such question.' })
    const args = (JSON.parse(await textOf(request)) as unknown[]).map((arg) => arg ?? undefined)
    const traceparent = request.headers['traceparent'] as string | undefined
    const value = await withSpan(
      `answer ${question}`,
      { kind: 'server', service, traceparent: traceparent ?? null },
      async () => answer(...(args as never[])),
    )
    send(200, { answer: value })
  } catch (error) {
    log.error({ err: error, service, question }, 'a question of another process was not answered')
    if (!response.headersSent)
      send(error instanceof Refusal ? 503 : 500, {
        message: error instanceof Error ? error.message : String(error),
      })
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = []
  let size = 0
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length
    if (size > MAX_MESSAGE_BYTES) throw new Error('The question is too large')
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

async function* once(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes
}
