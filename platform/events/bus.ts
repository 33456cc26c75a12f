/** Which bus carries the events of this installation, by BUS_URL. */
import { StartError } from '../service/refuse.ts'
import type { BusDriver } from './driver.ts'
import { createMemoryDriver } from './memory.ts'

/**
 * Opens the driver that `url` names (`nats:`, `tls:`, `amqp:`, `amqps:`), or the bus inside this process when there is
 * none. Rejects with one clear line when the protocol is unknown or the broker does not answer.
 */
export async function openBus(
  url: string | undefined,
  onError: (error: unknown) => void,
  onePostgres = true,
): Promise<BusDriver> {
  if (!url) return createMemoryDriver(onError, onePostgres)
  const { protocol, host } = new URL(url)
  const open = async (): Promise<BusDriver | undefined> => {
    if (protocol === 'nats:' || protocol === 'tls:')
      return (await import('./nats.ts')).createNatsDriver({ url, onError })
    if (protocol === 'amqp:' || protocol === 'amqps:')
      return (await import('./rabbitmq.ts')).createRabbitDriver({ url, onError })
    return undefined
  }
  const driver = await open().catch((error: Error) => {
    throw new StartError(`BUS_URL: the broker at ${host} cannot be used: ${error.message}`, { cause: error })
  })
  if (!driver)
    throw new StartError(`BUS_URL: ${protocol}// is not a bus that is known here; use nats:// or amqp://`)
  return driver
}
