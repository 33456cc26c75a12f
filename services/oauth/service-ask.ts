/** Requests to providers: through the guard, bounded, and every failure told as a problem of the list. */
import { OutboundError, type OutboundReason } from '@pleiad/platform/outbound'
import type { Tools } from '@pleiad/platform/service'
import type { ProblemCode } from './contract-problems.ts'
import { ProviderTrouble, quoted } from './problems.ts'
import type { Json, Settings } from './provider.ts'

const MAX_BYTES = 512 * 1024

const troubles: Readonly<Record<OutboundReason, ProblemCode>> = {
  badUrl: 'addressWrong',
  badRequest: 'addressWrong',
  blockedAddress: 'addressBlocked',
  dnsFailed: 'dnsFailed',
  connectFailed: 'connectFailed',
  tlsExpired: 'certificateExpired',
  tlsInvalid: 'certificateInvalid',
  notHttp: 'answerNotRight',
  badAnswer: 'answerNotRight',
  timeout: 'timeout',
  tooLarge: 'answerTooLarge',
  tooManyRedirects: 'redirected',
  badRedirect: 'redirected',
}
/** After these the provider may have done what it was asked. */
const ambiguous = new Set<OutboundReason>(['connectFailed', 'timeout', 'notHttp', 'badAnswer', 'tooLarge'])

export interface ProviderRequest {
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly headers?: Settings
  readonly form?: Settings
  readonly json?: unknown
}

export interface ProviderAnswer {
  readonly status: number
  readonly json: unknown
  readonly retryAfter: number | undefined
}

export type Send = (url: string, request?: ProviderRequest) => Promise<ProviderAnswer>

/** Makes the only way to a provider; answers of any status that are JSON (or empty) come back, everything else throws. */
export function createSend(tools: Pick<Tools, 'fetchOutside'>, timeoutMs: number): Send {
  return async (url, { method = 'GET', headers = {}, form, json } = {}) => {
    const answer = await tools
      .fetchOutside(url, {
        method,
        timeoutMs,
        maxBytes: MAX_BYTES,
        headers: {
          accept: 'application/json',
          ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(form ? { body: new URLSearchParams(form).toString() } : {}),
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
      })
      .catch((error: unknown) => {
        if (!(error instanceof OutboundError)) throw error
        throw new ProviderTrouble(troubles[error.reason], {
          detail: error.host || undefined,
          ambiguous: ambiguous.has(error.reason),
        })
      })
    const retryAfter = Number(answer.headers['retry-after']) || undefined
    const { host } = new URL(url)
    if (answer.status >= 300 && answer.status < 400) throw new ProviderTrouble('redirected', { detail: host })
    if (answer.status === 429) throw new ProviderTrouble('rateLimited', { detail: host, retryAfter })
    const json_ = parse(answer.text)
    if (json_ === undefined) {
      if (answer.status >= 500)
        throw new ProviderTrouble('providerFailed', {
          detail: `${host}: ${answer.status}`,
          retryAfter,
          ambiguous: true,
        })
      const html = /^\s*</.test(answer.text) || /html/i.test(answer.headers['content-type'] ?? '')
      throw new ProviderTrouble(html ? 'answeredHtml' : 'answerNotRight', {
        detail: `${host}: ${answer.status}`,
      })
    }
    return { status: answer.status, json: json_, retryAfter }
  }
}

function parse(text: string): unknown {
  if (text.trim() === '') return {}
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The JSON of a request that must succeed: profiles and the like. */
export async function askJson(send: Send, url: string, request?: ProviderRequest): Promise<unknown> {
  const answer = await send(url, request)
  if (answer.status < 300) return answer.json
  const json = answer.json as Json
  const { host } = new URL(url)
  const said = quoted(json?.['error_description'] ?? json?.['message'] ?? json?.['error'])
  throw new ProviderTrouble(answer.status >= 500 ? 'providerFailed' : 'providerRefused', {
    detail: `${host}: ${answer.status}${said ? ` ${said}` : ''}`,
    retryAfter: answer.retryAfter,
  })
}
