/** Refusals on their way out: thrown by handlers and the platform, rendered as RFC 9457 problem details. */
import { type Contract, type Problem, platformErrors } from './contract.ts'

/** A declared refusal. Handlers throw it through `fail(code)`; the gateway renders it. */
export class Refusal extends Error {
  readonly code: string
  readonly extensions: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
  constructor(
    code: string,
    detail?: string,
    extensions: Record<string, unknown> = {},
    headers: Record<string, string> = {},
  ) {
    super(detail ?? code)
    this.name = 'Refusal'
    this.code = code
    this.extensions = detail === undefined ? extensions : { detail, ...extensions }
    this.headers = headers
  }
}

/** The refusal that an error is, or that is its cause: an internal call fails with an error of its own kind. */
export function refusalIn(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error
  const { cause } = (error ?? {}) as { cause?: unknown }
  return cause instanceof Refusal ? cause : undefined
}

/** Renders a refusal: looks `code` up in the contract, then in the platform's own errors. */
export function problemOf(refusal: Refusal, contract: Contract | undefined, requestId: string): Problem {
  const kind = contract?.errors?.[refusal.code] ?? platformErrors[refusal.code as keyof typeof platformErrors]
  if (!kind) throw new Error(`No contract declares the error ${refusal.code}`)
  return {
    type: `/docs/errors#${refusal.code}`,
    title: kind.title,
    status: kind.status,
    code: refusal.code,
    ...refusal.extensions,
    requestId,
  }
}
