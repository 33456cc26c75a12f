/** What is said to a provider: a code for tokens, a refresh, a revocation; and what its answers mean. */
import type { Tools } from '@pleiad/platform/service'
import type { ProblemCode } from './contract-problems.ts'
import { nonceOf, verifierOf } from './flows.ts'
import { ProviderTrouble, quoted } from './problems.ts'
import {
  type CallbackParameters,
  type Client,
  type Identity,
  type Json,
  type Provider,
  type Settings,
  type Tokens,
  usesPkce,
  withDefaults,
} from './provider.ts'
import { askJson, type ProviderAnswer, type Send } from './service-ask.ts'
import type { Discovery, Metadata } from './service-discovery.ts'
import { readTokens } from './tokens.ts'

export interface Exchange {
  /** Tokens and identity for a code. */
  readonly redeemCode: (
    provider: Provider,
    client: Client,
    code: string,
    flow: { readonly id: string; readonly redirectUri: string; readonly key: Buffer },
    parameters: CallbackParameters,
  ) => Promise<{ tokens: Tokens; identity: Identity }>
  readonly refresh: (
    provider: Provider,
    client: Client,
    refreshToken: string,
    extra: Settings,
  ) => Promise<Tokens>
  /** Ends tokens at the provider. False when it does not offer that. */
  readonly revoke: (provider: Provider, client: Client, tokens: Tokens) => Promise<boolean>
  /** Sends a made-up code: a provider that knows the client complains about the code. */
  readonly probe: (provider: Provider, client: Client, redirectUri: string) => Promise<ProviderAnswer>
}

export function createExchange({ now }: Pick<Tools, 'now'>, send: Send, discovery: Discovery): Exchange {
  /** A request to the token endpoint with the client's credentials. */
  async function post(
    provider: Provider,
    client: Client,
    metadata: Metadata,
    url: string,
    form: Settings,
  ): Promise<ProviderAnswer> {
    const method = authMethod(provider, client, metadata)
    const secret = provider.clientSecret ? await signedSecret(provider, client, now()) : client.secret
    const headers: Record<string, string> = {}
    const body: Record<string, string> = { ...form }
    if (method === 'basic' && secret !== undefined) {
      // RFC 6749, section 2.3.1: both parts are form-encoded first.
      const [id, word] = [client.clientId, secret].map((part) =>
        new URLSearchParams({ '': part }).toString().slice(1),
      )
      headers['authorization'] = `Basic ${Buffer.from(`${id}:${word}`).toString('base64')}`
    } else {
      body['client_id'] = client.clientId
      if (method !== 'none' && secret !== undefined) body['client_secret'] = secret
    }
    return send(url, { method: 'POST', headers, form: body })
  }

  async function askTokens(provider: Provider, client: Client, form: Settings): Promise<Tokens> {
    const metadata = await discovery.metadataOf(provider, client.settings)
    const askedAt = now()
    const answer = await post(provider, client, metadata, metadata.endpoints.token!, form)
    const raw = (typeof answer.json === 'object' && answer.json !== null ? answer.json : {}) as Json
    const json = provider.readTokenAnswer?.(raw) ?? raw
    const tokens = answer.status < 300 && json['error'] === undefined ? readTokens(json, now()) : undefined
    if (tokens) return { ...tokens, askedAt }
    throw tokenTrouble(provider, answer, json, form['grant_type'] === 'refresh_token')
  }

  return {
    redeemCode: async (provider, original, code, flow, parameters) => {
      const client = { ...original, settings: withDefaults(provider, original.settings) }
      const metadata = await discovery.metadataOf(provider, client.settings)
      const extra = provider.remember?.(parameters) ?? {}
      const first = await askTokens(provider, client, {
        grant_type: 'authorization_code',
        code,
        redirect_uri: flow.redirectUri,
        ...(usesPkce(provider, client.settings) ? { code_verifier: verifierOf(flow.key, flow.id) } : {}),
        ...provider.tokenParameters?.(extra),
      })
      const ask = (url: string, request?: Parameters<Send>[1]) => askJson(send, url, request)
      const later = (await provider.afterTokens?.(first, client, ask)) ?? first
      const granted = provider.grantedScopes?.(parameters)
      const tokens = { ...later, extra, ...(granted ? { scopes: granted } : {}) }
      const profile = await profileOf(provider, client, metadata, tokens, nonceOf(flow.key, flow.id))
      try {
        return { tokens, identity: bounded(provider.identity!(profile, client, parameters)) }
      } catch (error) {
        throw new ProviderTrouble('profileNotRight', { detail: (error as Error).message })
      }
    },

    refresh: async (provider, original, refreshToken, extra) => {
      const client = { ...original, settings: withDefaults(provider, original.settings) }
      const tokens = await askTokens(provider, client, {
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        ...provider.tokenParameters?.(extra),
      })
      return { ...tokens, extra }
    },

    revoke: async (provider, original, tokens) => {
      const client = { ...original, settings: withDefaults(provider, original.settings) }
      const metadata = await discovery.metadataOf(provider, client.settings)
      const url = metadata.endpoints.revocation
      if (!url) return false
      if (provider.revoke) {
        await provider.revoke(tokens, client, (to, request) => askJson(send, to, request), metadata.endpoints)
        return true
      }
      // RFC 7009: the refresh token takes its access tokens along where the provider does it right.
      for (const [token, hint] of [
        [tokens.refreshToken, 'refresh_token'],
        [tokens.accessToken, 'access_token'],
      ] as const) {
        if (token === undefined) continue
        const answer = await post(provider, client, metadata, url, { token, token_type_hint: hint })
        if (answer.status >= 500)
          throw new ProviderTrouble('providerFailed', { detail: String(answer.status) })
      }
      return true
    },

    probe: async (provider, original, redirectUri) => {
      const client = { ...original, settings: withDefaults(provider, original.settings) }
      const metadata = await discovery.metadataOf(provider, client.settings)
      const form = {
        grant_type: 'authorization_code',
        code: 'pleiad-connection-test',
        redirect_uri: redirectUri,
        ...(usesPkce(provider, client.settings)
          ? { code_verifier: 'pleiad-connection-test-'.repeat(2) }
          : {}),
        ...provider.tokenParameters?.({}),
      }
      return post(provider, client, metadata, metadata.endpoints.token!, form)
    },
  }

  /** Claims of the ID token, completed by the userinfo endpoint where they lack the name and address; or the profile. */
  async function profileOf(
    provider: Provider,
    client: Client,
    metadata: Metadata,
    tokens: Tokens,
    nonce: string,
  ): Promise<Json> {
    const ask = (url: string, request?: Parameters<Send>[1]) => askJson(send, url, request)
    const { userinfo } = metadata.endpoints
    const headers = { authorization: `Bearer ${tokens.accessToken}` }
    if (provider.kind === 'oauth2') {
      if (provider.fetchProfile) return provider.fetchProfile(tokens, client, ask, userinfo!)
      return (await ask(userinfo!, { headers })) as Json
    }
    if (!tokens.idToken)
      throw new ProviderTrouble('idTokenInvalid', { detail: 'none; is the scope openid asked for?' })
    const claims = await discovery.verifyIdToken(
      provider,
      client,
      metadata,
      tokens.idToken,
      provider.withoutNonce ? undefined : nonce,
    )
    if (!userinfo || (claims['email'] !== undefined && claims['name'] !== undefined)) return claims
    const more = (await ask(userinfo, { headers }).catch(() => ({}))) as Json
    // OpenID Connect Core, section 5.3.2: of another subject it must not be used.
    return more['sub'] === claims.sub ? { ...more, ...claims } : claims
  }
}

