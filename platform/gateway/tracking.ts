/** Which requests are being answered, how long each took, and the end of its span. */
import type { FastifyRequest } from 'fastify'
import { endSpan, type Span } from '../observe/trace.ts'

declare module 'fastify' {
  interface FastifyRequest {
    span: Span | undefined
    /** Counts and times the request, once it is answered. */
    observe: ((status: number, seconds: number) => void) | undefined
    /** When it came, in milliseconds of the process; 0 when it is settled, or was refused before it began. */
    began: number
  }
}

export interface Tracking {
  readonly begin: (request: FastifyRequest) => void
  /** To be called when the answer was handed over; only the first call counts. */
  readonly settle: (request: FastifyRequest, status: number) => void
  /** Requests that were not answered yet. */
  readonly size: () => number
}

export function createTracking(): Tracking {
  let size = 0
  return {
    size: () => size,
    begin: (request) => {
      size++
      request.began = performance.now()
    },
    settle: (request, status) => {
      if (!request.began) return
      size--
      request.observe?.(status, (performance.now() - request.began) / 1000)
      request.began = 0
      endRequestSpan(request, status)
    },
  }
}

function endRequestSpan(request: FastifyRequest, status: number): void {
  const { span } = request
  if (span?.recorded === undefined) return
  span.recorded.set({
    'http.response.status_code': status,
    'http.request.method': request.method,
    'url.path': request.url.split('?')[0],
  })
  endSpan(span, status >= 500 ? new Error(`answered ${status}`) : undefined)
}
