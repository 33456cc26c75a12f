/** Events of an order that were parked, gathered from the services of all processes; one that is away hides no other. */
import type { Tools } from '@pleiad/platform/service'

type ServiceOperations = ReturnType<Tools['peers']>[number]

/** An order has no more than a few. */
export const LETTERS = 100

/** Asks every service at once: what was answered, and who was silent. */
export async function askAll<P extends Pick<ServiceOperations, 'service'>, T>(
  peers: readonly P[],
  ask: (peer: P) => Promise<T>,
): Promise<{ answers: T[]; silent: string[] }> {
  const silent: string[] = []
  const answers = await Promise.all(
    peers.map((peer) =>
      ask(peer).then(
        (answer) => [answer],
        () => {
          silent.push(peer.service)
          return []
        },
      ),
    ),
  )
  return { answers: answers.flat(), silent: silent.sort() }
}

export async function gatherLetters(
  peers: readonly Pick<ServiceOperations, 'service' | 'deadLetters'>[],
  orderId: string,
) {
  const { answers, silent } = await askAll(peers, async (peer) => {
    const { items } = await peer.deadLetters({ key: orderId }, undefined, LETTERS)
    return items.map(({ consumer, id, type, attempts, error, parkedAt }) => ({
      ...{ service: peer.service, consumer, id, type, attempts, error, parkedAt },
    }))
  })
  return { items: answers.flat(), ...(silent.length > 0 ? { silent } : {}) }
}
