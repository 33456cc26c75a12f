/** The configuration of oidc-provider for one issuer. What RFC 9700 forbids is off; what it asks for is required of all. */
import Provider, { type Configuration, type KoaContextWithOIDC } from 'oidc-provider'
import { ACCESS_SECONDS, CONSENT, clientField, KIND, REFRESH_DAYS, SCOPES } from './apps.ts'
import { type Issuer, identityScopes, issuerUrl } from './issuers.ts'
import { privateJwk, type StoredKey } from './keys.ts'
import { modelId } from './secrets.ts'
import { adapterOf } from './service-adapter.ts'
import { grantFor, policy } from './service-consent.ts'
import { addTokenExchange } from './service-exchange.ts'
import { compareByHash, listen, repeatSuccessors } from './service-hooks.ts'
import { keyOwner } from './service-keyring.ts'
import type { Own } from './service-own.ts'
import { allowForm, errorPage, logoutPage, signedOutPage, wantsPage } from './service-pages.ts'
import { resourceOf } from './service-resources.ts'
import { grantName } from './service-revocation.ts'
import { inUnit, reader } from './service-unit.ts'
import { findEndUser } from './store-endusers.ts'

const DAY = 86_400

/** Cookies of an issuer; each has the issuer's path. */
export const cookieNames = { session: 'pleiad_sso', interaction: 'pleiad_signin', resume: 'pleiad_resume' }

const order = { active: 0, next: 1, previous: 2 }

/** Makes the instance of one issuer. */
export async function buildProvider(own: Own, issuer: Issuer, keys: readonly StoredKey[]): Promise<Provider> {
  const url = issuerUrl(own.tools.publicUrl, issuer.handle)
  const provider = new Provider(url, await configure(own, issuer, keys))
  // The gateway says where requests come from and how they came; see `service-mount.ts`.
  provider.proxy = true
  provider.use(async (ctx, next) => {
    let won = false
    try {
      won = await inUnit(own, { request: ctx.req, ip: ctx.ip }, async () => {
        await next()
        const { oidc } = ctx as Partial<KoaContextWithOIDC>
        const back = oidc?.params?.['redirect_uri']
        if (oidc?.params?.['response_mode'] === 'form_post' && oidc.redirectUriCheckPerformed)
          allowForm(ctx as KoaContextWithOIDC, String(back))
      })
    } catch (error) {
      // What could not be kept is not answered; whoever asks again is served.
      own.tools.log.error({ err: error, path: ctx.path }, 'an answer of an issuer could not be kept')
      own.tools.count('oidc_errors_total', { error: 'temporarily_unavailable' })
      ctx.set('retry-after', '1')
      return refuse(ctx, issuer, 503, 'temporarily_unavailable', 'try again in a moment')
    }
    if (!won) refuse(ctx, issuer, 400, 'invalid_grant', 'grant request is invalid')
  })
  compareByHash(own, issuer, provider)
  repeatSuccessors(provider)
  addTokenExchange(own, issuer, provider)
  listen(own, provider)
  return provider
}

/** Instead of an answer that was not kept: a page for a browser, JSON for a program. Where the browser was led is forgotten. */
function refuse(
  ctx: Pick<KoaContextWithOIDC, 'req' | 'status' | 'body' | 'remove'>,
  issuer: Issuer,
  status: number,
  error: string,
  description: string,
): void {
  ctx.status = status
  for (const name of ['location', 'set-cookie']) ctx.remove(name)
  if (wantsPage(ctx.req))
    errorPage(ctx as KoaContextWithOIDC, issuer, { error, error_description: description })
  else ctx.body = { error, error_description: description }
}

