import type { ProjectRole } from '@pleiad/platform/contract'
import { type CredentialSource, emit, type Tools } from '@pleiad/platform/service'
import { type ProjectKey, projects } from './contract.ts'
import type { environmentOperations } from './contract-environments.ts'
import * as keys from './keys.ts'
import { mayConfigure } from './members.ts'
import { cleanLine, nameTrouble } from './projects.ts'
import { isFull } from './quotas.ts'
import { type Part, pageFrom } from './routes-part.ts'
import { forgetPrograms, note, openActive } from './service-change.ts'
import { peopleOf, personOf } from './service-people.ts'
import * as store from './store-keys.ts'
import type { PersonName } from './store-members.ts'

const IN_PRODUCTION = 'Production takes an admin.'

function viewOf(key: keys.Key, people: ReadonlyMap<string, PersonName>, now: Date): ProjectKey {
  const time = (name: 'expiresAt' | 'lastUsedAt' | 'rotatedAt') =>
    key[name] ? { [name]: key[name].toISOString() } : {}
  return {
    keyId: key.keyId,
    environment: key.environment,
    name: key.name,
    hint: key.hint,
    scopes: [...key.scopes],
    ...(key.createdBy ? { createdBy: personOf(key.createdBy, people.get(key.createdBy)) } : {}),
    createdAt: key.createdAt.toISOString(),
    ...time('expiresAt'),
    ...time('lastUsedAt'),
    ...time('rotatedAt'),
    ...(key.previousUntil && key.previousUntil > now
      ? { previousUntil: key.previousUntil.toISOString() }
      : {}),
  }
}

export const keyRoutes: Part<
  Pick<typeof environmentOperations, 'listKeys' | 'createKey' | 'rotateKey' | 'revokeKey'>
