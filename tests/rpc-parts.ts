/** Parts of the tests of internal calls. */
import { createServer } from 'node:net'
import type { ConnectRouter } from '@connectrpc/connect'
import { createCalls } from '../platform/rpc/calls.ts'

/** Clients of what is added here, in memory. */
export function connectInMemory(addRoutes: (router: ConnectRouter) => void) {
  const calls = createCalls()
  calls.open(addRoutes)
  return calls.rpc
}

/** An address where nobody listens. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as { port: number }
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}`
}
