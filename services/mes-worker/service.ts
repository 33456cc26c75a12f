import { Files } from '@pleiad/files/rpc'
import { PriceWork } from '@pleiad/mes/rpc'
import { defineService } from '@pleiad/platform/service'
import { mesWorker } from './contract.ts'
import { routes } from './routes.ts'
import { startLoop, type WorkerLoop } from './service-loop.ts'
import { settings } from './settings.ts'

export default defineService<typeof mesWorker, typeof settings, WorkerLoop>({
  contract: mesWorker,
  url: import.meta.url,
  settings,
  metrics: {
    jobs: {
      description: 'Price jobs that left this worker: finished, failed, late, released',
      labels: ['result'],
    },
    job_seconds: { description: 'Seconds that they took here', labels: ['result'] },
    bytes_read: { description: 'Bytes of meshes that were read from files' },
    works_reused: { description: 'Price jobs whose work was known, so that no mesh was sliced' },
    threads_ended: { description: 'Threads that were ended before their time', labels: ['trouble'] },
  },
  start: (tools) => startLoop(tools),
  stop: (loop) => loop.close(),
  routes,
  calls: [PriceWork, Files],
})
