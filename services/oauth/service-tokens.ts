/** Tokens on their way into the database and out of it. */
import type { Tools } from '@pleiad/platform/service'
import type { Tokens } from './provider.ts'
import type { ConnectionRow, SealedTokens } from './store-connections.ts'

/** What the access or refresh token of a connection is sealed for. */
export function tokenOwner(kind: 'access' | 'refresh', connectionId: string): string {
  return `connection:${connectionId}:${kind}`
}

/** Seals tokens for a connection. `asked` are the scopes to note when the provider names none. */
export async function sealTokens(
  { vault, now }: Pick<Tools, 'vault' | 'now'>,
  connectionId: string,
  tokens: Tokens | undefined,
  asked: readonly string[],
): Promise<SealedTokens> {
  const seal = async (kind: 'access' | 'refresh', token: string | undefined) =>
    token === undefined ? null : vault.seal(token, tokenOwner(kind, connectionId))
  return {
    access: await seal('access', tokens?.accessToken),
    refresh: await seal('refresh', tokens?.refreshToken),
    tokenType: tokens?.tokenType ?? 'Bearer',
    extra: tokens?.extra ?? {},
    scopes: tokens?.scopes ?? asked,
    expiresAt:
      tokens?.expiresIn === undefined
        ? undefined
        : new Date((tokens.askedAt ?? now()).getTime() + tokens.expiresIn * 1000),
    lifetime: tokens?.expiresIn,
  }
}

/** Opens what is kept of a connection. */
export async function openTokens(
  { vault }: Pick<Tools, 'vault'>,
  row: ConnectionRow,
): Promise<Tokens | undefined> {
  const open = async (kind: 'access' | 'refresh', sealed: Buffer | null) =>
    sealed === null ? undefined : (await vault.open(sealed, tokenOwner(kind, row.id))).toString()
  const accessToken = await open('access', row.access)
  const refreshToken = await open('refresh', row.refresh)
  if (accessToken === undefined && refreshToken === undefined) return undefined
  return {
    accessToken: accessToken ?? '',
    refreshToken,
    tokenType: row.token_type,
    extra: row.extra,
    expiresIn: row.lifetime ?? undefined,
    scopes: row.scopes,
  }
}

/** What events say of a connection. */
export function eventOf(row: ConnectionRow) {
  return {
    connectionId: row.id,
    projectId: row.project_id,
    environment: row.environment,
    provider: row.provider,
    endUserId: row.end_user_id!,
  }
}
