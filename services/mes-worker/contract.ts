/** Workers of mes: they ask mes for jobs and offer nothing themselves. */
import { defineContract } from '@pleiad/platform/contract'

export const mesWorker = defineContract({
  name: 'mes-worker',
  version: '1.0.0',
  summary: 'Works out what parts take and cost, for mes. Keeps nothing; run as many as there is work for.',
  operations: {},
})