function authMethod(provider: Provider, client: Client, metadata: Metadata): 'basic' | 'post' | 'none' {
  const { clientAuth } = provider
  const chosen = typeof clientAuth === 'function' ? clientAuth(client.settings) : clientAuth
  if (chosen !== 'discovered') return chosen
  if (client.secret === undefined) return 'none'
  const { authMethods } = metadata
  // Basic is what holds when the metadata says nothing.
  return authMethods.length === 0 || authMethods.includes('client_secret_basic') ? 'basic' : 'post'
}

async function signedSecret(provider: Provider, client: Client, now: Date): Promise<string> {
  try {
    return await provider.clientSecret!(client, now)
  } catch {
    throw new ProviderTrouble('secretUnusable')
  }
}

/** What a token endpoint's refusal means. RFC 6749, section 5.2, and what providers do instead. */
export function tokenTrouble(
  provider: Provider,
  answer: ProviderAnswer,
  json: Json,
  refreshing: boolean,
): ProviderTrouble {
  const error = String(json['error'] ?? '')
  const said = quoted(json['error_description'] ?? json['message']) ?? quoted(json['error'])
  const detail = [String(answer.status), said].filter(Boolean).join(' ')
  const { retryAfter } = answer
  if (refreshing && (error === 'invalid_grant' || provider.refusedForGood?.(answer.status, json)))
    return new ProviderTrouble('refreshRefused', { detail, forGood: true })
  if (answer.status >= 500 || /^(server_error|temporarily_unavailable)$/.test(error))
    return new ProviderTrouble('providerFailed', { detail, retryAfter, ambiguous: true })
  return new ProviderTrouble(clientTrouble(answer.status, error, said), { detail, retryAfter })
}

/** What a 4xx of a token endpoint says about the client, the redirect URI or the code. */
export function clientTrouble(status: number, error: string, said: string | undefined): ProblemCode {
  const words = `${error} ${said ?? ''}`.toLowerCase()
  if (/redirect.?ur[il]/.test(words)) return 'redirectUriRefused'
  if (
    /^(invalid_client|unauthorized_client|incorrect_client_credentials|invalid_client_id|bad_client_secret)$/.test(
      error,
    )
  )
    return 'secretWrong'
  if (/invalid client|client (id|secret|credentials)|invalid_client/.test(words)) return 'secretWrong'
  if (
    /^(invalid_grant|bad_verification_code|invalid_code|code_expired)$/.test(error) ||
    /invalid.*code|code.*(invalid|expired)/.test(words)
  )
    return 'codeRefused'
  if (status === 401) return 'secretWrong'
  if (status < 300) return 'answerNotRight'
  return 'providerRefused'
}

/** An identity as it may be stored: providers decide what people are called, not how long rows are. */
function bounded(identity: Identity): Identity {
  const { subject, email, emailVerified, name, picture } = identity
  const plausible = email !== undefined && email.length <= 254 && /^[^\s@]+@[^\s@]+$/.test(email)
  return {
    subject,
    emailVerified: plausible && emailVerified,
    ...(plausible ? { email } : {}),
    ...(name ? { name: name.replace(/\p{Cc}/gu, ' ').slice(0, 200) } : {}),
    ...(picture && picture.length <= 1000 && /^https?:\/\//.test(picture) ? { picture } : {}),
  }
}
