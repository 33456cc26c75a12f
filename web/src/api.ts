/** The typed clients of the services, over the browser's session. */
import { auth } from '@pleiad/auth/contract'
import { notifications } from '@pleiad/notifications/contract'
import { operations } from '@pleiad/operations/contract'
import { createClient } from '@pleiad/platform/client'
import { users } from '@pleiad/users/contract'
import { QueryClient } from '@tanstack/react-query'
import { sessionFetch } from './session.ts'

const options = { fetch: sessionFetch }

export const api = {
  auth: createClient(auth, options),
  users: createClient(users, options),
  notifications: createClient(notifications, options),
  operations: createClient(operations, options),
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // A refusal will not change by asking again; a lost connection may.
      retry: (count, error) => count < 2 && !('status' in error && Number(error.status) < 500),
    },
  },
})
