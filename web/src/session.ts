/**
 * The browser's session. The tokens are HttpOnly cookies; what is kept here is only whether there is a session and
 * until when its access token lasts, so that it is renewed before a request fails, once for all tabs.
 */
import { auth } from '@pleiad/auth/contract'
import { pathOf } from '@pleiad/platform/contract'

const KEY = 'pleiad.session'
const MARGIN_MS = 20_000
const channel = new BroadcastChannel('pleiad.session')
type Listener = (signedIn: boolean, chosen: boolean) => void
const listeners = new Set<Listener>()

interface Kept {
  /** When the access token ends, ms since the epoch. */
  readonly until: number
}

function kept(): Kept | undefined {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null')
    return value && typeof value === 'object' && 'until' in value && typeof value.until === 'number'
      ? { until: value.until }
      : undefined
  } catch {
    return undefined
  }
}

function keep(answer: unknown): void {
  const ends =
    answer && typeof answer === 'object' && 'expiresAt' in answer
      ? Date.parse(String(answer.expiresAt))
      : Number.NaN
  localStorage.setItem(KEY, JSON.stringify({ until: Number.isNaN(ends) ? Date.now() + 600_000 : ends }))
}

export function isSignedIn(): boolean {
  return kept() !== undefined
}

/** Tells this tab and the others that a session began. `answer` is what login, registration or refresh returned. */
export function sessionBegan(answer: unknown): void {
  keep(answer)
  announce(true, true)
  channel.postMessage('began')
}

/** Forgets the session here and tells the other tabs. `chosen`: the person meant to leave. */
export function sessionEnded(chosen = false): void {
  localStorage.removeItem(KEY)
  announce(false, chosen)
  channel.postMessage(chosen ? 'left' : 'ended')
}

/** Calls `listener` when a session begins or ends, in whichever tab. Returns how to stop. */
export function onSession(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

function announce(signedIn: boolean, chosen: boolean): void {
  for (const listener of listeners) listener(signedIn, chosen)
}

channel.addEventListener('message', ({ data }) => announce(data === 'began', data !== 'ended'))

const refreshPath = pathOf(auth, auth.operations.refresh)

/**
 * Renews the access token unless another tab has done so since `seen`. Resolves to whether there is a session.
 * The lock is shared by the tabs; without it each would spend the same refresh token.
 */
async function renew(seen: number): Promise<boolean> {
  return navigator.locks.request('pleiad.refresh', async () => {
    const now = kept()
    if (!now) return false
    if (now.until !== seen) return true
    const response = await fetch(refreshPath, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json', 'x-pleiad-csrf': '1' },
      body: JSON.stringify({ transport: 'cookie' }),
    })
    if (response.ok) {
      const text = await response.text()
      keep(text ? JSON.parse(text) : undefined)
      return true
    }
    // Only a clear no ends the session: a busy or failing server says nothing about it.
    if (response.status === 401 || response.status === 403) sessionEnded()
    return false
  })
}

let early: Promise<boolean> | undefined

/** `fetch` of the typed clients: marks the request as the app's own and renews the access token where needed, once. */
export async function sessionFetch(url: string, init: RequestInit): Promise<Response> {
  const before = kept()
  if (before && before.until - MARGIN_MS < Date.now()) {
    early ??= renew(before.until).finally(() => {
      early = undefined
    })
    await early
  }
  const used = kept()
  const send = () =>
    fetch(url, {
      ...init,
      headers: { ...(init.headers as Record<string, string>), 'x-pleiad-csrf': '1' },
      // An answer also depends on who asks and on their role, which its ETag (the version of the object) does not tell.
      cache: 'no-store',
    })
  const response = await send()
  if (response.status !== 401 || !used || !(await isExpired(response))) return response
  return (await renew(used.until)) ? send() : response
}

/** A wrong password is also a 401; only a missing or expired token asks for a renewal. */
async function isExpired(response: Response): Promise<boolean> {
  const problem: unknown = await response
    .clone()
    .json()
    .catch(() => undefined)
  return (
    typeof problem === 'object' && problem !== null && 'code' in problem && problem.code === 'unauthenticated'
  )
}

/** Makes sure that the access token lasts for `margin` ms more. Resolves to whether there is a session. */
export async function ensureFresh(margin: number): Promise<boolean> {
  const now = kept()
  if (!now) return false
  return now.until - margin < Date.now() ? renew(now.until) : true
}

/** Gets a new access token at once, for when the roles have changed. */
export async function renewNow(): Promise<boolean> {
  const now = kept()
  return now ? renew(now.until) : false
}
