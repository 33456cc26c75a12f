/**
 * The processes of the benchmark of mes: `api` is mes with files and those who ask for prices, `worker` is mes-worker alone.
 * They share a database and a broker; the worker tells how much memory it has.
 */

import { editor } from '@pleiad/editor/contract'
import filesService from '@pleiad/files'
import mesService from '@pleiad/mes'
import mesWorker from '@pleiad/mes-worker'
import { type Contract, defineContract } from '@pleiad/platform/contract'
import { startHost } from '@pleiad/platform/server'
import { defineRoutes, defineService, type Service } from '@pleiad/platform/service'
import { shop } from '@pleiad/shop/contract'
import { users } from '@pleiad/users/contract'

/** A service that has the events of a contract and nothing else. */
export function speaker(contract: Contract): Service {
  const silent = defineContract({ ...contract, operations: {}, topics: {} })
  return defineService({ contract: silent, url: import.meta.url, routes: defineRoutes(silent, () => ({})) })
}

export const apiServices: readonly Service[] = [
  speaker(editor),
  filesService,
  mesService,
  speaker(shop),
  speaker(users),
]

if (process.argv[2] === 'worker') {
  const host = await startHost({
    services: [mesWorker],
    installation: [...apiServices, mesWorker],
    env: JSON.parse(process.argv[3]!),
  })
  process.on('message', async (asked) => {
    if (asked === 'memory') return process.send!(process.memoryUsage.rss())
    await host.stop()
    process.exit(0)
  })
  process.send!('ready')
}
