/** Events that auth announces. */
import { type EventKind, Timestamp, Type, Uuid } from '@pleiad/platform/contract'
import { Locale } from './contract-schemas.ts'

const userId = '01890a5d-ac96-774b-bcce-b302099a8057'
const sid = '01890a5d-ac96-774b-bcce-b302099a8058'

/** Mails that auth asks for; `data` of each is described in services/auth/README.md. */
export const MailKind = Type.Union([
  Type.Literal('verify-email'),
  Type.Literal('account-exists'),
  Type.Literal('reset-password'),
  Type.Literal('change-email'),
  Type.Literal('new-sign-in'),
  Type.Literal('security-notice'),
])

/** What may change about the safety of an account. */
export const SecurityChange = Type.Union([
  Type.Literal('passwordChanged'),
  Type.Literal('passwordReset'),
  Type.Literal('emailChangeRequested'),
  Type.Literal('emailChanged'),
  Type.Literal('totpEnabled'),
  Type.Literal('totpDisabled'),
  Type.Literal('passkeyAdded'),
  Type.Literal('passkeyRemoved'),
  Type.Literal('recoveryCodesMade'),
  Type.Literal('recoveryCodeUsed'),
  Type.Literal('tokenCreated'),
  Type.Literal('sessionStolen'),
  Type.Literal('secondFactorAttacked'),
  Type.Literal('newSignIn'),
  Type.Literal('accountLocked'),
  Type.Literal('accountUnlocked'),
])

/** Where somebody did it from. */
const from = { ip: Type.Optional(Type.String()), userAgent: Type.Optional(Type.String()) }

export const authEvents = {
  'account.registered': {
    version: 1,
    description:
      'An account exists and can sign in; its profile is to be activated. Emitted once the address is confirmed (at once with a setup code or AUTH_SIGN_UP=immediate).',
    key: 'userId',
    data: Type.Object({
      userId: Uuid,
      email: Type.String(),
      username: Type.String(),
      displayName: Type.String(),
      locale: Locale,
    }),
    example: { userId, email: 'ada@example.com', username: 'ada', displayName: 'Ada Lovelace', locale: 'en' },
  },
  'account.deleted': {
    version: 1,
    description:
      'Credentials, sessions and tokens of a person are gone; every service erases what it still holds of them.',
    key: 'userId',
    data: Type.Object({ userId: Uuid }),
    example: { userId },
  },
  'session.revoked': {
    version: 1,
    description:
      'Access tokens issued at or before `before` are refused: of one session (`sid`), of one personal access token (`tokenId`), or all of the person.',
    key: 'userId',
    data: Type.Object({
      userId: Uuid,
      sid: Type.Optional(Uuid),
      tokenId: Type.Optional(Uuid),
      before: Type.Integer({ description: 'Seconds since 1970' }),
      until: Type.Integer({ description: 'Seconds since 1970; after it the revocation may be forgotten' }),
    }),
    example: { userId, sid, before: 1795240000, until: 1795240660 },
  },
  'email.requested': {
    version: 1,
    description:
      'A mail is to be sent. A link with a single-use token is sealed for notifications; auth keeps only the hash of the token.',
    key: 'userId',
    data: Type.Object({
      userId: Type.String({
        format: 'uuid',
        description: 'The account, or the one it will be once the address is confirmed',
      }),
      email: Type.String({ description: 'Where to: not always the current address of the account' }),
      locale: Locale,
      kind: MailKind,
      data: Type.Object({
        url: Type.Optional(Type.String({ description: 'Where the mail leads, when that is no secret' })),
        sealedUrl: Type.Optional(
          Type.String({
            description:
              'Where the mail leads when the link gives access; sealed for notifications (`openSealed`)',
          }),
        ),
        expiresAt: Type.Optional(Timestamp),
        what: Type.Optional(SecurityChange),
        at: Type.Optional(Timestamp),
        ...from,
      }),
    }),
    example: {
      userId,
      email: 'ada@example.com',
      locale: 'en',
      kind: 'verify-email',
      data: {
        sealedUrl: 'c2VhbGVkIGZvciBub3RpZmljYXRpb25z',
        expiresAt: '2026-11-22T10:00:00.000Z',
      },
    },
  },
  'link.requested': {
    version: 1,
    description:
      'Somebody asked for a mailed link. auth itself handles it: the request takes the same time and path whether or not the address has an account.',
    key: 'email',
    data: Type.Object({
      email: Type.String(),
      purpose: Type.Union([
        Type.Literal('verifyEmail'),
        Type.Literal('resetPassword'),
        Type.Literal('changeEmail'),
      ]),
      userId: Type.Optional(Type.String({ format: 'uuid', description: 'Who asked, when signed in' })),
    }),
    example: { email: 'ada@example.com', purpose: 'resetPassword' },
  },
  'email.changed': {
    version: 1,
    description: 'An account has a new, confirmed address: copies of the old one are to follow.',
    key: 'userId',
    data: Type.Object({ userId: Uuid, email: Type.String({ description: 'The new address' }) }),
    example: { userId, email: 'ada@example.org' },
  },
  'account.locked': {
    version: 1,
    description: 'An administrator locked or unlocked an account.',
    key: 'userId',
    data: Type.Object({ userId: Uuid, locked: Type.Boolean(), reason: Type.Optional(Type.String()) }),
    example: { userId, locked: true, reason: 'Reported by the owner as stolen' },
  },
  'security.changed': {
    version: 1,
    description:
      'Something about the safety of an account changed; its owner is told in the app (auth asks for the mail itself).',
    key: 'userId',
    data: Type.Object({
      userId: Uuid,
      what: SecurityChange,
      at: Timestamp,
      ...from,
    }),
    example: {
      userId,
      what: 'totpEnabled',
      at: '2026-11-21T10:00:00.000Z',
      ip: '192.0.2.1',
      userAgent: 'Firefox',
    },
  },
  'administrator.named': {
    version: 1,
    description:
      'An account is an administrator. Nothing has changed: it is said once a day, for services that did not hear `roles.changed`.',
    key: 'userId',
    data: Type.Object({ userId: Uuid }),
    example: { userId },
  },
  'roles.changed': {
    version: 1,
    description: 'The roles of an account changed.',
    key: 'userId',
    data: Type.Object({ userId: Uuid, roles: Type.Array(Type.String()) }),
    example: { userId, roles: ['auditor'] },
  },
  'permissions.changed': {
    version: 1,
    description:
      'What an account may do beyond what everybody may is another: its roles changed, or what a role carries. Says all of it but for the role admin, which may do everything. It is said again once a day, for services that did not hear it.',
    key: 'userId',
    data: Type.Object({ userId: Uuid, permissions: Type.Array(Type.String()) }),
    example: { userId, permissions: ['orders:confirm'] },
  },
} as const satisfies Record<string, EventKind>
