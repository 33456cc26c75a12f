/** What was revoked lately, told to every process: so that what is cached about a token ends within a moment. */
import type { Tools } from '@pleiad/platform/service'

/** Channel: `{ ids: string[] }`. */
export const REVOKED = 'oidc.revoked'
/** Channel of the gateway; see `Revocation`. */
const GATEWAY = 'auth.revoked'

/** Longest life of an access token, in seconds, and some. */
const LONGEST = 86_400 + 60
/** Revocations are remembered for longer than anything is cached. */
const REMEMBER_MS = 5 * 60_000

export interface Revoked {
  readonly add: (message: unknown) => void
  /** Whether something of `ids` was revoked at or after `at` (of `performance.now()`). */
  readonly since: (ids: readonly string[], at: number) => boolean
}

export function createRevoked(clock: () => number = () => performance.now()): Revoked {
  const times = new Map<string, number>()
  let latest = Number.NEGATIVE_INFINITY
  return {
    add: (message) => {
      latest = clock()
      for (const id of (message as { ids?: readonly string[] }).ids ?? []) {
        times.delete(id)
        times.set(id, latest)
      }
      for (const [id, at] of times) {
        if (latest - at < REMEMBER_MS) break
        times.delete(id)
      }
    },
    since: (ids, at) => latest >= at && ids.some((id) => (times.get(id) ?? Number.NEGATIVE_INFINITY) >= at),
  }
}

/** The id that the tokens of a grant carry, for the gateway: it tells nothing about the grant. */
export function grantName(grantId: Buffer): string {
  return grantId.toString('base64url')
}

export interface Ended {
  readonly grants?: readonly Buffer[]
  readonly tokens?: readonly Buffer[]
  readonly apps?: readonly string[]
  readonly people?: readonly string[]
  readonly sessions?: readonly string[]
}

/** Tells every process what does not hold any more. After the commit. */
export function tellRevoked(tools: Tools, ended: Ended): void {
  const { grants = [], tokens = [], apps = [], people = [], sessions = [] } = ended
  const names = grants.map(grantName)
  const ids = [...names, ...tokens.map((id) => id.toString('base64url')), ...apps, ...people, ...sessions]
  if (ids.length === 0) return
  tools.broadcast(REVOKED, { ids })
  const before = Math.floor(tools.now().getTime() / 1000)
  const until = before + LONGEST
  for (const sid of names) tools.broadcast(GATEWAY, { sid, before, until })
  for (const sub of [...apps, ...people]) tools.broadcast(GATEWAY, { sub, before, until })
}

/** Every process asks anew about all tokens of an issuer, and the gateway about all programs of the project. */
export function tellProject(tools: Tools, projectId: string, issuerIds: readonly string[] = []): void {
  if (issuerIds.length > 0) tools.broadcast(REVOKED, { ids: issuerIds })
  const before = Math.floor(tools.now().getTime() / 1000)
  tools.broadcast(GATEWAY, { sub: projectId, before, until: before + LONGEST })
}
