/** Jobs of oidc. */
import type { Job } from '@pleiad/platform/service'
import { ROTATE_MS } from './keys.ts'
import { rotateKeys } from './service-keyring.ts'
import { CHANGED, type Own } from './service-own.ts'
import { findIssuerById } from './store-issuers.ts'
import { deleteRetired, listDue } from './store-keys.ts'
import { sweepModels } from './store-models.ts'
import { sweepSignIn } from './store-signin.ts'

/** Issuers whose keys are rotated in one run: making keys takes a while. */
const AT_ONCE = 50

export const jobs: Readonly<Record<string, Job<Own>>> = {
  rotateKeys: {
    description:
      'Puts the next signing keys in force where the active ones are 90 days old; deletes retired ones.',
    schedule: '*/15 * * * *',
    run: async (call) => {
      const before = new Date(call.now().getTime() - ROTATE_MS)
      const changed = await deleteRetired(call.tx, call.now())
      for (const issuerId of await listDue(call.tx, before, AT_ONCE)) {
        const issuer = await findIssuerById(call.tx, issuerId)
        if (!issuer) continue
        await rotateKeys(call.tx, call, issuer, false)
        changed.push(issuerId)
      }
      call.tx.afterCommit(() => {
        for (const issuerId of changed) call.broadcast(CHANGED, { issuerId })
      })
    },
  },
  sweep: {
    description: 'Deletes tokens, sessions, grants, codes, links and counts of attempts whose time is over.',
    schedule: '*/5 * * * *',
    run: async (call) => {
      await sweepModels(call.tx, call.now())
      await sweepSignIn(call.tx, call.now())
    },
  },
}
