/** Settings of mes-worker, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  MES_WORKER_THREADS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 256,
    description:
      'Price jobs that this process works on at once; 0: one less than it has processors, at least one',
  }),
  MES_WORKER_MEMORY_MB: Type.Integer({
    default: 1024,
    minimum: 64,
    maximum: 65_536,
    description: 'Memory that one price job may take, in MiB; more ends it',
  }),
  MES_WORKER_SECONDS: Type.Integer({
    default: 120,
    minimum: 1,
    maximum: 3600,
    description: 'Seconds that one price job may take; more ends it',
  }),
  MES_WORKER_MESH_MB: Type.Integer({
    default: 512,
    minimum: 1,
    maximum: 4096,
    description: 'Largest mesh that is worked on, in MiB; a person has to price larger ones',
  }),
  MES_WORKER_CACHE_MB: Type.Integer({
    default: 64,
    minimum: 0,
    maximum: 65_536,
    description: 'Memory for meshes that were read lately, in MiB',
  }),
})
export type WorkerConfig = Static<typeof settings>
