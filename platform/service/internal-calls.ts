/** Internal RPC: services in one process call each other through Connect's in-memory transport. */
import type { DescService } from '@bufbuild/protobuf'
import {
  type Client,
  type ConnectRouter,
  createClient,
  createRouterTransport,
  type Transport,
} from '@connectrpc/connect'

export interface InternalCalls {
  /** The client of a service's RPC. Made on first use; usable once every service has started. */
  readonly rpc: <D extends DescService>(service: D) => Client<D>
  /** Called once, when all services have started and can answer. Returns the names of the RPC services that answer. */
  readonly open: (addRoutes: (router: ConnectRouter) => void) => ReadonlySet<string>
}

/** Joins the services of this process. */
export function connectInternally(): InternalCalls {
  let transport: Transport | undefined
  const clients = new Map<string, unknown>()
  return {
    open: (addRoutes) => {
      const answering = new Set<string>()
      transport = createRouterTransport((router) => {
        addRoutes(router)
        for (const { service } of router.handlers) answering.add(service.typeName)
      })
      return answering
    },
    rpc: <D extends DescService>(service: D) => {
      if (!transport) throw new Error(`${service.typeName} was called before every service had started`)
      let client = clients.get(service.typeName) as Client<D> | undefined
      if (!client) {
        client = createClient(service, transport)
        clients.set(service.typeName, client)
      }
      return client
    },
  }
}
