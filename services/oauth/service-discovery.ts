/** What OpenID providers say about themselves: metadata and keys, remembered for an hour, in Redis where there is one. */
import type { Tools } from '@pleiad/platform/service'
import { createLocalJWKSet, errors, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { ProviderTrouble } from './problems.ts'
import {
  type Client,
  type Endpoints,
  type Json,
  type Provider,
  type Settings,
  textAt,
  withDefaults,
} from './provider.ts'
import { askJson, type Send } from './service-ask.ts'

const KEEP_SECONDS = 3600
/** Keys are asked for again at most this often when a token names an unknown one. */
const AGAIN_SECONDS = 30
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

export interface Metadata {
  readonly issuer: string | undefined
  readonly endpoints: Partial<Endpoints>
  readonly authMethods: readonly string[]
  /** RFC 9207: answers name their issuer. */
  readonly issPromised: boolean
}

export interface Discovery {
  /** Endpoints of a provider. `fresh` asks again, for a test of the configuration. */
  readonly metadataOf: (provider: Provider, settings: Settings, fresh?: boolean) => Promise<Metadata>
  /** The claims of a genuine ID token. */
  readonly verifyIdToken: (
    provider: Provider,
    client: Client,
    metadata: Metadata,
    idToken: string,
    nonce: string | undefined,
  ) => Promise<JWTPayload>
  /** How many keys the provider publishes; throws when there are none that can be read. */
  readonly countKeys: (url: string) => Promise<number>
}

export function createDiscovery({ cache, now }: Pick<Tools, 'cache' | 'now'>, send: Send): Discovery {
  async function discover(
    provider: Provider,
    issuer: string,
    settings: Settings,
    fresh: boolean,
  ): Promise<Json> {
    const key = `metadata:${issuer}`
    const known = fresh ? undefined : await cache.get<Json>(key)
    if (known) return known
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const answer = await send(url)
    const metadata = answer.json as Json
    if (answer.status >= 500)
      throw new ProviderTrouble('providerFailed', { detail: `${url}: ${answer.status}` })
    if (answer.status >= 300 || typeof metadata !== 'object' || metadata === null)
      throw new ProviderTrouble('discoveryMissing', { detail: `${url}: ${answer.status}` })
    const named = textAt(metadata, 'issuer')
    // OpenID Connect Discovery, section 4.3: identical, or the answer is somebody else's.
    if (named !== issuer && !isTemplate(provider, named, settings))
      throw new ProviderTrouble('issuerDiffers', { detail: `${named ?? 'none'} instead of ${issuer}` })
    await cache.set(key, metadata, KEEP_SECONDS)
    return metadata
  }

  async function keysAt(url: string, fresh: boolean): Promise<JSONWebKeySet> {
    const key = `keys:${url}`
    const known = fresh ? undefined : await cache.get<JSONWebKeySet>(key)
    if (known) return known
    const keys = (await askJson(send, url)) as JSONWebKeySet
    if (!Array.isArray(keys?.keys) || keys.keys.length === 0)
      throw new ProviderTrouble('metadataIncomplete', { detail: 'no keys' })
    await cache.set(key, keys, KEEP_SECONDS)
    return keys
  }

  async function verify(
    idToken: string,
    url: string,
    issuer: string | undefined,
    client: Client,
    fresh: boolean,
  ) {
    const keys = createLocalJWKSet(await keysAt(url, fresh))
    return jwtVerify(idToken, keys, {
      algorithms,
      audience: client.clientId,
      clockTolerance: 60,
      currentDate: now(),
      requiredClaims: ['exp', 'iat', 'sub'],
      ...(issuer === undefined ? {} : { issuer }),
    })
  }

  return {
    metadataOf: async (provider, settings, fresh = false) => {
      const all = withDefaults(provider, settings)
      const fixed = provider.endpoints?.(all) ?? {}
      const issuer = provider.issuer?.(all)
      // A provider whose endpoints are all in the catalogue needs no discovery.
      if (issuer === undefined || (fixed.authorization && fixed.token && fixed.jwks)) {
        const named = issuer ?? (all['issuer'] || undefined)
        return { issuer: named, endpoints: fixed, authMethods: [], issPromised: false }
      }
      const json = await discover(provider, issuer, all, fresh)
      const methods = json['token_endpoint_auth_methods_supported']
      const endpoints: Partial<Endpoints> = {
        authorization: textAt(json, 'authorization_endpoint'),
        token: textAt(json, 'token_endpoint'),
        userinfo: textAt(json, 'userinfo_endpoint'),
        revocation: textAt(json, 'revocation_endpoint'),
        jwks: textAt(json, 'jwks_uri'),
        ...fixed,
      } as Partial<Endpoints>
      for (const name of ['authorization', 'token', 'jwks'] as const)
        if (!/^https?:\/\//.test(endpoints[name] ?? ''))
          throw new ProviderTrouble('metadataIncomplete', { detail: name })
      return {
        issuer: textAt(json, 'issuer')!,
        endpoints,
        authMethods: Array.isArray(methods) ? methods.map(String) : [],
        issPromised: json['authorization_response_iss_parameter_supported'] === true,
      }
    },

    verifyIdToken: async (provider, client, metadata, idToken, nonce) => {
      const url = metadata.endpoints.jwks!
      const issuer = provider.issuerFits ? undefined : metadata.issuer
      const { payload } = await verify(idToken, url, issuer, client, false)
        .catch(async (error: unknown) => {
          // A key that is not known may be new. Asked once in a while, however many tokens name made-up ones.
          if (!(error instanceof errors.JWKSNoMatchingKey)) throw error
          if (!(await cache.setIfAbsent(`again:${url}`, true, AGAIN_SECONDS))) throw error
          return verify(idToken, url, issuer, client, true)
        })
        .catch((error: unknown) => {
          if (error instanceof ProviderTrouble) throw error
          const claim = error instanceof errors.JWTClaimValidationFailed ? ` ${error.claim}` : ''
          const code = claim === ' iss' ? 'issuerDiffers' : 'idTokenInvalid'
          // A key that cannot be used makes other errors than those of the library.
          const kind = error instanceof errors.JOSEError ? error.code : 'key'
          throw new ProviderTrouble(code, { detail: `${kind}${claim}` })
        })
      if (
        provider.issuerFits &&
        !provider.issuerFits(payload.iss ?? '', payload, withDefaults(provider, client.settings))
      )
        throw new ProviderTrouble('issuerDiffers', { detail: payload.iss ?? 'none' })
      const { azp } = payload
      if (
        (Array.isArray(payload.aud) && payload.aud.length > 1 && azp === undefined) ||
        (azp !== undefined && azp !== client.clientId)
      )
        throw new ProviderTrouble('idTokenInvalid', { detail: 'azp' })
      if (nonce !== undefined && payload['nonce'] !== nonce) throw new ProviderTrouble('nonceMismatch')
      return payload
    },

    countKeys: async (url) => (await keysAt(url, true)).keys.length,
  }
}

/** Microsoft's metadata of many tenants names its issuer with a placeholder, and a domain's with the tenant's id. */
function isTemplate(provider: Provider, named: string | undefined, settings: Settings): boolean {
  if (!provider.issuerFits || named === undefined) return false
  const tid = /\/([0-9a-f-]{36})\/v2\.0$/.exec(named)?.[1]
  return named.includes('{tenantid}') || (tid !== undefined && provider.issuerFits(named, { tid }, settings))
}