async function configure(own: Own, issuer: Issuer, keys: readonly StoredKey[]): Promise<Configuration> {
  const base = `/oidc/${issuer.handle}`
  // oidc-provider signs with the first key that fits; the others are published and still verify.
  const jwks = await Promise.all(
    [...keys]
      .sort((a, b) => order[a.state] - order[b.state])
      .map(async (key) =>
        privateJwk(await own.tools.vault.open(key.privateKey, keyOwner(key.kid)), key.publicJwk),
      ),
  )
  const shared = { httpOnly: true, sameSite: 'lax', signed: true } as const
  return {
    adapter: adapterOf(own, issuer),
    jwks: { keys: jwks as never },
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    enabledJWA: {
      idTokenSigningAlgValues: ['RS256', 'ES256'],
      userinfoSigningAlgValues: ['RS256', 'ES256'],
      dPoPSigningAlgValues: ['ES256', 'EdDSA', 'Ed25519'],
    },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'none'],
    responseTypes: ['code'],
    scopes: [...identityScopes],
    claims: {
      openid: ['sub', 'amr', 'auth_time'],
      profile: ['name', 'updated_at'],
      email: ['email', 'email_verified'],
    },
    conformIdTokenClaims: false,
    pkce: { required: () => true },
    // RFC 9700, section 4.1.3: the redirect address is always given and compared.
    allowOmittingSingleRegisteredRedirectUri: false,
    acceptQueryParamAccessTokens: false,
    // A page may call the issuer from where its own app lives: the origins of its redirect addresses. `null` is the
    // origin of any sandboxed frame, and of schemes of native apps.
    clientBasedCORS: (ctx, origin, client) =>
      origin !== 'null' &&
      (ctx.oidc.route === 'userinfo' || client.clientAuthMethod === 'none') &&
      (issuer.places.allowedOrigins.includes(origin) ||
        (client.redirectUris ?? []).some((uri) => URL.canParse(uri) && new URL(uri).origin === origin)),
    cookies: {
      keys: [own.keys.cookies],
      names: cookieNames,
      long: { ...shared, path: base },
      short: { ...shared },
    },
    routes: {
      authorization: '/auth',
      code_verification: '/device',
      device_authorization: '/device/auth',
      end_session: '/session/end',
      introspection: '/token/introspection',
      jwks: '/jwks',
      pushed_authorization_request: '/request',
      revocation: '/token/revocation',
      token: '/token',
      userinfo: '/userinfo',
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      dPoP: { enabled: true },
      // Announced here; answered before, by service-introspection.ts.
      introspection: { enabled: true },
      revocation: {
        enabled: true,
        // A token is revoked by the app it belongs to; about others it is told nothing (RFC 7009, section 2.1).
        allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
      },
      backchannelLogout: { enabled: true },
      pushedAuthorizationRequests: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (ctx, form) => logoutPage(ctx, issuer, form),
        postLogoutSuccessSource: (ctx) => signedOutPage(ctx, issuer),
      },
      deviceFlow: {
        enabled: true,
        mask: '****-****',
        deviceInfo: (ctx) => ({ ip: ctx.ip, ua: ctx.get('user-agent').slice(0, 300) }),
        userCodeInputSource: async (ctx, _form, _out, error) => {
          ctx.redirect(`${base}/device${error ? `?error=${encodeURIComponent(error.name)}` : ''}`)
        },
        userCodeConfirmSource: async (ctx, _form, _client, _info, userCode) => {
          ctx.redirect(`${base}/device?user_code=${encodeURIComponent(userCode)}`)
        },
        successSource: async (ctx) => ctx.redirect(`${base}/device/done`),
      },
      resourceIndicators: {
        enabled: true,
        defaultResource: async (_ctx, _client, oneOf) => oneOf as never,
        useGrantedResource: async () => false,
        getResourceServerInfo: async (ctx, resource, client) =>
          resourceOf(
            own,
            issuer,
            resource,
            clientField(client, SCOPES) as string[],
            ctx.oidc.params?.['grant_type'],
          ),
      },
    },
    extraClientMetadata: { properties: [KIND, CONSENT, SCOPES, ACCESS_SECONDS, REFRESH_DAYS] },
    // Tokens for APIs carry the name of their grant: with it they can be revoked.
    extraTokenClaims: async (_ctx, token) => {
      const grantId = 'grantId' in token ? token.grantId : undefined
      if (!(token as { resourceServer?: unknown }).resourceServer || !grantId) return undefined
      return { gid: grantName(modelId(issuer.issuerId, 'Grant', grantId)) }
    },
    expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
    issueRefreshToken: async (_ctx, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    ttl: {
      AccessToken: (_ctx, _token, client) => clientField(client, ACCESS_SECONDS) as number,
      ClientCredentials: (_ctx, _token, client) => clientField(client, ACCESS_SECONDS) as number,
      AuthorizationCode: 60,
      DeviceCode: 600,
      IdToken: 3600,
      Interaction: 3600,
      RefreshToken: (_ctx, _token, client) => (clientField(client, REFRESH_DAYS) as number) * DAY,
      Grant: 366 * DAY,
      Session: issuer.settings.sessionHours * 3600,
    },
    findAccount: async (_ctx, id) => {
      const person = await findEndUser(await reader(own), issuer.issuerId, id)
      if (person?.state !== 'active') return undefined
      return {
        accountId: id,
        claims: async () => ({
          sub: id,
          name: person.name || undefined,
          updated_at: Math.floor(person.changed_at.getTime() / 1000),
          ...(person.email ? { email: person.email, email_verified: person.email_verified } : {}),
        }),
      }
    },
    interactions: {
      policy: policy(),
      url: (_ctx, interaction) => `${base}/sign-in/${interaction.uid}`,
    },
    loadExistingGrant: (ctx) => grantFor(ctx),
    renderError: async (ctx, out, error) => {
      own.tools.log.info({ err: error, issuer: issuer.handle }, 'a request to an issuer was refused')
      errorPage(ctx, issuer, out)
    },
    fetch: async (address, options) => {
      const answer = await own.tools.fetchOutside(String(address), {
        method: (options?.method ?? 'GET') as 'GET',
        headers: Object.fromEntries(new Headers(options?.headers as never)),
        ...(options?.body ? { body: String(options.body) } : {}),
        timeoutMs: 5_000,
        maxBytes: 64 * 1024,
      })
      return new Response([204, 304].includes(answer.status) ? null : answer.text, { status: answer.status })
    },
  } as Configuration
}
