/** What goes wrong between a person, a provider and this installation, as an error. */
import { type ProblemCode, problems } from './contract-problems.ts'

/** What happened between here and a provider. `message` may be shown to members of the project; it never holds a secret. */
export class ProviderTrouble extends Error {
  readonly code: ProblemCode
  /** The refresh token is over: trying again makes no sense. */
  readonly forGood: boolean
  /** The request may have reached the provider, which may have acted on it. */
  readonly ambiguous: boolean
  /** Seconds after which the provider wants to be asked again. */
  readonly retryAfter: number | undefined
  constructor(
    code: ProblemCode,
    more: {
      readonly detail?: string | undefined
      readonly forGood?: boolean
      readonly ambiguous?: boolean
      readonly retryAfter?: number | undefined
    } = {},
  ) {
    super(more.detail ? `${problems[code]} (${more.detail})` : problems[code])
    this.name = 'ProviderTrouble'
    this.code = code
    this.forGood = more.forGood ?? false
    this.ambiguous = more.ambiguous ?? false
    this.retryAfter = more.retryAfter
  }
}

/** Words of the provider, harmless to log and to show: short, printable, without anything that looks like a token. */
export function quoted(text: unknown): string | undefined {
  if (typeof text !== 'string' || text === '') return undefined
  return text
    .replace(/[^\x20-\x7e\u00a0-\uffff]/g, ' ')
    .replace(/[A-Za-z0-9_.~+/=-]{24,}/g, '…')
    .slice(0, 160)
}
