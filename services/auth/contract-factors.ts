/** Operations on what proves an identity: authenticator, passkeys, recovery codes, personal access tokens. */
import { type Operation, Type } from '@pleiad/platform/contract'
import { AccessToken, bodyOf, FlowId, Passkey, PermissionName, PublicKeyJson } from './contract-schemas.ts'

const id = '01890a5d-ac96-774b-bcce-b302099a8057'
const PasskeyName = Type.String({ minLength: 1, maxLength: 60, description: 'How its owner calls it' })
const Codes = Type.Object({
  recoveryCodes: Type.Array(Type.String(), { description: 'Shown once; each works once' }),
})

export const factorOperations = {
  startTotp: {
    method: 'POST',
    path: '/totp',
    summary: 'Begin to set up an authenticator app',
    description:
      'Show `uri` as a QR code, then confirm with a code. Nothing changes until then. Needs a recent proof.',
    access: 'user',
    rate: 'auth',
    returns: Type.Object({
      secret: Type.String({ description: 'Base32, for typing in' }),
      uri: Type.String({ description: 'otpauth:// address for the QR code' }),
    }),
    errors: ['sessionRequired', 'reauthenticationRequired', 'totpAlreadyOn'],
  },
  confirmTotp: {
    method: 'POST',
    path: '/totp/confirm',
    summary: 'Turn the second factor on with the first code',
    access: 'user',
    rate: 'auth',
    body: bodyOf({
      code: Type.String({
        pattern: '^[0-9]{6}$',
        description: 'The six digits that the authenticator shows',
      }),
    }),
    returns: Codes,
    errors: ['sessionRequired', 'reauthenticationRequired', 'proofRefused', 'totpNotStarted', 'tryLater'],
    example: { body: { code: '123456' } },
  },
  disableTotp: {
    method: 'DELETE',
    path: '/totp',
    summary: 'Turn the second factor off',
    description: 'Needs a recent proof. The recovery codes are deleted.',
    access: 'user',
    rate: 'auth',
    errors: ['sessionRequired', 'reauthenticationRequired'],
  },
  startPasskeyRegistration: {
    method: 'POST',
    path: '/passkeys/options',
    summary: 'Options for adding a passkey',
    description: 'Needs a recent proof.',
    access: 'user',
    rate: 'auth',
    returns: Type.Object({ flowId: FlowId, options: PublicKeyJson }),
    errors: ['sessionRequired', 'reauthenticationRequired'],
  },
  registerPasskey: {
    method: 'POST',
    path: '/passkeys',
    summary: 'Add a passkey',
    access: 'user',
    rate: 'auth',
    status: 201,
    body: bodyOf({ flowId: FlowId, name: PasskeyName, response: PublicKeyJson }),
    returns: Passkey,
    errors: ['sessionRequired', 'challengeExpired', 'proofRefused', 'passkeyKnown'],
    example: {
      body: {
        flowId: 'f3pP0v2b8m1Qw9r5tYzAaBbC',
        name: 'Phone',
        response: { id: 'cred', rawId: 'cred', type: 'public-key', response: {}, clientExtensionResults: {} },
      },
    },
  },
  listPasskeys: {
    method: 'GET',
    path: '/passkeys',
    summary: 'List one’s own passkeys',
    access: 'user',
    returns: Type.Object({ items: Type.Array(Passkey) }),
  },
  renamePasskey: {
    method: 'PATCH',
    path: '/passkeys/:passkeyId',
    summary: 'Rename a passkey',
    access: 'user',
    params: Type.Object({ passkeyId: Type.String({ format: 'uuid', description: 'The passkey' }) }),
    body: bodyOf({ name: PasskeyName }),
    returns: Passkey,
    errors: ['sessionRequired'],
    example: { params: { passkeyId: id }, body: { name: 'Laptop' } },
  },
  deletePasskey: {
    method: 'DELETE',
    path: '/passkeys/:passkeyId',
    summary: 'Delete a passkey',
    description: 'Needs a recent proof. The last passkey of an account without a password stays.',
    access: 'user',
    params: Type.Object({ passkeyId: Type.String({ format: 'uuid', description: 'The passkey' }) }),
    errors: ['sessionRequired', 'reauthenticationRequired', 'lastFactor'],
    example: { params: { passkeyId: id } },
  },
  regenerateRecoveryCodes: {
    method: 'POST',
    path: '/recovery-codes',
    summary: 'Make new recovery codes',
    description: 'The old ones stop working. Needs a recent proof and a second factor that is on.',
    access: 'user',
    rate: 'auth',
    returns: Codes,
    errors: ['sessionRequired', 'reauthenticationRequired', 'totpNotStarted'],
  },
  countRecoveryCodes: {
    method: 'GET',
    path: '/recovery-codes',
    summary: 'How many recovery codes are left',
    access: 'user',
    returns: Type.Object({ left: Type.Integer() }),
  },
  createToken: {
    method: 'POST',
    path: '/tokens',
    summary: 'Create a personal access token',
    description:
      'For programs: `Authorization: Bearer plt_…`. It never has more than its owner has, and it cannot change credentials. Needs a recent proof.',
    access: 'user',
    rate: 'auth',
    status: 201,
    body: bodyOf({
      name: Type.String({ minLength: 1, maxLength: 60, description: 'What it is for' }),
      scopes: Type.Array(PermissionName, {
        maxItems: 200,
        uniqueItems: true,
        description: 'Permissions it carries, of those its owner has',
      }),
      expiresInDays: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 366, description: 'Days until it expires; without it, never' }),
      ),
    }),
    returns: Type.Object({ token: AccessToken, secret: Type.String({ description: 'Shown this once' }) }),
    errors: ['sessionRequired', 'reauthenticationRequired', 'scopeNotHeld', 'tooManyTokens'],
    example: { body: { name: 'Backup script', scopes: [], expiresInDays: 30 } },
  },
  listTokens: {
    method: 'GET',
    path: '/tokens',
    summary: 'List one’s own personal access tokens',
    access: 'user',
    returns: Type.Object({ items: Type.Array(AccessToken) }),
  },
  revokeToken: {
    method: 'DELETE',
    path: '/tokens/:tokenId',
    summary: 'Revoke a personal access token',
    description: 'It is refused everywhere within a second.',
    access: 'user',
    params: Type.Object({ tokenId: Type.String({ format: 'uuid', description: 'The token' }) }),
    errors: ['sessionRequired'],
    example: { params: { tokenId: id } },
  },
} as const satisfies Record<string, Operation>
