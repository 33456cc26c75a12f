/** The type of one file of routes: those operations of the contract that it answers. */
import type { Operation, ReturnsOf } from '@pleiad/platform/contract'
import type { Call } from '@pleiad/platform/service'
import type { Own } from './service-own.ts'

export type Part<O extends Readonly<Record<string, Operation>>> = (own: Own) => {
  readonly [K in keyof O]: (call: Call<O[K]>) => Promise<ReturnsOf<O[K]>>
}