> = ({ settings: { PROJECTS_KEYS: limit }, scopes, scopesAbove }) => {
  const offered = new Set(scopes.map(({ scope }) => scope))
  /** Whoever holds a key has its power: it is given, or its secret renewed, by whom has as much. */
  const troubleWith = (wanted: readonly string[], environment: string, role: ProjectRole) => {
    const above = scopesAbove(wanted, environment, role)
    return above.length === 0
      ? undefined
      : `Your role ${role} does not reach as far as ${above.join(', ')}. Leave it out, or ask an admin of the project.`
  }
  return {
    async listKeys({ sql, params, query, now }) {
      const size = query.limit ?? 25
      const rows = await store.listKeys(sql, params.projectId, { ...query, limit: size })
      const people = await peopleOf(
        sql,
        rows.map(({ createdBy }) => createdBy),
      )
      return pageFrom(
        rows,
        size,
        (row) => viewOf(row, people, now()),
        (row) => row.keyId,
      )
    },

    createKey: (call) =>
      call.transact(async (tx) => {
        const { params, body, caller, fail } = call
        const now = call.now()
        const { project, role } = await openActive(tx, call, 'developer')
        if (!mayConfigure(role, body.environment)) return fail('forbidden', IN_PRODUCTION)
        if (!project.environments.includes(body.environment)) return fail('environmentUnknown')
        const name = cleanLine(body.name)
        const trouble = nameTrouble(name, '/body/name')
        if (trouble) return fail('projectNotRight', undefined, { errors: [trouble] })
        const unknown = keys.unknownScopes(body.scopes, offered)
        if (unknown.length > 0) return fail('keyScopeUnknown', undefined, { scopes: unknown })
        const above = troubleWith(body.scopes, body.environment, role)
        if (above) return fail('forbidden', above)
        const expiresAt = body.expiresAt === undefined ? null : new Date(body.expiresAt)
        if (expiresAt && !keys.isExpiryAllowed(expiresAt, now)) return fail('keyExpiryNotRight')
        if (isFull(limit, await store.countKeys(tx, params.projectId)))
          return fail('quotaReached', undefined, { quota: 'keys', limit })
        const { secret, hash, hint } = keys.newSecret()
        const key: keys.Key = {
          keyId: call.newId(),
          projectId: params.projectId,
          environment: body.environment,
          name,
          hint,
          scopes: body.scopes,
          createdBy: caller.id,
          createdAt: now,
          expiresAt,
          lastUsedAt: null,
          rotatedAt: null,
          previousUntil: null,
        }
        await store.insertKey(tx, key, hash)
        const { projectId, environment, keyId } = key
        emit(tx, projects, 'project.key.created', {
          projectId,
          by: caller.id,
          environment,
          keyId,
          name,
          scopes: body.scopes,
          ...(expiresAt ? { expiresAt: expiresAt.toISOString() } : {}),
        })
        await note(tx, call, projectId, 'key.created', { keyId, name, environment })
        return { ...viewOf(key, await peopleOf(tx, [caller.id]), now), secret }
      }),

    rotateKey: (call) =>
      call.transact(async (tx) => {
        const { params, body, caller, fail } = call
        const now = call.now()
        const { role } = await openActive(tx, call, 'developer')
        const key = await store.findKey(tx, params.projectId, params.keyId)
        if (!key) return fail('notFound')
        const { projectId, environment, keyId, name } = key
        if (!mayConfigure(role, environment)) return fail('forbidden', IN_PRODUCTION)
        const above = troubleWith(key.scopes, environment, role)
        if (above) return fail('forbidden', above)
        const { secret, hash, hint } = keys.newSecret()
        const previousUntil = new Date(now.getTime() + body.overlapSeconds * 1000)
        await store.rotateSecret(tx, keyId, { hash, hint }, now, previousUntil)
        // What was known of the secrets before is no longer true: how long they work has changed.
        forgetPrograms(tx, call, { keyId })
        emit(tx, projects, 'project.key.rotated', {
          projectId,
          by: caller.id,
          environment,
          keyId,
          name,
          previousUntil: previousUntil.toISOString(),
        })
        await note(tx, call, projectId, 'key.rotated', { keyId, name, environment })
        const rotated = { ...key, hint, rotatedAt: now, previousUntil }
        return { ...viewOf(rotated, await peopleOf(tx, [key.createdBy]), now), secret }
      }),

    revokeKey: (call) =>
      call.transact(async (tx) => {
        const { params, caller, fail } = call
        const { role } = await openActive(tx, call, 'developer')
        const key = await store.findKey(tx, params.projectId, params.keyId)
        if (!key) return fail('notFound')
        const { projectId, environment, keyId, name } = key
        if (!mayConfigure(role, environment)) return fail('forbidden', IN_PRODUCTION)
        await store.deleteKey(tx, keyId)
        forgetPrograms(tx, call, { keyId })
        emit(tx, projects, 'project.key.revoked', { projectId, by: caller.id, environment, keyId, name })
        await note(tx, call, projectId, 'key.revoked', { keyId, name, environment })
      }),
  }
}

/** Recognises project keys for the gateway. */
export function keySource({ sql, now, log }: Tools): CredentialSource {
  return {
    prefix: keys.PREFIX,
    resolve: async (token) => {
      const hash = keys.lookupOf(token)
      const found = hash && (await store.findByHash(sql, hash))
      const at = now()
      const until = hash && keys.worksUntil(found, hash, at)
      if (!found || until === undefined) return undefined
      const { keyId, projectId, environment, scopes } = found.key
      if (keys.isUseNews(found.key, at))
        await store
          .touchKey(sql, keyId, at, new Date(at.getTime() - keys.USE_MS))
          .catch((error) => log.warn({ err: error }, 'the use of a key was not written down'))
      return {
        caller: {
          id: keyId,
          sid: keyId,
          kind: 'program',
          roles: [],
          permissions: [],
          project: { id: projectId, environment, scopes },
        },
        ...(until ? { expires: until } : {}),
      }
    },
  }
}
