import { type Caller, defineRoutes, emit, type Tools } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { users } from './contract.ts'
import {
  announced,
  listedView,
  ownView,
  type Profile,
  publicView,
  setState,
  updateProfile,
} from './profiles.ts'
import { requireAuthority, requireAuthorityForGood } from './service-authority.ts'
import type { UsersConfig } from './settings.ts'
import * as store from './store.ts'
import { changeableAt, checkUsername, normalizeUsername } from './usernames.ts'

const DAY_MS = 86_400_000

function may(caller: Caller, permission: string): boolean {
  return caller.permissions.includes(permission)
}

export const routes = defineRoutes<typeof users, UsersConfig>(users, (config) => {
  const own = (profile: Profile, now: Date) => ownView(profile, config.USERNAME_CHANGE_DAYS, now)
  const listed = (profile: Profile, now: Date) => listedView(profile, config.USERNAME_CHANGE_DAYS, now)

  async function switchState(
    call: Tools & { caller: Caller; params: { userId: string }; fail: (code: 'notFound') => never },
    wanted: 'active' | 'deactivated',
    event: 'user.deactivated' | 'user.reactivated',
    check: (tx: Tx) => Promise<void>,
  ) {
    return call.transact(async (tx) => {
      const profile = await store.lockProfile(tx, call.params.userId)
      if (!profile || profile.state === 'reserved') return call.fail('notFound')
      await check(tx)
      const next = setState(profile, wanted, call.now())
      if (!next) return listed(profile, call.now())
      await store.saveProfile(tx, next)
      emit(tx, users, event, { userId: next.userId, by: call.caller.id })
      return listed(next, call.now())
    })
  }

  return {
    getMe: async ({ sql, caller, now, fail }) => {
      const profile = await store.findProfile(sql, caller.id)
      return profile && profile.state !== 'reserved' ? own(profile, now()) : fail('notFound')
    },

    checkUsername: async ({ sql, params, caller, now }) => {
      const check = checkUsername(params.username)
      if (check.trouble !== undefined)
        return { available: false, reason: check.trouble, normalized: check.username }
      const available = await store.isFree(sql, check.skeleton, now(), caller?.id)
      return { available, ...(available ? {} : { reason: 'taken' as const }), normalized: check.username }
    },

    getProfile: async ({ sql, params, caller, fail }) => {
      const profile = await store.findProfile(sql, params.userId)
      return profile && isVisible(profile, caller) ? publicView(profile) : fail('notFound')
    },

    getProfileByUsername: async ({ sql, params, caller, now, fail }) => {
      const profile = await store.findByUsername(sql, normalizeUsername(params.username), now())
      return profile && isVisible(profile, caller) ? publicView(profile) : fail('notFound')
    },

    listProfiles: async ({ sql, query, now }) => {
      const limit = query.limit ?? 25
      const found = await store.listProfiles(sql, { ...query, limit })
      const page = found.slice(0, limit)
      return {
        items: page.map((profile) => listed(profile, now())),
        ...(found.length > limit ? { next: page.at(-1)!.userId } : {}),
      }
    },

    updateProfile: async ({ transact, caller, params, body, ifMatch, now, fail }) => {
      if (caller.id !== params.userId) fail('forbidden')
      return transact(async (tx) => {
        const profile = await store.lockProfile(tx, params.userId)
        if (!profile || profile.state === 'reserved') return fail('notFound')
        if (profile.state !== 'active') return fail('profileNotActive')
        if (ifMatch !== String(profile.version)) return fail('preconditionFailed')
        const updated = updateProfile(profile, body, now())
        if (updated.troubles) return fail('profileNotRight', undefined, { errors: updated.troubles })
        if (updated.changed.length > 0) {
          await store.saveProfile(tx, updated.profile)
          emit(tx, users, 'user.updated', { ...announced(updated.profile), changed: [...updated.changed] })
        }
        return own(updated.profile, now())
      })
    },

    changeUsername: async ({ transact, caller, params, body, ifMatch, now, fail }) => {
      if (caller.id !== params.userId) fail('forbidden')
      const name = checkUsername(body.username)
      if (name.trouble !== undefined) return fail('usernameNotAllowed', undefined, { reason: name.trouble })
      return transact(async (tx) => {
        const at = now()
        const profile = await store.lockProfile(tx, params.userId)
        if (!profile || profile.state === 'reserved') return fail('notFound')
        if (profile.state !== 'active') return fail('profileNotActive')
        if (ifMatch !== String(profile.version)) return fail('preconditionFailed')
        if (profile.username === name.username) return own(profile, at)
        const later = changeableAt(profile.usernameChangedAt ?? undefined, config.USERNAME_CHANGE_DAYS, at)
        if (later) return fail('usernameChangedTooSoon', undefined, { changeableAt: later.toISOString() })
        const former = checkUsername(profile.username)
        if (former.trouble === undefined)
          await store.holdName(
            tx,
            profile.userId,
            former,
            at,
            new Date(at.getTime() + config.USERNAME_HOLD_DAYS * DAY_MS),
          )
        if (!(await store.takeName(tx, profile.userId, name, at))) return fail('usernameTaken')
        const next: Profile = {
          ...profile,
          username: name.username,
          version: profile.version + 1,
          updatedAt: at,
          usernameChangedAt: at,
        }
        await store.saveProfile(tx, next)
        emit(tx, users, 'user.updated', { ...announced(next), changed: ['username'] })
        return own(next, at)
      })
    },

    listUsernames: async ({ sql, caller, params, fail }) => {
      if (caller.id !== params.userId && !may(caller, 'users:read')) fail('forbidden')
      const former = await store.listFormerUsernames(sql, params.userId)
      return { items: former.map(({ username, until }) => ({ username, until: until.toISOString() })) }
    },

    deactivateUser: async (call) => {
      if (call.caller.id === call.params.userId) call.fail('notYourself')
      return switchState(call, 'deactivated', 'user.deactivated', (tx) => requireAuthorityForGood(call, tx))
    },

    reactivateUser: (call) => switchState(call, 'active', 'user.reactivated', () => requireAuthority(call)),

    eraseUser: async (call) => {
      const { transact, caller, params, body, now, fail } = call
      if (caller.id === params.userId) fail('notYourself')
      await transact(async (tx) => {
        const profile = await store.lockProfile(tx, params.userId)
        if (!profile || profile.state === 'reserved') return fail('notFound')
        if (normalizeUsername(body.username) !== profile.username) return fail('confirmationMismatch')
        await requireAuthorityForGood(call, tx)
        const heldUntil = new Date(now().getTime() + config.USERNAME_HOLD_DAYS * DAY_MS)
        await store.eraseProfile(tx, profile.userId, now(), heldUntil)
        emit(tx, users, 'user.deleted', { userId: profile.userId, by: caller.id }, { lane: 'high' })
      })
    },

    exportUser: async ({ caller, params, personalData, sql, now, answer, fail }) => {
      if (!may(caller, 'users:export')) {
        if (caller.id !== params.userId) fail('forbidden')
        if (caller.kind !== 'session') fail('sessionRequired')
      }
      const profile = await store.findProfile(sql, params.userId)
      if (!profile || profile.state === 'reserved') return fail('notFound')
      const services = await personalData(params.userId)
      answer.header('content-disposition', `attachment; filename="pleiad-export-${params.userId}.json"`)
      return {
        format: 'pleiad-export/1' as const,
        exportedAt: now().toISOString(),
        userId: params.userId,
        services,
      }
    },
  }
})

/** Who is deactivated is seen by administrators only, and by themselves. */
function isVisible(profile: Profile, caller: Caller): boolean {
  if (profile.state === 'reserved') return false
  return profile.state === 'active' || caller.id === profile.userId || may(caller, 'users:read')
}
