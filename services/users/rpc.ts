/** The internal RPC of `profiles.proto`. */
import { Code, ConnectError, type ConnectRouter } from '@connectrpc/connect'
import type { Tools } from '@pleiad/platform/service'
import type { Profile } from './profiles.ts'
import { Profiles } from './profiles_pb.ts'
import { RESERVATION_MS, reserveProfile } from './registration.ts'
import * as store from './store.ts'
import { checkUsername, normalizeUsername } from './usernames.ts'

const MAX_IDS = 200
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

function messageOf({ userId, username, displayName, locale, timeZone, state }: Profile) {
  return { userId, username, displayName, locale, timeZone, active: state === 'active' }
}

function checkId(userId: string): string {
  if (UUID.test(userId)) return userId
  throw new ConnectError('user_id is not a UUID', Code.InvalidArgument)
}

export function addRpc(router: ConnectRouter, { sql, transact, now }: Tools): void {
  router.service(Profiles, {
    reserveProfile: (request) =>
      transact(async (tx) => {
        const userId = checkId(request.userId)
        const name = checkUsername(request.username)
        if (name.trouble !== undefined) throw new ConnectError(name.trouble, Code.InvalidArgument)
        const known = await store.lockProfile(tx, userId)
        if (known && known.state !== 'reserved') return messageOf(known)
        if (await store.isErased(tx, userId)) throw new ConnectError('erased', Code.FailedPrecondition)
        const until = new Date(now().getTime() + RESERVATION_MS)
        if (known && known.username !== name.username) await store.releaseReservation(tx, userId)
        if (!(await store.takeName(tx, userId, name, now(), until)))
          throw new ConnectError('taken', Code.AlreadyExists)
        const profile = reserveProfile({ ...request, username: name.username }, now())
        await store.saveProfile(tx, profile, until)
        return messageOf(profile)
      }),

    releaseProfile: async (request) => {
      await transact((tx) => store.releaseReservation(tx, checkId(request.userId)))
      return {}
    },

    getProfiles: async (request) => {
      if (request.userIds.length > MAX_IDS)
        throw new ConnectError(`at most ${MAX_IDS} ids`, Code.InvalidArgument)
      const found = await store.findProfiles(sql, request.userIds.map(checkId))
      return { profiles: found.map(messageOf) }
    },

    findByUsername: async (request) => {
      const username = normalizeUsername(request.username)
      const profile = await store.findByUsername(sql, username, now())
      if (!profile || profile.username !== username) throw new ConnectError('nobody', Code.NotFound)
      return { profile: messageOf(profile) }
    },
  })
}
