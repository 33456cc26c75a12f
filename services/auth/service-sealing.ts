/**
 * What auth keeps encrypted: the private keys of access tokens and the secrets of authenticators. The vault seals them,
 * whose keys `npm run rotate-keys` replaces. Before that they were sealed under keys derived of the installation's secret:
 * such values are still read, and a job seals them anew.
 */
import { unseal } from '@pleiad/platform/sealing'
import type { Service, Tools } from '@pleiad/platform/service'

type Kind = 'signingKey' | 'totp'

const owners: Readonly<Record<Kind, (id: string) => string>> = {
  signingKey: (kid) => `signing key ${kid}`,
  totp: (accountId) => `authenticator of ${accountId}`,
}

/** The columns, for the definition of the service. */
export const sealed: NonNullable<Service['sealed']> = [
  { table: 'signing_keys', id: 'kid', column: 'private_key', belongsTo: owners.signingKey },
  { table: 'totp', id: 'account_id', column: 'secret', belongsTo: owners.totp },
]

/** What the vault makes is longer than either kind of value was before: 93 bytes stand around the plain one. */
const SHORTEST = 100

export interface Sealing {
  readonly seal: (kind: Kind, id: string, plain: string | Buffer) => Promise<Buffer>
  readonly open: (kind: Kind, id: string, value: Buffer) => Promise<Buffer>
  /** Whether the value is from before the vault. */
  readonly isOld: (value: Buffer) => boolean
}

export function createSealing({ vault, deriveKey }: Pick<Tools, 'vault' | 'deriveKey'>): Sealing {
  const before: Readonly<Record<Kind, Buffer>> = {
    signingKey: deriveKey('signing keys'),
    totp: deriveKey('totp secrets'),
  }
  const isOld = (value: Buffer) => value.length < SHORTEST
  return {
    isOld,
    seal: (kind, id, plain) => vault.seal(plain, owners[kind](id)),
    open: async (kind, id, value) =>
      isOld(value) ? unseal(before[kind], value, id) : vault.open(value, owners[kind](id)),
  }
}

/** Lengths of what is old, for the database. */
export const OLD_BELOW = SHORTEST
