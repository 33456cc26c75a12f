/** Events in: people who are erased. */
import { on } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import type { Own } from './service-own.ts'
import { remove } from './service-remove.ts'
import { forgetUsage, noteErased } from './store-lifecycle.ts'

export const handlers = {
  // Also what something keeps: nothing outlives a person's wish to be forgotten.
  eraseFiles: on<typeof users, 'user.deleted', Own>(users, 'user.deleted', async (call, own) => {
    const { tx, event, now } = call
    const ids = await noteErased(tx, event.data.userId, now())
    await remove(call, own, tx, ids, 'erased')
    await forgetUsage(tx, event.data.userId)
  }),
}
