import { type Caller, emit, type Mount, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { projects } from './contract.ts'
import type { projectOperations } from './contract-projects.ts'
import { type Logo, readLogo } from './logos.ts'
import { brandOf, next, type Project, viewOf } from './projects.ts'
import type { Part } from './routes-part.ts'
import { note, openActive } from './service-change.ts'
import { findLogo, putLogo, saveProject } from './store-projects.ts'

/** Saves another picture or none. */
async function changeLogo(
  tx: Tx,
  call: Tools & { readonly caller: Caller },
  project: Project,
  logo: Logo | undefined,
): Promise<Project> {
  const logoHash = logo?.hash ?? null
  if (logoHash === project.logoHash) return project
  const changed = next(project, { logoHash }, call.now())
  const { projectId } = changed
  await putLogo(tx, projectId, logo)
  await saveProject(tx, changed)
  const look = brandOf(changed)
  emit(tx, projects, 'project.branded', {
    projectId,
    by: call.caller.id,
    hasLogo: logo !== undefined,
    ...look,
  })
  await note(tx, call, projectId, 'project.branded')
  return changed
}

export const logoRoutes: Part<Pick<typeof projectOperations, 'setLogo' | 'removeLogo'>> = () => ({
  async setLogo(call) {
    const read = readLogo(call.body.data)
    if ('reason' in read) return call.fail('logoNotRight', undefined, { reason: read.reason })
    return call.transact(async (tx) => {
      const { project, role } = await openActive(tx, call, 'admin')
      if (call.ifMatch !== String(project.version)) return call.fail('preconditionFailed')
      return viewOf(await changeLogo(tx, call, project, read.logo), role)
    })
  },

  removeLogo: (call) =>
    call.transact(async (tx) => {
      const { project, role } = await openActive(tx, call, 'admin')
      if (call.ifMatch !== String(project.version)) return call.fail('preconditionFailed')
      return viewOf(await changeLogo(tx, call, project, undefined), role)
    }),
})

const YEAR_SECONDS = 31_536_000

/**
 * `GET /logos/{projectId}`: the picture, for sign-in pages and mails, so for anybody. An operation could not serve it:
 * those answer JSON. With the hash in `v`, which changes with the picture, it may be cached for good.
 */
export function logoMount({ sql }: Tools): Mount {
  return async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const projectId = /^\/logos\/([0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/.exec(url.pathname)?.[1]
    const reading = request.method === 'GET' || request.method === 'HEAD'
    const logo = reading && projectId ? await findLogo(sql, projectId) : undefined
    if (!logo) {
      response.writeHead(reading ? 404 : 405, {
        'content-type': 'text/plain; charset=utf-8',
        ...(reading ? {} : { allow: 'GET, HEAD' }),
      })
      response.end(reading ? 'There is no logo here.' : 'A logo can only be read here.')
      return
    }
    const etag = `"${logo.hash}"`
    const forGood = url.searchParams.get('v') === logo.hash
    response.setHeader('etag', etag)
    response.setHeader('cache-control', `public, max-age=${forGood ? `${YEAR_SECONDS}, immutable` : 300}`)
    // The app of a project, on another origin, may show it too.
    response.setHeader('cross-origin-resource-policy', 'cross-origin')
    response.setHeader('content-security-policy', "default-src 'none'")
    if (request.headers['if-none-match']?.includes(etag)) {
      response.writeHead(304).end()
      return
    }
    response.writeHead(200, { 'content-type': logo.type, 'content-length': logo.bytes.length })
    response.end(request.method === 'HEAD' ? undefined : logo.bytes)
  }
}
