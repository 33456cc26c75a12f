/** Settings of users, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  USERNAME_CHANGE_DAYS: Type.Integer({
    default: 14,
    minimum: 0,
    description: 'Days between two changes of a username',
  }),
  USERNAME_HOLD_DAYS: Type.Integer({
    default: 90,
    minimum: 0,
    description: 'Days for which a former username is kept from others',
  }),
})
export type UsersConfig = Static<typeof settings>
