/** Operations of administrators: roles, accounts, the audit log, signing keys. */
import { type Operation, pageOf, pageQuery, Type } from '@pleiad/platform/contract'
import {
  Account,
  AuditEntry,
  bodyOf,
  Email,
  Locale,
  PermissionName,
  Role,
  RoleName,
  Username,
} from './contract-schemas.ts'

const userId = '01890a5d-ac96-774b-bcce-b302099a8057'
const UserParam = Type.Object({ userId: Type.String({ format: 'uuid', description: 'The account' }) })
const RoleParam = Type.Object({ role: RoleName })
const RoleDescription = Type.String({ minLength: 1, maxLength: 200, description: 'What the role is for' })
const Permissions = Type.Array(PermissionName, {
  maxItems: 500,
  uniqueItems: true,
  description: 'What the role lets its holders do',
})

export const administrationOperations = {
  listPermissions: {
    method: 'GET',
    path: '/permissions',
    summary: 'List every permission of the installation',
    access: { permission: 'auth:roles' },
    returns: Type.Object({
      items: Type.Array(Type.Object({ name: Type.String(), description: Type.String() })),
    }),
  },
  listRoles: {
    method: 'GET',
    path: '/roles',
    summary: 'List roles',
    access: { permission: 'auth:roles' },
    returns: Type.Object({ items: Type.Array(Role) }),
  },
  createRole: {
    method: 'POST',
    path: '/roles',
    summary: 'Create a role',
    description: 'Nobody can give away a permission that they do not have.',
    access: { permission: 'auth:roles' },
    status: 201,
    body: bodyOf({ name: RoleName, description: RoleDescription, permissions: Permissions }),
    returns: Role,
    errors: ['roleExists', 'permissionUnknown', 'beyondOwnPermissions'],
    example: { body: { name: 'auditor', description: 'Reads the audit log', permissions: ['auth:audit'] } },
  },
  updateRole: {
    method: 'PATCH',
    path: '/roles/:role',
    summary: 'Change a role',
    description: 'Holders get the change with their next access token, which they need within a second.',
    access: { permission: 'auth:roles' },
    params: RoleParam,
    body: bodyOf({ description: Type.Optional(RoleDescription), permissions: Type.Optional(Permissions) }),
    returns: Role,
    errors: ['roleBuiltIn', 'permissionUnknown', 'beyondOwnPermissions'],
    example: { params: { role: 'auditor' }, body: { description: 'Reads the audit log' } },
  },
  deleteRole: {
    method: 'DELETE',
    path: '/roles/:role',
    summary: 'Delete a role',
    access: { permission: 'auth:roles' },
    params: RoleParam,
    errors: ['roleBuiltIn', 'beyondOwnPermissions'],
    example: { params: { role: 'auditor' } },
  },
  listAccounts: {
    method: 'GET',
    path: '/accounts',
    summary: 'List accounts, newest first, or search by e-mail',
    access: { permission: 'auth:accounts' },
    query: Type.Object({
      ...pageQuery,
      email: Type.Optional(
        Type.String({ minLength: 1, maxLength: 254, description: 'Beginning of the address' }),
      ),
      userId: Type.Optional(Type.String({ format: 'uuid', description: 'One account' })),
    }),
    returns: pageOf(Account),
    errors: ['cursorInvalid'],
    example: { query: { limit: 10 } },
  },
  importAccount: {
    method: 'POST',
    path: '/accounts',
    summary: 'Import an account with its password hash',
    description:
      'From another system: the person signs in with the password they have, which is then hashed anew. The address counts as confirmed.',
    access: { permission: 'auth:accounts' },
    status: 201,
    idempotent: true,
    body: bodyOf({
      email: Email,
      username: Username,
      displayName: Type.String({ minLength: 1, maxLength: 80, description: 'Name shown to others' }),
      locale: Type.Optional(Locale),
      passwordHash: Type.String({ minLength: 20, maxLength: 300, description: 'Argon2 or bcrypt hash' }),
    }),
    returns: Account,
    errors: ['emailTaken', 'usernameTaken', 'usernameNotAllowed', 'hashUnsupported'],
    example: {
      body: {
        email: 'grace@example.com',
        username: 'grace',
        displayName: 'Grace Hopper',
        passwordHash: '$2b$12$abcdefghijklmnopqrstuv0123456789ABCDEFGHIJKLMNOPQRSTU',
      },
    },
  },
  assignRoles: {
    method: 'PUT',
    path: '/accounts/:userId/roles',
    summary: 'Set the roles of an account',
    description:
      'Nobody can give or take what they do not have; the last administrator stays one. Everybody is a member without being told so.',
    access: { permission: 'auth:roles' },
    params: UserParam,
    body: bodyOf({
      roles: Type.Array(RoleName, {
        maxItems: 50,
        uniqueItems: true,
        description: 'All roles the account shall have',
      }),
    }),
    returns: Account,
    errors: ['roleUnknown', 'beyondOwnPermissions', 'lastAdministrator'],
    example: { params: { userId }, body: { roles: ['auditor'] } },
  },
  lockAccount: {
    method: 'POST',
    path: '/accounts/:userId/lock',
    summary: 'Lock an account',
    description: 'Ends its sessions and tokens within a second; it cannot sign in until it is unlocked.',
    access: { permission: 'auth:accounts' },
    params: UserParam,
    body: bodyOf({
      reason: Type.String({ minLength: 1, maxLength: 200, description: 'Why; administrators see it' }),
    }),
    returns: Account,
    errors: ['ownAccount', 'beyondOwnPermissions', 'lastAdministrator'],
    example: { params: { userId }, body: { reason: 'Reported by the owner as stolen' } },
  },
  unlockAccount: {
    method: 'POST',
    path: '/accounts/:userId/unlock',
    summary: 'Unlock an account',
    access: { permission: 'auth:accounts' },
    params: UserParam,
    returns: Account,
    errors: ['beyondOwnPermissions'],
    example: { params: { userId } },
  },
  revokeAccountSessions: {
    method: 'DELETE',
    path: '/accounts/:userId/sessions',
    summary: 'End all sessions of a person',
    access: { permission: 'auth:accounts' },
    params: UserParam,
    returns: Type.Object({ revoked: Type.Integer({ description: 'How many ended' }) }),
    errors: ['beyondOwnPermissions'],
    example: { params: { userId } },
  },
  listAudit: {
    method: 'GET',
    path: '/audit',
    summary: 'Read the audit log, newest first',
    access: { permission: 'auth:audit' },
    maxStalenessMs: 5_000,
    query: Type.Object({
      ...pageQuery,
      event: Type.Optional(
        Type.String({ maxLength: 60, description: 'Exactly this event, such as signIn.refused' }),
      ),
      subjectId: Type.Optional(Type.String({ format: 'uuid', description: 'Whose account' })),
      actorId: Type.Optional(Type.String({ format: 'uuid', description: 'Who did it' })),
      from: Type.Optional(Type.String({ format: 'date-time', description: 'Not before' })),
      to: Type.Optional(Type.String({ format: 'date-time', description: 'Before' })),
    }),
    returns: pageOf(AuditEntry),
    errors: ['cursorInvalid'],
    example: { query: { limit: 10 } },
  },
  rotateSigningKey: {
    method: 'POST',
    path: '/signing-keys/rotate',
    summary: 'Sign with the next key from now on',
    description:
      'Nobody is signed out: tokens of the old key stay valid until they expire. With `compromised` they are refused at once and clients refresh.',
    access: { permission: 'auth:keys' },
    body: bodyOf({
      compromised: Type.Optional(Type.Boolean({ description: 'The private key may be in wrong hands' })),
    }),
    returns: Type.Object({ kid: Type.String({ description: 'The key that signs now' }) }),
    errors: ['sessionRequired', 'reauthenticationRequired'],
    example: { body: {} },
  },
} as const satisfies Record<string, Operation>
