/** Projects: what they may be called, how they rest and end. */
import { type AnyProject, DEFAULT_ACCENT, type ListedProject, type Project as View } from './contract.ts'
import type { Role } from './members.ts'

export interface Project {
  readonly projectId: string
  readonly slug: string
  readonly name: string
  readonly accent: string
  readonly homeUrl: string | null
  readonly supportEmail: string | null
  readonly logoHash: string | null
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly archivedAt: Date | null
  readonly deleteAt: Date | null
  readonly ownerless: boolean
  readonly version: number
  readonly environments: readonly string[]
}

export interface FieldTrouble {
  readonly path: string
  readonly message: string
}

export interface ProjectChange {
  readonly name?: string
  readonly accent?: string
  readonly homeUrl?: string | null
  readonly supportEmail?: string | null
}

export type Changed =
  | { readonly troubles: readonly FieldTrouble[] }
  | {
      readonly troubles?: undefined
      readonly project: Project
      readonly renamed: boolean
      readonly branded: boolean
    }

export const FIRST_ENVIRONMENTS = ['production', 'development']

// Names that would pass for the installation itself or for a page of it.
const reserved = new Set(
  'account admin administrator api app assets auth console docs health help localhost login logos logout metrics oauth oidc pleiad profile projects register root security settings static status support system webhooks www'.split(
    ' ',
  ),
)

/** Whether a slug of the right characters may be used. */
export function isSlugAllowed(slug: string): boolean {
  return !reserved.has(slug) && !slug.endsWith('-') && !slug.includes('--')
}

/** One line of visible text, NFC, without characters that are invisible or turn the direction of what follows. */
export function cleanLine(input: string): string {
  return input
    .normalize('NFC')
    .replace(/[\u200b\u2028-\u202e\u2060-\u2069\ufeff\u00ad\p{Cs}\p{Co}]/gu, '')
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
}

/** What is wrong with a name that people are to read; undefined: nothing. */
export function nameTrouble(name: string, path: string): FieldTrouble | undefined {
  return /[\p{L}\p{N}\p{So}]/u.test(name) ? undefined : { path, message: 'must have a letter or digit' }
}

export function createProject(
  wished: { readonly projectId: string; readonly slug: string; readonly name: string },
  now: Date,
): Project {
  return {
    ...wished,
    accent: DEFAULT_ACCENT,
    homeUrl: null,
    supportEmail: null,
    logoHash: null,
    createdAt: now,
    updatedAt: now,
    archivedAt: null,
    deleteAt: null,
    ownerless: false,
    version: 1,
    environments: FIRST_ENVIRONMENTS,
  }
}

export function stateOf(project: Project): 'active' | 'archived' | 'deleting' {
  if (project.deleteAt) return 'deleting'
  return project.archivedAt ? 'archived' : 'active'
}

/** The error that keeps a project at rest from being changed; undefined: it is active. */
export function restingOf(project: Project): 'projectArchived' | 'projectBeingDeleted' | undefined {
  const state = stateOf(project)
  if (state === 'active') return undefined
  return state === 'archived' ? 'projectArchived' : 'projectBeingDeleted'
}

/** The project with some fields changed, as its next version. */
export function next(project: Project, change: Partial<Project>, now: Date): Project {
  return { ...project, ...change, version: project.version + 1, updatedAt: now }
}

/** Applies what was written; both marks are false when nothing differs. */
export function updateProject(project: Project, change: ProjectChange, now: Date): Changed {
  const clean = {
    ...change,
    ...(change.name === undefined ? {} : { name: cleanLine(change.name) }),
    ...(change.accent === undefined ? {} : { accent: change.accent.toLowerCase() }),
  }
  const troubles: FieldTrouble[] = []
  const name = clean.name === undefined ? undefined : nameTrouble(clean.name, '/body/name')
  if (name) troubles.push(name)
  if (clean.homeUrl && !isWebAddress(clean.homeUrl))
    troubles.push({ path: '/body/homeUrl', message: 'must be an http or https address' })
  if (troubles.length > 0) return { troubles }
  const differs = (field: keyof ProjectChange) =>
    clean[field] !== undefined && clean[field] !== project[field]
  const renamed = differs('name')
  const branded = differs('accent') || differs('homeUrl') || differs('supportEmail')
  return { project: renamed || branded ? next(project, clean, now) : project, renamed, branded }
}

/** Whether a text is an http or https address without a user in it. */
export function isWebAddress(text: string): boolean {
  const url = URL.parse(text)
  return url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

/** Begins the grace period; a deletion that runs already keeps its time. */
export function deleteProject(project: Project, days: number, now: Date): Project {
  if (project.deleteAt) return project
  return next(project, { deleteAt: new Date(now.getTime() + days * 86_400_000) }, now)
}

/** The path of the logo; it changes with the picture. */
export function logoUrlOf(project: Pick<Project, 'projectId' | 'logoHash'>): string | undefined {
  return project.logoHash === null ? undefined : `/logos/${project.projectId}?v=${project.logoHash}`
}

function summaryOf(project: Project) {
  const logoUrl = logoUrlOf(project)
  return {
    projectId: project.projectId,
    slug: project.slug,
    name: project.name,
    accent: project.accent,
    ...(logoUrl ? { logoUrl } : {}),
    state: stateOf(project),
    createdAt: project.createdAt.toISOString(),
  }
}

/** The look of a project, as it is announced. */
export function brandOf(project: Project) {
  const logoUrl = logoUrlOf(project)
  return {
    accent: project.accent,
    ...(logoUrl ? { logoUrl } : {}),
    ...(project.homeUrl === null ? {} : { homeUrl: project.homeUrl }),
    ...(project.supportEmail === null ? {} : { supportEmail: project.supportEmail }),
  }
}

/** A project opened by a member; `role` is undefined for programs. */
export function viewOf(project: Project, role: Role | undefined): View {
  return {
    ...summaryOf(project),
    ...brandOf(project),
    ...(role ? { role } : {}),
    environments: [...project.environments],
    version: project.version,
    updatedAt: project.updatedAt.toISOString(),
    ...(project.archivedAt ? { archivedAt: project.archivedAt.toISOString() } : {}),
    ...(project.deleteAt ? { deleteAt: project.deleteAt.toISOString() } : {}),
  }
}

export function listedOf(project: Project, role: Role): ListedProject {
  return { ...summaryOf(project), role }
}

export function anyOf(project: Project, members: number): AnyProject {
  return { ...summaryOf(project), members, ownerless: project.ownerless }
}
