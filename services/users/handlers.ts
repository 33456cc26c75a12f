import { auth } from '@pleiad/auth/contract'
import { emit, on } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { users } from './contract.ts'
import { announced } from './profiles.ts'
import { activateProfile, type Newcomer, reserveProfile } from './registration.ts'
import type { UsersConfig } from './settings.ts'
import * as store from './store.ts'
import { checkUsername, numbered } from './usernames.ts'

const MAX_TRIES = 50

/** Takes the wished-for name, or the next free one: the reservation may have expired and the name be gone. */
async function takeSomeName(tx: Tx, newcomer: Newcomer, now: Date): Promise<string> {
  const fallback = `user${newcomer.userId.replaceAll('-', '').slice(-12)}`
  for (let attempt = 1; attempt <= MAX_TRIES; attempt++) {
    const name = checkUsername(attempt === MAX_TRIES ? fallback : numbered(newcomer.username, attempt))
    if (name.trouble === undefined && (await store.takeName(tx, newcomer.userId, name, now)))
      return name.username
  }
  throw new Error(`No username is free for ${newcomer.userId}`)
}

export const handlers = {
  activateProfile: on(
    auth,
    'account.registered',
    async ({ tx, event, now, count }, _config: UsersConfig) => {
      const { data } = event
      if (await store.isErased(tx, data.userId)) return
      const known = await store.lockProfile(tx, data.userId)
      if (known && known.state !== 'reserved') return
      const username = await takeSomeName(tx, { ...data, username: known?.username ?? data.username }, now())
      const profile = activateProfile(known ?? reserveProfile(data, now()), username, data.email, now())
      await store.saveProfile(tx, profile)
      emit(tx, users, 'user.created', announced(profile))
      count('people_joined')
    },
    { ordered: true },
  ),

  followEmail: on(
    auth,
    'email.changed',
    async ({ tx, event }, _config: UsersConfig) => {
      const profile = await store.lockProfile(tx, event.data.userId)
      if (profile && profile.state !== 'reserved')
        await store.saveProfile(tx, { ...profile, email: event.data.email })
    },
    { ordered: true },
  ),

  eraseProfile: on(
    auth,
    'account.deleted',
    async ({ tx, event, now }, config: UsersConfig) => {
      const { userId } = event.data
      const heldUntil = new Date(now().getTime() + config.USERNAME_HOLD_DAYS * 86_400_000)
      if (await store.eraseProfile(tx, userId, now(), heldUntil))
        emit(tx, users, 'user.deleted', { userId, by: userId }, { lane: 'high' })
    },
    { ordered: true },
  ),
}
