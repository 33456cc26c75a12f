/**
 * Tokens about which only their issuer can say something: personal access tokens, project keys, access tokens of the
 * projects' own issuers. This finds whom to ask, asks once for all who wait, and remembers for a while who is unknown.
 */
import { createHash } from 'node:crypto'
import type { Caller, CredentialSource, TokenHolder } from '../service/service.ts'
import { createVerdicts } from './verdicts.ts'

export interface Answered {
  readonly caller: Caller
  /** Epoch milliseconds: when the answer must be asked for anew. */
  readonly expires: number
  /** The state of the revocations when the question was asked. */
  readonly generation: number
}

export interface CredentialsOptions {
  /** Whom personal access tokens (`plt_...`) belong to. */
  readonly resolveToken: (token: string) => Promise<TokenHolder | undefined>
  /** Who else issues tokens. */
  readonly sources: readonly CredentialSource[]
  /** Those that other processes speak for, as of now. */
  readonly elsewhere?: () => readonly CredentialSource[]
  readonly now: () => Date
  /** Milliseconds that only grow. */
  readonly clock: () => number
  readonly generation: () => number
}

export interface Credentials {
  /** Whom to ask about an opaque token. */
  byPrefix(token: string): CredentialSource | undefined
  /** Whom to ask about a JWT with this `iss`. */
  byIssuer(issuer: string): CredentialSource | undefined
  ask(source: CredentialSource, token: string): Promise<Answered | undefined>
}

const PERSONAL = 'plt_'
/** A verdict is asked for anew after this time, in case the broadcast of a revocation was lost. */
const TTL_MS = 60_000
/** An unknown token is not asked for again at once. */
const MISS_MS = 5_000
const MISSES = 20_000

export function createCredentials(options: CredentialsOptions): Credentials {
  const personal: CredentialSource = {
    prefix: PERSONAL,
    resolve: async (token) => {
      const holder = await options.resolveToken(token)
      if (!holder) return undefined
      const { expires, ...caller } = holder
      return { caller, ...(expires === undefined ? {} : { expires: new Date(expires) }) }
    },
  }
  const sources = [personal, ...options.sources.map(ofPrograms)]
  const opaque = sources.flatMap((source) => (source.prefix === undefined ? [] : [source.prefix]))
  for (const prefix of opaque) {
    if (!/^[a-z]{2,8}_$/.test(prefix)) throw new Error(`Tokens cannot be told by the prefix ${prefix}`)
    if (opaque.filter((other) => other === prefix).length > 1)
      throw new Error(`Two services issue tokens that begin with ${prefix}`)
  }
  const asking = new Map<string, Promise<Answered | undefined>>()
  const misses = createVerdicts<number>(MISSES)

  const askNow = async (source: CredentialSource, token: string): Promise<Answered | undefined> => {
    // As of the question: a revocation that arrives while the answer is under way must win.
    const generation = options.generation()
    const until = options.now().getTime() + TTL_MS
    const answer = await source.resolve(token)
    if (!answer) {
      misses.set(keyOf(token), options.clock())
      return undefined
    }
    const expires = Math.min(until, answer.expires?.getTime() ?? until)
    return { caller: answer.caller, expires, generation }
  }

  const find = (fits: (source: CredentialSource) => boolean) =>
    sources.find(fits) ?? options.elsewhere?.().find(fits)

  return {
    byPrefix: (token) => find(({ prefix }) => prefix !== undefined && token.startsWith(prefix)),
    byIssuer: (issuer) => find((source) => source.issuer !== undefined && issuer.startsWith(source.issuer)),
    ask: (source, token) => {
      const missed = misses.get(keyOf(token))
      if (missed !== undefined && options.clock() - missed < MISS_MS) return Promise.resolve(undefined)
      const known = asking.get(token)
      if (known) return known
      const work = askNow(source, token).finally(() => asking.delete(token))
      asking.set(token, work)
      return work
    },
  }
}

/** What a service's source answers with is a program, whatever it says: only the owner of identity names people. */
export function ofPrograms(source: CredentialSource): CredentialSource {
  return {
    ...source,
    resolve: async (token) => {
      const answer = await source.resolve(token)
      if (!answer) return undefined
      const { id, sid, project } = answer.caller
      if (project?.environment === undefined || project.scopes === undefined)
        throw new Error('A program must have a project, an environment and scopes')
      const caller = Object.freeze({ id, sid, kind: 'program' as const, roles: [], permissions: [], project })
      return { ...answer, caller }
    },
  }
}

/** Invented tokens may be long, and many: what is remembered of them is short. */
function keyOf(token: string): string {
  return token.length <= 100 ? token : createHash('sha256').update(token).digest('base64url')
}
