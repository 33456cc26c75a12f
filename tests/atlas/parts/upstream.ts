/**
 * An OpenID provider as a stranger runs one: oidc-provider in a process of its own, with a login form, access tokens that
 * end after seconds and refresh tokens that rotate (and whose second use revokes the family, as oidc-provider does).
 */
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration } from 'oidc-provider'
import { answering } from './process.ts'

// It warns that its store is in memory and its keys are those of an example, as meant here.
console.warn = () => {}
const seconds = Number(process.env['TOKEN_SECONDS'] ?? 4)
const server = createServer()
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const seen = { codes: 0, refreshes: 0, refused: 0, revoked: 0, families: 0 }
/** A refresh waits for this before it is answered; the test holds it. */
let hold: Promise<void> | undefined
let release = () => {}
let reached = () => {}
let waiting: Promise<void> = Promise.resolve()

const page = (body: string) =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Upstream</title><main><h1>Upstream</h1>${body}</main></html>`

/** What its console does: takes the redirect URI, gives an id and a secret. */
function register(redirectUri: string): { clientId: string; clientSecret: string } {
  const clientId = 'atlas-at-upstream'
  const clientSecret = randomBytes(24).toString('base64url')
  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [redirectUri],
        grant_types: ['authorization_code', 'refresh_token'],
        response_types: ['code'],
      },
    ],
    cookies: { keys: [randomBytes(16).toString('hex')] },
    features: { devInteractions: { enabled: false }, revocation: { enabled: true } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    findAccount: (_ctx, id) => ({
      accountId: id,
      claims: () => ({
        sub: id,
        email: `${id}@example.org`,
        email_verified: true,
        name: `${id[0]!.toUpperCase()}${id.slice(1)} Upstream`,
      }),
    }),
    interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async ({ oidc: { provider, client, account, requestParamOIDCScopes } }) => {
      const grant = new provider.Grant({ clientId: client!.clientId, accountId: account!.accountId })
      grant.addOIDCScope([...requestParamOIDCScopes].join(' '))
      await grant.save()
      return grant
    },
    // Tokens end when they say so: the tests wait for it.
    clockTolerance: 0,
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: seconds,
      RefreshToken: 86_400,
      Session: 86_400,
      Grant: 86_400,
      IdToken: 300,
      Interaction: 600,
    },
  }
  const provider = new Provider(url, configuration)
  provider.use(async (ctx, next) => {
    const refresh = ctx.path === '/token' && hold
    if (refresh) {
      reached()
      await hold
    }
    await next()
  })
  const grantOf = (ctx: { oidc?: { params?: Record<string, unknown> } }) => ctx.oidc?.params?.['grant_type']
  provider.on('grant.success', (ctx) => {
    if (grantOf(ctx as never) === 'refresh_token') seen.refreshes++
    else seen.codes++
  })
  provider.on('grant.error', () => void seen.refused++)
  provider.on('grant.revoked', () => void seen.families++)
  provider.on('access_token.destroyed', () => void seen.revoked++)
  const handle = provider.callback()
  server.removeAllListeners('request')
  server.on('request', async (request, response) => {
    const uid = /^\/interaction\/([\w-]+)$/.exec(request.url ?? '')?.[1]
    if (!uid) return handle(request, response)
    if (request.method === 'GET')
      return response
        .writeHead(200, { 'content-type': 'text/html' })
        .end(
          page('<form method="post"><label>Login <input name="login"></label><button>Enter</button></form>'),
        )
    let text = ''
    for await (const chunk of request) text += chunk
    const accountId = new URLSearchParams(text).get('login') ?? 'nobody'
    await provider.interactionFinished(request, response, { login: { accountId } })
  })
  return { clientId, clientSecret }
}

answering(url, {
  register,
  seen: () => ({ ...seen }),
  /** Token requests wait from now on. */
  hold: () => {
    hold = new Promise((resolve) => {
      release = resolve
    })
    waiting = new Promise((resolve) => {
      reached = resolve
    })
  },
  /** Resolves when a token request waits. */
  held: () => waiting,
  release: () => {
    hold = undefined
    release()
  },
})
