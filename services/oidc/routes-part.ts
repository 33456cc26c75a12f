/** The routes of a part of the contract. */

import type { Operation, ReturnsOf } from '@pleiad/platform/contract'
import type { Call } from '@pleiad/platform/service'
import type { Issuer } from './issuers.ts'
import type { Own } from './service-own.ts'
import { findIssuer } from './store-issuers.ts'

export type Part<Operations extends Readonly<Record<string, Operation>>> = (own: Own) => {
  readonly [Name in keyof Operations]: (call: Call<Operations[Name]>) => Promise<ReturnsOf<Operations[Name]>>
}

type InEnvironment = {
  readonly sql: Parameters<typeof findIssuer>[0]
  readonly params: { readonly projectId: string; readonly environment: string }
  readonly fail: (code: 'environmentUnknown') => never
}

/** The issuer that a console operation is about. Who may ask was the gateway's question. */
export async function issuerOf(call: InEnvironment): Promise<Issuer> {
  const { projectId, environment } = call.params
  return (await findIssuer(call.sql, projectId, environment)) ?? call.fail('environmentUnknown')
}

/** The same where something would begin: an archived project makes no apps and mails nobody a link that leads nowhere. */
export async function activeIssuerOf(
  call: InEnvironment & {
    readonly fail: (code: 'environmentUnknown' | 'forbidden', detail?: string) => never
  },
): Promise<Issuer> {
  const issuer = await issuerOf(call)
  return issuer.archived ? call.fail('forbidden', 'The project is archived. Restore it first.') : issuer
}
