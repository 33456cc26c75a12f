/**
 * Talks to providers of the catalogue as if they were there: requests to their own addresses reach a server on this
 * machine that answers as recorded. Everything between is the real thing.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Tools } from '@pleiad/platform/service'
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { authorizationUrl, type Flow } from './flows.ts'
import type { CallbackParameters, Client, Purpose } from './provider.ts'
import { withDefaults } from './provider.ts'
import { providerNamed } from './providers/catalogue.ts'
import { createSend } from './service-ask.ts'
import { createDiscovery } from './service-discovery.ts'
import { createExchange } from './service-exchange.ts'

export interface Request {
  readonly method: string
  /** With host: `api.github.com/user`. */
  readonly at: string
  readonly query: Readonly<Record<string, string>>
  readonly headers: IncomingHttpHeaders
  readonly form: Readonly<Record<string, string>>
  readonly text: string
}
/** What a path answers: JSON, or a status and JSON. */
export type Recorded = Readonly<Record<string, unknown | ((request: Request) => unknown | Promise<unknown>)>>

interface Answer {
  readonly status: number
  readonly body: unknown
}
const answers = new WeakSet<object>()

/** An answer with a status of its own. */
export function answering(status: number, body: unknown): Answer {
  const answer = { status, body }
  answers.add(answer)
  return answer
}

const isAnswer = (value: unknown): value is Answer => answers.has(value as object)

export type Stub = Awaited<ReturnType<typeof startStub>>

export async function startStub(now: () => Date = () => new Date()) {
  const { publicKey, privateKey } = await generateKeyPair('RS256')
  const keys = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'RS256', use: 'sig' }] }
  const seen: Request[] = []
  let recorded: Recorded = {}
  const server = createServer(async (incoming, response) => {
    let text = ''
    for await (const chunk of incoming) text += chunk
    const url = new URL(incoming.url ?? '/', 'http://stub')
    const request: Request = {
      method: incoming.method ?? 'GET',
      at: url.pathname.slice(1),
      query: Object.fromEntries(url.searchParams),
      headers: incoming.headers,
      form: Object.fromEntries(new URLSearchParams(text)),
      text,
    }
    seen.push(request)
    const answer = recorded[request.at] ?? answering(404, { error: `nothing recorded at ${request.at}` })
    const value = typeof answer === 'function' ? await answer(request) : answer
    const { status, body } = isAnswer(value) ? value : { status: 200, body: value }
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  const fetchOutside: Tools['fetchOutside'] = async (
    address,
    { method = 'GET', headers = {}, body } = {},
  ) => {
    const { host, pathname, search } = new URL(address)
    const answer = await fetch(`http://127.0.0.1:${port}/${host}${pathname}${search}`, {
      method,
      headers,
      body: (body as string) ?? null,
      redirect: 'manual',
    })
    const bytes = Buffer.from(await answer.arrayBuffer())
    return {
      status: answer.status,
      headers: Object.fromEntries(answer.headers),
      bytes,
      text: bytes.toString(),
    }
  }
  const kept = new Map<string, unknown>()
  const cache = {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: unknown) => void kept.set(key, value),
    setIfAbsent: async () => true,
  } as unknown as Tools['cache']
  const send = createSend({ fetchOutside }, 5000)
  const discovery = createDiscovery({ cache, now }, send)
  const exchange = createExchange({ now }, send, discovery)
  const key = randomBytes(32)
  const redirectUri = 'https://pleiad.example.org/oauth/callback/x'

  return {
    seen,
    keys,
    exchange,
    discovery,
    /** What is answered from now on. */
    record: (paths: Recorded) => {
      recorded = paths
      seen.length = 0
      kept.clear()
    },
    /** An ID token of the stub's key. */
    idToken: (claims: JWTPayload) =>
      new SignJWT({ ...claims })
        .setProtectedHeader({ alg: 'RS256', kid: 'k' })
        .setIssuedAt(Math.floor(now().getTime() / 1000))
        .setExpirationTime(Math.floor(now().getTime() / 1000) + 300)
        .sign(privateKey),
    /** A metadata document for an issuer whose endpoints lie below it. */
    metadata: (issuer: string, named = issuer) => ({
      issuer: named,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      revocation_endpoint: `${issuer}/revoke`,
    }),
    /** A configured client of a provider, and what can be done with it. */
    use: (
      catalogue: string,
      given: Partial<Client> = {},
      flowId = '01938a5e-7c00-7000-8000-00000000000f',
    ) => {
      const provider = providerNamed(catalogue)!
      const client: Client = {
        clientId: 'the-client',
        secret: 'the-secret',
        settings: {},
        parameters: {},
        ...given,
      }
      return {
        provider,
        client,
        authorize: async (purpose: Purpose = 'signIn', scopes: readonly string[] = provider.scopes) => {
          const settings = withDefaults(provider, client.settings)
          const metadata = await discovery.metadataOf(provider, settings)
          const flow: Pick<Flow, 'id' | 'purpose' | 'scopes' | 'loginHint'> = {
            id: flowId,
            purpose,
            scopes,
            loginHint: undefined,
          }
          return new URL(
            authorizationUrl(provider, { ...client, settings }, flow, {
              authorization: metadata.endpoints.authorization!,
              redirectUri,
              key,
            }),
          )
        },
        redeem: (parameters: CallbackParameters = {}) =>
          exchange.redeemCode(provider, client, 'the-code', { id: flowId, redirectUri, key }, parameters),
        refresh: (extra: Record<string, string> = {}) =>
          exchange.refresh(provider, client, 'the-refresh-token', extra),
        revoke: () =>
          exchange.revoke(provider, client, {
            accessToken: 'access',
            refreshToken: 'refresh',
            tokenType: 'Bearer',
          }),
      }
    },
    nonce: async (flowId = '01938a5e-7c00-7000-8000-00000000000f') => {
      const { nonceOf } = await import('./flows.ts')
      return nonceOf(key, flowId)
    },
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
