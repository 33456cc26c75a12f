import { on } from '@pleiad/platform/service'
import { users } from '@pleiad/users/contract'
import * as store from './store.ts'

export const handlers = {
  forgetPerson: on(users, 'user.deleted', async ({ tx, event }) => {
    await store.removeGadgetsOf(tx, event.data.userId)
  }),
}
