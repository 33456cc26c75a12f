/**
 * better-auth as a peer: its OAuth provider, and a Google account whose token it keeps. On SQLite in memory, because its
 * own memory adapter copies all rows for a transaction, and that would be all that is measured.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { DatabaseSync } from 'node:sqlite'
import { oauthProvider } from '@better-auth/oauth-provider'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { jwt } from 'better-auth/plugins'

export async function startBetterAuth(secret: string) {
  const server = createServer()
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const auth = betterAuth({
    baseURL: url,
    secret,
    database: new DatabaseSync(':memory:'),
    emailAndPassword: { enabled: true },
    socialProviders: { google: { clientId: 'client', clientSecret: 'secret' } },
    account: { encryptOAuthTokens: true },
    rateLimit: { enabled: false },
    telemetry: { enabled: false },
    logger: { disabled: true },
    plugins: [
      jwt(),
      oauthProvider({
        loginPage: '/sign-in',
        consentPage: '/consent',
        scopes: ['openid', 'read'],
        clientPrivileges: () => true,
        silenceWarnings: { oauthAuthServerConfig: true, openidConfig: true },
      }),
    ],
  })
  await (await getMigrations(auth.options)).runMigrations()
  server.on('request', toNodeHandler(auth))
  const { headers, response } = await auth.api.signUpEmail({
    returnHeaders: true,
    body: { name: 'Bench', email: 'bench@example.com', password: secret },
  })
  const pairs = headers.getSetCookie().map((line) => line.split(';')[0])
  return {
    auth,
    url,
    /** Of somebody signed in. */
    cookie: pairs.join('; '),
    userId: response.user.id,
    stop: async () => void server.close(),
  }
}
