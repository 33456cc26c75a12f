/** Endpoints: which drafts are allowed, which events one wants, what members see. */
import type { Endpoint, EndpointDraft } from './contract.ts'

/** An environment may have so many. */
export const MAX_ENDPOINTS = 20

export interface StoredEndpoint {
  readonly endpointId: string
  readonly projectId: string
  readonly environment: string
  readonly url: string
  readonly description: string
  readonly events: readonly string[]
  readonly enabled: boolean
  readonly disabledReason: 'gone' | null
  readonly secretHint: string
  readonly secret: Buffer
  readonly previousSecret: Buffer | null
  readonly previousUntil: Date | null
  readonly lastSuccessAt: Date | null
  readonly lastFailureAt: Date | null
  readonly version: number
  readonly createdAt: Date
}

interface Trouble {
  readonly path: string
  readonly message: string
}

/** What the sealed secrets of an endpoint belong to. */
export function belongsTo(endpointId: string): string {
  return `endpoint:${endpointId}`
}

/**
 * What is wrong with a draft, all at once. Whether the address lies in an allowed network is only known when a
 * delivery is sent, because names change.
 */
export function checkDraft(draft: EndpointDraft, environment: string, known: ReadonlySet<string>): Trouble[] {
  const troubles: Trouble[] = []
  const trouble = troubleWithUrl(draft.url, environment)
  if (trouble) troubles.push({ path: '/body/url', message: trouble })
  draft.events.forEach((type, index) => {
    if (!known.has(type))
      troubles.push({
        path: `/body/events/${index}`,
        message: `is not an event that webhooks can carry: ${type}`,
      })
  })
  return troubles
}

function troubleWithUrl(text: string, environment: string): string | undefined {
  const url = URL.parse(text)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return 'must be an address that begins with https://'
  if (url.username || url.password)
    return 'must not contain a user name or password; the signature shows who sends'
  if (url.hash) return 'must not contain a fragment (#)'
  if (url.protocol === 'http:' && environment === 'production' && !isThisComputer(url.hostname))
    return 'must begin with https:// in production'
  return undefined
}

function isThisComputer(host: string): boolean {
  return host === 'localhost' || host === '127.0.0.1' || host === '[::1]'
}

/** Whether events of this type go to the endpoint. */
export function wants(endpoint: Pick<StoredEndpoint, 'enabled' | 'events'>, type: string): boolean {
  return endpoint.enabled && (endpoint.events.length === 0 || endpoint.events.includes(type))
}

export function hostOf(url: string): string {
  return URL.parse(url)?.host ?? ''
}

/** As members see it. */
export function viewEndpoint(stored: StoredEndpoint, now: Date): Endpoint {
  const { endpointId, url, description, events, enabled, secretHint, version } = stored
  return {
    endpointId,
    url,
    description,
    events: [...events],
    enabled,
    ...(stored.disabledReason ? { disabledReason: stored.disabledReason } : {}),
    secretHint,
    ...(stored.previousUntil && stored.previousUntil > now
      ? { previousSecretUntil: stored.previousUntil.toISOString() }
      : {}),
    ...(stored.lastSuccessAt ? { lastSuccessAt: stored.lastSuccessAt.toISOString() } : {}),
    ...(stored.lastFailureAt ? { lastFailureAt: stored.lastFailureAt.toISOString() } : {}),
    version,
    createdAt: stored.createdAt.toISOString(),
  }
}
