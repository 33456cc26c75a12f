/** Signing keys of issuers: made when first needed, rotated by a job or by hand. */
import type { Tools } from '@pleiad/platform/service'
import { emit } from '@pleiad/platform/service'
import type { Tx } from '@pleiad/platform/store'
import { oidc } from './contract.ts'
import type { Issuer } from './issuers.ts'
import { type Algorithm, algorithms, makeKeyPair, OVERLAP_MS, rotate, type StoredKey } from './keys.ts'
import { lockIssuer } from './store-issuers.ts'
import { activateKey, deleteKeys, insertKey, loadKeys, retireKey } from './store-keys.ts'

/** Of what the vault seals for a key. */
export function keyOwner(kid: string): string {
  return `signing_keys:${kid}`
}

async function make(tools: Tools, algorithm: Algorithm, state: 'next' | 'active'): Promise<StoredKey> {
  const { kid, publicJwk, privateDer } = await makeKeyPair(algorithm)
  const now = tools.now()
  return {
    kid,
    algorithm,
    state,
    publicJwk,
    privateKey: await tools.vault.seal(privateDer, keyOwner(kid)),
    createdAt: now,
    activatedAt: state === 'active' ? now : null,
    retiresAt: null,
  }
}

/** The keys of an issuer; its first ones are made by whoever comes first. */
export async function keysOf(tools: Tools, issuer: Issuer): Promise<StoredKey[]> {
  const known = await loadKeys(tools.sql, issuer.issuerId)
  if (known.length > 0) return known
  const made = await Promise.all(algorithms.map((algorithm) => make(tools, algorithm, 'active')))
  return tools.transact(async (tx) => {
    await lockIssuer(tx, issuer.projectId, issuer.environment)
    const others = await loadKeys(tx, issuer.issuerId)
    if (others.length > 0) return others
    for (const key of made) await insertKey(tx, issuer.issuerId, key)
    return made
  })
}

/**
 * Puts the published next keys in force and publishes new ones. Without published ones (the first rotation, or a leak)
 * new keys sign at once; clients read the key set again when they meet an unknown id.
 */
export async function rotateKeys(
  tx: Tx,
  tools: Tools,
  issuer: Issuer,
  compromised: boolean,
  by?: string,
): Promise<StoredKey[]> {
  await lockIssuer(tx, issuer.projectId, issuer.environment)
  const keys = await loadKeys(tx, issuer.issuerId)
  const now = tools.now()
  for (const algorithm of algorithms) {
    const plan = rotate(keys, algorithm, compromised)
    for (const kid of plan.retire) await retireKey(tx, kid, new Date(now.getTime() + OVERLAP_MS))
    if (plan.drop.length > 0) await deleteKeys(tx, plan.drop)
    if (plan.activate) await activateKey(tx, plan.activate, now)
    else await insertKey(tx, issuer.issuerId, await make(tools, algorithm, 'active'))
    await insertKey(tx, issuer.issuerId, await make(tools, algorithm, 'next'))
  }
  const after = await loadKeys(tx, issuer.issuerId)
  emit(tx, oidc, 'oidc.keys.rotated', {
    projectId: issuer.projectId,
    environment: issuer.environment,
    kids: after.filter(({ state }) => state === 'active').map(({ kid }) => kid),
    compromised,
    ...(by ? { by } : {}),
  })
  return after
}
