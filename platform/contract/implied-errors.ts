/** Which refusals an operation can meet: those it declares and those its declaration implies. */
import { type Contract, type ErrorKind, type Operation, platformErrors } from './contract.ts'

export interface PossibleError extends ErrorKind {
  readonly code: string
}

/** Every error an operation can answer with, by status, its own ones first. */
export function possibleErrors(contract: Contract, operation: Operation): PossibleError[] {
  const implied: (keyof typeof platformErrors)[] = []
  const when = (condition: unknown, ...codes: (keyof typeof platformErrors)[]) => {
    if (condition) implied.push(...codes)
  }
  when(operation.body ?? operation.query ?? operation.params, 'malformedRequest', 'validationFailed')
  when(operation.access !== 'public', 'unauthenticated', 'forbidden')
  when(operation.method !== 'GET', 'foreignOrigin', 'conflict')
  when(operation.params, 'notFound')
  when(operation.idempotent, 'idempotencyInFlight', 'idempotencyMismatch')
  when(operation.ifMatch, 'preconditionRequired', 'preconditionFailed')
  when(operation.body, 'payloadTooLarge', 'unsupportedMediaType')
  when(true, 'uriTooLong', 'headersTooLarge', 'rateLimited', 'internal', 'unavailable', 'serviceUnavailable')
  const own = (operation.errors ?? []).map((code) => ({ code, ...contract.errors![code]! }))
  const declared = new Set(own.map(({ code }) => code))
  const rest = implied
    .filter((code) => !declared.has(code))
    .map((code) => ({ code, ...platformErrors[code] }))
  return [...own, ...rest].sort((a, b) => a.status - b.status)
}
