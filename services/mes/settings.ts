/** Settings of mes, from the environment. */
import { type Static, Type } from '@pleiad/platform/contract'

export const settings = Type.Object({
  MES_LEASE_SECONDS: Type.Integer({
    default: 30,
    minimum: 1,
    maximum: 600,
    description: 'Seconds without a sign of life after which a price job of a worker is taken over',
  }),
  MES_ATTEMPTS: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 20,
    description: 'How often workers try a price job before a person has to see it',
  }),
  MES_REST_SECONDS: Type.Integer({
    default: 5,
    minimum: 0,
    maximum: 3600,
    description: 'Seconds before a price job that failed is tried again; twice as long each further time',
  }),
  MES_OWNER_JOBS: Type.Integer({
    default: 2000,
    minimum: 1,
    maximum: 100_000,
    description: 'Price requests that one customer may have waiting at once',
  }),
  MES_PRICE_DAYS: Type.Integer({
    default: 14,
    minimum: 1,
    maximum: 365,
    description: 'Days that a calculated price binds',
  }),
  MES_JOB_DAYS: Type.Integer({
    default: 180,
    minimum: 1,
    maximum: 3650,
    description: 'Days that decided price requests, and what making a mesh takes, are kept',
  }),
})
export type MesConfig = Static<typeof settings>
