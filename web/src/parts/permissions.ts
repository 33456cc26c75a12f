import { auth } from '@pleiad/auth/contract'
import { notifications } from '@pleiad/notifications/contract'
import { operations } from '@pleiad/operations/contract'
import { users } from '@pleiad/users/contract'
import i18next from 'i18next'

const described: Readonly<Record<string, string>> = {
  ...auth.permissions,
  ...notifications.permissions,
  ...operations.permissions,
  ...users.permissions,
}

/** What a permission lets one do, in the reader's language where it is translated, else as the contract says it. */
export function permissionWords(permission: string, fallback = described[permission] ?? ''): string {
  const key = `permission.${permission.replace(':', '_')}`
  return i18next.exists(key) ? i18next.t(key as 'permission.users_read') : fallback
}
