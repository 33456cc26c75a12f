/** What projects and their sign-in ask to be told: to members and the invited, and to end users in a project's name. */
import { oidc } from '@pleiad/oidc/contract'
import { normalizeEmail } from '@pleiad/platform/emails'
import { on } from '@pleiad/platform/service'
import { projects } from '@pleiad/projects/contract'
import type { Facts, KindName } from './kinds.ts'
import { mailIdFor } from './recipients.ts'
import { type Own, post, tell } from './service-tell.ts'
import * as store from './store.ts'

const endUserKinds = {
  confirmEmail: 'enduser-confirm-email',
  resetPassword: 'enduser-reset-password',
  setPassword: 'enduser-set-password',
  alreadyRegistered: 'enduser-already-registered',
  passwordChanged: 'enduser-password-changed',
} as const satisfies Record<string, KindName>

export const projectHandlers = {
  invited: on(projects, 'project.invitation.sent', async (call, own: Own) => {
    const { tx, event } = call
    const { projectName, inviterName, role, expiresAt, sealedUrl, locale, email } = event.data
    const facts = { project: projectName, role, expiresAt, ...(inviterName ? { inviter: inviterName } : {}) }
    const kind = 'project-invitation'
    const known = await store.findRecipientByEmail(tx, normalizeEmail(email))
    // In the app it has no link: an account may carry an address that its owner never confirmed.
    if (known)
      await tell(tx, call, own, known.userId, {
        id: event.id,
        kind,
        facts: { ...facts, inApp: 'yes' },
        at: event.time,
        mailedElsewhere: true,
      })
    const to = known ?? { userId: null, locale, name: '', timeZone: 'UTC' }
    await post(
      tx,
      call,
      own,
      { ...to, email },
      { id: event.id, kind, facts, sealed: { url: sealedUrl }, at: event.time },
    )
  }),

  joined: on(projects, 'project.member.added', async (call, own: Own) => {
    const { userId, inviter, projectName, role } = call.event.data
    if (!inviter || inviter === userId) return
    const person = await store.findRecipient(call.tx, userId)
    await tell(call.tx, call, own, inviter, {
      id: call.event.id,
      kind: 'project-joined',
      facts: { project: projectName, role, ...(person?.name ? { person: person.name } : {}) },
      at: call.event.time,
    })
  }),

  roleChanged: on(projects, 'project.member.changed', async (call, own: Own) => {
    const { userId, by, projectName, role } = call.event.data
    if (by === userId) return
    await tell(call.tx, call, own, userId, {
      id: call.event.id,
      kind: 'project-role-changed',
      facts: { project: projectName, role },
      at: call.event.time,
    })
  }),

  removed: on(projects, 'project.member.removed', async (call, own: Own) => {
    const { userId, by, projectName } = call.event.data
    if (by === undefined || by === userId) return
    await tell(call.tx, call, own, userId, {
      id: call.event.id,
      kind: 'project-left',
      facts: { project: projectName },
      at: call.event.time,
    })
  }),

  deletionScheduled: on(projects, 'project.deletion.scheduled', async (call, own: Own) => {
    const { owners, projectName, deleteAt } = call.event.data
    for (const userId of owners)
      await tell(call.tx, call, own, userId, {
        id: call.event.id,
        mailId: mailIdFor(call.event.id, userId),
        kind: 'project-deletion',
        facts: { project: projectName, deleteAt },
        at: call.event.time,
      })
  }),

  orphaned: on(projects, 'project.orphaned', async (call, own: Own) => {
    const { projectName } = call.event.data
    for (const userId of await store.findHolders(call.tx, 'projects:manage'))
      await tell(call.tx, call, own, userId, {
        id: call.event.id,
        mailId: mailIdFor(call.event.id, userId),
        kind: 'project-orphaned',
        facts: { project: projectName },
        at: call.event.time,
      })
  }),

  endUserMail: on(oidc, 'enduser.mail.requested', async (call, own: Own) => {
    const { tx, event } = call
    const { endUserId, email, name, locale, kind, project, expiresAt, sealed } = event.data
    if ((await store.findRecipient(tx, endUserId))?.state === 'erased') return
    const { name: projectName, ...look } = project
    const secrets: Facts = sealed ? JSON.parse(call.openSealed(sealed)) : {}
    await post(
      tx,
      call,
      own,
      { userId: endUserId, email, locale, name, timeZone: 'UTC' },
      {
        id: event.id,
        kind: endUserKinds[kind],
        facts: { project: projectName, ...look, ...(expiresAt ? { expiresAt } : {}), ...secrets },
        at: event.time,
      },
    )
  }),

  endUserErased: on(oidc, 'enduser.deleted', async ({ tx, event, now }, _own: Own) => {
    await store.eraseRecipient(tx, event.data.endUserId, now())
  }),
}
