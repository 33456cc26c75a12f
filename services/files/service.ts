import { defineService } from '@pleiad/platform/service'
import { files } from './contract.ts'
import { handlers } from './handlers.ts'
import { jobs } from './jobs.ts'
import { routes } from './routes.ts'
import { addRpc } from './rpc.ts'
import { createDownloadMount, DOWNLOADS } from './service-download.ts'
import { createOwn, type Own } from './service-own.ts'
import { createUploadMount, UPLOADS } from './service-upload.ts'
import { settings } from './settings.ts'
import { findUsage, listFiles } from './store-files.ts'
import { viewFile } from './views.ts'

const EXPORTED = 10_000

export default defineService<typeof files, typeof settings, Own>({
  contract: files,
  url: import.meta.url,
  settings,
  metrics: {
    uploads_finished: { description: 'Uploads that became files', labels: ['purpose'] },
    bytes_received: { description: 'Bytes that came in uploads' },
    bytes_sent: { description: 'Bytes that downloads were answered with' },
    files_removed: { description: 'Files and unfinished uploads that were removed', labels: ['reason'] },
    orphans_found: { description: 'Objects without a row that were found and removed' },
    files_lost: { description: 'Files whose object was found missing' },
  },
  start: createOwn,
  stop: async (own) => {
    for (const writer of own.writers.values()) writer.abort()
  },
  routes,
  handlers,
  jobs,
  rpc: addRpc,
  mounts: (tools, own) => ({
    [UPLOADS]: createUploadMount(tools, own),
    [DOWNLOADS]: createDownloadMount(tools, own),
  }),
  personalData: async ({ sql }, _own, userId) => {
    const rows = await listFiles(sql, userId, { limit: EXPORTED })
    if (rows.length === 0) return undefined
    return { usage: await findUsage(sql, userId), files: rows.map(viewFile) }
  },
})
