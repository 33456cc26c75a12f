/** Which services an action is for. */

/** The service that a consumer (`<service>.<handler>`) belongs to. */
export function serviceOf(consumer: string): string {
  return consumer.split('.', 1)[0]!
}

/**
 * The services that `named` can mean: the one it names itself or by its consumer, all when it names none.
 * Undefined when there is no such service, or when service and consumer contradict each other.
 */
export function targetsOf<P extends { readonly service: string }>(
  peers: readonly P[],
  named: { readonly service?: string; readonly consumer?: string },
): readonly P[] | undefined {
  const owner = named.consumer === undefined ? undefined : serviceOf(named.consumer)
  const service = named.service ?? owner
  if (service === undefined) return peers
  if (owner !== undefined && owner !== service) return undefined
  const found = peers.filter((peer) => peer.service === service)
  return found.length === 0 ? undefined : found
}
