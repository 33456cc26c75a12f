/** Who is a member of a project, in which role: asked of the service that owns projects, kept until it says otherwise. */
import type { ProjectRole } from '../contract/contract.ts'
import { Refusal, refusalIn } from '../contract/problem.ts'
import type { MembershipSource } from '../service/service.ts'
import { createVerdicts } from './verdicts.ts'

export interface Memberships {
  /**
   * At once when known. `projectId` as it came in a path; whatever is no UUID names no project.
   * @throws Refusal `unavailable` (also as rejection) when it cannot be found out.
   */
  roleOf(projectId: string, userId: string): ProjectRole | undefined | Promise<ProjectRole | undefined>
}

export interface MembershipsOptions {
  readonly source: MembershipSource | undefined
  readonly onBroadcast: (channel: string, receive: (message: unknown) => void) => void
  /** Milliseconds that only grow. */
  readonly clock?: () => number
}

/** Channel on which changes are told: `{ projectId, userId? }`; without `userId` all members may have changed. */
export const MEMBERS_CHANNEL = 'projects.members'

const CACHE_SIZE = 20_000
/** In case a broadcast was lost. */
const TTL_MS = 15_000

interface Known {
  readonly role: ProjectRole | undefined
  readonly at: number
  /** How often the whole project had changed. */
  readonly generation: number
}

export function createMemberships(options: MembershipsOptions): Memberships {
  const clock = options.clock ?? (() => performance.now())
  const known = createVerdicts<Known>(CACHE_SIZE)
  const asking = new Map<string, Promise<ProjectRole | undefined>>()
  /** Projects that changed as a whole lately; older answers end by their time. */
  const changed = createVerdicts<number>(CACHE_SIZE)
  let generation = 0

  options.onBroadcast(MEMBERS_CHANNEL, (message) => {
    const { projectId, userId } = (message ?? {}) as Record<string, unknown>
    if (typeof projectId !== 'string') return
    const project = projectId.toLowerCase()
    // Answers that are under way may be old ones: whoever asks from now on gets a new one.
    if (typeof userId === 'string') {
      known.delete(keyOf(project, userId))
      asking.delete(keyOf(project, userId))
      return
    }
    changed.set(project, ++generation)
    for (const key of asking.keys()) if (key.startsWith(project)) asking.delete(key)
  })

  const ask = (project: string, userId: string): Promise<ProjectRole | undefined> => {
    const key = keyOf(project, userId)
    const running = asking.get(key)
    if (running) return running
    const { source } = options
    const work: Promise<ProjectRole | undefined> = (
      source ? source.roleOf(project, userId) : Promise.reject(new Error('no service here knows projects'))
    ).then(
      (role) => {
        if (asking.get(key) === work) {
          asking.delete(key)
          known.set(key, { role, at: clock(), generation })
        }
        return role
      },
      (error) => {
        if (asking.get(key) === work) asking.delete(key)
        throw unavailable(error)
      },
    )
    asking.set(key, work)
    return work
  }

  return {
    roleOf: (projectId, userId) => {
      const project = canonical(projectId)
      if (project === undefined) return undefined
      const entry = known.get(keyOf(project, userId))
      if (entry && clock() - entry.at < TTL_MS && entry.generation >= (changed.get(project) ?? 0))
        return entry.role
      return ask(project, userId)
    },
  }
}

const keyOf = (project: string, userId: string) => `${project} ${userId}`

/** A project's id in its one spelling; undefined for what is no UUID. */
export function canonical(projectId: string): string | undefined {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(projectId) ? projectId.toLowerCase() : undefined
}

function unavailable(cause: unknown): Refusal {
  const missing = refusalIn(cause)
  if (missing) return missing
  const refusal = new Refusal(
    'unavailable',
    'Memberships cannot be checked at the moment.',
    {},
    { 'retry-after': '2' },
  )
  refusal.cause = cause
  return refusal
}
